"""Consecutive runs as one result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from ..records import replace
from .columns import Columns, ColumnsError, Spikes, Trace
from .order import order_pairs


def concatenate(phases: Sequence[Columns]) -> Columns:
    """Consecutive runs as one result; each phase's clock starts at 0 and is moved to its place.

    The first sample of a later phase repeats the last one of the phase before and is left out.
    All phases must have the same dt, populations and recordings. The manifest is the first one's,
    with all of them under ``phases``.
    """
    _require(len(phases) > 0, "no phases to concatenate")
    first, last = phases[0], phases[-1]
    for phase in phases[1:]:
        same = phase.dt == first.dt and phase.spikes.keys() == first.spikes.keys()
        recorded = {n: len(some) for n, some in phase.traces.items()}
        same = same and recorded == {n: len(some) for n, some in first.traces.items()}
        _require(same, "phases do not match")
    *starts, end = accumulate((phase.duration for phase in phases), initial=0.0)
    placed = list(zip(phases, starts, strict=True))
    return replace(
        first,
        duration=end,
        spikes={
            name: _join_spikes([p.spikes[name].shifted(t, p.dt) for p, t in placed])
            for name in first.spikes
        },
        traces={
            name: tuple(
                _join_traces([p.traces[name][i].shifted(t, p.dt) for p, t in placed])
                for i in range(len(first.traces[name]))
            )
            for name in first.traces
        },
        manifest={**first.manifest, "phases": [dict(phase.manifest) for phase in phases]},
        final_state=last.final_state,
        weights=last.weights,
    )


def _join_spikes(parts: Sequence[Spikes]) -> Spikes:
    _require(len({part.size for part in parts}) == 1, "phases differ in population size")
    times = np.concatenate([part.times for part in parts])
    senders = np.concatenate([part.senders for part in parts])
    return Spikes(*order_pairs(times, senders), parts[0].size)


def _join_traces(parts: Sequence[Trace]) -> Trace:
    head, times, values = parts[0], [parts[0].times], [parts[0].values]
    for part in parts[1:]:
        same = (part.variable, part.unit) == (head.variable, head.unit)
        same = same and np.array_equal(part.units, head.units)
        _require(same, "phases differ in variable, unit or units", symbol=head.variable)
        known = times[-1][-1] if len(times[-1]) else -np.inf
        fresh = np.searchsorted(part.times, known, side="right")
        times.append(part.times[fresh:])
        values.append(part.values[fresh:])
    return replace(head, times=np.concatenate(times), values=np.concatenate(values))


def _require(condition: bool, problem: str, *, symbol: str | None = None) -> None:
    if not condition:
        raise ColumnsError(problem, symbol=symbol)
