"""DrawnNetwork -> job: which NEST model plays each population, with which numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection, DrawnSource
from ...errors import SimulationFailed
from ...passes.program import Program
from ..base import refuse
from .currents import Course, changes_of, courses
from .emit import Emitted, emit
from .job import Change, Connections, Drive, Group, NodeModel, Number, Source

Values = Mapping[str, Number]
RULES = {
    "all_to_all": ("all_to_all", {}),
    "one_to_one": ("one_to_one", {}),
    "fixed_probability": ("pairwise_bernoulli", {"p": "p"}),
    "fixed_indegree": ("fixed_indegree", {"indegree": "indegree"}),
    "fixed_outdegree": ("fixed_outdegree", {"outdegree": "outdegree"}),
    "fixed_total_number": ("fixed_total_number", {"number": "N"}),
}


@dataclass(frozen=True, eq=False)
class Cast:
    """Who plays a population: ``node``, and how its values follow from the definition's.

    ``text`` is the NESTML text, empty for a built-in; ``match`` says what runs and why.
    """

    program: Program
    node: NodeModel
    values_of: Callable[[Values], dict[str, Number]]
    text: str
    match: Mapping[str, Any]
    courses: Mapping[str, Course]


def compiled(
    population: DrawnPopulation, program: Program, dt: float, driven: Mapping[str, Course]
) -> Cast:
    """The population as a NESTML model made from ``program``."""
    quantities = {*program.currents, *program.noise}
    courses_here = {n: c for n, c in driven.items() if n in quantities}
    dense = [n for n, c in courses_here.items() if c.dense or n in program.noise]
    emitted = emit(program, driven=dense)
    used = {*program.parameters} & {*emitted.names}

    def values_of(values: Values) -> dict[str, Number]:
        found = {n: values[n] for n in used} | dict(program.constants_of(values, dt))
        named = {emitted.names[n]: _finite(v, n, population) for n, v in found.items()}
        if emitted.refractory:
            named["refr_steps"] = program.refractory_steps(values, dt)
        return named

    initial = {emitted.names[s]: population.initial[s] for s in program.states}
    initial |= {emitted.names[n]: c.values[0] for n, c in courses_here.items() if n in dense}
    constant = {emitted.names[n]: c.values[0] for n, c in courses_here.items() if n not in dense}
    node = NodeModel(
        model=emitted.model,
        parameters={**values_of(population.parameters), **constant},
        initial=initial,
        receptors=_receptors(emitted),
        factors=dict.fromkeys(emitted.ports, 1.0),
        recordables={s: (emitted.names[s], 1.0) for s in program.states},
        currents={n: emitted.names[n] for n in courses_here},
        drives={**_receptors(emitted, emitted.driven)},
        spiking=program.condition is not None,
        resume=_resume(emitted, program, dense),
    )
    match = {
        "population": population.name,
        "model": emitted.model,
        "builtin": False,
        "scheme": program.scheme,
        "why": "compiled from the definition's equations",
    }
    return Cast(program, node, values_of, emitted.text, match, courses_here)


def _receptors(emitted: Emitted, names: Mapping[str, str] | None = None) -> dict[str, int | str]:
    """A single spike port is receptor 0; several are listed in upper case."""
    single = len(emitted.ports) + len(emitted.driven) == 1
    ports = emitted.ports if names is None else names
    return {n: 0 if single else p.upper() for n, p in ports.items()}


def _resume(emitted: Emitted, program: Program, dense: list[str]) -> tuple[str, ...]:
    names = [emitted.names[s] for s in (*program.states, *dense)]
    names += ["refr_count"] if emitted.refractory else []
    return (*names, "step_count", "t_now") if emitted.uses_time else tuple(names)


def _finite(value: Number, name: str, population: DrawnPopulation) -> Number:
    if not np.isfinite(value).all():
        raise SimulationFailed(f"{name} is not a finite number", model=population.name, symbol=name)
    return value


def group_of(cast: Cast, population: DrawnPopulation) -> Group:
    """The population as the job has it."""
    return Group(population.name, population.size, cast.node)


def source_of(source: DrawnSource, network: DrawnNetwork) -> Source:
    """A spike source; a native one needs no parrots if no unit of it has two targets."""
    return Source(
        source.name,
        source.size,
        source.steps,
        source.senders,
        source.rate_steps,
        source.rates,
        source.native and _at_most_one_target(source, network),
    )


def _at_most_one_target(source: DrawnSource, network: DrawnNetwork) -> bool:
    mine = [p for p in network.projections.values() if p.pre == source.name]
    if any(p.native for p in mine):
        return len(mine) == 1 and mine[0].rule.kind == "one_to_one"
    lists = [p.sources for p in mine if p.sources is not None]
    used = np.concatenate(lists) if lists else np.empty(0, dtype=np.int64)
    return len(np.unique(used)) == len(used)


def connections_of(projection: DrawnProjection, network: DrawnNetwork) -> Connections:
    """The projection as the job has it.

    Raises:
        Unsupported: the synapse has dynamics of its own.
    """
    p = projection
    if not p.synapse.is_static:
        raise refuse(
            "nest",
            f"the synapse {p.synapse.label!r} of projection {p.name!r}",
            "it has states or statements per synapse that cannot be moved into the neuron",
            "use a static synapse, or run on brian2",
        )
    rule: dict[str, Any] | None = None
    if p.native:
        if p.rule.kind not in RULES:
            raise refuse(
                "nest",
                f"the rule {p.rule.kind!r} natively",
                "it lists its pairs",
                "leave `native` off",
            )
        kind, names = RULES[p.rule.kind]
        rule = {"rule": kind, **{theirs: getattr(p.rule, ours) for ours, theirs in names.items()}}
        rule |= {"allow_autapses": p.rule.autapses, "allow_multapses": p.rule.multapses}
    changes = any(c.kind == "weight" and c.owner == p.name for c in network.changes)
    return Connections(
        p.name, p.pre, p.post, p.port, p.sources, p.targets, p.weights, p.delays, rule, changes
    )


def changes_in(
    network: DrawnNetwork, casts: Mapping[str, Cast], lag: int
) -> tuple[list[Change], list[Drive]]:
    """Everything that happens to nodes and weights after step 0."""
    changes = [*_parameter_changes(network, casts), *_weight_changes(network, casts)]
    drives = []
    for name, cast in casts.items():
        for quantity, course in cast.courses.items():
            key = cast.node.currents[quantity]
            # A noise term has a port of its own even where its course is short.
            more, drive = changes_of(course, name, key, quantity, cast.node, lag)
            changes += more
            drives += [drive] if drive else []
    return [c for c in changes if c.step < network.steps], drives


def _parameter_changes(network: DrawnNetwork, casts: Mapping[str, Cast]) -> list[Change]:
    found = []
    for name, cast in casts.items():
        before = cast.values_of(network.populations[name].parameters)
        for step, values in phases_of(network, name)[1:]:
            after = cast.values_of(values)
            changed = {n: v for n, v in after.items() if not np.array_equal(v, before[n])}
            if changed:
                found.append(Change(step, "node", name, changed))
            before = after
    return found


def phases_of(network: DrawnNetwork, population: str) -> list[tuple[int, Values]]:
    """(step, all parameter values from there on), beginning with step 0."""
    values: dict[str, Number] = dict(network.populations[population].parameters)
    found: dict[int, Values] = {0: dict(values)}
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.kind == "parameter" and change.owner == population:
            values[change.key] = change.value
            found[change.step] = dict(values)
    return list(found.items())


def _weight_changes(network: DrawnNetwork, casts: Mapping[str, Cast]) -> list[Change]:
    """A spike has the weight of the step in which it was emitted.

    NEST hands a slice's spikes on in the first step of the next slice, and a device's at once.
    """
    found = []
    for change in network.changes:
        if change.kind == "weight":
            projection = network.projections[change.owner]
            factor = casts[projection.post].node.factors[projection.port]
            value = np.asarray(change.value) * factor
            step = change.step + 1 if projection.pre in casts else change.step
            found.append(Change(step, "weight", change.owner, {"weight": value}))
    return found


def lag_of(network: DrawnNetwork) -> int:
    """The length of a slice in steps: the smallest delay; 1 ms where nothing is connected.

    Weights can only change between slices, so it divides the steps of such changes.
    """
    delays = [int(np.min(p.delays)) for p in network.projections.values() if np.size(p.delays)]
    lag = min(delays) if delays else max(1, round(1.0 / network.dt))
    changes = [c.step for c in network.changes if c.kind == "weight"]
    return math.gcd(lag, *changes)


def courses_of(network: DrawnNetwork) -> Mapping[str, Mapping[str, Course]]:
    """Population -> quantity -> its course."""
    return {name: courses(network, name) for name in network.populations}
