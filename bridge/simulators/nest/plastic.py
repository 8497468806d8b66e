"""Synapses with states as NEST connection models: which model, with which numbers."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection, DrawnSynapseRecording
from ...definition.evaluate import compile_text
from ...passes.synapse_program import AMPLITUDE, SynapseProgram, check_gaps, synapse_program
from ..base import refuse
from .job import Ints, Plastic, SynapseMeter
from .learning import Learned, meter_of

if TYPE_CHECKING:
    from .synapse_cpp import SynapseCode

Codes = Mapping[str, "SynapseCode"]  # by projection


def codes_of(network: DrawnNetwork, played: Container[str] = ()) -> Codes:
    """The connection model of every projection whose synapse has states, but for ``played``.

    Raises:
        Unsupported: what NEST, or our way of using it, cannot do; says why.
    """
    found = {}
    for name, projection in network.projections.items():
        if projection.synapse.is_dynamic:
            program = synapse_program(projection.synapse)
            where = f"{network.label}.{name}"
            check_gaps(program, projection.parameters, where)
            _check(program, projection, network)
            if name in played:
                continue
            own = (n for n in program.parameters if np.ndim(projection.parameters[n]))
            from .synapse_cpp import synapse_code

            found[name] = synapse_code(program, own)
    return found


def plastic_of(projection: DrawnProjection, network: DrawnNetwork, code: SynapseCode) -> Plastic:
    """Numbers of the connection model of one projection."""
    program = synapse_program(projection.synapse)
    values = {n: projection.parameters[n] for n in program.parameters}
    common = {code.keys[n]: float(v) for n, v in values.items() if n not in code.own}
    kept = read_by_synapses(network, projection.post)
    common |= {f"place_of_{n}": kept.index(n) for n in program.post_reads}
    each = {code.keys[n]: values[n] for n in code.own}
    each |= {code.keys[n]: projection.initial[n] for n in program.states}
    keys = {key: projection.events[name] for name, key in code.factors.items()}
    frozen = {n: s.steps for n, s in network.sources.items() if s.steps is not None}
    factors = {key: np.sort(frozen[d]) for key, d in keys.items() if d in frozen}
    drivers = {key: driver for key, driver in keys.items() if driver not in frozen}
    soma = at_soma(projection)
    axonal = projection.axonal - 1 if soma else projection.axonal
    return Plastic(code.model, common, each, factors, drivers, axonal, soma)


def read_by_synapses(network: DrawnNetwork, population: str) -> tuple[str, ...]:
    """The states of ``population`` that synapses onto it read, in the order of its history."""
    dynamic = (p.synapse for p in network.projections_to(population) if p.synapse.is_dynamic)
    return tuple(sorted({n for synapse in dynamic for n in synapse_program(synapse).post_reads}))


def at_soma(projection: DrawnProjection) -> bool:
    """Whether the whole delay lies before the synapse."""
    return bool(np.size(projection.delays)) and bool(np.all(projection.axonal == projection.delays))


def dendritic(projection: DrawnProjection, graded: int = 1) -> int | Ints:
    """The delays of NEST's connections in steps: what follows the synapse, at least one step.

    ``graded`` is added to those of graded synapses: nodes of ours send at the end of a step.
    """
    if projection.synapse.is_graded:
        return projection.delays + graded
    if not projection.synapse.is_dynamic:
        return projection.delays
    if at_soma(projection):
        return 1 if np.ndim(projection.delays) == 0 else np.ones_like(projection.delays)
    return projection.delays - projection.axonal


def waits(projection: DrawnProjection) -> int | Ints:
    """The delays, in steps, of the relays before the synapses; 0 where there is none."""
    if not projection.synapse.is_dynamic:
        return 0
    return projection.axonal - 1 if at_soma(projection) else projection.axonal


def synapse_meters(
    network: DrawnNetwork,
    codes: Codes,
    others: Mapping[str, tuple[str, ...]],
    learned: Mapping[str, Learned],
) -> tuple[SynapseMeter, ...]:
    """What is read from connections or ``learned`` by nodes, and when.

    ``others``: the keys of projections without code.
    """

    def keys(r: DrawnSynapseRecording) -> tuple[str, ...]:
        code = codes.get(r.projection)
        return others[r.projection] if code is None else tuple(code.keys[v] for v in r.variables)

    return tuple(
        meter_of(learned[r.projection], r)
        if r.projection in learned
        else SynapseMeter(r.projection, keys(r), r.units, r.every)
        for r in network.synapse_recordings
    )


def notes_of(
    network: DrawnNetwork, codes: Codes, reasons: Mapping[str, str]
) -> tuple[Mapping[str, Any], ...]:
    """What runs for each projection with states, for people; ``reasons``: why no built-in."""
    found = []
    for name, code in codes.items():
        why = reasons.get(name, "matching is switched off")
        program = synapse_program(network.projections[name].synapse)
        scheme = "closed form between events"
        if program.obstacle:
            scheme = f"one Runge-Kutta step per dt: {program.obstacle}"
        found.append(
            {
                "population": name,
                "model": code.model,
                "builtin": False,
                "scheme": scheme,
                "why": f"a generated connection model with all its states: {why}",
            }
        )
    return tuple(found)


def scales(program: SynapseProgram) -> bool:
    """Whether what is delivered is proportional to ``weight``, which nothing else reads."""
    others = (*program.advance, *(program.step or ()), *program.post, *program.pre)
    others += tuple(a for statements in program.events.values() for a in statements)
    if any("weight" in a.reads for a in others if a.target != AMPLITUDE):
        return False
    rng = np.random.default_rng(1)
    for a in program.pre:
        if a.target == AMPLITUDE:
            scope = {n: float(v) for n, v in zip(a.reads, rng.uniform(0.1, 1, 99), strict=False)}
            once, twice = (
                compile_text(a.value.text)({**scope, "weight": factor}) for factor in (1.0, 2.0)
            )
            return bool(np.isclose(twice, 2 * once, rtol=1e-12))
    return False


def _check(program: SynapseProgram, projection: DrawnProjection, network: DrawnNetwork) -> None:
    name = f"{projection.name} ({projection.synapse.label})"
    hidden = set(program.post_reads) - {*network.populations[projection.post].neuron.states}
    if hidden:
        raise refuse(
            "nest",
            f"the synapse of {name}",
            f"it reads {min(hidden)}_post, and only states of a neuron are kept for synapses",
            "read a state, or run it on brian2 or the reference",
        )
    if projection.native and np.any(np.asarray(waits(projection)) > 0):
        raise refuse(
            "nest",
            f"native connections with an axonal delay ({name})",
            "spikes wait in relays, one per source and delay",
            "drop native = true",
        )
