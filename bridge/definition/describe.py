"""Definitions for people: LaTeX equations, and the tables of Nordlie, Gewaltig & Plesser (2009).

Nordlie et al. (2009) PLoS Comput. Biol. 5(8): e1000456 propose one set of tables, A to G, in which
every network model is described; `markdown` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .describe_network import network_tables
from .latex import equation_latex, latex, statement_latex
from .library import Definition
from .markdown import math, plain, rows, value_text
from .model import Neuron, Synapse
from .network import Network

TITLES = {"neuron": "Neuron model", "synapse": "Synapse model"}


def to_latex(definition: Definition) -> str:
    """Equations, events and threshold in an ``align`` environment; of a network one per model."""
    if isinstance(definition, Network):
        return "\n\n".join(
            f"% {model.label}: {model.title}\n{to_latex(model)}" for model in models_of(definition)
        )
    lines = [equation_latex(e) for e in definition.all_equations]
    lines += [
        rf"\text{{{when.replace('_', chr(92) + '_')}:}} &\quad {what}"
        for when, what in _events(definition)
    ]
    body = " \\\\\n  ".join(lines)
    return f"\\begin{{align}}\n  {body}\n\\end{{align}}"


def to_markdown(definition: Definition) -> str:
    """Tables after Nordlie et al. (2009); of a neuron or synapse its own two."""
    if isinstance(definition, Network):
        models = [_model_table(m, f"D. {m.label}") for m in models_of(definition)]
        return f"{_head(definition)}\n\n{network_tables(definition, models)}\n"
    name = TITLES[type(definition).__name__.lower()]
    return f"{_head(definition)}\n\n{_model_table(definition, name)}\n"


def models_of(network: Network) -> tuple[Neuron | Synapse, ...]:
    """Every neuron and every synapse that does more than pass its weight on, once each."""
    found: dict[str, Neuron | Synapse] = {}
    for population in network.whole.populations.values():
        found.setdefault(population.neuron.hash, population.neuron)
    for projection in network.whole.projections.values():
        if not projection.synapse.is_static:
            found.setdefault(projection.synapse.hash, projection.synapse)
    return tuple(found.values())


def _head(definition: Definition) -> str:
    parts = [f"# {definition.title or definition.label}", plain(definition.description.strip())]
    if definition.source:
        parts.append(f"Source: {source_text(definition.source)}.")
    return "\n\n".join(part for part in parts if part)


def source_text(source: Mapping[str, str]) -> str:
    """Reference and DOI in one line."""
    found = [source.get("reference", "")]
    if doi := source.get("doi"):
        found.append(f"[doi:{doi}](https://doi.org/{doi})")
    return ", ".join(part for part in found if part)


def _model_table(model: Neuron | Synapse, title: str) -> str:
    entries = [("Name", model.label)]
    if model.all_equations:
        dynamics = [math(equation_latex(e).replace("&", "")) for e in model.all_equations]
        entries.append(("Dynamics", "<br>".join(dynamics)))
    entries += [(when[0].upper() + when[1:], math(what)) for when, what in _events(model)]
    if isinstance(model, Synapse) and (model.is_dynamic or model.learns):
        entries += [("Delay", delay_text(model))]
        entries += [("Coincidence", text)] if (text := coincidence_text(model)) else []
    tables = [rows([title, ""], entries), parameter_table(model), variant_table(model)]
    return "\n\n".join(table for table in tables if table)


def parameter_table(model: Neuron | Synapse) -> str:
    """Parameters and initial values with their units."""
    entries: list[Sequence[str]] = [
        (math_name(n), value_text(v), "parameter") for n, v in model.parameters.items()
    ]
    entries += [(math_name(n), "given by the population", "parameter") for n in model.required]
    entries += [(math_name(n), value_text(v), "initial value") for n, v in model.initial.items()]
    return rows(["Symbol", "Value", "What"], entries) if entries else ""


def variant_table(model: Neuron | Synapse) -> str:
    """The named sets of parameters; what a set leaves as it is stays empty."""
    names = list(dict.fromkeys(n for values in model.variants.values() for n in values))
    entries = [
        [variant, *(value_text(values.get(n)) for n in names)]
        for variant, values in model.variants.items()
    ]
    return rows(["Variant", *(math_name(n) for n in names)], entries) if entries else ""


def delay_text(synapse: Synapse) -> str:
    """Where the delay of a synapse with states lies."""
    share = synapse.axonal_share
    if share == 0:
        back = "; postsynaptic spikes travel back as long" if synapse.on_post else ""
        return f"dendritic: after the synapse{back}"
    if share == 1:
        return "axonal: before the synapse"
    return f"{share:g} of it axonal, before the synapse, the rest dendritic, after it"


def coincidence_text(synapse: Synapse) -> str:
    """What happens where both sides' spikes reach the synapse in one step, if both act."""
    if not synapse.on_post:
        return ""
    if synapse.coincident == "simultaneous":
        return "simultaneous: each spike sees the other side's traces as they were before"
    first = synapse.coincident or ("pre first" if synapse.axonal_share == 1 else "post first")
    return f"{first}, and the other sees what it did"


def math_name(name: str) -> str:
    """A name as inline mathematics."""
    from .latex import name_latex

    return math(name_latex(name))


def _events(model: Neuron | Synapse) -> Iterable[tuple[str, str]]:
    """(when, what in LaTeX) of everything that happens at an instant."""
    return _neuron_events(model) if isinstance(model, Neuron) else _synapse_events(model)


def _neuron_events(neuron: Neuron) -> Iterable[tuple[str, str]]:
    for name, port in neuron.ports.items():
        if port.kind == "spikes":
            yield f"input at {name} ({port.unit})", _joined(port.receive)
    spike = neuron.spike
    if spike is None:
        return
    yield "spike if", latex(spike.condition)
    if spike.effects:
        yield "at a spike", _joined(spike.effects)
    if spike.refractory is not None:
        from .latex import name_latex

        held = ", ".join(name_latex(n) for n in spike.clamp)
        what = rf"{held} \text{{ held for }} " if held else r"\text{no spike for }"
        yield "refractory", what + latex(spike.refractory)


def _synapse_events(synapse: Synapse) -> Iterable[tuple[str, str]]:
    if synapse.on_pre:
        yield "presynaptic spike", _joined(synapse.on_pre)
    if synapse.on_post:
        yield "postsynaptic spike", _joined(synapse.on_post)
    if synapse.on_step:
        yield "after every step of its states", _joined(synapse.on_step)
    for name, statements in synapse.events.items():
        yield f"third factor {name}", _joined(statements)
    if synapse.deliver is not None:
        yield "delivered", latex(synapse.deliver)
    if synapse.coupling is not None:
        yield "adds to the port", latex(synapse.coupling)


def _joined(statements: Iterable[Any]) -> str:
    return r",\ ".join(statement_latex(s) for s in statements)
