"""A plan -> Brian2 objects in a network of their own.

The schedule is start, groups, synapses, thresholds, resets, end: input arrives before the test of
the threshold, as the time-step contract says. Brian2 labels a spike with the start of its step, so
its time plus dt is the contract's, and a delay is one step shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import Number
from ...records import dataclass
from ..learning import Learning
from .graded import Coupling, Recorder, operation
from .names import object_name
from .plan import GroupPlan, Plan, RecordPlan, SynapseRecordPlan
from .recorders import SpikeRecorder, StateRecorder, can_record
from .tables import Table

if TYPE_CHECKING:
    from .plastic import PlasticSynapses
    from .plastic_records import Sampled

SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]


@dataclass(frozen=True)
class GivenStep:
    """A Brian2 state updater whose abstract code is given; equal if its code is equal."""

    code: str

    def __call__(self, equations: Any, variables: Any = None, method_options: Any = None) -> str:
        return self.code


@dataclass(frozen=True, eq=False)
class Built:
    """The Brian2 objects of one run."""

    network: Any
    clock: Any
    groups: Mapping[str, Any]
    spikes: Mapping[str, Any]
    synapses: Mapping[str, tuple[Any, Any]]  # and the order in which connections were made
    records: tuple[Any, ...]
    plastic: Mapping[str, PlasticSynapses]
    synapse_records: tuple[Sampled, ...]  # none where there are no connections, or it is graded
    coupling: Coupling | None


def build(plan: Plan) -> Built:
    """All objects of ``plan``, with the numbers of its first phase."""
    import brian2

    from .paths import build_sources, build_synapses
    from .plastic import build_plastic
    from .plastic_records import synapse_monitors
    from .state import restore_arrivals, restore_refractory

    clock = brian2.Clock(plan.dt / 1000 * brian2.second, name=object_name("clock"))
    groups = {g.name: neuron_group(g, clock, plan.dt) for g in plan.groups}
    for group in plan.groups:
        restore_refractory(groups[group.name], group, plan.first, plan.dt)
    sources = build_sources(plan, clock)
    synapses, drives = build_synapses(plan, groups, {**sources, **groups})
    plastic, others = build_plastic(plan, groups, {**sources, **groups})
    spiking = [g.name for g in plan.groups if g.text.threshold is not None]
    spikes = {n: _spike_monitor(n, groups[n], clock) for n in spiking}
    records = tuple(_state_monitor(r, groups[r.population], clock, plan) for r in plan.records)
    synapse_records = tuple(
        synapse_monitors(r, plastic.get(r.projection), clock, plan) for r in plan.synapse_records
    )
    paths = [made for made, _ in synapses.values()]
    paths += [part for p in plastic.values() for part in (p.synapses, *p.others)]
    parts = [*groups.values(), *sources.values(), *paths, *drives]
    parts += [getattr(m, "operation", m) for m in (*spikes.values(), *records)]
    parts += [*others, *(m for sampled in synapse_records for m in sampled.monitors)]
    parts += restore_arrivals(plan, groups, clock)
    coupling = _coupling(plan, groups)
    if coupling is not None:
        parts.append(operation(coupling, clock))
    network = brian2.Network(*parts, name=object_name("network"))
    network.schedule = SCHEDULE
    network.t_ = plan.first * (plan.dt / 1000)
    monitored = (spikes, synapses, records, plastic, synapse_records)
    return Built(network, clock, groups, *monitored, coupling)


def _coupling(plan: Plan, groups: Mapping[str, Any]) -> Coupling | None:
    if not plan.graded:
        return None
    coupling = Coupling(plan.graded, plan.coupled, groups, plan.dt)
    coupling.recorders = tuple(
        Recorder(learning, r.variables, r.units, r.every)
        for r in plan.synapse_records
        if r.graded is not None and isinstance(learning := plan.graded[r.graded].coupling, Learning)
    )
    return coupling


def neuron_group(plan: GroupPlan, clock: Any, dt: float) -> Any:
    """The population as an ordinary ``brian2.NeuronGroup`` with the numbers of phase 0."""
    import brian2

    text = plan.text
    group = brian2.NeuronGroup(
        plan.size,
        text.equations,
        method=GivenStep(text.code) if text.code or not text.methods else text.methods,
        threshold=text.threshold,
        reset=_reset(plan),
        refractory=_refractory(plan),
        namespace={**_tables(plan, dt), "inf": np.inf},
        clock=clock,
        name=object_name(plan.name),
    )
    for name, value in plan.initial.items():
        group.variables[name].set_value(_array(value, plan.size))
    set_numbers(group, plan, 0, dt)
    return group


def _array(value: Number, size: int) -> Any:
    return np.broadcast_to(np.asarray(value, dtype=float), (size,)).copy()


def _reset(plan: GroupPlan) -> str | None:
    if plan.text.threshold is None:
        return None
    return plan.text.reset or (None if _counts(plan) else "")


def _counts(plan: GroupPlan) -> bool:
    return any(np.any(np.asarray(r) > 0) for r in plan.refractory)


def _refractory(plan: GroupPlan) -> Any:
    """R refractory steps are R+1 steps for Brian2, which counts from the step of the spike.

    A condition, as compilers vectorise it; a period is compared in whole steps. Half a step is for
    the rounding of times.
    """
    if not _counts(plan) or plan.text.threshold is None:
        return False
    if "refractory_period" in plan.text.equations:
        return "lastspike > t - refractory_period + dt/2"
    return f"lastspike > t - {int(plan.refractory[0]) + 0.5}*dt"


def set_numbers(group: Any, plan: GroupPlan, phase: int, dt: float) -> None:
    """The parameters, constants and refractory period of a phase."""
    for name, value in plan.numbers[phase].items():
        if name in plan.per_unit:
            group.variables[name].set_value(_array(value, plan.size))
        else:
            group.namespace[name] = float(np.asarray(value))
    if "refractory_period" in plan.text.equations:
        period = (np.asarray(plan.refractory[phase]) + 1) * (dt / 1000)
        group.variables["refractory_period"].set_value(
            _array(period, plan.size) if period.ndim else float(period)
        )


def _tables(plan: GroupPlan, dt: float) -> dict[str, Any]:
    return {f"{n}_table": timed_array(t, dt, plan.name, n) for n, t in plan.tables.items()}


def timed_array(table: Table, dt: float, *name: str) -> Any:
    """The table as a function of time."""
    import brian2

    step = table.every * dt / 1000 * brian2.second
    return brian2.TimedArray(table.values, dt=step, name=object_name(*name))


def _spike_monitor(name: str, group: Any, clock: Any) -> Any:
    import brian2

    if _steps_in_python():
        return SpikeRecorder(group, clock, name)
    return brian2.SpikeMonitor(group, name=object_name(name, "spikes"))


def _state_monitor(record: RecordPlan, group: Any, clock: Any, plan: Plan) -> Any:
    import brian2

    if _steps_in_python() and can_record(record, group):
        every = record.every if own_clock(record, plan) else 1
        return StateRecorder(record, group, clock, plan, every)
    return brian2.StateMonitor(
        group,
        list(record.variables.values()),
        record=np.asarray(record.chosen),
        name=object_name(record.population, "states"),
        **timing(record, clock, plan),
    )


def timing(record: RecordPlan | SynapseRecordPlan, clock: Any, plan: Plan) -> dict[str, Any]:
    """When a monitor samples, as arguments; at runtime `idle` sees to it, on one clock."""
    import brian2

    if own_clock(record, plan) and not _steps_in_python():
        return {"dt": record.every * plan.dt / 1000 * brian2.second}
    return {"clock": clock}


def _steps_in_python() -> bool:
    """Not so in a standalone program."""
    from brian2.devices.device import get_device, runtime_device

    return get_device() is runtime_device


def own_clock(record: RecordPlan | SynapseRecordPlan, plan: Plan) -> bool:
    """Whether a monitor samples at the multiples of its interval alone, counted from time 0."""
    return record.every > 1 and plan.first % record.every == 0
