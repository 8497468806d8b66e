"""Plastic rate synapses against closed forms: fixed points, time courses, the threshold.

The units are rectified-linear with F(I) = I and start at their input, so that their rates are
constant; then the rule's step is exact, and so must be the time course.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from spikebridge import simulate
from spikebridge.definition.library import from_dict, load
from spikebridge.definition.network import Network

ON = ["reference", pytest.param("brian2", marks=pytest.mark.slow)]
ON += [pytest.param("nest", marks=pytest.mark.slow)]


def constant(
    synapse: str, pre: Any, post: Any, duration: str, *, delay: str = "0 ms", **use: Any
) -> Network:
    """Senders of rates ``pre`` onto receivers of rates ``post``, without a weight."""
    populations, stimuli = {}, {}
    for name, rates in {"A": pre, "B": post}.items():
        populations[name] = {
            "neuron": "rates/rate_relu",
            "size": len(rates),
            "initial": {"r": list(rates)},
            "parameters": {"theta": [-x for x in rates]},  # F(0) = the rate
        }
    projection = {"pre": "A", "post": "B", "port": "x_syn", "rule": "all_to_all", "weight": 0}
    return from_dict(
        {
            "kind": "network",
            "name": "constant",
            "populations": populations,
            "stimuli": stimuli,
            "projections": {"W": {**projection, "synapse": synapse, "delay": delay, **use}},
            "recordings": {
                "B": {"population": "B", "variables": ["r"], "every": "100 ms"},
                "w": {"projection": "W", "variables": ["w"], "every": "100 ms"},
            },
            "run": {"duration": duration, "dt": "10 ms"},
        }
    )


def weights(network: Network, on: str) -> tuple[Any, Any]:
    """Times in s, and w as (times, senders, receivers)."""
    run = simulate(network, on, options={"target": "numpy"} if on == "brian2" else None)
    found = run.synapses("W", "w")
    sizes = int(found.pre.max()) + 1, int(found.post.max()) + 1
    return found.times / 1e3, found.values.reshape(-1, *sizes)


@pytest.mark.parametrize("on", ON)
def test_hebbian_weights_follow_the_closed_form(on: str) -> None:
    """w = r_i r_j/alpha (1 - exp(-eta alpha t)); eta = 0.01/s, alpha = 0.5, rates 2 and 3."""
    pre, post, eta, alpha = np.array([2.0, 0.5]), np.array([3.0, 1.0, 0.0]), 0.01, 0.5
    parameters = {"eta": "0.01 Hz", "alpha": alpha}
    network = constant("synapses/hebbian_rate", pre, post, "10 s", parameters=parameters)
    t, w = weights(network, on)
    aim = np.outer(pre, post) / alpha
    expected = aim[None] * -np.expm1(-eta * alpha * t)[:, None, None]
    assert aim[0, 0] == 12
    assert np.abs(w - expected).max() < 1e-12
    assert w[-1, 0, 0] == pytest.approx(0.58524691, abs=5e-9)


def test_nothing_is_learned_of_what_has_not_arrived() -> None:
    parameters = {"eta": "1 Hz", "alpha": 1}
    rule = {"parameters": parameters, "delay": "500 ms"}
    t, w = weights(constant("synapses/hebbian_rate", [2.0], [3.0], "3 s", **rule), "reference")
    expected = np.where(t > 0.5, -6 * np.expm1(-(t - 0.5)), 0)
    assert np.abs(w[:, 0, 0] - expected).max() < 1e-12


@pytest.mark.parametrize("on", ["reference", pytest.param("brian2", marks=pytest.mark.slow)])
def test_the_fixed_point_is_that_of_rates_and_weights_together(on: str) -> None:
    """Eight equal units: r = I_0 + g w r, w = r^2/alpha."""
    network = load("networks/hebbian_rates", a=0, eta="20 Hz", alpha=2)
    run = simulate(
        network, on, duration="1.2 s", options={"target": "numpy"} if on != "reference" else None
    )
    r = brentq(lambda x: x - 0.5 - 0.5 * x**3 / 2, 0.5, 0.7, xtol=1e-14)
    assert np.abs(run.synapses("W").final - r**2 / 2).max() < 1e-8
    assert np.abs(run.columns.trace("units", "r").values[-1] - r).max() < 1e-8


def test_correlated_inputs_join_their_halves() -> None:
    """The weights are the low-passed products of the rates, within the halves above across."""
    network = load("networks/hebbian_rates", eta="2 Hz")
    run = simulate(network, "reference", duration="3 s")
    r, w = run.columns.trace("units", "r").values, run.synapses("W")
    expected, decay = np.zeros((8, 8)), np.exp(-2e-3 * 5)
    for k in range(0, 6000, 10):
        expected = expected * decay + np.outer(r[k], r[k]) * (1 - decay)
    assert np.abs(w.matrix() - expected).max() < 1e-12
    late = r[-1000:].T @ r[-1000:] / 1000
    assert np.abs(w.matrix() - late).max() < 0.1 * late.max()
    assert w.matrix()[:4, :4].min() > 1.3 * w.matrix()[:4, 4:].max()


@pytest.mark.parametrize("on", ON)
def test_the_triplet_rule_drifts_and_turns_at_its_threshold(on: str) -> None:
    """The drifts of the spike rule's minimal fit, and 0 at r_post = A_2/A_3 = 19.220326 Hz."""
    pre, post = np.array([10.0, 20.0]), np.array([10.0, 19.220326457168568, 20.0, 50.0])
    t, w = weights(constant("synapses/triplet_rate", pre, post, "1 s"), on)
    drift = (w[-1] - w[0]) / t[-1]
    assert drift[0, 0] == pytest.approx(-1.14782e-2, abs=5e-8)
    assert drift[0, 2] == pytest.approx(1.9412e-3, abs=5e-8)
    assert drift[1, 3] == pytest.approx(3.8317e-1, abs=5e-6)
    assert np.abs(drift[:, 1]).max() < 1e-14
    assert (drift[:, 0] < 0).all() and (drift[:, 2:] > 0).all()


def test_the_triplet_rule_stops_at_its_bounds() -> None:
    rule = {"parameters": {"w_max": 1.5}, "initial": {"w": [1, 1]}}
    _, w = weights(
        constant("synapses/triplet_rate", [50.0], [5.0, 80.0], "40 s", **rule), "reference"
    )
    assert np.array_equal(w[-1, 0], [0, 1.5])


@pytest.mark.parametrize("variant", ["visual_cortex_minimal", "hippocampus_minimal"])
def test_the_rate_form_is_the_mean_of_the_spike_rule(variant: str) -> None:
    """The same numbers give the constants of both: those of synapses/stdp_triplet."""
    rate, spikes = (
        load(f"synapses/{n}", variant=variant) for n in ("triplet_rate", "stdp_triplet")
    )
    shared = ("A2_plus", "A3_plus", "A2_minus", "tau_plus", "tau_minus", "tau_y")
    for name in shared:
        assert rate.parameters[name].number == spikes.parameters[name].number
    assert spikes.parameters["A3_minus"].number == 0
