"""Rate units of the library: their functions against numpy, and where they settle."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from spikebridge import simulate
from spikebridge.definition.bench_rates import is_rate_unit
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.library import from_dict, load, names
from spikebridge.passes.integrate import fitting_schemes, program_of

UNITS = [n for n in names() if n.startswith("rates/") and n != "rates/pool"]  # a map, no rate
X = np.array([-800.0, -3.0, -0.5, 0.0, 0.2, 1.0, 4.0, 800.0])


def expected(name: str) -> Any:
    """F at X with the values of the file."""
    with np.errstate(over="ignore"):
        return {
            "rate": 1 / (1 + np.exp(-X)),
            "rate_tanh": np.tanh(X),
            "rate_relu": np.maximum(X, 0),
            "rate_softplus": np.logaddexp(0, 4 * X) / 4,
            "rate_threshold_linear": np.minimum(np.maximum(X, 0), 1),
            "rate_power": 0.04 * np.maximum(X, 0) ** 2,
            "rate_wilson_cowan": 1 / (1 + np.exp(-1.3 * (X - 4))) - 1 / (1 + np.exp(5.2)),
            "rate_adaptation": 1 / (1 + np.exp(-4 * (X - 0.5))),
        }[name]


def values(name: str) -> dict[str, Any]:
    """The parameters of the file as they are written; times in ms."""
    text = (resources.files("spikebridge.models") / f"{name}.toml").read_text("utf-8")
    numbers = tomllib.loads(text)["parameters"]
    return {n: float(str(v).removesuffix(" ms")) for n, v in numbers.items()}


@pytest.mark.parametrize("name", [n for n in UNITS if "ctrnn" not in n])
def test_functions_have_their_values(name: str) -> None:
    """Also far out, where exp overflows; input comes half from the network, half from outside."""
    neuron = load(name)
    scope = {**values(name), "x_syn": 0.5 * X, "I_ext": 0.5 * X, "r": 0.0, "a": 0.0}
    if name == "rates/rate_wilson_cowan":
        scope["a"] = values(name)["a"]
    inside = {e.name: e.expression for e in neuron.of_kind("subexpression")}
    if "z" in inside:
        scope["z"] = evaluate(inside["z"], scope)  # type: ignore[arg-type]
    found = evaluate(inside["F"], scope)  # type: ignore[arg-type]
    assert np.all(np.isfinite(found))
    assert found == pytest.approx(expected(name.removeprefix("rates/")), rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_has_two_ports_and_an_output(name: str) -> None:
    neuron = load(name)
    assert is_rate_unit(neuron)
    assert neuron.continuous_ports == ("x_syn", "I_ext")
    assert "exponential_euler" in fitting_schemes(neuron)
    assert program_of(neuron).scheme == "exponential_euler"


def settled(name: str, drive: float, **parameters: Any) -> dict[str, float]:
    """The states of one unit after 3 s of constant input."""
    neuron = load(name, **parameters)
    content = {
        "kind": "network",
        "populations": {"A": {"neuron": neuron, "size": 1}},
        "stimuli": {
            "in": {"kind": "current", "population": "A", "port": "I_ext", "amplitude": drive}
        },
        "recordings": {"A": {"population": "A", "variables": list(neuron.states)}},
        "run": {"duration": "3 s", "dt": "0.5 ms"},
    }
    traces = simulate(from_dict(content), "reference").columns.traces["A"]
    return {t.variable: float(t.values[-1, 0]) for t in traces}


def test_adaptation_settles_where_the_printed_equations_put_it() -> None:
    """a = b r and r = F(x - b r)."""
    b, drive = 1.5, 2.0
    found = settled("rates/rate_adaptation", drive, b=b)
    rest = brentq(lambda r: 1 / (1 + np.exp(-4 * (drive - b * r - 0.5))) - r, 0, 1)
    assert found["r"] == pytest.approx(rest, abs=1e-4)
    assert found["a"] == pytest.approx(b * rest, abs=1e-4)


def test_a_ctrnn_unit_adds_its_input_outside_of_the_function() -> None:
    assert settled("rates/ctrnn", 0.7)["x"] == pytest.approx(0.7, abs=1e-9)


def test_wilson_and_cowan_rest_without_input() -> None:
    assert settled("rates/rate_wilson_cowan", 0.0)["r"] == 0.0
    S = 1 / (1 + np.exp(-1.3 * (5 - 4))) - 1 / (1 + np.exp(5.2))
    assert settled("rates/rate_wilson_cowan", 5.0)["r"] == pytest.approx(S / (1 + S), abs=1e-9)
