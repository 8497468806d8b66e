"""The test bench of a unit without spikes: a small random network of it, coupled continuously."""

from __future__ import annotations

from typing import Any

from .. import units
from .model import Neuron, Synapse
from .network import Network, Population, Projection, Recording, Stimulus
from .values import Quantity

SIZE = 10
EVERY = 10.0  # ms between samples of synapses


def is_rate_unit(neuron: Neuron) -> bool:
    """Whether ``neuron`` never spikes, takes two continuous inputs and has an output ``r``."""
    output = "r" in (*neuron.states, *neuron.subexpressions)
    return neuron.spike is None and len(neuron.continuous_ports) >= 2 and output


def bench_rates(
    neuron: Neuron, synapse: Synapse | None = None, *, duration: float = 1000.0
) -> Network:
    """Ten units, all to all, with random weights and delays of 0 to 2 ms, and an input sine.

    The units send ``r`` to the first continuous port; the second has 0.8 + 0.7 sin(2 pi t/50 ms).
    The weights have the standard deviation 0.15 and the initial states are spread over 0 to 1, so
    that a function without an upper bound stays bounded too; maps, e.g. binary units, start at
    their own initial values. All states are recorded. ``synapse``: a graded one in place of ``r``
    alone; its states are recorded every 10 ms.
    """
    recurrent, external = neuron.continuous_ports[:2]
    values: Any = {"distribution": "uniform", "low": 0, "high": 1}
    weight: Any = {"distribution": "normal", "mean": 0, "std": 0.15}
    delay: Any = {"distribution": "uniform", "low": "0 ms", "high": "2 ms"}
    coupling: Any = "weight*r_pre"
    used = synapse or Synapse(coupling=coupling, name="graded")
    wave: Any = "0.8 + 0.7*sin(2*pi*t/(50*ms))"
    first: Any = {} if neuron.of_kind("map") else dict.fromkeys(neuron.states, values)
    size: Any = SIZE
    rule, every = {"kind": "all_to_all"}, Quantity(EVERY, units.TIME)
    recordings = {"states": Recording("states", "units", neuron.states)}
    if used.states:
        recordings["W"] = Recording("W", projection="W", variables=used.states, every=every)
    return Network(
        populations={"units": Population("units", neuron, size, initial=first)},
        projections={"W": Projection("W", "units", "units", recurrent, rule, weight, delay, used)},
        stimuli={"wave": Stimulus("wave", "current", "units", external, amplitude=wave)},
        recordings=recordings,
        duration=Quantity(duration, units.TIME),
        name=f"bench of {(synapse or neuron).label}",
        title=f"Test bench of {(synapse or neuron).title or (synapse or neuron).label}",
        seed=7,
    )
