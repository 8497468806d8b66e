"""Samples of synapses: sampled as they are, and brought up to date after the run.

Between events nothing runs in a synapse. What is sampled at t_k is therefore the state at its last
event and the step of that event; the value at t_k follows from the closed form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork, Floats, Ints
from ...passes.numeric import value_of
from ...passes.per_neuron import advanced
from ...passes.synapse_program import ELAPSED
from ...records import dataclass
from ...results.columns import Trace
from ..synapse_traces import synapse_traces
from .names import object_name
from .per_neuron_text import since
from .plan import Plan, PlasticPlan, SynapseRecordPlan
from .plastic_words import UPDATED, own

if TYPE_CHECKING:
    from .plastic import PlasticSynapses


@dataclass(frozen=True, eq=False)
class Sampled:
    """The monitors of one recording: of the synapses, and of the neurons of each side.

    ``columns``: of each monitor, the column of every recorded connection; None: as they are.
    """

    monitors: tuple[Any, ...] = ()
    columns: tuple[Ints | None, ...] = ()


def synapse_monitors(
    record: SynapseRecordPlan, made: PlasticSynapses | None, clock: Any, plan: Plan
) -> Sampled:
    """The monitors of a recording; none where there are no connections."""
    if made is None or not len(record.units):
        return Sampled()
    place = np.empty(len(made.order), dtype=np.int64)
    place[made.order] = np.arange(len(made.order))
    places = place[np.asarray(record.units)]
    from .build import timing

    monitors, columns = [], list[Ints | None]()
    for names, owner, units in _wanted(record, made, places):
        chosen, index = (units, None) if owner is made.synapses else distinct(units)
        monitors.append(_monitor(names, owner, chosen, record, timing(record, clock, plan)))
        columns.append(index)
    return Sampled(tuple(monitors), tuple(columns))


def distinct(units: Ints) -> tuple[Ints, Ints]:
    """Each unit once, and where each of ``units`` is among them."""
    found, index = np.unique(units, return_inverse=True)
    return found, np.ravel(index)


def _wanted(
    record: SynapseRecordPlan, made: PlasticSynapses, places: Ints
) -> Iterator[tuple[list[str], Any, Ints]]:
    """Variables, what has them, and which of its connections."""
    moved = {s for side in made.sides for s in side.text.states}
    names = [own(n) for n in record.raw if n not in moved]
    names += [UPDATED] if UPDATED in made.synapses.variables else []
    if names:
        yield names, made.synapses, places
    for side in made.sides:
        names = [own(n) for n in record.raw if n in side.text.states]
        units = made.synapses.i if side.text.side == "pre" else made.synapses.j
        when = [since(side.text.side)] if side.text.every is None else []
        if names:
            yield [*names, *when], side.made, np.asarray(units)[places]


def _monitor(
    names: list[str], owner: Any, units: Ints, record: SynapseRecordPlan, when: Mapping[str, Any]
) -> Any:
    import brian2

    name = object_name(record.projection, names[-1], "samples")
    return brian2.StateMonitor(owner, names, record=units, name=name, **when)


def raw_samples(record: SynapseRecordPlan, sampled: Sampled) -> dict[str, Floats]:
    """States and steps, (samples, connections) each."""
    found: dict[str, Floats] = {}
    states = {own(n): n for n in record.raw}
    for monitor, columns in zip(sampled.monitors, sampled.columns, strict=True):
        for name in monitor.record_variables:
            values = np.array(monitor.variables[name].get_value())
            found[states.get(name, name)] = values if columns is None else values[:, columns]
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
    now = steps[:, None] + plan.first
    for side in p.text.sides:
        if side.every is not None:
            scope[since(side.side)] = _as_of(side.every, now, plan)
    scope |= _up_to_date(p, scope, now, plan.dt)
    return [np.array(np.broadcast_to(scope[v], shape)) for v in record.variables]


def present(p: PlasticPlan, made: PlasticSynapses, now: int, dt: float) -> dict[str, Floats]:
    """All states at the beginning of step ``now``, per connection as Brian2 has them."""
    scope: dict[str, Any] = {}
    for name in (*p.program.parameters, "weight"):
        value = np.asarray(p.numbers.get(own(name), np.nan))
        scope[name] = value[made.order] if value.ndim else value
    for name in p.program.states:
        scope[name] = np.asarray(getattr(made.synapses, own(name))[:])
    for name in (UPDATED, *(since(side.text.side) for side in made.sides)):
        if name in made.synapses.variables:
            scope[name] = np.asarray(getattr(made.synapses, name)[:])
    found = {n: scope[n] for n in p.program.states} | _up_to_date(p, scope, np.asarray(now), dt)
    shape = made.order.shape
    return {n: np.array(np.broadcast_to(found[n], shape)) for n in p.program.states}


def _as_of(every: int, now: Ints, plan: Plan) -> Ints:
    """The step as of which the states of a side are kept, at the beginning of the steps ``now``.

    They are moved on at the end of each step that is a multiple of ``every``.
    """
    if every >= plan.steps:
        return np.full_like(now, plan.first)
    return np.maximum((now - 1) // every * every, plan.first)


def _up_to_date(
    p: PlasticPlan, scope: Mapping[str, Any], now: Ints, dt: float
) -> dict[str, Floats]:
    """States at the steps ``now``: those of neurons first, on which no other depends."""
    found: dict[str, Floats] = {}
    parts = [(since(side.side), side.states) for side in p.text.sides]
    moved = {s for _, states in parts for s in states}
    for name, states in [*parts, (UPDATED, set(p.program.states) - moved)]:
        if name not in scope:
            continue
        at = scope[name] // 2 if name == UPDATED else scope[name]
        values = {**scope, ELAPSED: (now - at) * dt}
        for a in advanced(p.program.advance, states):
            if a.value.names <= set(values):
                values[a.target] = value_of(a.value, values)
                found |= {} if a.temporary else {a.target: values[a.target]}
    return found
