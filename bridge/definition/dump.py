"""Definition -> dictionary -> TOML text: what `library.loads` reads back to an equal definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..units import TIME
from .areas import Area
from .equations import Statement
from .items import STIMULUS_VALUES
from .library import Definition
from .model import Neuron, Synapse
from .network import (
    STATIC,
    Network,
    Phase,
    Population,
    Projection,
    Recording,
    Stimulus,
)
from .parts import Port, Spike
from .values import Array, Value, dump_value


def dumps(definition: Definition) -> str:
    """The TOML text of ``definition``."""
    import tomli_w

    return tomli_w.dumps(to_dict(definition), multiline_strings=True)


def to_dict(definition: Definition) -> dict[str, Any]:
    """The dictionary that TOML holds; neurons and synapses of a network are written inline."""
    if isinstance(definition, Neuron):
        return _neuron(definition)
    if isinstance(definition, Synapse):
        return _synapse(definition)
    return _network(definition)


def _full(**entries: Any) -> dict[str, Any]:
    """Entries without those that say nothing."""
    return {k: v for k, v in entries.items() if v not in (None, "", {}, [], ())}


def _meta(definition: Definition) -> dict[str, Any]:
    return _full(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        source=dict(definition.source),
    )


def _values(values: Mapping[str, Value]) -> dict[str, Any]:
    return {n: dump_value(v) for n, v in values.items()}


def _lines(statements: tuple[Statement, ...]) -> str:
    return "\n".join(str(s) for s in statements)


def _neuron(neuron: Neuron) -> dict[str, Any]:
    return {
        "kind": "neuron",
        **_meta(neuron),
        **_full(
            scheme=neuron.scheme,
            equations=neuron.equations,
            parameters=_values(neuron.parameters),
            variants={n: _values(v) for n, v in neuron.variants.items()},
            initial=_values(neuron.initial),
            ports={n: _port(p) for n, p in neuron.ports.items()},
            spike=_spike(neuron.spike),
        ),
    }


def _port(port: Port) -> dict[str, Any]:
    return _full(unit=port.unit, kind=port.kind, receive=_lines(port.receive))


def _spike(spike: Spike | None) -> dict[str, Any]:
    if spike is None:
        return {}
    refractory = spike.refractory and {"period": spike.refractory.text, "clamp": list(spike.clamp)}
    return _full(
        condition=spike.condition.text, effects=_lines(spike.effects), refractory=refractory
    )


def _synapse(synapse: Synapse) -> dict[str, Any]:
    return {
        "kind": "synapse",
        **_meta(synapse),
        **_full(
            equations=synapse.equations,
            parameters=_values(synapse.parameters),
            variants={n: _values(v) for n, v in synapse.variants.items()},
            initial=_values(synapse.initial),
            unit=synapse.unit,
            on_pre=_lines(synapse.on_pre),
            on_post=_lines(synapse.on_post),
            on_step=_lines(synapse.on_step),
            deliver=synapse.deliver and synapse.deliver.text,
            coupling=synapse.coupling and synapse.coupling.text,
            delay_at=synapse.delay_at,
            coincident=synapse.coincident,
            events={n: _lines(s) for n, s in synapse.events.items()},
        ),
    }


def _network(network: Network) -> dict[str, Any]:
    return {
        "kind": "network",
        **_meta(network),
        **_full(
            parameters=_values(network.parameters),
            variants={n: _values(v) for n, v in network.variants.items()},
            include={n: _area(a) for n, a in network.include.items()},
            populations={n: _population(p) for n, p in network.populations.items()},
            projections={n: _projection(p) for n, p in network.projections.items()},
            stimuli={n: _stimulus(s) for n, s in network.stimuli.items()},
            recordings={n: _recording(r) for n, r in network.recordings.items()},
            phases=[_phase(p) for p in network.phases],
        ),
        "run": {
            "dt": dump_value(network.dt),
            "duration": dump_value(network.duration),
            "seed": network.seed,
            "scheme": network.scheme,
        },
    }


def _area(area: Area) -> dict[str, Any]:
    return _full(
        network=_network(area.network), variant=area.variant, parameters=_values(area.parameters)
    )


def _population(population: Population) -> dict[str, Any]:
    return _full(
        neuron=_neuron(population.neuron),
        size=dump_value(population.size),
        parameters=_values(population.parameters),
        initial=_values(population.initial),
    )


def _projection(projection: Projection) -> dict[str, Any]:
    rule = {k: _plain(v) for k, v in projection.rule.items()}
    static = projection.synapse == STATIC
    return {
        "pre": projection.pre,
        "post": projection.post,
        "port": projection.port,
        "rule": rule,
        "weight": dump_value(projection.weight),
        "delay": dump_value(projection.delay),
        **({} if static else {"synapse": _synapse(projection.synapse)}),
        **({"native": True} if projection.native else {}),
        **_full(
            parameters=_values(projection.parameters),
            initial=_values(projection.initial),
            events=dict(projection.events),
        ),
        **({} if projection.dt_w is None else {"dt_w": dump_value(projection.dt_w)}),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value if isinstance(value, str | bool | int | float | list) else dump_value(value)


def _stimulus(stimulus: Stimulus) -> dict[str, Any]:
    values = {k: getattr(stimulus, k) for k in STIMULUS_VALUES}
    return _full(
        kind=stimulus.kind,
        population=stimulus.population,
        port=stimulus.port,
        units=_units(stimulus.units),
        trains=stimulus.trains and [_train(t) for t in stimulus.trains],
        draw="" if stimulus.draw == "frozen" else stimulus.draw,
    ) | {k: dump_value(v) for k, v in values.items() if v is not None}


def _train(train: Array) -> Any:
    return train.numbers.tolist() if train.dimension == TIME else dump_value(train)


def _units(units: Any) -> Any:
    if isinstance(units, slice):
        return ":".join("" if p is None else str(p) for p in (units.start, units.stop, units.step))
    return np.asarray(units).tolist() if isinstance(units, range | np.ndarray | tuple) else units


def _recording(recording: Recording) -> dict[str, Any]:
    found = _full(
        population=recording.population,
        projection=recording.projection,
        variables=list(recording.variables),
    )
    if recording.units is not None:
        found["units"] = _units(recording.units)
    return found | ({"every": dump_value(recording.every)} if recording.every else {})


def _phase(phase: Phase) -> dict[str, Any]:
    return {"at": dump_value(phase.at), "changes": _values(phase.changes)}
