"""Closed forms of large binary networks: check values, limits, simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import erfc, erfcinv

from spikebridge import DefinitionError, Unsupported, simulate
from spikebridge.definition.library import load
from spikebridge.theory import balanced_threshold, binary_rates
from spikebridge.theory.binary_gain import Gain
from spikebridge.theory.meanfield import mean_field

GLAUBER = {"tau_m": "10 ms", "c_1": 0, "c_2": 1, "c_3": 0.5, "theta": 1}


def network(unit: str, numbers: Any, *, J: float = 0.15, g: float = 5, **rule: Any) -> Any:
    """1000 and 250 units, 100 and 25 synapses each, none twice."""
    return {
        "kind": "network",
        "title": "binary",
        "populations": {
            name: {"neuron": unit, "size": size, "parameters": numbers}
            for name, size in (("E", 1000), ("I", 250))
        },
        "projections": {
            f"{post}{pre}": {
                "pre": pre,
                "post": post,
                "port": "x_syn",
                "synapse": "synapses/graded",
                "rule": {
                    "kind": "fixed_indegree",
                    "indegree": degree,
                    "autapses": False,
                    "multapses": False,
                    **rule,
                },
                "weight": weight,
                "delay": "0.1 ms",
            }
            for pre, degree, weight in (("E", 100, J), ("I", 25, -g * J))
            for post in "EI"
        },
        "run": {"dt": "0.1 ms", "duration": "1 s"},
    }


def test_a_network_of_sigmoids() -> None:
    """m, inputs, responses and covariances of a network computed independently to 8 digits."""
    found = binary_rates(network("binary/ginzburg", GLAUBER))
    assert found.labels == ("E", "I")
    assert found.m == pytest.approx([0.22254737] * 2, abs=1e-8)
    assert found.mu == pytest.approx([-0.834553] * 2, abs=1e-6)
    assert found.variance == pytest.approx([2.822389] * 2, abs=1e-6)
    assert found.chi == pytest.approx([0.12261432] * 2, abs=1e-8)
    assert found.to_variance == pytest.approx([0.02044561] * 2, abs=1e-8)
    C = found.covariances
    assert C[0, 0] == pytest.approx(1.5837e-3, rel=1e-3)
    assert C[0, 1] == pytest.approx(7.9089e-4, rel=1e-3)
    assert C[1, 1] == pytest.approx(-1.87e-6, abs=2e-6)
    assert found.stable and found["E"] == found.m[0]


def test_thresholds_are_the_error_function_of_their_input() -> None:
    """m = erfc((theta - mu)/(sqrt(2) sigma))/2, also with noise of the unit's own."""
    numbers = {"tau_m": "10 ms", "theta": -0.7}
    found = binary_rates(network("binary/mcculloch_pitts", numbers))
    sigma = np.sqrt(found.variance)
    assert found.m == pytest.approx(erfc((-0.7 - found.mu) / (np.sqrt(2) * sigma)) / 2, abs=1e-9)
    z = (-0.7 - found.mu) / sigma
    assert found.chi == pytest.approx(np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * sigma))
    noisy = {
        "kind": "neuron",
        "title": "threshold with noise",
        "equations": "A(t+1) = int(rand < 1 - exp(-dt/tau))*int(2*x_syn + s*xi > theta)"
        " + int(rand >= 1 - exp(-dt/tau))*A : 1\nr = A : 1",
        "parameters": {"tau": "10 ms", "s": 0.5, "theta": -0.7},
        "ports": {"x_syn": {"unit": "1", "kind": "continuous"}},
    }
    other = binary_rates(network(noisy, {}, J=0.075))  # type: ignore[arg-type]
    whole = np.sqrt(other.variance + 0.25)
    assert other.mu == pytest.approx(2 * 0.075 * (100 - 125) * other.m)
    assert other.m == pytest.approx(erfc((-0.7 - other.mu) / (np.sqrt(2) * whole)) / 2, abs=1e-9)


def test_responses_are_derivatives() -> None:
    kinds: dict[str, dict[str, Any]] = {
        "threshold": {"theta": 0.3},
        "erfc": {"theta": 0.3, "sigma": 0.4},
        "sigmoid": {"c_1": 0.0, "c_2": 1.0, "c_3": 0.8, "theta": 0.3},
    }
    for kind, numbers in kinds.items():
        g = Gain(kind, {n: np.asarray(v) for n, v in numbers.items()})
        h = 1e-4
        slope = (g.mean(0.1 + h, 0.5) - g.mean(0.1 - h, 0.5)) / (2 * h)
        bend = (g.mean(0.1, 0.5 + h) - g.mean(0.1, 0.5 - h)) / (2 * h)
        assert g.to_mean(0.1, 0.5) == pytest.approx(slope, rel=1e-6)
        assert g.to_variance(0.1, 0.5) == pytest.approx(bend, rel=1e-6)


def test_thresholds_that_balance_a_network() -> None:
    """theta = mu + sqrt(2) sigma erfcinv(2 m), and the network then has these activities."""
    wanted = {"E": 0.15, "I": 0.2}
    model = network("binary/mcculloch_pitts", {"tau_m": "10 ms"})
    theta = balanced_threshold(model, wanted)
    for name, post in (("E", 0), ("I", 1)):
        mu = 0.15 * (100 * 0.15 - 125 * 0.2)
        variance = 0.15**2 * (100 * 0.15 * 0.85 + 25 * 25 * 0.2 * 0.8)
        expected = mu + np.sqrt(2 * variance) * erfcinv(2 * wanted[name])
        assert theta[name] == pytest.approx(expected, abs=1e-9), post
        model["populations"][name]["parameters"] = {"tau_m": "10 ms", "theta": theta[name]}
    found = binary_rates(model, start=wanted)
    assert found.m == pytest.approx([0.15, 0.2], abs=1e-8)
    sigmoid = balanced_threshold(network("binary/ginzburg", GLAUBER), {"E": 0.3, "I": 0.3})
    changed = network("binary/ginzburg", {**GLAUBER, "theta": sigmoid["E"]})
    assert binary_rates(changed, start={"E": 0.3, "I": 0.3})["E"] == pytest.approx(0.3, abs=1e-8)


def test_degrees_that_differ_and_inputs() -> None:
    """A static variance K s2 m^2 + VK J^2 m^2; a current moves the threshold."""
    model = network("binary/ginzburg", GLAUBER)
    for p in model["projections"].values():
        p["weight"] = {"distribution": "normal", "mean": p["weight"], "std": 0.1}
    found = binary_rates(model)
    m = found.m[0]
    own = 0.15**2 * (100 + 25 * 25) * m * (1 - m) + 125 * 0.01 * (m * (1 - m) + m**2)
    assert found.variance[0] == pytest.approx(own)
    driven = network("binary/ginzburg", GLAUBER)
    driven["stimuli"] = {
        f"I_{n}": {"kind": "current", "population": n, "port": "I_ext", "amplitude": 0.4}
        for n in "EI"
    }
    moved = network("binary/ginzburg", {**GLAUBER, "theta": 0.6})
    assert binary_rates(driven).m == pytest.approx(binary_rates(moved).m)


def test_simulated_thresholds_have_these_activities() -> None:
    """1250 units on the reference; K = 100 and 25 leave 3 %."""
    model = network("binary/mcculloch_pitts", {"tau_m": "10 ms", "theta": -0.71})
    model["recordings"] = {"A": {"population": "E", "variables": ["A"], "every": "5 ms"}}
    model["run"] |= {"dt": "1 ms", "duration": "3 s"}
    for p in model["projections"].values():
        p["delay"] = "0 ms"
    values = simulate(load(model), "reference").columns.traces["E"][0].values[40:]
    assert values.mean() == pytest.approx(binary_rates(model)["E"], rel=0.03)


@pytest.mark.full
def test_the_mean_field_of_any_unit_says_the_same() -> None:
    model = network("binary/mcculloch_pitts", {"tau_m": "10 ms", "theta": -0.71})
    a = mean_field(model, window=400, tolerance=0.003)["E"]
    assert a.mean == pytest.approx(binary_rates(model)["E"], abs=4 * a.error)


def test_wrong_use() -> None:
    with pytest.raises(Unsupported, match="no binary units"):
        binary_rates("networks/wilson_cowan")
    with pytest.raises(DefinitionError, match="between 0 and 1"):
        balanced_threshold(network("binary/ginzburg", GLAUBER), {"E": 0.3})
    linear = network("binary/ginzburg", {**GLAUBER, "c_1": 0.01})
    with pytest.raises(Unsupported, match="no function of h - theta"):
        balanced_threshold(linear, {"E": 0.3, "I": 0.3})
