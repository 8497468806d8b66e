"""The network tables of Nordlie et al. (2009): populations, connectivity, input, output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .areas import flat_name, parameter_paths
from .markdown import rows, value_text
from .network import Network, Projection, Stimulus
from .values import read_value


def network_tables(network: Network, models: Sequence[str]) -> str:
    """A (summary), B (populations), C (connectivity), ``models`` (D), E (input), F (measurements),
    and G (parameters); a table without rows is left out.
    Items of areas stand under the name that they have in the whole, ``V1.E``.
    """
    areas, paths = _areas(network), list(parameter_paths(network))
    network = network.whole
    values = [(path, value_text(network.parameters[flat_name(path)])) for path in paths]
    tables = [
        rows(["A. Model summary", ""], [*areas, *_summary(network)]),
        rows(["B. Population", "Neuron", "Size", "Parameters", "Initial values"], _cells(network)),
        rows(["C. Projection", "From", "To", "Rule", "Weight", "Delay"], _connectivity(network)),
        *models,
        rows(["E. Input", "Kind", "Target", "Description"], _input(network)),
        rows(["F. Measurement", "Population", "Variables", "Units"], _measured(network)),
        rows(["G. Parameter", "Value"], values),
    ]
    return "\n\n".join(table for table in tables if table.count("\n") > 1)


def _areas(network: Network) -> list[tuple[str, str]]:
    found = [
        f"{a.name}: {a.network.title or a.network.label}"
        + (f" (variant {a.variant})" if a.variant else "")
        for a in network.include.values()
    ]
    return [("Areas", "; ".join(found))] if found else []


def _summary(network: Network) -> list[tuple[str, str]]:
    neurons = {p.neuron.title or p.neuron.label for p in network.populations.values()}
    synapses = {p.synapse.title or p.synapse.label for p in network.projections.values()}
    inputs = {_INPUTS[s.kind] for s in network.stimuli.values()}
    rules = {_kind(p) for p in network.projections.values()}
    traces = {v for r in network.recordings.values() for v in r.variables}
    return [
        ("Populations", ", ".join(network.populations)),
        ("Topology", "none"),
        ("Connectivity", ", ".join(sorted(rules)) or "none"),
        ("Neuron model", "; ".join(sorted(neurons))),
        ("Synapse model", "; ".join(sorted(synapses)) or "none"),
        ("Plasticity", "none"),
        ("Input", ", ".join(sorted(inputs)) or "none"),
        ("Measurements", ", ".join(["spikes of every population", *sorted(traces)])),
        ("Time step", f"{value_text(network.dt)}, scheme {network.scheme}"),
        ("Duration, seed", f"{value_text(network.duration)}, {network.seed}"),
    ]


_INPUTS = {
    "current": "currents",
    "spikes": "spike times",
    "poisson": "Poisson spikes",
    "regular": "regular spikes",
}


def _kind(projection: Projection) -> str:
    return str(projection.rule.get("kind", "")).replace("_", " ")


def _cells(network: Network) -> list[tuple[str, ...]]:
    return [
        (p.name, p.neuron.label, value_text(p.size), _values(p.parameters), _values(p.initial))
        for p in network.populations.values()
    ]


def _values(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} = {value_text(v)}" for n, v in values.items())


def _connectivity(network: Network) -> list[tuple[str, ...]]:
    return [
        (
            p.name,
            p.pre,
            f"{p.post} ({p.port})",
            _rule(p),
            value_text(p.weight),
            value_text(p.delay)
            + (f"; states move every {value_text(p.dt_w)}" if p.dt_w is not None else ""),
        )
        for p in network.projections.values()
    ]


def _rule(projection: Projection) -> str:
    parts = [_kind(projection)]
    for key, value in projection.rule.items():
        if key in ("sources", "targets"):
            parts.append(f"{len(value)} {key}")
        elif isinstance(value, bool):
            parts.append(f"{'' if value else 'no '}{key}")
        elif key != "kind":
            parts.append(f"{key} = {value_text(read_value(value))}")
    if not projection.synapse.is_static:
        parts.append(projection.synapse.label)
    return ", ".join(parts)


def _input(network: Network) -> list[tuple[str, ...]]:
    return [
        (s.name, _INPUTS[s.kind], _target(network, s), _course(s)) for s in network.stimuli.values()
    ]


def _target(network: Network, stimulus: Stimulus) -> str:
    if stimulus.kind == "current":
        return f"{stimulus.population} ({stimulus.port})"
    return ", ".join(n for n, p in network.projections.items() if p.pre == stimulus.name)


def _course(stimulus: Stimulus) -> str:
    if stimulus.kind == "spikes":
        return f"{len(stimulus.trains or ())} given trains"
    if stimulus.kind == "poisson":
        given = [(key, getattr(stimulus, key)) for key in ("every", "start", "stop")]
        shown = [f"{key} {value_text(value)}" for key, value in given if value is not None]
        rate = f"{value_text(stimulus.size)} trains of rate {value_text(stimulus.rate)}"
        return ", ".join([rate, *shown, stimulus.draw])
    if stimulus.kind == "regular":
        given = [(key, getattr(stimulus, key)) for key in ("start", "stop", "count")]
        shown = [f"{key} {value_text(value)}" for key, value in given if value is not None]
        rate = f"{value_text(stimulus.size)} trains of rate {value_text(stimulus.rate)}"
        return ", ".join([rate, *shown])
    if stimulus.amplitude is None:
        return f"{value_text(stimulus.values)} from {value_text(stimulus.times)}"
    start, stop = value_text(stimulus.start), value_text(stimulus.stop)
    when = [f"from {start}"] * bool(start) + [f"to {stop}"] * bool(stop)
    return " ".join([value_text(stimulus.amplitude), *when])


def _measured(network: Network) -> list[tuple[str, ...]]:
    return [
        (r.name, r.population or r.projection, ", ".join(r.variables), _units(r.units))
        for r in network.recordings.values()
    ]


def _units(units: Any) -> str:
    if units is None:
        return "all"
    if isinstance(units, str | int):
        return f"the first {units}" if isinstance(units, int) else units
    listed = [str(u) for u in units]
    return ", ".join(listed) if len(listed) <= 8 else f"{len(listed)} units"
