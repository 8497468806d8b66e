"""Rate units are recognised by algebra as NEST's; agreement/test_rate_builtins.py runs them."""

from __future__ import annotations

import pytest

from spikebridge import Neuron
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import load
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
    "tau*dr/dt = -r + x + sqrt(tau)*(xi_1 + 2*xi_2) : 1": "reads xi_1 and xi_2",
    "tau*dr/dt = -r + x + x*sqrt(tau)*xi : 1": "the factor of xi changes",
    "tau*dr/dt = -r + x - a : 1\ntau*da/dt = r - a : 1": "one differential equation",
    "r(t+1) = x : 1": "one differential equation",
}


@pytest.mark.parametrize("equations", NEARLY)
def test_what_is_nearly_one_is_told_what_differs(equations: str) -> None:
    assert NEARLY[equations] in form(equations).why


def test_show_names_the_neuron_and_when_it_runs() -> None:
    text = explained_rate(load("rates/rate"))
    assert "rates/rate == sigmoid_rate_ipn" in text and "delays of at least dt" in text
    assert "none of NEST's rate neurons" in explained_rate(load("rates/rate_power"))


def test_numbers_and_factors_hold_what_comes_from_outside() -> None:
    """A port that is no connection's stands in the numbers with its current."""
    numbers = {"tau": "10 ms", "k": 3, "c": 1}
    curve = "tau*dr/dt = -r + k*max(c*x + 2*c*y, 0) : 1"
    found = rate_form(Neuron(curve, parameters=numbers, ports={"x": PORT, "y": PORT}))
    scope = {"tau": 10.0, "k": 3.0, "c": 2.0, "x": 0.0, "y": 0.7}
    values = {n: evaluate(e, scope) for n, e in found.numbers.items()}
    assert values == pytest.approx({"tau": 10, "g": 6, "theta": -1.4})
    assert {p: evaluate(f, scope) for p, f in found.factors.items()} == {"x": 1, "y": 2}
    assert (found.state, [str(p) for p in found.positives]) == ("r", ["k"])
    straight = rate_form(
        Neuron("tau*dr/dt = -r + k*x + c : 1", parameters=numbers, ports={"x": PORT})
    )
    assert evaluate(straight.numbers["mu"], {**scope, "x": 0.5}) == pytest.approx(3.5)
