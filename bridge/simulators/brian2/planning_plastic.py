"""Projections whose synapses have states: DrawnProjection + program -> plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...definition.check_synapse import POST
from ...definition.drawn import DrawnNetwork, DrawnProjection, Ints
from ...passes.fold import folded
from ...passes.per_neuron import Facts, per_neuron
from ...passes.program import Program
from ...passes.synapse_program import SynapseProgram, check_gaps, synapse_program
from ...records import replace
from ..base import refuse
from .emit import Layout, arriving_text
from .names import brian_name
from .plan import GroupPlan, LinePlan, PlasticPlan, SynapseRecordPlan
from .plastic_text import Placing, early, plastic_text
from .plastic_words import own


def plastic_plans(
    network: DrawnNetwork, programs: Mapping[str, Program], groups: Mapping[str, GroupPlan]
) -> tuple[tuple[PlasticPlan, ...], tuple[LinePlan, ...]]:
    """All projections of ``network`` whose synapses have states, and the lines they send on."""
    found = [
        (p, synapse_program(p.synapse))
        for p in network.projections.values()
        if p.synapse.is_dynamic and p.post in groups and not bare(p)
    ]
    placings = [_placing(p, program) for p, program in found]
    rows: dict[tuple[str, str], int] = {}
    for (p, _), placing in zip(found, placings, strict=True):
        if placing.rows:
            rows[p.post, p.port] = max(rows.get((p.post, p.port), 0), placing.rows)
    plans = []
    for (p, program), placing in zip(found, placings, strict=True):
        if placing.rows:
            placing = replace(placing, rows=rows[p.post, p.port])
        group = groups[p.post]
        reads = {f"{n}{POST}": _read(n, network, group) for n in program.post_reads}
        plans.append(plan_of(network, p, program, reads, group.text.receive[p.port], placing))
    lines = tuple(
        LinePlan(post, port, size, arriving_text(programs[post], network.dt, Layout(), port))
        for (post, port), size in rows.items()
    )
    return tuple(plans), lines


def bare(projection: DrawnProjection) -> bool:
    """Whether it has no connections."""
    return projection.sources is not None and not len(projection.sources)


def _dendritic(projection: DrawnProjection) -> int | Ints:
    return _one(np.asarray(projection.delays) - np.asarray(projection.axonal))


def _placing(projection: DrawnProjection, program: SynapseProgram) -> Placing:
    """Amplitudes that arrive in the step that makes them need no line."""
    dendritic = _dendritic(projection)
    at_soma = bool(np.all(np.asarray(dendritic) == 0))
    ahead = 0 if at_soma else np.asarray(dendritic) - 1
    longest = int(np.max(ahead))
    direct = longest == 0 and not early(program)
    one = None if np.ndim(ahead) else longest
    return Placing(at_soma, 0 if direct else longest + 1, one)


def plan_of(
    network: DrawnNetwork,
    projection: DrawnProjection,
    program: SynapseProgram,
    reads: Mapping[str, str],
    receive: str,
    placing: Placing,
) -> PlasticPlan:
    """One projection whose synapses run ``program`` and lie as ``placing`` says.

    ``reads`` and ``receive`` as in `plastic_text`.
    """
    check_gaps(program, projection.parameters, f"{network.label}.{projection.name}")
    used = {"weight": projection.weights, **projection.parameters}
    used = {n: _number(v) for n, v in used.items() if n in {*program.parameters, "weight"}}
    program = folded(program, {n: float(v) for n, v in used.items() if not np.ndim(v)})
    used = {n: v for n, v in used.items() if n in {*program.parameters, "weight"}}
    parts = per_neuron(program, _facts(projection, used, placing))
    return PlasticPlan(
        name=projection.name,
        pre=projection.pre,
        post=projection.post,
        port=projection.port,
        rule=projection.rule,
        sources=projection.sources,
        targets=projection.targets,
        pre_part=projection.pre_part,
        post_part=projection.post_part,
        axonal=_one(projection.axonal),
        dendritic=_dendritic(projection),
        text=plastic_text(parts, placing, reads, receive, used, network.dt),
        placing=placing,
        program=program,
        reasons=parts.reasons,
        numbers={own(n): v for n, v in used.items()},
        initial={own(n): projection.initial[n] for n in program.states},
        events=dict(projection.events),
    )


def _facts(projection: DrawnProjection, used: Mapping[str, Any], placing: Placing) -> Facts:
    """What decides which states can live once per neuron."""
    shared = {n for n, v in used.items() if not np.ndim(v) and n != "weight"}
    shared |= {n for n, v in projection.initial.items() if not np.ndim(_number(v))}
    delays = {"axonal": projection.axonal, "dendritic": _dendritic(projection)}
    mixed = {n: f"{n} delays differ" if np.ndim(_one(v)) else None for n, v in delays.items()}
    return Facts(frozenset(shared), mixed["axonal"], mixed["dendritic"], placing.at_soma)


def _number(values: Any) -> Any:
    """One number where all are the same."""
    array = np.asarray(values)
    same = array.size > 0 and bool((array == array.flat[0]).all())
    return float(array.flat[0]) if same else array


def _one(values: Any) -> int | Ints:
    """One number where all are the same."""
    array = np.asarray(values)
    same = array.size > 0 and bool((array == array.flat[0]).all())
    return int(array.flat[0]) if same else array


def _read(name: str, network: DrawnNetwork, group: GroupPlan) -> str:
    """How a variable of the postsynaptic neuron is read."""
    own_name = brian_name(name)
    if name in group.states or own_name in group.per_unit:
        return f"{own_name}{POST}"
    if own_name in group.numbers[0]:
        return own_name
    value = network.populations[group.name].parameters.get(name)
    changed = any(c.owner == group.name and c.key == name for c in network.changes)
    if value is not None and not np.ndim(value) and not changed:
        return repr(float(value))
    raise refuse(
        "brian2",
        f"a synapse that reads {name}{POST}",
        f"{name} is no state of {group.name} and nothing that its equations use",
        "write out what it stands for",
    )


def synapse_records(
    network: DrawnNetwork, plans: Iterable[PlasticPlan]
) -> tuple[SynapseRecordPlan, ...]:
    """The recordings of synapses, each with the states that must be sampled."""
    by_name = {p.name: p for p in plans}
    graded = [n for n, p in network.projections.items() if p.synapse.is_graded]
    found = []
    for recording in network.synapse_recordings:
        plan = by_name.get(recording.projection)
        raw = _needed(plan.program, recording.variables) if plan else ()
        found.append(
            SynapseRecordPlan(
                recording.projection,
                recording.variables,
                raw,
                recording.units,
                recording.every,
                graded.index(recording.projection) if recording.projection in graded else None,
            )
        )
    return tuple(found)


def _needed(program: SynapseProgram, variables: tuple[str, ...]) -> tuple[str, ...]:
    """States from which ``variables`` follow at any later time."""
    wanted = set(variables)
    for a in reversed(program.advance):
        if a.target in wanted:
            wanted |= a.reads
    return tuple(s for s in program.states if s in wanted)
