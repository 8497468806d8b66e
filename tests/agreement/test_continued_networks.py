"""A run in two parts is one run, synapses with states included, on two simulators in turn too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import random_networks

from spikebridge import Network, Population, Projection, Recording, Stimulus, simulate
from spikebridge.definition.library import load
from spikebridge.errors import DefinitionError, Unsupported

OPTIONS: dict[str, Any] = {"brian2": {"target": "numpy"}, "reference": {}}
WAYS = [
    ("reference", "reference"),
    ("brian2", "brian2"),
    ("reference", "brian2"),
    ("brian2", "reference"),
]
# pair and triplet STDP, Hebbian, inhibitory, facilitation: four in one network; 33: populations
# that Brian2 merges, one with longer delays than the other
SOME = (3, 13, 33)


def run(network: Network, on: str, **more: Any) -> Any:
    return simulate(network, on, options=OPTIONS[on], **more)


def cut(network: Network, at: float) -> Network:
    return replace(network, duration=replace(network.duration, number=at))


def check_parts(network: Network, ends: tuple[float, ...], ways: tuple[str, ...]) -> int:
    """The last part against a whole run on the reference; returns its number of spikes."""
    whole, state = run(network, "reference").columns, None
    for end, on in zip(ends, ways[:-1], strict=True):
        state = run(cut(network, end), on, initial_state=state, final_state=True).final_state
    rest, dt = run(network, ways[-1], initial_state=state).columns, network.dt.number
    count = 0
    for name, spikes in whole.spikes.items():
        after = ends[-1] + dt / 2  # a spike of the last step is the first part's
        expected = spikes.between(after, network.duration.number).shifted(-ends[-1], dt)
        np.testing.assert_array_equal(rest.spikes[name].senders, expected.senders)
        np.testing.assert_allclose(rest.spikes[name].times, expected.times, atol=1e-6)
        count += len(expected.times)
    for name, traces in whole.traces.items():
        for mine, theirs in zip(traces, rest.traces[name], strict=True):
            every = round(float(mine.times[1] - mine.times[0]) / dt)
            if round(ends[-1] / dt) % every == 0:
                values = mine.values[round(ends[-1] / dt) // every :]
                scale = max(1.0, float(np.abs(values).max(initial=0.0)))
                np.testing.assert_allclose(theirs.values, values, atol=1e-9 * scale)
    return count


@pytest.mark.parametrize("ways", WAYS, ids="-".join)
@pytest.mark.parametrize(
    "seed", [*SOME, *(pytest.param(s, marks=pytest.mark.full) for s in range(60) if s not in SOME)]
)
def test_random_networks_go_on(seed: int, ways: tuple[str, str]) -> None:
    network = random_networks.random_network(seed)
    steps = np.random.default_rng(seed + 1000).uniform(20, 100) / network.dt.number
    check_parts(network, (round(steps) * network.dt.number,), ways)


def learning(rule: str, place: str | float, coincident: str, delay: str) -> Network:
    """Many spikes that meet at the synapse; inputs fire twice in a step, too."""
    rng = np.random.default_rng(5)
    trains = tuple(np.sort(rng.integers(10, 400, 60)) * 0.1 for _ in range(6))
    synapse = replace(load(f"synapses/{rule}"), delay_at=place, coincident=coincident)
    events = dict.fromkeys(synapse.events, "pre")
    return Network(
        [Population("post", load("neurons/lif_delta"), 5, {"t_ref": "0.3 ms"})],
        [
            Projection("drive", "pre", "post", "spikes", "all_to_all", "6 mV", "0.1 ms"),
            Projection(
                "rule",
                "pre",
                "post",
                "spikes",
                "all_to_all",
                "3 mV",
                delay,
                synapse,
                events=events,
                initial={"w": "0.4 + 0.1*i"} if "w" in synapse.states else {},
            ),
        ],
        [Stimulus("pre", "spikes", trains=trains)],
        [Recording("w", variables=synapse.states, projection="rule", every="0.1 ms")],
        duration="40 ms",
    )


@pytest.mark.parametrize("ways", WAYS, ids="-".join)
@pytest.mark.parametrize(
    ("rule", "place", "coincident", "delay"),
    [
        ("stdp_pair", "axonal", "simultaneous", "0.1 ms"),
        ("stdp_triplet", "axonal", "simultaneous", "0.4 ms"),
        ("stdp_triplet", 0.5, "pre first", "0.8 ms"),
        ("eligibility", "dendritic", "simultaneous", "0.5 ms"),
        ("tsodyks_markram", "axonal", "simultaneous", "0.3 ms"),
    ],
)
def test_spikes_that_meet_at_the_cut(
    rule: str, place: str | float, coincident: str, delay: str, ways: tuple[str, str]
) -> None:
    network = learning(rule, place, coincident, delay)
    for end in (15.0, 15.1, 15.2):
        assert check_parts(network, (end,), ways) >= 10


@pytest.mark.parametrize("ways", WAYS, ids="-".join)
def test_parts_shorter_than_the_delays(ways: tuple[str, str]) -> None:
    network = learning("stdp_pair", 0.5, "simultaneous", "5 ms")
    ends = (15.0, 15.3, 16.1)
    assert check_parts(network, ends, (ways[0], ways[1], ways[0], ways[1])) > 20


def test_what_no_state_holds() -> None:
    network = learning("stdp_pair", "dendritic", "simultaneous", "1 ms")
    state = dict(run(cut(network, 5.0), "reference", final_state=True).final_state)
    del state["rule.w"]
    for on in OPTIONS:
        with pytest.raises(DefinitionError, match="does not belong"):
            run(network, on, initial_state=state)
    native = replace(
        network,
        stimuli={"pre": Stimulus("pre", "poisson", size=6, rate="100 Hz", draw="native")},
    )
    with pytest.raises(Unsupported, match="on their way to its synapses"):
        run(native, "brian2", final_state=True)
    with pytest.raises(Unsupported, match="states of its synapses are not kept"):
        simulate(network, "nest", final_state=True)
