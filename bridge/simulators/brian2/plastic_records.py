"""Samples of synapses: sampled as they are, and brought up to date after the run.

Between events nothing runs in a synapse. What is sampled at t_k is therefore the state at its last
event and the step of that event; the value at t_k follows from the closed form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork, Floats
from ...passes.numeric import value_of
from ...passes.synapse_program import ELAPSED
from ...results.columns import Trace
from ..synapse_traces import synapse_traces
from .names import object_name
from .plan import Plan, PlasticPlan, SynapseRecordPlan
from .plastic_text import UPDATED, own

if TYPE_CHECKING:
    from .plastic import PlasticSynapses


def synapse_monitor(
    record: SynapseRecordPlan, made: PlasticSynapses | None, clock: Any, plan: Plan
) -> Any:
    """The monitor of a recording; None where there are no connections."""
    import brian2

    from .build import timing

    if made is None or not len(record.units):
        return None
    place = np.empty(len(made.order), dtype=np.int64)
    place[made.order] = np.arange(len(made.order))
    names = [own(n) for n in record.raw]
    if UPDATED in made.synapses.variables:
        names.append(UPDATED)
    return brian2.StateMonitor(
        made.synapses,
        names,
        record=place[np.asarray(record.units)],
        name=object_name(record.projection, "states"),
        **timing(record, clock, plan),
    )


def raw_samples(record: SynapseRecordPlan, monitor: Any) -> dict[str, Floats]:
    """States and steps, (samples, connections) each."""
    if monitor is None:
        return {}
    found = {n: np.array(monitor.variables[own(n)].get_value(), dtype=float) for n in record.raw}
    if UPDATED in monitor.variables:
        found[UPDATED] = np.array(monitor.variables[UPDATED].get_value())
    return found


def synapse_traces_of(
    raw: Sequence[Mapping[str, Floats]], plan: Plan, network: DrawnNetwork
) -> dict[str, tuple[Trace, ...]]:
    """Traces by projection."""
    plans = {p.name: p for p in plan.plastic}
    found: dict[str, tuple[Trace, ...]] = {}
    given = zip(network.synapse_recordings, plan.synapse_records, raw, strict=True)
    for recording, record, samples in given:
        values = _values(record, plans.get(record.projection), samples, plan)
        traces = synapse_traces(network, recording, values)
        found[record.projection] = (*found.get(record.projection, ()), *traces)
    return found


def _values(
    record: SynapseRecordPlan,
    p: PlasticPlan | None,
    samples: Mapping[str, Floats],
    plan: Plan,
) -> list[Floats]:
    from .build import own_clock

    if record.graded is not None:
        return [samples[v] for v in record.variables]
    steps = np.arange((plan.steps - plan.first) // record.every + 1) * record.every
    shape = len(steps), len(record.units)
    if p is None or not samples:
        return [np.zeros(shape) for _ in record.variables]
    stride = 1 if own_clock(record, plan) else record.every
    scope: dict[str, Any] = {n: v[::stride][: len(steps)] for n, v in samples.items()}
    for name in (*p.program.parameters, "weight"):
        value = np.asarray(p.numbers.get(own(name), np.nan))
        scope[name] = value[record.units] if value.ndim else value
    if UPDATED in samples:
        since = scope.pop(UPDATED) // 2
        scope[ELAPSED] = (steps[:, None] + plan.first - since) * plan.dt
        for a in p.program.advance:
            if a.value.names <= set(scope):
                scope[a.target] = value_of(a.value, scope)
    return [np.array(np.broadcast_to(scope[v], shape)) for v in record.variables]
