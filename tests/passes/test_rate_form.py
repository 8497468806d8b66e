"""Rate units are recognised by algebra as NEST's, and are those to 1e-9."""

from __future__ import annotations

import re

import numpy as np
import pytest

from spikebridge import Neuron, simulate
from spikebridge.definition.library import from_dict, load
from spikebridge.passes.rate_form import RateForm, rate_form
from spikebridge.simulators.nest.rates import explained_rate

PORT = {"unit": "1", "kind": "continuous"}


def form(equations: str) -> RateForm:
    numbers = {"tau": "10 ms", "I": 0.3, "s": 2, "c": 1, "k": 3, "top": 5}
    return rate_form(Neuron(equations, parameters=numbers, ports={"x": PORT, "y": PORT}))


FORMS = {
    "tau*dr/dt = -r + k*x + 2*k*y + I : 1": ("linear", "h = x + 2.0*y, tau = tau, g = k, mu = I"),
    "dr/dt = (-2*r + k*x)/tau : 1": ("linear", "h = x, tau = tau/2.0, g = k/2.0, mu = 0.0"),
    "tau*dr/dt = -r + k/(1 + exp(-c*(x - I))) : 1": (
        "sigmoid",
        "h = x, tau = tau, g = k, beta = c, theta = I, mu = 0.0",
    ),
    "tau*dr/dt = -r + k*tanh(c*(x - I)) : 1": (
        "sigmoid",
        "h = x, tau = tau, g = 2.0*k, beta = 2.0*c, theta = I, mu = -k",
    ),
    "tau*dr/dt = -r + tanh(k*x + I) : 1": (
        "tanh",
        "h = x, tau = tau, g = k, theta = -I/k, mu = 0.0",
    ),
    "tau*dr/dt = -r + min(max(k*(x - I), 0), top) : 1": (
        "threshold",
        "h = x, tau = tau, g = k, theta = I, alpha = top",
    ),
    "tau*dr/dt = -r + clip(k*(x - I), 0, top) : 1": (
        "threshold",
        "h = x, tau = tau, g = k, theta = I, alpha = top",
    ),
    "tau*dr/dt = -r + k*max(x - I, 0) : 1": ("threshold", "h = x, tau = tau, g = k, theta = I"),
    "tau*dr/dt = -r + k*exp(-(x - c)**2/(2*s**2)) : 1": (
        "gauss",
        "h = x, tau = tau, g = k, mu = c, sigma = abs(s)",
    ),
}


@pytest.mark.parametrize("equations", FORMS)
def test_the_curves_of_nest(equations: str) -> None:
    found = form(equations)
    assert (found.why, found.curve, found.text) == ("", *FORMS[equations])


NEARLY = {
    "tau*dr/dt = -r + x**2 : 1": "none of NEST's functions",
    "tau*dr/dt = -r + tanh(x) + tanh(2*y) : 1": "none of NEST's functions",
    "tau*dr/dt = -r + x*tanh(x) : 1": "none of NEST's functions",
    "tau*dr/dt = -r - max(x, 0) : 1": "none of NEST's functions",
    "tau*dr/dt = -r + exp(-x**2/2) + x : 1": "none of NEST's functions",
    "tau*dr/dt = -r**2 + x : 1": "does not decay with one time constant",
    "tau*dr/dt = -r*y + x : 1": "does not decay with one time constant",
    "tau*dr/dt = -r + x*sin(t/tau) : 1": "depends on the time",
    "tau*dr/dt = -r + x + sqrt(tau)*xi : 1": "reads xi",
    "tau*dr/dt = -r + x - a : 1\ntau*da/dt = r - a : 1": "one differential equation",
    "r(t+1) = x : 1": "one differential equation",
}


@pytest.mark.parametrize("equations", NEARLY)
def test_what_is_nearly_one_is_told_what_differs(equations: str) -> None:
    assert NEARLY[equations] in form(equations).why


def test_show_names_the_neuron_and_why_it_does_not_run() -> None:
    text = explained_rate(load("rates/rate"))
    assert "rates/rate == sigmoid_rate_ipn" in text and "a generated node runs, since" in text
    assert "none of NEST's rate neurons" in explained_rate(load("rates/rate_power"))


@pytest.mark.parametrize("unit", ["rates/rate", "rates/rate_tanh", "rates/rate_threshold_linear"])
def test_with_delays_nests_neuron_takes_the_step_of_the_contract(unit: str) -> None:
    """By hand, with the numbers that the form gives; the first value arrives after the delay."""
    import nest

    rng, size, tau = np.random.default_rng(2), 6, 7.0
    W, first = rng.normal(0.2, 0.8, (size, size)), rng.uniform(0, 1, size)
    projection = {"pre": "A", "post": "A", "port": "x_syn", "synapse": "synapses/graded"}
    drive = {"rule": "all_to_all", "weight": W.T.ravel(), "delay": "0.3 ms"}
    numbers = {"tau_r": "7 ms", "r_max": 1.5, "theta": -0.2}
    network = from_dict(
        {
            "kind": "network",
            "name": "rates",
            "populations": {
                "A": {"neuron": unit, "size": size, "parameters": numbers}
                | {"initial": {"r": first.tolist()}}
            },
            "projections": {"AA": {**projection, **drive}},
            "recordings": {"A": {"population": "A", "variables": ["r"]}},
            "run": {"duration": "50 ms", "dt": "0.1 ms"},
        }
    )
    expected = simulate(network, "reference").columns.trace("A", "r").values
    curve = rate_form(load(unit)).curve
    own = {"tau": tau, "sigma": 0.0, "theta": -0.2, "linear_summation": True}
    own |= {
        "rates/rate": {"g": 1.5, "beta": 1.0},
        "rates/rate_tanh": {"g": 3.0, "beta": 2.0, "mu": -1.5},
        "rates/rate_threshold_linear": {"g": 1.0, "alpha": 1.5},
    }[unit]
    model = {"sigmoid": "sigmoid_rate_ipn", "threshold": "threshold_lin_rate_ipn"}[curve]
    nest.ResetKernel()
    nest.set(resolution=0.1)
    units = nest.Create(model, size, own)
    units.set([{"rate": r} for r in first])
    syn = {"synapse_model": "rate_connection_delayed", "weight": W, "delay": 0.3}
    nest.Connect(units, units, "all_to_all", syn)
    meter = nest.Create("multimeter", params={"record_from": ["rate"], "interval": 0.1})
    nest.Connect(meter, units)
    nest.Simulate(52.0)
    events = meter.get("events")
    path = np.zeros((501, size))
    path[0] = first
    step = np.rint(events["times"] / 0.1).astype(int)
    early = step <= 500
    path[step[early], events["senders"][early] - 1] = events["rate"][early]
    assert np.abs(path - expected).max() <= 1e-9
    assert np.ptp(expected, axis=0).max() > 0.05


def test_the_manifest_names_it() -> None:
    """In a network, too, with what departs."""
    from spikebridge.definition.draw import draw
    from spikebridge.simulators.nest.rates import why_generated

    drawn = draw(load("networks/wilson_cowan"), duration=1.0)
    assert re.search("== sigmoid_rate_ipn.*at a delay of 0", why_generated(drawn, ["E", "I"]))
    sends = draw(load("networks/ctrnn_oscillator"), duration=1.0)
    why = why_generated(sends, list(sends.populations))
    assert "NEST's rate neurons send their state" in why
