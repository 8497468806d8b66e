"""White noise and Poisson input that each simulator draws itself, against the theory of the grid.

On a grid a linear unit is x(t + h) = a x(t) + b N(0, 1): its stationary variance is b^2/(1 - a^2)
and its autocorrelation a^k. a and b are those of the scheme, so that Euler-Maruyama and the exact
Ornstein-Uhlenbeck update are told apart: steps here are a fifth of the time constant. Bounds are
4.5 standard errors of a Monte-Carlo estimate: of n = units * time/(h sum a^|k|) numbers for a
mean, and of the same with a^2 for variances and covariances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import Unsupported, simulate
from spikebridge.definition.library import from_dict
from spikebridge.definition.network import Network

ON = ("reference", "brian2", "nest")
OPTIONS = {"brian2": {"target": "numpy"}}
SIGMAS = 4.5
pytestmark = pytest.mark.slow
full = pytest.mark.full


def samples(network: Network, on: str, variable: str, after: float) -> Any:
    """(steps, units) of the population A from the time ``after`` on."""
    found = simulate(network, on, options=OPTIONS.get(on))
    trace = found.columns.trace("A", variable)
    return trace.values[trace.times > after]


def is_stationary(x: Any, mean: float, variance: float, a: float, lags: tuple[int, ...]) -> None:
    """Mean, variance and autocorrelation within Monte-Carlo error."""
    x = x - mean
    few = x.size * (1 - a) / (1 + a)
    many = x.size * (1 - a**2) / (1 + a**2)
    assert abs(x.mean()) < SIGMAS * np.sqrt(variance / few)
    for lag in (0, *lags):
        found = (x[lag:] * x[: len(x) - lag]).mean()
        assert abs(found - variance * a**lag) < SIGMAS * variance * np.sqrt(2 / many), lag


def noisy_cell(scheme: str) -> Network:
    """lif_noisy far below its threshold, V_rest + R_m I = -60 mV."""
    return from_dict(
        {
            "kind": "network",
            "populations": {
                "A": {
                    "neuron": "neurons/lif_noisy",
                    "size": 1000,
                    "parameters": {"sigma": "2 mV", "V_th": "0 mV"},
                }
            },
            "stimuli": {
                "I": {"kind": "current", "population": "A", "port": "I_ext", "amplitude": "50 pA"}
            },
            "recordings": {"A": {"population": "A", "variables": ["V"]}},
            "run": {"dt": "4 ms", "duration": "900 ms", "seed": 3, "scheme": scheme},
        }
    )


@pytest.mark.parametrize(
    ("scheme", "on"),
    [
        *(("exact", on) for on in ON),
        *(("euler", on) for on in ("reference", "brian2")),
        pytest.param("euler", "nest", marks=full),  # a model of its own to compile
    ],
)
def test_a_neuron_below_threshold(scheme: str, on: str) -> None:
    """Exact: std sigma whatever h is; Euler-Maruyama: sigma/sqrt(1 - h/(2 tau)), 5 % more here."""
    V = samples(noisy_cell(scheme), on, "V", 200.0)
    ratio = 4 / 20
    if scheme == "exact":
        is_stationary(V, -60.0, 4.0, np.exp(-ratio), (1, 3, 5))
    else:
        is_stationary(V, -60.0, 4 / (1 - ratio / 2), 1 - ratio, (1, 3, 5))


def noisy_rate(w: float) -> Network:
    """tau dr = (-r + w r + I) dt + sigma sqrt(tau) dW: each unit acts on itself, w_ii = w."""
    unit = {
        "kind": "neuron",
        "name": "noisy_rate",
        "equations": "tau*dr/dt = -r + x_syn + I_ext + sigma*sqrt(tau)*xi : 1",
        "parameters": {"tau": "10 ms", "sigma": 0.4},
        "ports": {
            "x_syn": {"unit": "1", "kind": "continuous"},
            "I_ext": {"unit": "1", "kind": "continuous"},
        },
        "scheme": "exponential_euler",
    }
    return from_dict(
        {
            "kind": "network",
            "populations": {"A": {"neuron": unit, "size": 1000}},
            "projections": {
                "AA": {
                    "pre": "A",
                    "post": "A",
                    "port": "x_syn",
                    "synapse": "synapses/graded",
                    "rule": "one_to_one",
                    "weight": w,
                    "delay": "0 ms",
                }
            },
            "stimuli": {
                "I": {"kind": "current", "population": "A", "port": "I_ext", "amplitude": 0.6}
            },
            "recordings": {"A": {"population": "A", "variables": ["r"]}},
            "run": {"dt": "2 ms", "duration": "600 ms", "seed": 4},
        }
    )


@pytest.mark.parametrize("on", ON)
def test_a_rate_unit(on: str) -> None:
    """w = 0: std sigma/sqrt(2), as of NEST's rate neurons; w = 0.5: the feedback slows it down."""
    decay = np.exp(-2 / 10)
    kick = 0.4**2 * (1 - decay**2) / 2
    alone = samples(noisy_rate(0.0), on, "r", 100.0)
    is_stationary(alone, 0.6, 0.4**2 / 2, decay, (1, 3, 5))
    slow = decay + (1 - decay) * 0.5
    fed = samples(noisy_rate(0.5), on, "r", 200.0)
    is_stationary(fed, 1.2, kick / (1 - slow**2), slow, (1, 5, 10))


def test_frozen_noise_of_rate_units_is_the_same_path() -> None:
    """Sample by sample on all simulators, by feedback too."""
    network = noisy_rate(0.5)
    paths = [
        simulate(network, on, duration=100.0, frozen_noise=True, options=OPTIONS.get(on))
        .columns.trace("A", "r")
        .values
        for on in ON
    ]
    assert paths[0].std() > 0.1
    for path in paths[1:]:
        assert np.abs(path - paths[0]).max() < 1e-9


def driven(rate: str, weight: str, shared: bool, dt: str = "0.2 ms") -> Network:
    """lif_delta far below threshold: what Poisson spikes make of V is a filtered shot noise."""
    return from_dict(
        {
            "kind": "network",
            "populations": {
                "A": {
                    "neuron": "neurons/lif_delta",
                    "size": 500,
                    "parameters": {"tau_m": "2 ms", "V_th": "1000 mV"},
                }
            },
            "stimuli": {
                "p": {
                    "kind": "poisson",
                    "size": 1 if shared else 500,
                    "rate": rate,
                    "draw": "native",
                }
            },
            "projections": {
                "p": {
                    "pre": "p",
                    "post": "A",
                    "port": "spikes",
                    "rule": "all_to_all" if shared else "one_to_one",
                    "weight": weight,
                    "delay": dt,
                }
            },
            "recordings": {"A": {"population": "A", "variables": ["V"]}},
            "run": {"dt": dt, "duration": "150 ms", "seed": 5},
        }
    )


@pytest.mark.parametrize("on", ON)
@pytest.mark.parametrize("rate", ["1 kHz", "20 kHz"])
def test_poisson_input(rate: str, on: str) -> None:
    """V(t + h) = a V(t) + J n with n of Poisson(rate h): mean and variance per step are those of n.

    20 kHz are 4 spikes per step of 0.2 ms, which a generator with at most one spike per step cannot
    have; at 1 kHz such a one would have a variance of 0.8 times the right one.
    """
    mean = float(rate.split(maxsplit=1)[0]) * 0.2
    V = samples(driven(rate, "0.5 mV", shared=False), on, "V", 30.0)
    a = np.exp(-0.1)
    is_stationary(V, 0.5 * mean / (1 - a), 0.25 * mean / (1 - a**2), a, (1, 5, 10))
    together = np.corrcoef(V[::20].T[:40])
    apart = together[np.triu_indices(40, 1)]
    assert abs(apart.mean()) < SIGMAS / np.sqrt(len(apart) * len(V[::20]))


@pytest.mark.parametrize("on", ON)
def test_one_poisson_train_for_all(on: str) -> None:
    """All targets of one train get the same spikes; Brian2's has at most one per step."""
    V = samples(driven("0.4 kHz", "0.5 mV", shared=True), on, "V", 30.0)
    assert np.ptp(V, axis=1).max() < 1e-9
    assert 0.15 < V.std() < 0.6
    if on == "brian2":
        with pytest.raises(Unsupported, match="at most one spike per step and unit"):
            samples(driven("5 kHz", "0.5 mV", shared=True), on, "V", 30.0)
