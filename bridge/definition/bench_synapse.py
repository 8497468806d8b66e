"""The test bench of one synapse: many connections, each with its own weight and delay."""

from __future__ import annotations

from typing import Any

from .. import units
from ..errors import DefinitionError
from .model import Neuron, Synapse
from .network import Network, Population, Projection, Recording, Stimulus

INPUTS = 20
RATE = 0.05  # kHz, of each input
EVERY: Any = "5 ms"  # between the samples of the synapses' states
# of plastic synapses at the start: those that begin at 0 would stay silent
EFFICACY: Any = {"distribution": "uniform", "low": 0.2, "high": 0.8}
# mean weight of one synapse of an input, in ms, mV, pA
STRENGTHS = {
    units.CURRENT: 30.0,
    units.CHARGE: 150.0,
    units.CONDUCTANCE: 0.5,
    units.VOLTAGE: 0.4,
}


def bench_synapse(
    synapse: Synapse,
    neuron: Neuron,
    port: str,
    *,
    size: int = 5,
    factor: float = 1.0,
    duration: float = 1000.0,
) -> Network:
    """Frozen Poisson inputs, each connected to each of ``size`` units of ``neuron``.

    A second group of inputs comes by another projection of the same synapse. Weights (within a
    factor of three) and delays (0.1 to 5 ms) are drawn for every connection; the states of the
    neuron are recorded, and those of synapses that have some. Third factors come at random.
    ``factor`` multiplies the weights.
    """
    weight = factor * _strength(synapse, neuron, port)
    unit = units.parse_unit(synapse.unit or neuron.ports[port].unit).dimension
    rule: Any = "all_to_all"
    spread: Any = {
        "distribution": "uniform",
        "low": units.to_text(0.5 * weight, unit),
        "high": units.to_text(1.5 * weight, unit),
    }
    delay: Any = {"distribution": "uniform", "low": "0.1 ms", "high": "5 ms"}
    stimuli: dict[str, Any] = {}
    projections: dict[str, Any] = {}
    for name, inputs in (("first", INPUTS), ("second", INPUTS // 2)):
        source = f"{name}_input"
        stimuli[source] = Stimulus(source, "poisson", size=inputs, rate=f"{RATE * 1e3:g} Hz")  # type: ignore[arg-type]
        projections[name] = Projection(
            name,
            source,
            "cells",
            port,
            rule,
            spread,
            delay,
            synapse=synapse,
            events=dict.fromkeys(synapse.events, "factor"),
            initial={"w": EFFICACY} if "w" in synapse.states else {},
        )
    if synapse.events:
        stimuli["factor"] = Stimulus("factor", "poisson", size=1, rate="10 Hz")  # type: ignore[arg-type]
    recordings = {"states": Recording("states", "cells", neuron.states)}
    if synapse.is_dynamic:
        variables, every = synapse.states, EVERY
        recordings["synapses"] = Recording(
            "synapses", projection="first", variables=variables, every=every
        )
    return Network(
        populations={"cells": Population("cells", neuron, size)},  # type: ignore[arg-type]
        projections=projections,
        stimuli=stimuli,
        recordings=recordings,
        duration=units.to_text(duration, units.TIME),  # type: ignore[arg-type]
        name=f"bench of {synapse.label}",
        title=f"Test bench of {synapse.title or synapse.label}",
        seed=7,
    )


def _strength(synapse: Synapse, neuron: Neuron, port: str) -> float:
    dimension = units.parse_unit(synapse.unit or neuron.ports[port].unit).dimension
    if dimension not in STRENGTHS:
        raise DefinitionError(
            f"the bench knows no usual weight in {dimension}",
            model=synapse.label,
            symbol="weight",
            remedy=f"it knows {', '.join(str(d) for d in STRENGTHS)}",
        )
    return STRENGTHS[dimension]
