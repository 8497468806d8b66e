"""A built-in model in place of a compiled one, where one has the same trajectories."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection
from ...definition.evaluate import evaluate
from ...passes.catalog import Catalogue
from ...passes.match import Match, NoMatch, explain, find_match
from ...passes.program import Program
from ...passes.synapse_program import synapse_program
from ..courses import Course
from .cast import Cast, Values, phases_of
from .job import NodeModel, Number
from .plastic import scales
from .record import states_needed


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """NEST's built-in neurons as definitions."""
    text = Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")
    return Catalogue(text)


def builtin(
    network: DrawnNetwork, name: str, program: Program, driven: Mapping[str, Course], scheme: str
) -> Cast | str:
    """The built-in that plays population ``name`` under ``scheme``, or why none does.

    Only one whose step is the contract's step is taken; under "native" one that NEST integrates.
    """
    population = network.populations[name]
    signs = signs_of(network, name)
    match = find_match(population.neuron, catalogue(), signs)
    if isinstance(match, NoMatch):
        return match.text
    if scheme not in match.schemes or not (match.exact or scheme == "native"):
        return f"{match.builtin} integrates otherwise than {scheme}"
    phases = phases_of(network, name)
    for _, values in phases:
        reason = match.obstacle(values, population.initial, signs)
        reason = reason or _moving_factor(match, phases[0][1], values, driven)
        if reason:
            return reason
    needed = states_needed(network, name, program)
    hidden = sorted(s for s in needed if not match.states[s].recordables)
    if hidden:
        return f"{match.builtin} does not record {hidden[0]}"
    for projection in network.projections_to(name):
        if projection.synapse.is_dynamic and not _scalable(projection, match, phases[0][1]):
            return f"{match.builtin} needs other weights than {projection.synapse.label} delivers"
    missing = [q for q in driven if q not in match.currents]
    if missing:
        return f"{match.builtin} takes no {missing[0]}"
    if any(
        p.native and np.ndim(match.weight_factor(p.port, phases[0][1]))
        for p in network.projections_to(name)
    ):
        return "NEST draws connections whose weights need a factor per target"
    return _cast(match, population, program, network.dt, driven, scheme)


def _scalable(projection: DrawnProjection, match: Match, values: Values) -> bool:
    """Whether the weights of synapses with states can be given in the built-in's measure."""
    factor = match.weight_factor(projection.port, values)
    return bool(np.all(factor == 1.0)) or scales(synapse_program(projection.synapse))


def signs_of(network: DrawnNetwork, name: str) -> dict[str, tuple[int, ...]]:
    """Spike port -> signs of all weights that ever arrive there."""
    found: dict[str, set[int]] = {}
    for projection in network.projections_to(name):
        if projection.synapse.is_dynamic:  # its states may turn the sign
            found.setdefault(projection.port, set()).update((-1, 1))
        changed = [c.value for c in network.changes if c.owner == projection.name]
        for weights in [projection.weights, *changed]:
            signs = found.setdefault(projection.port, set())
            signs |= {1} if np.any(weights > 0) else set()
            signs |= {-1} if np.any(weights < 0) else set()
    return {port: tuple(sorted(signs)) for port, signs in found.items()}


def _moving_factor(
    match: Match, first: Values, values: Values, driven: Mapping[str, Course]
) -> str | None:
    """Weights and samples are scaled once: their factors must not change in a phase."""
    factors = [m.factor for m in match.ports.values()]
    factors += [m.factor for m in match.states.values()]
    factors += [
        match.currents[q].factor for q, c in driven.items() if q in match.currents and c.dense
    ]
    for factor in factors:
        if not np.array_equal(evaluate(factor, first), evaluate(factor, values)):
            return f"the factor {factor} changes in a phase"
    return None


def _cast(
    match: Match,
    population: DrawnPopulation,
    program: Program,
    dt: float,
    driven: Mapping[str, Course],
    scheme: str,
) -> Cast:
    first = population.parameters

    def values_of(values: Values, currents: Values) -> dict[str, Number]:
        found = match.parameters(values)
        if "t_ref" in found and program.refractory is not None:
            found["t_ref"] = program.refractory_steps(values, dt) * dt
        for quantity, value in currents.items():
            into = match.currents[quantity]
            added = value * evaluate(into.factor, values)
            found[into.parameter] = found.get(into.parameter, 0.0) + added
        return found

    node = NodeModel(
        model=match.builtin,
        parameters=values_of(first, {q: c.values[0] for q, c in driven.items()}),
        initial=match.initial(first, population.initial),
        receptors={p: m.receptor for p, m in match.ports.items()},
        recordables={
            s: (m.recordables, evaluate(m.factor, first))
            for s, m in match.states.items()
            if m.recordables
        },
        drives=dict.fromkeys(driven, None),
    )
    about: dict[str, Any] = {
        "population": population.name,
        "model": match.builtin,
        "builtin": True,
        "scheme": scheme,
        "why": match.text,
        "caveats": list(match.caveats),
    }
    return Cast(
        program,
        node,
        values_of,
        {p: match.weight_factor(p, first) for p in match.ports},
        driven,
        about,
        explanation=explain(match),
        scale_of=lambda quantity, values: evaluate(match.currents[quantity].factor, values),
    )
