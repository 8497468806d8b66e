"""A population that spikes when it is told to, and plastic synapses onto it, one per unit."""

from __future__ import annotations

from typing import Any

import numpy as np

import spikebridge as sb
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import (
    Network,
    Population,
    Projection,
    Recording,
    Stimulus,
)

RELAY = Neuron(
    name="relay",
    equations="dV/dt = -V/(1*ms) : 1\ndA/dt = 0/ms : 1",
    ports={
        "force": {"unit": "1", "receive": "V += weight"},
        "syn": {"unit": "1", "receive": "A += weight"},
    },
    spike={"condition": "V >= 1", "effects": "V = 0"},
)


def axonal_part(synapse: Synapse, delay: float) -> float:
    """ms of the delay before the synapse, as the definition rounds it."""
    steps = round(delay / 0.1)
    share = synapse.axonal_share
    return 0.1 * (steps if share == 1 else min(round(share * steps), steps - 1))


def trains_of(
    synapse: Synapse, count: int, duration: float, delay: float, seed: int
) -> tuple[list[Any], list[Any]]:
    """Random trains of both sides; five pairs of each synapse fall on one step at the synapse.

    The presynaptic units fall silent for the last fifth, and some of their spikes are double.
    """
    rng = np.random.default_rng(seed)
    before = axonal_part(synapse, delay)
    pre, post = [], []
    for _ in range(count):
        own = np.unique(np.round(rng.uniform(1, 0.8 * duration, int(0.016 * duration)), 1))
        there = np.round(rng.choice(own, min(5, len(own))) + 2 * before - delay, 1)
        other = np.round(rng.uniform(1, duration, int(0.02 * duration)), 1)
        every = np.unique(np.concatenate([other, there]))
        pre.append(np.sort(np.append(own, rng.choice(own, 2))))
        post.append(every[(every > 6) & (every < duration)])
    return pre, post


def bench(
    synapse: Synapse,
    *,
    count: int = 20,
    duration: float = 1000.0,
    delay: float = 1.0,
    slice_: float = 0.1,
    every: float = 10.0,
    weight: Any = 0.7,
    seed: int = 1,
    record: bool = True,
    **projection: Any,
) -> Network:
    """``count`` synapses between pairs of units; ``slice_`` is the delay of what makes spikes."""
    pre, post = trains_of(synapse, count, duration, delay, seed)
    force = tuple(np.round(p - slice_, 1) for p in post)
    sent = dict(synapse=synapse, **projection)
    recordings = {"A": Recording("A", "post", ("A",), every=f"{every} ms")}
    if record:
        recordings["w"] = Recording(
            "w", variables=synapse.states, projection="syn", every=f"{every} ms"
        )
    return Network(
        populations={"post": Population("post", RELAY, count)},
        stimuli={
            "pre": Stimulus("pre", "spikes", trains=tuple(pre)),
            "force": Stimulus("force", "spikes", trains=force),
        },
        projections={
            "force": Projection(
                "force", "force", "post", "force", "one_to_one", 2.0, f"{slice_} ms"
            ),
            "syn": Projection(
                "syn", "pre", "post", "syn", "one_to_one", weight, f"{delay} ms", **sent
            ),
        },
        recordings=recordings,
        duration=f"{duration} ms",
    )


def run(network: Network, on: str, **options: Any) -> Any:
    """The columns of one run, and the models that NEST used per projection."""
    result = sb.simulate(network, on=on, options=options)
    return result.columns


def apart(one: Any, other: Any) -> dict[str, float]:
    """Variable -> the largest difference relative to its range; spikes must be the same."""
    for name, spikes in one.spikes.items():
        assert np.array_equal(spikes.times, other.spikes[name].times)
    found = {}
    for owner, traces in one.traces.items():
        for a, b in zip(traces, other.traces[owner], strict=True):
            size = max(float(np.abs(a.values).max()), 1e-12)
            found[f"{owner}.{a.variable}"] = float(np.abs(a.values - b.values).max()) / size
    return found
