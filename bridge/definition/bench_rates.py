"""The test bench of a unit without spikes: a small random network of it, coupled continuously."""

from __future__ import annotations

from typing import Any

from .. import units
from .model import Neuron, Synapse
from .network import Network, Population, Projection, Recording, Stimulus
from .values import Quantity

SIZE = 10


def is_rate_unit(neuron: Neuron) -> bool:
    """Whether ``neuron`` never spikes, takes two continuous inputs and has an output ``r``."""
    output = "r" in (*neuron.states, *neuron.subexpressions)
    return neuron.spike is None and len(neuron.continuous_ports) >= 2 and output


def bench_rates(neuron: Neuron, *, duration: float = 1000.0) -> Network:
    """Ten units, all to all, with random weights and delays of 0 to 2 ms, and an input sine.

    The units send ``r`` to the first continuous port; the second has 0.8 + 0.7 sin(2 pi t/50 ms).
    The weights have the standard deviation 0.15 and the initial states are spread over 0 to 1, so
    that a function without an upper bound stays bounded too; maps, e.g. binary units, start at
    their own initial values. All states are recorded.
    """
    recurrent, external = neuron.continuous_ports[:2]
    values: Any = {"distribution": "uniform", "low": 0, "high": 1}
    weight: Any = {"distribution": "normal", "mean": 0, "std": 0.15}
    delay: Any = {"distribution": "uniform", "low": "0 ms", "high": "2 ms"}
    coupling: Any = "weight*r_pre"
    synapse = Synapse(coupling=coupling, name="graded")
    wave: Any = "0.8 + 0.7*sin(2*pi*t/(50*ms))"
    first: Any = {} if neuron.of_kind("map") else dict.fromkeys(neuron.states, values)
    size: Any = SIZE
    return Network(
        populations={"units": Population("units", neuron, size, initial=first)},
        projections={
            "W": Projection(
                "W", "units", "units", recurrent, {"kind": "all_to_all"}, weight, delay, synapse
            )
        },
        stimuli={"wave": Stimulus("wave", "current", "units", external, amplitude=wave)},
        recordings={"states": Recording("states", "units", neuron.states)},
        duration=Quantity(duration, units.TIME),
        name=f"bench of {neuron.label}",
        title=f"Test bench of {neuron.title or neuron.label}",
        seed=7,
    )
