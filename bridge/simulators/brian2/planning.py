"""DrawnNetwork + programs -> plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import (
    DrawnChange,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
    DrawnRecording,
    DrawnSource,
    Number,
)
from ...passes.merge import Merged, Part
from ...passes.program import Program
from ..sent import longest_delays
from .emit import Layout, event_amount, names_in, neuron_text
from .graded import graded_plans, graded_ports
from .names import brian_name
from .plan import GroupPlan, PathPlan, Plan, PoissonDrive, RecordPlan, mixed
from .planning_plastic import bare, plastic_plans, synapse_records
from .resuming import as_they_were, restored_group
from .tables import Table, port_input


def plan_of(
    merged: Merged,
    programs: Mapping[str, Program],
    first: int = 0,
    state: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of a merged network where its population p runs ``programs[p]``.

    From step ``first`` on, with the ``state`` of that step (see `state.py`) where there is one.
    """
    network = merged.network
    changes = [c.step + _until_felt(c, network) for c in network.changes]
    starts = (first, *sorted({s for s in changes if first < s < network.steps}))
    groups = {
        name: restored_group(
            _group(network, population, programs[name], starts), merged.parts, state
        )
        for name, population in network.populations.items()
        if population.size
    }
    spiking = {n for n in groups if programs[n].condition is not None}
    spiking |= {n for n, s in network.sources.items() if s.size and _fires(s)}
    paths = tuple(
        _path(network, projection, programs[projection.post], groups[projection.post], starts)
        for projection in network.projections.values()
        if projection.post in groups
        and projection.pre in spiking
        and not bare(projection)
        and not projection.synapse.is_dynamic
        and not projection.synapse.is_graded
    )
    plastic, lines = plastic_plans(network, programs, groups)
    plastic, sent = as_they_were(plastic, merged, state)
    graded, coupled = graded_plans(network, programs)
    used = {p.pre for p in paths if p.drive is None} | {p.pre for p in plastic}
    used |= {driver for p in plastic for driver in p.events.values()}
    return Plan(
        label=network.label,
        dt=network.dt,
        first=first,
        steps=network.steps,
        seed=network.seed,
        starts=starts,
        groups=tuple(groups.values()),
        sources=tuple(s for n, s in network.sources.items() if n in used),
        paths=paths,
        records=tuple(
            _record(network, r, owner, merged.parts[owner])
            for r, owner in zip(network.recordings, merged.owners, strict=True)
            if len(r.units)
        ),
        parts=merged.parts,
        plastic=plastic,
        lines=lines,
        synapse_records=synapse_records(network, plastic),
        graded=graded,
        coupled=coupled,
        sent=sent,
        unseen=longest_delays(network),
    )


def _until_felt(change: DrawnChange, network: DrawnNetwork) -> int:
    """Steps from a change to the first one that Brian2 must treat differently.

    A spike carries the weight of its own step, Brian2 takes that of its arrival: one delay later.
    Where delays differ the synapses sort that out, see `weights`.
    """
    if change.kind != "weight":
        return 0
    delays = network.projections[change.owner].delays
    return 0 if mixed(delays) or not np.size(delays) else int(np.max(delays))


def _fires(source: DrawnSource) -> bool:
    return source.steps is None or len(source.steps) > 0


def _group(
    network: DrawnNetwork, population: DrawnPopulation, program: Program, starts: tuple[int, ...]
) -> GroupPlan:
    inputs = port_input(network, population, program)
    inputs |= dict.fromkeys(graded_ports(network, population.name), np.zeros(population.size))
    fixed = {n: v for n, v in inputs.items() if not isinstance(v, Table)}
    tables = {n: v for n, v in inputs.items() if isinstance(v, Table)}
    by_phase = [
        {**numbers, **fixed}
        for numbers in _phases(network.changes, population, program, starts, network.dt)
    ]
    refractory = tuple(program.refractory_steps(numbers, network.dt) for numbers in by_phase)
    wanted = [v for r in network.recordings if r.population == population.name for v in r.variables]
    recorded = tuple(dict.fromkeys(v for v in wanted if v in program.recordables))
    names = names_in(program, recorded) - set(tables)
    layout = Layout(
        per_unit=frozenset(n for n in names if any(np.ndim(p[n]) for p in by_phase)),
        tables={n: t.values.ndim == 2 for n, t in tables.items()},
        recorded=recorded,
        clamps=any(np.any(np.asarray(r) > 0) for r in refractory),
        refractory=_period_kind(refractory),
    )
    text = neuron_text(program, network.dt, layout)
    return GroupPlan(
        name=population.name,
        size=population.size,
        text=text,
        states={n: brian_name(n) for n in program.states},
        initial={brian_name(n): population.initial[n] for n in program.states},
        numbers=tuple({brian_name(n): numbers[n] for n in names} for numbers in by_phase),
        refractory=refractory,
        per_unit=frozenset(brian_name(n) for n in layout.per_unit),
        tables={brian_name(n): t for n, t in tables.items()},
    )


def _phases(
    changes: tuple[DrawnChange, ...],
    population: DrawnPopulation,
    program: Program,
    starts: tuple[int, ...],
    dt: float,
) -> list[dict[str, Number]]:
    """Parameters and derived constants, phase by phase."""
    found = []
    for start in starts:
        numbers = dict(population.parameters)
        for change in changes:
            mine = change.kind == "parameter" and change.owner == population.name
            if mine and change.step <= start:
                numbers[change.key] = change.value
        found.append({**numbers, **program.constants_of(numbers, dt)})
    return found


def _period_kind(refractory: tuple[Any, ...]) -> str | None:
    if any(np.ndim(r) for r in refractory):
        return "unit"
    return "shared" if len(set(map(int, refractory))) > 1 else None


def _path(
    network: DrawnNetwork,
    projection: DrawnProjection,
    program: Program,
    group: GroupPlan,
    starts: tuple[int, ...],
) -> PathPlan:
    weights = tuple(_weight_at(network, projection, start) for start in starts)
    drive = _drive(network, projection, program, weights)
    if drive is not None:
        weights = tuple(float(np.ravel(w)[0]) for w in weights)
    return PathPlan(
        name=projection.name,
        pre=projection.pre,
        post=projection.post,
        port=projection.port,
        rule=projection.rule,
        sources=projection.sources,
        targets=projection.targets,
        delays=projection.delays,
        pre_part=projection.pre_part,
        post_part=projection.post_part,
        on_pre=group.text.receive[projection.port],
        weights=weights,
        sent=((-1, projection.weights), *_weight_changes(network, projection)),
        drive=drive,
    )


def _weight_at(network: DrawnNetwork, projection: DrawnProjection, step: int) -> Number:
    weight = projection.weights
    for change in network.changes:
        mine = change.kind == "weight" and change.owner == projection.name
        if mine and change.step + _until_felt(change, network) <= step:
            weight = change.value
    return weight


def _weight_changes(
    network: DrawnNetwork, projection: DrawnProjection
) -> tuple[tuple[int, Number], ...]:
    mine = (c for c in network.changes if c.kind == "weight" and c.owner == projection.name)
    return tuple((c.step, c.value) for c in mine)


def _drive(
    network: DrawnNetwork,
    projection: DrawnProjection,
    program: Program,
    weights: tuple[Number, ...],
) -> PoissonDrive | None:
    """A native source whose trains are not shared becomes arrivals that each unit draws itself."""
    source = network.sources.get(projection.pre)
    mates = [p for p in network.projections.values() if p.pre == projection.pre]
    if source is None or not source.native or len(mates) > 1:
        return None
    if not _each_its_own(network, projection) or np.ptp(projection.delays):
        return None
    weight = brian_name("weight_" + re.sub(r"\W", "_", projection.name))
    found = event_amount(program, projection.port, network.dt, weight)
    if found is None or any(np.ptp(w) for w in weights):
        return None
    return PoissonDrive(*found, weight, source)


def _each_its_own(network: DrawnNetwork, projection: DrawnProjection) -> bool:
    """Whether every unit is reached from one of its own: by the rule, or by a list that says so."""
    if projection.sources is None or projection.targets is None:
        return projection.rule.kind == "one_to_one"
    every = np.arange(network.populations[projection.post].size)
    return np.array_equal(projection.sources, every) and np.array_equal(projection.targets, every)


def _record(network: DrawnNetwork, recording: DrawnRecording, owner: str, part: Part) -> RecordPlan:
    neuron = network.populations[recording.population].neuron
    return RecordPlan(
        recording.population,
        owner,
        part,
        {v: brian_name(v) for v in recording.variables},
        {v: neuron.recorded_unit(v) for v in recording.variables},
        recording.units,
        recording.every,
    )
