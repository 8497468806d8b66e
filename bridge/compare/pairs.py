"""Two results laid side by side: everything measured about them, judged nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..results.columns import Columns, Trace
from .align import Alignment, Shift, alignment, find_shifts, labels
from .spikes import FirstSpike, SpikeComparison, compare_spikes
from .traces import FirstSample, TraceComparison, compare_trace


@dataclass(frozen=True)
class Pair:
    """Comparison of ``other`` with ``base`` (labels of two results).

    ``unshared`` names what only one of them recorded and what was therefore not compared.
    """

    base: str
    other: str
    alignment: Alignment
    spikes: tuple[SpikeComparison, ...]
    traces: tuple[TraceComparison, ...]
    shifts: tuple[Shift, ...]
    unshared: tuple[str, ...]

    @property
    def differing(self) -> int:
        """Spikes of all populations without a partner."""
        return sum(spikes.differing for spikes in self.spikes)

    @property
    def largest_relative(self) -> float:
        """Largest trace difference over all variables, as a fraction of the variable's range."""
        return max((trace.max_relative for trace in self.traces), default=0.0)

    @property
    def identical(self) -> bool:
        """Same spikes on one grid, traces within 1e-9 of the range, nothing left out."""
        same = self.alignment.rule == "grid" and self.differing == 0 and not self.unshared
        return same and all(trace.within for trace in self.traces)

    @property
    def first_spike(self) -> FirstSpike | None:
        """The earliest differing spike of any population."""
        found = [spikes.first for spikes in self.spikes if spikes.first is not None]
        return min(found, key=lambda first: (first.time, first.neuron), default=None)

    @property
    def first_sample(self) -> FirstSample | None:
        """The earliest sample of any variable beyond the bound; synapses before neurons."""
        found = [trace.first for trace in self.traces if trace.first is not None]
        return min(found, key=lambda first: (first.time, not first.is_synapse), default=None)

    @property
    def first_synapse(self) -> FirstSample | None:
        """The earliest sample of a synapse beyond the bound."""
        found = [t.first for t in self.traces if t.first is not None and t.first.is_synapse]
        return min(found, key=lambda first: first.time, default=None)

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "base": self.base,
            "other": self.other,
            "alignment": self.alignment.to_json(),
            "identical": self.identical,
            "differing": self.differing,
            "spikes": {spikes.population: spikes.to_json() for spikes in self.spikes},
            "traces": self._traces_json(),
            "not_compared": list(self.unshared),
        }

    def _traces_json(self) -> dict[str, Any]:
        """By owner and variable; what was recorded again by a number too."""
        found: dict[str, Any] = {}
        for trace in self.traces:
            name = f"{trace.population}.{trace.variable}"
            again = sum(key.partition(" (")[0] == name for key in found)
            found[f"{name} ({again + 1})" if again else name] = trace.to_json()
        return found


def compare_pair(
    base: tuple[str, Columns], other: tuple[str, Columns], tolerance: float | None = None
) -> Pair:
    """Compare two labelled results of the same duration.

    ``tolerance`` (ms) pairs spikes by time instead of by step; without it that happens only where
    a result lies off the grid, or the two have different dt, and it is then one step.
    """
    (base_label, a), (other_label, b) = base, other
    aligned = alignment(a, b, tolerance)
    spikes = tuple(
        compare_spikes(name, a.spikes[name], b.spikes[name], aligned, a.duration)
        for name in a.spikes
        if name in b.spikes
    )
    until = min((found.first.time for found in spikes if found.first is not None), default=None)
    shared, unshared = _shared_traces(a, b)
    traces = tuple(
        compare_trace(name, mine, theirs, until, a.connections.get(name))
        for name, mine, theirs in shared
    )
    same = all(found.differing == 0 for found in spikes) and all(t.within for t in traces)
    return Pair(
        base=base_label,
        other=other_label,
        alignment=aligned,
        spikes=spikes,
        traces=traces,
        shifts=() if same or aligned.rule != "grid" else find_shifts(a, b, aligned.dt),
        unshared=_unshared_spikes(a, b) + unshared,
    )


def _unshared_spikes(a: Columns, b: Columns) -> tuple[str, ...]:
    lone = [f"spikes of {name}" for name in a.spikes.keys() ^ b.spikes.keys()]
    sizes = [
        f"spikes of {name} ({a.spikes[name].size} and {b.spikes[name].size} units)"
        for name in a.spikes.keys() & b.spikes.keys()
        if a.spikes[name].size != b.spikes[name].size
    ]
    return tuple(sorted(lone + sizes))


def _shared_traces(
    a: Columns, b: Columns
) -> tuple[list[tuple[str, Trace, Trace]], tuple[str, ...]]:
    mine, theirs = _by_name(a), _by_name(b)
    shared, lone = [], [f"{key[0]}.{key[1]}" for key in mine.keys() ^ theirs.keys()]
    for key in mine:
        if key not in theirs:
            continue
        why = _apart(a, b, key[0], mine[key], theirs[key])
        if not why:
            shared.append((key[0], mine[key], theirs[key]))
        else:
            lone.append(f"{key[0]}.{key[1]} ({why})")
    return shared, tuple(sorted(lone))


def _apart(a: Columns, b: Columns, name: str, mine: Trace, theirs: Trace) -> str:
    """Why two traces cannot be compared; empty where they can."""
    if not _overlap(mine, theirs):
        return "no sample times in common"
    ours, other = a.connections.get(name), b.connections.get(name)
    if ours is None or other is None:
        return "" if ours is other else "neurons in one result, synapses in the other"
    same = ours.same_as(other, np.intersect1d(mine.units, theirs.units))
    return "" if same else "the connections join other units"


def _overlap(a: Trace, b: Trace) -> bool:
    """Whether there is a sample to compare, or nothing in either."""
    if not len(a.times) and not len(b.times):
        return True
    return bool(np.isin(labels(a.times), labels(b.times)).any())


def _by_name(columns: Columns) -> dict[tuple[str, str, int], Trace]:
    """Traces by owner, variable and, where it was recorded more than once, which of them."""
    found: dict[tuple[str, str, int], Trace] = {}
    for name, some in columns.traces.items():
        for trace in some:
            again = sum(key[:2] == (name, trace.variable) for key in found)
            found[name, trace.variable, again] = trace
    return found
