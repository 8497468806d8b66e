"""Synapses with states as NESTML, built together with the neurons that they change with.

A NESTML synapse that sees postsynaptic spikes can only lead to the neuron that was generated for
it: a connection to any other ends the process. Every population is therefore built anew with all
such synapses that lead to it, under a name of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.expressions import parse
from ...passes.synapse_program import check_gaps, synapse_program
from ...records import dataclass, replace
from ..base import refuse
from ..fresh import Answer
from .cast import Cast
from .job import Connections, Number, Plastic
from .nestml_synapse import NestmlSynapse, nestml_synapse
from .plastic import at_soma

if TYPE_CHECKING:
    from .modules import Module


@dataclass(frozen=True, eq=False)
class NestmlProjection:
    """A projection played by the NESTML synapse ``code``, registered as ``model``."""

    code: NestmlSynapse
    projection: DrawnProjection
    model: str

    @property
    def keys(self) -> tuple[str, ...]:
        """NEST's status keys that hold the states."""
        return tuple(self.code.names[s] for s in self.projection.synapse.states)

    @cached_property
    def answer(self) -> Answer:
        """NEST answers with the states right after the last presynaptic spike."""
        states = self.projection.synapse.states
        after = {s: parse(self.code.names[s]) for s in states}
        return Answer(after, dict.fromkeys(states, 1.0), {})

    @property
    def note(self) -> Mapping[str, Any]:
        """What runs and why, for people."""
        why = "the option synapses asks for NESTML"
        scheme = "closed form between events"
        return {"model": self.model, "builtin": False, "scheme": scheme, "why": why}

    @property
    def source(self) -> tuple[str, str]:
        """File ending and text that people can look at."""
        return "nestml", self.code.text

    def connected(self, connections: Connections, wait: Number) -> Connections:
        """The projection as the job has it."""
        p, names = self.projection, self.code.names
        values = {n: p.parameters[n] for n in synapse_program(p.synapse).parameters}
        values |= {n: p.initial[n] for n in p.synapse.states}
        common = {names[n]: float(v) for n, v in values.items() if not np.ndim(v)}
        each = {names[n]: v for n, v in values.items() if np.ndim(v)}
        return replace(
            connections,
            plastic=Plastic(
                self.model,
                common,
                each,
                factors={},
                drivers={},
                axonal=wait,
                soma=False,
                builtin=True,
                begin=self.code.begin,
            ),
        )


def dynamic_codes(network: DrawnNetwork) -> dict[str, NestmlSynapse]:
    """The NESTML text of every projection with states.

    Raises:
        Unsupported: NESTML cannot do what the projection asks for; says why.
    """
    found = {}
    for name, projection in network.projections.items():
        if projection.synapse.is_dynamic:
            program = synapse_program(projection.synapse)
            check_gaps(program, projection.parameters, f"{network.label}.{name}")
            reason = _refused(projection, network)
            if reason:
                raise refuse(
                    "nest",
                    f"NESTML for the synapse of {name} ({projection.synapse.label})",
                    reason,
                    'leave the option synapses at "auto"',
                )
            found[name] = nestml_synapse(program)
    return found


def paired_populations(network: DrawnNetwork, codes: Mapping[str, NestmlSynapse]) -> set[str]:
    """Populations that must be NESTML too."""
    return {network.projections[n].post for n, code in codes.items() if code.paired}


def build_pairs(
    network: DrawnNetwork, casts: Mapping[str, Cast], codes: Mapping[str, NestmlSynapse]
) -> tuple[list[Module], dict[str, Cast], dict[str, NestmlProjection]]:
    """Modules, the casts with their paired neurons, and the projections.

    A paired cast keeps its text for people, and needs no module of its own any more.
    """
    from .modules import build

    modules: list[Module] = []
    changed: dict[str, Cast] = {}
    models: dict[str, str] = {}
    for code in {c.model: c for c in codes.values() if not c.paired}.values():
        modules.append(build({code.model: code.text}, codegen_opts=_options([code])))
        models |= {n: code.model for n, c in codes.items() if c.model == code.model}
    for name in sorted(paired_populations(network, codes)):
        mine = {n: c for n, c in codes.items() if c.paired and network.projections[n].post == name}
        different = list({c.model: c for c in mine.values()}.values())
        neuron, text = _renamed(casts[name], different)
        texts = {neuron: text, **{c.model: c.text for c in different}}
        module = build(texts, codegen_opts=_options(different, neuron))
        if module.name not in {m.name for m in modules}:
            modules.append(module)
        node = replace(casts[name].node, model=_registered(module, neuron))
        note = {**casts[name].match, "model": node.model, "why": "NESTML's synapses lead to it"}
        changed[name] = replace(casts[name], node=node, match=note)
        models |= {n: _registered(module, c.model) for n, c in mine.items()}
    found = {n: NestmlProjection(c, network.projections[n], models[n]) for n, c in codes.items()}
    return modules, {**casts, **changed}, found


def _options(codes: list[NestmlSynapse], neuron: str = "") -> dict[str, Any]:
    """What NESTML must be told; every state stays in the synapse."""
    found: dict[str, Any] = {"weight_variable": {c.model: c.weight for c in codes}}
    if neuron:
        ports = {c.model: {"post_ports": ["post_spikes"]} for c in codes}
        found["neuron_synapse_pairs"] = [{"neuron": neuron, "synapses": ports}]
        found["strictly_synaptic_vars"] = {c.model: list(c.states) for c in codes}
    return found


def _renamed(cast: Cast, codes: list[NestmlSynapse]) -> tuple[str, str]:
    """The neuron under a name that no other module registers."""
    content = "".join([cast.text, *sorted(c.model for c in codes)])
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    name = f"{cast.node.model[:30]}_{digest}_neuron"
    return name, re.sub(r"^model \w+:", f"model {name}:", cast.text, count=1)


def _registered(module: Module, model: str) -> str:
    return next(m for m in module.models if m.startswith(f"{model}__with_"))


def _refused(p: DrawnProjection, network: DrawnNetwork) -> str:
    """Why NESTML cannot play the projection; "" where it can."""
    if at_soma(p) and np.size(p.delays):
        return "its whole delay is axonal, and NESTML's synapses lie before their delay"
    if any(c.kind == "weight" and c.owner == p.name for c in network.changes):
        return "its weight changes during the run"
    if any(r.projection == p.name for r in network.synapse_recordings):
        assert p.sources is not None and p.targets is not None
        source = network.sources.get(p.pre)
        if source is not None and source.native:
            return f"it is to be recorded, and nobody knows the spikes of {p.pre}"
        pairs = np.unique(np.stack([p.sources, p.targets]), axis=1)
        if pairs.shape[1] < len(p.sources):
            return "it is to be recorded, and connections of one pair cannot be told apart"
    return ""
