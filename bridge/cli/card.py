"""What `show` says of a definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..definition.describe import coincidence_text, delay_text
from ..definition.dump import to_dict
from ..definition.library import Definition
from ..definition.model import Neuron, Synapse
from ..definition.network import Network


def card(definition: Definition) -> dict[str, Any]:
    """The definition's dictionary with its hash; for neurons schemes and NEST's built-in."""
    found = {"name": definition.label, **to_dict(definition), "hash": definition.hash}
    if isinstance(definition, Neuron):
        from ..passes.integrate import fitting_schemes, program_of

        found["schemes"] = list(fitting_schemes(definition))
        found["scheme_used"] = program_of(definition).scheme
    if isinstance(definition, Synapse) and definition.learns:
        found["delay"] = delay_text(definition)
    if isinstance(definition, Synapse) and definition.is_dynamic:
        found["delay"], found["coincidence"] = delay_text(definition), coincidence_text(definition)
        found["between"] = between_events(definition)
    found["nest"] = explanations(definition)
    return found


def between_events(synapse: Synapse) -> str:
    """How a synapse with states gets from one event to the next: in one go, or step by step."""
    from ..passes.synapse_program import synapse_program

    obstacle = synapse_program(synapse).obstacle
    if obstacle is None:
        return "closed form: nothing runs between events"
    return f"no closed form, integrated in every step: {obstacle}"


def clock_driven(definition: Definition) -> list[str]:
    """A line for each synapse of the definition that is integrated in every step."""
    used: list[Neuron | Synapse] = [] if isinstance(definition, Network) else [definition]
    if isinstance(definition, Network):
        used = [p.synapse for p in definition.whole.projections.values()]
    synapses = {s.hash: s for s in used if isinstance(s, Synapse) and s.is_dynamic}
    lines = ((s.label, between_events(s)) for s in synapses.values())
    return [f"{label}: {text}" for label, text in lines if text.startswith("no closed form")]


def explanations(definition: Definition) -> list[str]:
    """Which built-in of NEST each neuron and synapse is, or what differs from the nearest."""
    if isinstance(definition, Synapse):
        return _synapses([definition])
    if isinstance(definition, Neuron):
        return [_explained(definition)]
    synapses = {p.synapse.hash: p.synapse for p in definition.whole.projections.values()}
    return [*map(_explained, neurons_of(definition)), *_synapses(synapses.values())]


def _synapses(found: Iterable[Synapse]) -> list[str]:
    """The sentence for every synapse with states that delivers events."""
    dynamic = [s for s in found if s.is_dynamic]
    if not dynamic:
        return []
    from ..simulators.nest.builtin_synapses import explained_synapse

    return [explained_synapse(s) for s in dynamic]


def neurons_of(network: Network) -> list[Neuron]:
    """Every neuron of a network once, with the synaptic states that move into it."""
    from ..definition.draw import draw
    from ..passes.lump import lump

    populations = lump(draw(network, duration=network.dt)).populations.values()
    return list({p.neuron.hash: p.neuron for p in populations}.values())


def _explained(neuron: Neuron) -> str:
    if neuron.of_kind("map"):
        from ..simulators.nest.binary import explained_binary

        return explained_binary(neuron)
    if neuron.continuous_ports and neuron.spike is None and not neuron.spike_ports:
        from ..simulators.nest.rates import explained_rate

        return explained_rate(neuron)
    from ..passes.match import explain, find_match
    from ..simulators.nest.matching import catalogue

    return explain(find_match(neuron, catalogue()))


def card_text(found: Mapping[str, Any]) -> str:
    """The card for people."""
    lines = [found["name"], "=" * len(found["name"]), str(found.get("title", ""))]
    if found.get("description"):
        lines += ["", str(found["description"]).strip()]
    for key, title in _SECTIONS.items():
        if found.get(key):
            lines += ["", f"{title}:", *_shown(found[key])]
    return "\n".join(lines)


_SECTIONS = {
    "equations": "equations",
    "on_pre": "at a presynaptic spike",
    "on_post": "at a postsynaptic spike",
    "on_step": "after every step of its states",
    "events": "at a third factor",
    "deliver": "delivers",
    "coupling": "adds to the port",
    "delay": "delay",
    "coincidence": "pre- and postsynaptic spikes in one step",
    "between": "between events",
    "parameters": "parameters",
    "variants": "variants",
    "initial": "initial values",
    "ports": "ports",
    "spike": "spike",
    "include": "areas",
    "populations": "populations",
    "projections": "projections",
    "stimuli": "stimuli",
    "recordings": "recordings",
    "run": "run",
    "schemes": "fitting schemes",
    "scheme_used": "scheme used by default",
    "nest": "NEST",
    "source": "source",
    "hash": "hash",
}


def _shown(value: Any, indent: str = "  ") -> list[str]:
    if isinstance(value, Mapping):
        width = max((len(str(k)) for k in value), default=0)
        return [f"{indent}{k!s:<{width}}  {_inline(v)}" for k, v in value.items()]
    if isinstance(value, list):
        if all(isinstance(v, str) and " " not in v for v in value):
            return [indent + ", ".join(value)]
        return [line for v in value for line in _shown(v, indent)]
    return [indent + line for line in str(value).strip().splitlines()]


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        shown = {k: v for k, v in value.items() if k not in ("description", "source")}
        if {"equations", "run"} & shown.keys():  # a neuron or an area: its name says enough
            return str(value.get("name") or value.get("title"))
        return ", ".join(f"{k}: {_inline(v)}" for k, v in shown.items())
    if isinstance(value, list):
        return ", ".join(_inline(v) for v in value)
    return "; ".join(str(value).splitlines())


__all__ = ["between_events", "card", "card_text", "clock_driven", "explanations", "neurons_of"]
