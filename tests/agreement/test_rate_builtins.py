"""NEST's own rate neurons against the reference, to 1e-9, and when a node is generated instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from spikebridge import Unsupported, simulate
from spikebridge.api import Run, prepare
from spikebridge.definition.draw import draw
from spikebridge.definition.library import from_dict
from spikebridge.definition.network import Network
from spikebridge.simulators.base import Options
from spikebridge.simulators.nest.casting import casts_of

PORT = {"unit": "1", "kind": "continuous"}
NUMBERS = {"tau": "7 ms", "b": 0.3, "k": 0.9, "c": 1.2, "top": 0.8}
# F, and NEST's neuron
CURVES = {
    "k*h + b": "lin_rate_ipn",
    "k/(1 + exp(-c*(h - b)))": "sigmoid_rate_ipn",
    "tanh(c*h + b)": "tanh_rate_ipn",
    "-2*k*tanh(c*(h - b)) + 0.1": "sigmoid_rate_ipn",
    "min(max(c*(h - b), 0), top)": "threshold_lin_rate_ipn",
    "k*max(h + b, 0)": "threshold_lin_rate_ipn",
    "k*exp(-(h - b)**2/(2*c**2)) ": "gauss_rate_ipn",
}
MIXED = {"distribution": "uniform", "low": "0.1 ms", "high": "2 ms"}
WEIGHT = {"distribution": "normal", "mean": 0.1, "std": 0.25}
SIGMOID = "k/(1 + exp(-c*(h - b)))"
pytestmark = pytest.mark.slow


def unit(curve: str, h: str = "x_syn + I_ext") -> dict[str, Any]:
    return {
        "kind": "neuron",
        "name": "mine",
        "scheme": "exponential_euler",
        "equations": f"tau*dr/dt = -r + {curve} : 1\nh = {h} : 1",
        "parameters": NUMBERS,
        "ports": {"x_syn": PORT, "I_ext": PORT},
    }


def net(neuron: Any, delay: Any = "0.1 ms", **entries: Any) -> Network:
    """Eight units, each with its own initial value, and a constant input."""
    first = {"distribution": "uniform", "low": 0, "high": 1}
    content: dict[str, Any] = {
        "kind": "network",
        "name": "rates",
        "populations": {"A": {"neuron": neuron, "size": 8, "initial": {"r": first}}},
        "projections": {
            "AA": {"pre": "A", "post": "A", "rule": "all_to_all", "weight": WEIGHT}
            | {"delay": delay, "port": "x_syn", "synapse": "synapses/graded"}
        },
        "stimuli": {
            "in": {"kind": "current", "population": "A", "port": "I_ext", "amplitude": 0.4}
        },
        "recordings": {"A": {"population": "A", "variables": ["r"]}},
        "run": {"duration": "40 ms", "dt": "0.1 ms", "seed": 3},
    }
    return from_dict(merged(content, entries))


def merged(content: Any, changes: Any) -> Any:
    """Tables within tables, changed; None takes an entry out."""
    if not isinstance(content, dict) or not isinstance(changes, dict):
        return changes
    found = {**content, **{n: merged(content.get(n), v) for n, v in changes.items()}}
    return {n: v for n, v in found.items() if v is not None}


def models(run: Run) -> list[str]:
    return [m["model"] for m in run.manifest["matches"]]


def agree(network: Network, *expected: str, **options: Any) -> Run:
    """The run with built-ins, which is the reference's to 1e-9; its times are the contract's."""
    own = {"child": False, "units": "builtin", **options}
    found, known = simulate(network, "nest", options=own), simulate(network, "reference")
    assert models(found) == list(expected) or not expected
    assert all(m["builtin"] for m in found.manifest["matches"])
    for name, traces in known.columns.traces.items():
        for trace in traces:
            mine = found.columns.trace(name, trace.variable)
            assert np.array_equal(mine.times, trace.times)
            assert np.array_equal(mine.units, trace.units)
            assert float(np.abs(mine.values - trace.values).max()) <= 1e-9
            assert trace.values.std(axis=0).max() > 1e-3
    return found


@pytest.mark.parametrize("curve", CURVES)
def test_every_function_at_delays_of_dt_and_more(curve: str) -> None:
    for delay in ("0.1 ms", "2 ms", MIXED):
        agree(net(unit(curve), delay), CURVES[curve])


def test_auto_takes_it_and_says_so() -> None:
    found = agree(net(unit("tanh(c*h + b)")), units="auto")
    (match,) = found.manifest["matches"]
    assert "mine == tanh_rate_ipn with linear_summation, h = I_ext + x_syn" in match["why"]
    prepared = prepare(net(unit("tanh(c*h + b)")), "nest")
    assert "tanh_rate_ipn" in prepared.sources["network.py"]
    assert prepared.sources["A.txt"] == match["why"]
    assert not any(n.endswith(".cc") for n in prepared.sources)


def test_two_populations_with_numbers_per_unit_and_weights_of_ports() -> None:
    """What is sent is a multiple of the state, with the sender's number; ports differ."""
    numbers = {"k": {"distribution": "uniform", "low": 0.5, "high": 1.5}, "b": "0.05*i"}
    half = {"kind": "synapse", "coupling": "0.5*s*weight*y_pre", "parameters": {"s": 3}}
    other = unit("k*exp(-(h - b)**2/(2*c**2))", h="2*x_syn - k*I_ext")
    other["equations"] += "\ny = k*r : 1"
    edge = {"rule": "all_to_all", "weight": WEIGHT, "port": "I_ext", "synapse": half}
    network = net(
        unit("k/(1 + exp(-c*(h - b)))"),
        MIXED,
        populations={"B": {"neuron": other, "size": 5, "parameters": numbers}},
        projections={
            "BA": {"pre": "B", "post": "A", "delay": "0.7 ms", **edge, "port": "x_syn"},
            "BB": {"pre": "B", "post": "B", "delay": "0.3 ms", **edge},
        },
        recordings={"B": {"population": "B", "variables": ["r", "y"]}},
    )
    agree(network, "sigmoid_rate_ipn", "gauss_rate_ipn")


@pytest.mark.parametrize("curve", ["k/(1 + exp(-c*(h - b)))", "k*exp(-(h - b)**2/(2*c**2))"])
def test_few_steps_of_input_and_phases_end_slices(curve: str) -> None:
    """What NEST's neurons have sent within a slice that is cut is lost: slices are made to fit."""
    steps = {"amplitude": None, "times": ["0 ms", "7.3 ms"], "values": [0.2, 0.9]}
    phases = [{"at": "20.9 ms", "changes": {"A.b": -0.4, "A.tau": "3 ms"}}]
    agree(net(unit(curve), "2 ms", stimuli={"in": steps}, phases=phases))


NOISE = " + sigma*sqrt(2*tau)*xi"


def noisy(curve: str, **entries: Any) -> Network:
    """Units with noise that do not touch each other, of an uneven strength."""
    neuron = unit(curve + NOISE)
    neuron["parameters"] = {**NUMBERS, "sigma": 0.2}
    spread = {"distribution": "uniform", "low": 0.1, "high": 0.3}
    alone = {"weight": 0, "rule": "one_to_one"}
    start = {"populations": {"A": {"size": 400, "parameters": {"sigma": spread}}}}
    often = {"recordings": {"A": {"population": "A", "variables": ["r"], "every": "0.7 ms"}}}
    run = {"run": {"duration": "280 ms"}, "projections": {"AA": alone}}
    return net(neuron, **merged(start, {**often, **run, **entries}))


@pytest.mark.parametrize("curve", [SIGMOID, "k*exp(-(h - b)**2/(2*c**2))"])
def test_native_noise_has_the_strength_of_the_definition(curve: str) -> None:
    """tau dr/dt = -r + F + sigma sqrt(2 tau) xi: standard deviation sigma, exp(-t/tau)."""
    network = noisy(curve)
    found = simulate(network, "nest", options={"units": "builtin"})
    assert all(m["builtin"] for m in found.manifest["matches"])
    values = found.columns.trace("A", "r").values[100:]  # from 10 tau on
    centred = values - values.mean()
    sigma = draw(network).populations["A"].parameters["sigma"]
    variance = (centred**2).mean(axis=0)
    # of one unit in 30 tau known to 0.26, of all 400 to 0.013
    assert (variance / sigma**2).mean() == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(np.sqrt(variance), sigma)[0, 1] > 0.7
    lagged = (centred[:-10] * centred[10:]).mean() / (centred**2).mean()
    assert lagged == pytest.approx(np.exp(-1.0), abs=0.04)


DENSE = {"in": {"amplitude": "0.4 + 0.3*sin(t/ms)"}}
EULER = {"scheme": "euler"}
OWN = {"kind": "synapse", "coupling": "weight*tanh(r_pre)"}
LEARNS = {"synapse": "synapses/hebbian_rate"}
MISSES: Mapping[str, tuple[str, Any, dict[str, Any]]] = {
    "F is none of NEST's functions": ("k*h**2/(1 + h**2)", "0.1 ms", {}),
    "AA has a delay of 0": (SIGMOID, "0 ms", {}),
    "I_ext of A changes from step to step": (SIGMOID, "0.1 ms", {"stimuli": DENSE}),
    "the synapses of AA have states": (SIGMOID, "0.1 ms", {"projections": {"AA": LEARNS}}),
    "NEST's rate neurons send their state": (
        SIGMOID,
        "0.1 ms",
        {"projections": {"AA": {"synapse": OWN}}},
    ),
    "top is negative": (
        "top*max(h + b, 0)",
        "0.1 ms",
        {"populations": {"A": {"parameters": {"top": -0.5}}}},
    ),
    "theta = .* is no finite number": (
        "tanh(c*h + b)",
        "0.1 ms",
        {"populations": {"A": {"parameters": {"c": 0}}}},
    ),
    "integrates otherwise than rk4": (SIGMOID, "0.1 ms", {"run": {"scheme": "rk4"}}),
    "reads xi_1 and xi_2": (f"{SIGMOID} + sqrt(tau)*(xi_1 + b*xi_2)", "0.1 ms", {}),
    "the factor of xi changes": (f"{SIGMOID} + r*sqrt(tau)*xi", "0.1 ms", {"run": EULER}),
    "-k is negative": (f"{SIGMOID} - k*sqrt(tau)*xi", "0.1 ms", {}),
}


@pytest.mark.parametrize("reason", MISSES)
def test_where_it_departs_a_node_is_generated_or_the_built_in_refused(reason: str) -> None:
    curve, delay, entries = MISSES[reason]
    network = net(unit(curve), delay, **entries)
    match = casts_of(draw(network), Options(), True, {})["A"].match
    assert not match["builtin"] and re.search(reason, match["why"])
    with pytest.raises(Unsupported, match=reason) as refused:
        prepare(network, "nest", options=Options(simulator={"units": "builtin"}))
    assert 'choose units = "auto"' in str(refused.value)


def test_frozen_noise_runs_on_a_generated_node() -> None:
    network = draw(noisy(SIGMOID), frozen_noise=True)
    match = casts_of(network, Options(), True, {})["A"].match
    assert not match["builtin"] and "the xi of A is frozen" in match["why"]


def test_generated_never_takes_it() -> None:
    options = Options(simulator={"units": "generated"})
    match = casts_of(draw(net(unit(SIGMOID))), options, True, {})["A"].match
    assert not match["builtin"] and "switched off" in match["why"]


def test_on_two_threads() -> None:
    agree(net(unit(SIGMOID), MIXED), child=True, threads=2)
