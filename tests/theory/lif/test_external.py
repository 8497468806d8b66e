"""External rates that put a network to given rates, or to given input."""

from __future__ import annotations

from typing import Any

import pytest

from spikebridge import Network, Population, Projection, Stimulus, load
from spikebridge.errors import DefinitionError
from spikebridge.theory import external_rates, working_point
from spikebridge.theory.lif.circuit import circuit_of

AI = {"order": 1000, "J": "0.15 mV", "g": 6, "eta": 1.2}


def two_sources(exc: str = "6 kHz", inh: str = "2 kHz") -> Network:
    """Neurons with synapses of two decay times that excite and inhibit each other."""
    neuron = load("neurons/lif_current", tau_exc="0.5 ms", tau_inh="1 ms")
    sources = {"exc": exc, "inh": inh}
    return Network(
        {"E": Population("E", neuron, 100)},
        {
            "E": Projection("E", "E", "E", "exc", {"kind": "fixed_indegree", "indegree": 10},
                "20 pA", "1 ms"),
            **{n: Projection(n, n, "E", n, "one_to_one", "60 pA" if n == "exc" else "-60 pA",
                "1 ms") for n in sources},
        },
        {n: Stimulus(n, "poisson", size=100, rate=r) for n, r in sources.items()},
    )  # fmt: skip


@pytest.mark.parametrize("grid", [False, True])
def test_the_rates_of_a_working_point_are_found_again(grid: bool) -> None:
    circuit = circuit_of("networks/brunel2000", **AI)
    point = working_point(circuit, grid=grid)
    found = external_rates(circuit, rates=point.rates, grid=grid)
    assert found == pytest.approx({n: 1e3 * r for n, (r, _) in circuit.external.items()}, rel=1e-5)


def test_mean_and_noise_take_two_sources() -> None:
    network = two_sources()
    point = working_point(network)
    assert 1 < point.rates["E"] < 100
    found = external_rates(network, mu=point.mu, sigma=point.sigma)
    assert found == pytest.approx({"exc": 6000.0, "inh": 2000.0}, rel=1e-5)
    other = external_rates(two_sources("1 kHz", "1 kHz"), mu={"E": 12.0}, sigma={"E": 6.0})
    there = working_point(two_sources(*(f"{other[n]} Hz" for n in ("exc", "inh"))))
    assert (there.mu["E"], there.sigma["E"]) == pytest.approx((12.0, 6.0), rel=1e-5)


def test_a_neuron_that_is_not_linear_is_set_by_its_rate() -> None:
    network = Network(
        {"E": Population("E", load("neurons/lif_conductance"), 10)},
        {"in": Projection("in", "drive", "E", "exc", "one_to_one", "1 nS", "1 ms")},
        {"drive": Stimulus("drive", "poisson", size=10, rate="0.5 kHz")},
    )
    (found,) = external_rates(network, rates={"E": 10.0}, shift=False).values()
    moved = network.replace(
        stimuli={"drive": Stimulus("drive", "poisson", size=10, rate=f"{found} Hz")}
    )
    assert working_point(moved, shift=False).rates["E"] == pytest.approx(10.0, rel=1e-5)
    with pytest.raises(DefinitionError, match="does not leak linearly"):
        external_rates(network, mu={"E": 10.0}, sigma={"E": 1.0})


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (
            {"mu": {"E": 12.0}, "sigma": {"E": 1e-3}},
            "no rates of exc, inh give mu of E 12, sigma of E 0.001; near",
        ),
        ({}, "takes the rates of the populations, or mu and sigma"),
        ({"mu": {"E": 12.0}}, "takes the rates of the populations, or mu and sigma"),
        ({"rates": {"E": 5.0}, "mu": {"E": 1.0}, "sigma": {"E": 1.0}}, "takes the rates"),
        ({"rates": {"F": 5.0}}, "asked for F; name its populations: E"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        external_rates(two_sources(), **asked)


def test_without_a_source_there_is_none_to_be_found() -> None:
    network = two_sources()
    alone = network.replace(projections={"E": network.projections["E"]}, stimuli={})
    with pytest.raises(DefinitionError, match="no Poisson source"):
        external_rates(alone, rates={"E": 5.0})
