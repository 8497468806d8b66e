"""Who plays every population: a built-in, NESTML, or a generated rate unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...definition.drawn import DrawnNetwork
from ...passes.integrate import program_of
from ...passes.program import Program
from ..base import Options
from ..courses import Course, courses
from .cast import Cast
from .compiled import compiled
from .coupled import coupled_casts
from .plastic import Codes, read_by_synapses
from .settings import chosen_options

if TYPE_CHECKING:
    from .modules import Module
    from .nestml_synapse import NestmlSynapse


def casts_of(
    network: DrawnNetwork, options: Options, match: bool, codes: Mapping[str, NestmlSynapse]
) -> dict[str, Cast]:
    """Who plays every population; one that NESTML's synapses lead to must be NESTML."""
    scheme = network.scheme if options.scheme == "auto" else options.scheme
    paired = {network.projections[n].post for n, code in codes.items() if code.paired}
    programs = {n: program_of(p.neuron, scheme) for n, p in network.populations.items()}
    driven = {n: _driven(network, n, p) for n, p in programs.items()}
    coupled = coupled_casts(network, programs, driven, options)
    return {
        name: coupled[name]
        if name in coupled
        else _cast(network, name, program, driven[name], match and name not in paired, options)
        for name, program in programs.items()
    }


def _driven(network: DrawnNetwork, name: str, program: Program) -> dict[str, Course]:
    quantities = {*program.currents, *program.noise}
    return {q: c for q, c in courses(network, name).items() if q in quantities}


def _cast(
    network: DrawnNetwork,
    name: str,
    program: Program,
    driven: Mapping[str, Course],
    match: bool,
    options: Options,
) -> Cast:
    """A built-in where one steps as the scheme does, else the compiled program."""
    population = network.populations[name]
    tolerance = float(chosen_options(options)["tolerance"])
    reason = "matching is switched off"
    if options.final_state or options.initial_state is not None:
        reason, match = "a run that goes on needs all states, which built-ins hide", False
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
