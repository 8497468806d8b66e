"""Who plays every population: a built-in, NESTML, or a generated rate unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...definition.drawn import DrawnNetwork
from ...passes.integrate import program_of
from ..base import Options
from ..courses import courses
from .plastic import Codes, read_by_synapses
from .settings import chosen_options
from .translate import Cast, compiled

if TYPE_CHECKING:
    from .modules import Module
    from .nestml_synapse import NestmlSynapse


def casts_of(
    network: DrawnNetwork, options: Options, match: bool, codes: Mapping[str, NestmlSynapse]
) -> dict[str, Cast]:
    """Who plays every population; one that NESTML's synapses lead to must be NESTML."""
    scheme = network.scheme if options.scheme == "auto" else options.scheme
    paired = {network.projections[n].post for n, code in codes.items() if code.paired}
    return {
        name: _cast(network, name, scheme, match and name not in paired, options)
        for name in network.populations
    }


def _cast(network: DrawnNetwork, name: str, scheme: str, match: bool, options: Options) -> Cast:
    """A built-in where one steps as the scheme does, else the compiled program."""
    population = network.populations[name]
    tolerance = float(chosen_options(options)["tolerance"])
    program = program_of(population.neuron, scheme)
    quantities = {*program.currents, *program.noise}
    driven = {q: c for q, c in courses(network, name).items() if q in quantities}
    reason = "matching is switched off"
    if options.final_state or options.initial_state is not None:
        reason, match = "a run that goes on needs all states, which built-ins hide", False
    if is_graded(network, name):
        from .graded import rate_cast

        return rate_cast(network, name, program, driven)
    keeps = read_by_synapses(network, name)
    if keeps:
        reason, match = f"synapses read its {', '.join(keeps)}", False
    if match:
        from .matching import builtin

        found = builtin(network, name, program, driven, program.scheme)
        if isinstance(found, Cast):
            return found
        reason = found
    return compiled(population, program, network.dt, driven, reason, tolerance, keeps)


def is_graded(network: DrawnNetwork, name: str) -> bool:
    """Whether population ``name`` takes part in graded coupling."""
    mine = (p for p in network.projections.values() if p.synapse.is_graded)
    return any(name in (p.pre, p.post) for p in mine)


def sources_of(casts: Mapping[str, Cast]) -> dict[str, str]:
    """What is translated, as files for people."""
    found = {f"{name}.nestml": cast.text for name, cast in casts.items() if cast.text}
    found |= {f"{name}.cc": cast.cpp for name, cast in casts.items() if cast.cpp}
    return found | {f"{n}.txt": c.explanation for n, c in casts.items() if c.explanation}


def generated(casts: Mapping[str, Cast], codes: Codes) -> dict[str, str]:
    """The C++ of rate units and synapses by model."""
    units = {c.node.model: c.cpp for c in casts.values() if c.cpp}
    return units | {c.model: c.text for c in codes.values()}


def modules_of(neurons: Mapping[str, str], generated: Mapping[str, str]) -> tuple[Module, ...]:
    """The compiled modules; a network of built-ins needs not even the tools' code."""
    if not neurons and not generated:
        return ()
    from .modules import build_each
    from .sources import build_sources

    return (*(build_each(neurons) if neurons else ()), *build_sources(generated))
