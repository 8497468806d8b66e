"""Binary networks against theory: chains, updates, balance; and stochastic resonance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import erfc

from spikebridge import simulate
from spikebridge.definition.library import from_dict, load
from spikebridge.simulators.base import Feature, get

ON = [n for n in ("reference", "brian2", "nest") if Feature.GRADED_COUPLING in get(n).features]
OPTIONS = {"brian2": {"target": "numpy"}}
pytestmark = pytest.mark.slow
# binary_small: stationary probabilities of the state A_0 + 2 A_1 + 4 A_2, and what follows
P = [0.27959693, 0.14724984, 0.06677042, 0.11064876, 0.1490545, 0.06505802, 0.04334597, 0.13827554]
MEAN_A, MEAN_V = [0.46123217, 0.3590407, 0.39573404], [0.36543963, 0.15125657, 0.15088895]
CORR_A, CORR_V = [0.34843209, 0.08536112, 0.16853871], [0.54262165, 0.20258889, 0.22994884]
VAR_V = [0.89955918, 0.72440249, 1.67921839]
PAIRS = ([0, 0, 1], [1, 2, 2])


def columns(model: Any, on: str, **settings: Any) -> Any:
    return simulate(model, on, options=OPTIONS.get(on), **settings).columns


def chain() -> Any:
    """P of the network's numbers, by the eigenvector of its transition matrix."""
    J = np.array([[0, 2, -3], [1.5, 0, -2.5], [3, 2, 0]])
    inputs, sigma = np.array([0.6, 0.3, -0.9]), np.array([0.5, 0.5, 0.8])
    states = np.array([[s >> i & 1 for i in range(3)] for s in range(8)])
    p = erfc((0.5 - (states @ J.T / 2 + inputs)) / (np.sqrt(2) * sigma)) / 2
    T = np.prod(np.where(states[:, None, :], p, 1 - p), axis=2)  # [next, now]
    values, vectors = np.linalg.eig(T)
    found = vectors[:, np.argmax(values.real)].real
    return found / found.sum()


def test_the_numbers_of_the_file_are_those_of_the_chain() -> None:
    assert chain() == pytest.approx(np.array(P), abs=1e-8)
    shown = load("networks/binary_small").description.replace("\n", " ")
    for number in [*P, *MEAN_A, *MEAN_V, *CORR_A, *CORR_V]:
        assert f"{number:.8f}" in shown


@pytest.mark.parametrize("on", ON)
def test_stationary_distribution_and_correlations(on: str) -> None:
    """400 copies, 2000 steps; the error of each number is measured over the copies."""
    found = columns(load("networks/binary_small", copies=400), on, duration="2 s")
    A, V = (
        np.array([found.trace(f"unit_{i}", name).values[50:] for i in range(3)]) for name in "AV"
    )
    codes = A[0] + 2 * A[1] + 4 * A[2]
    shares = np.array([(codes == s).mean(axis=0) for s in range(8)])  # (state, copy)
    _within(shares, P)
    _within(A.mean(axis=1), MEAN_A)
    _within(V.mean(axis=1), MEAN_V)
    _within(V.var(axis=1), VAR_V)
    for values, expected in ((A, CORR_A), (V, CORR_V)):
        each = [np.corrcoef(values[:, :, c])[PAIRS] for c in range(values.shape[2])]
        _within(np.transpose(each), expected, bias=1e-3)
    assert np.abs(shares.mean(axis=1) - P).max() < 1.5e-3


def _within(samples: Any, expected: Any, bias: float = 0.0) -> None:
    """Means over copies within 4 standard errors, here small; ``bias``: of the estimator."""
    error = samples.std(axis=1, ddof=1) / np.sqrt(samples.shape[1])
    assert error.max() < 0.005
    assert np.all(np.abs(samples.mean(axis=1) - expected) < 4 * error + bias)


def alone(unit: str, size: int = 500, **parameters: Any) -> Any:
    """Units without connections."""
    return from_dict(
        {
            "kind": "network",
            "populations": {"A": {"neuron": unit, "size": size, "parameters": parameters}},
            "recordings": {"A": {"population": "A", "variables": ["A"]}},
            "run": {"duration": "150 ms", "dt": "0.1 ms", "seed": 2},
        }
    )


@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize("on", ON)
def test_updates_of_a_unit_with_constant_input(on: str, dt: float) -> None:
    """Mean g(h); autocovariance g (1 - g) exp(-T/tau), exact for every dt."""
    unit = alone("binary/ginzburg", c_3=0.7, theta=0.2, I=0.6, tau_m="5 ms")
    found = columns(unit, on, dt=dt, duration=f"{1500 * dt} ms").trace("A", "A").values
    late, g = found[round(50 / dt) :], (1 + np.tanh(0.7 * 0.4)) / 2
    independent = late.shape[1] * late.shape[0] * dt / (2 * 5)
    assert late.mean() == pytest.approx(g, abs=4 * np.sqrt(g * (1 - g) / independent))
    for lag in (2, 5, 10):
        k = round(lag / dt)
        apart = ((late[k:] - g) * (late[:-k] - g)).mean() / (g * (1 - g))
        assert apart == pytest.approx(np.exp(-lag / 5), abs=4 / np.sqrt(independent))


def test_glauber_and_linear_gain() -> None:
    linear = alone("binary/ginzburg", c_1=0.5, c_2=0, I=0.6)
    over = alone("binary/ginzburg", c_1=0.5, c_2=0, I=3)
    under = alone("binary/ginzburg", c_1=0.5, c_2=0, I=-1)
    means = [columns(n, "reference").trace("A", "A").values[1000:].mean() for n in
             (linear, over, under)]  # fmt: skip
    assert means[0] == pytest.approx(0.3, abs=0.02)
    assert means[1:] == [1.0, 0.0]


@pytest.mark.parametrize("on", ["brian2"])  # NEST takes a minute for the same
def test_balanced_network_follows_its_mean_field(on: str) -> None:
    """N = 3000, K = 100: the theory is for N much larger than K and Gaussian input, hence 6 %."""
    network = load("networks/binary_balanced", N=3000)
    found = columns(network, on, duration="300 ms")
    E, inh = (found.trace(n, "A").values[80:].mean() for n in "EI")
    assert (E, inh) == pytest.approx((0.1288, 0.1680), rel=0.06)
    higher = load("networks/binary_balanced", N=3000, m_0=0.406)
    higher = columns(higher, on, duration="200 ms")
    assert higher.trace("E", "A").values[80:].mean() == pytest.approx(0.3045, rel=0.06)


@pytest.mark.parametrize("on", ["brian2", "nest"])
def test_a_network_of_ginzburg_units_has_its_mean_activity(on: str) -> None:
    """m = E g(mu + sigma x) = 0.22255 for N to infinity, 0.2211 for 1250 units; NEST's own: 0.2210.

    K_E = 100 and K_I = 25 inputs, J = 0.15, g = 5, gain (1 + tanh((h - 1)/2))/2. E and I fluctuate
    together by some 0.06 for 10 ms, so that 8 s leave an error of 0.003.
    """
    shared = {"neuron": "binary/ginzburg", "parameters": {"c_3": 0.5, "theta": 1}}
    use = {"port": "x_syn", "synapse": "synapses/graded", "delay": "0 ms"}
    rules = {"E": (100, 0.15), "I": (25, -0.75)}
    network = from_dict(
        {
            "kind": "network",
            "populations": {"E": {**shared, "size": 1000}, "I": {**shared, "size": 250}},
            "projections": {
                f"{a}{b}": {"pre": b, "post": a, "weight": rules[b][1], **use}
                | {"rule": {"kind": "fixed_indegree", "indegree": rules[b][0], "multapses": False}}
                for a in "EI"
                for b in "EI"
            },
            "recordings": {"E": {"population": "E", "variables": ["A"], "every": "1 ms"}},
            "run": {"duration": "8 s", "dt": "0.5 ms", "seed": 4},
        }
    )
    found = columns(network, on).trace("E", "A").values[100:]
    assert found.mean() == pytest.approx(0.2211, abs=0.009)


def test_noise_lets_neurons_follow_a_sine_below_threshold() -> None:
    """The response at 5 Hz has a maximum at a noise between none and much."""
    found = {s: _response(f"{s} mV") for s in (0.5, 2, 4, 16)}
    amplitude = {s: a for s, (a, _) in found.items()}
    ratio = {s: r for s, (_, r) in found.items()}
    assert max(amplitude, key=amplitude.__getitem__) == 4
    assert max(ratio, key=ratio.__getitem__) == 2
    assert amplitude[0.5] < 0.1 * amplitude[4]
    assert amplitude[16] < 0.8 * amplitude[4]
    assert ratio[16] < 0.2 * ratio[2]


def _response(noise: str) -> tuple[float, float]:
    """Amplitude of the rate at 5 Hz, and power there over that of independent spikes (Hz)."""
    network = load("networks/stochastic_resonance", noise=noise, N=50)
    times = columns(network, "brian2", duration="2 s").spikes["cells"].times
    late = times[times > 200]
    rate = len(late) / 50 / 1.8
    vector = abs(np.exp(2j * np.pi * 0.005 * late).mean()) if len(late) else 0.0
    return 2 * rate * vector, rate * vector**2
