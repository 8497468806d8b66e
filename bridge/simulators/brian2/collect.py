"""Monitors -> columns: plain arrays first, so that they travel from a child process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import Floats, Ints
from ...errors import SimulationFailed
from ...passes.merge import Part
from ...records import dataclass, field, replace
from ...results.columns import Columns, Spikes, Trace
from ...results.manifest import Timings, build_manifest
from ...results.order import grid_times
from ..base import Prepared
from ..finite import broken_unit, check_finite
from .build import Built, own_clock
from .plan import GroupPlan, Plan
from .plastic_records import raw_samples, synapse_traces_of
from .recorders import SpikeRecorder, StateRecorder


@dataclass(frozen=True, eq=False)
class Raw:
    """What a run left behind: spikes as (steps, senders), samples by record and variable."""

    spikes: Mapping[str, tuple[Ints, Ints]]
    samples: tuple[Mapping[str, Floats], ...]  # (samples, units)
    synapses: tuple[Mapping[str, Floats], ...]  # the same of synapses, see `plastic_records`
    target: str
    state: Mapping[str, Any] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    def with_seconds(self, seconds: Mapping[str, float]) -> Raw:
        """The same with the time that each stage took."""
        return replace(self, seconds=seconds)


def collect(built: Built, plan: Plan, target: str, keep_state: bool = False) -> Raw:
    """The monitors' contents; Brian2's spike label plus one step is the contract's."""
    from .state import final_state

    _check_states(built, plan)
    spikes = {name: _spikes(monitor, plan) for name, monitor in built.spikes.items()}
    return Raw(
        spikes=spikes,
        samples=tuple(
            {v: _samples(monitor, name) for v, name in record.variables.items()}
            for record, monitor in zip(plan.records, built.records, strict=True)
        ),
        synapses=_synapses(built, plan),
        target=target,
        state=final_state(built, plan, spikes) if keep_state else None,
    )


def _check_states(built: Built, plan: Plan) -> None:
    """Every state at the end of the run is a number.

    Brian2's exact integrator divides by zero where two time constants are equal.
    """
    groups = {group.name: group for group in plan.groups}
    graded = {port.group for port in plan.coupled}
    for name, part in plan.parts.items():
        group = groups.get(part.whole)
        if group is None:  # a source
            continue
        variables = built.groups[group.name].variables
        states = {
            state: variables[own].get_value()[part.start : part.stop]
            for state, own in group.states.items()
        }
        for state, values in states.items() if group.text.methods else ():
            if broken_unit(values) is not None:
                raise _after_method(group, state)
        is_graded = group.name in graded
        check_finite(name, states, label=plan.label, dt=plan.dt, graded=is_graded)


def _after_method(group: GroupPlan, state: str) -> SimulationFailed:
    return SimulationFailed(
        f"{state} is no number after Brian2's method {group.text.methods[0]!r}",
        model=group.name,
        symbol=state,
        remedy='choose scheme = "auto", or {"method": "exponential_euler"}',
    )


def _synapses(built: Built, plan: Plan) -> tuple[Mapping[str, Floats], ...]:
    graded = iter(built.coupling.recorders if built.coupling else ())
    return tuple(
        raw_samples(record, sampled) if record.graded is None else next(graded).samples()
        for record, sampled in zip(plan.synapse_records, built.synapse_records, strict=True)
    )


def _spikes(monitor: Any, plan: Plan) -> tuple[Ints, Ints]:
    if isinstance(monitor, SpikeRecorder):
        labels, senders = monitor.spikes()
        return labels + 1, senders
    steps = np.rint(np.asarray(monitor.t_) / (plan.dt / 1000)).astype(np.int64) + 1
    kept = steps <= plan.steps  # standalone runs one step more
    return steps[kept], np.asarray(monitor.i, dtype=np.int64)[kept]


def _samples(monitor: Any, name: str) -> Floats:
    if isinstance(monitor, StateRecorder):
        return monitor.samples(name)
    return np.array(monitor.variables[name].get_value(), dtype=float)


def spikes_of(raw: Raw, plan: Plan) -> dict[str, Spikes]:
    """Spikes of every population, silent ones included."""
    return {
        name: Spikes.from_steps(*_spikes_in(raw, part, plan), part.stop - part.start, plan.dt)
        for name, part in plan.parts.items()
    }


def _spikes_in(raw: Raw, part: Part, plan: Plan) -> tuple[Ints, Ints]:
    """Steps, counted from the plan's first, and senders of one population."""
    none = np.empty(0, dtype=np.int64)
    steps, senders = raw.spikes.get(part.whole, (none, none))
    mine = (senders >= part.start) & (senders < part.stop)
    return steps[mine] - plan.first, senders[mine] - part.start


def traces_of(raw: Raw, plan: Plan) -> dict[str, tuple[Trace, ...]]:
    """Traces by population, with the initial state and the last step."""
    found: dict[str, tuple[Trace, ...]] = {}
    for record, samples in zip(plan.records, raw.samples, strict=True):
        steps = np.arange((plan.steps - plan.first) // record.every + 1) * record.every
        stride = 1 if own_clock(record, plan) else record.every
        times = grid_times(steps, plan.dt)
        traces = tuple(
            Trace(
                v,
                record.units[v],
                times,
                record.chosen - record.part.start,
                values[::stride][: len(times)],
            )
            for v, values in samples.items()
        )
        found[record.owner] = (*found.get(record.owner, ()), *traces)
    return found


def columns_of(raw: Raw, prepared: Prepared) -> Columns:
    """The result of a run."""
    network, plan = prepared.network, prepared.payload
    return Columns(
        simulator="brian2",
        dt=network.dt,
        duration=(plan.steps - plan.first) * network.dt,
        spikes=spikes_of(raw, plan),
        traces=traces_of(raw, plan) | synapse_traces_of(raw.synapses, plan, network),
        manifest=_manifest(raw, prepared),
        final_state=raw.state,
    )


def _manifest(raw: Raw, prepared: Prepared) -> dict[str, Any]:
    network = prepared.network
    return build_manifest(
        definition_hash=network.hash,
        title=network.label,
        simulator="brian2",
        parameters=network.parameters,
        seed=network.seed,
        dt=network.dt,
        duration=network.duration - prepared.payload.first * network.dt,
        scheme={m["population"]: m["scheme"] for m in prepared.matches},
        matches=prepared.matches,
        timings=Timings(raw.seconds["build"], raw.seconds["run"], raw.seconds["collect"]),
        extra={
            "start": prepared.payload.first * network.dt,
            "seconds": {"prepare": prepared.seconds, **raw.seconds},
            "options": {"target": raw.target, "scheme": prepared.options.scheme},
        },
    )
