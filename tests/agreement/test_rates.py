"""Rate networks on every simulator that couples units continuously: sample by sample to 1e-9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge import Unsupported, simulate
from spikebridge.api import Run
from spikebridge.cases import cases
from spikebridge.definition.library import from_dict, load, names
from spikebridge.definition.network import Network
from spikebridge.simulators.base import Feature, get
from spikebridge.verify import run_case

ON = [n for n in ("reference", "brian2", "nest") if Feature.GRADED_COUPLING in get(n).features]
OPTIONS: Mapping[str, Mapping[str, Any]] = {"brian2": {"target": "numpy"}}
UNITS = [n for n in names() if n.startswith("rates/") and n != "rates/pool"]  # test_wang2002.py
# The others are compiled with `full`, and their functions read by the tests of NEST's rate units.
COMPILED = ("rates/rate", "rates/ctrnn_tanh", "rates/rate_adaptation", "rates/rate_wilson_cowan")
# ms; chaos amplifies the rounding of one sum: at g = 5 by e in 3 tau, to 1e-9 after some 50 tau
NETWORKS = {
    "rate_matrix": ({}, 1000.0),
    "wilson_cowan": ({}, 1000.0),
    "wilson_cowan_1972": ({}, 1000.0),
    "ctrnn_oscillator": ({}, 1000.0),
    "winner_take_all": ({}, 1000.0),
    "random_tanh": ({"variant": "quiet"}, 1000.0),
    "random_tanh chaotic": ({}, 1000.0),
    "random_tanh very chaotic": ({"g": 5}, 200.0),
}
SYNAPSE = {"synapse": "synapses/graded", "port": "x_syn"}
NORMAL = {"distribution": "normal", "mean": 0.1, "std": 0.4}
DELAYS = {"distribution": "uniform", "low": "0 ms", "high": "2 ms"}
pytestmark = pytest.mark.slow


def traces(run: Run) -> dict[tuple[str, str], Any]:
    return {(p, t.variable): t.values for p, ts in run.columns.traces.items() for t in ts}


def agree(network: Network, *, varies: bool = True, **settings: Any) -> dict[tuple[str, str], Any]:
    """The traces, which are those of the reference to 1e-9 everywhere."""
    found = {on: traces(simulate(network, on, options=OPTIONS.get(on), **settings)) for on in ON}
    expected = found["reference"]
    assert expected
    for on in ON[1:]:
        assert found[on].keys() == expected.keys()
        for key, values in expected.items():
            scale = max(1.0, float(np.abs(values).max()))
            assert found[on][key].shape == values.shape
            assert float(np.abs(found[on][key] - values).max()) <= 1e-9 * scale, (on, key)
    for values in expected.values():
        assert not varies or values.std(axis=0).max() > 1e-3
    return expected


def test_all_three_take_part() -> None:
    assert ON == ["reference", "brian2", "nest"]


def test_verify_has_every_unit_and_network() -> None:
    listed = {c.model for c in cases()}
    assert set(UNITS) < listed
    assert {f"networks/{n}" for n in ("rate_matrix", "wilson_cowan", "ctrnn_oscillator")} < listed
    assert {"synapses/hebbian_rate", "synapses/triplet_rate", "networks/hebbian_rates"} < listed


@pytest.mark.parametrize("model", ["networks/wilson_cowan"])
def test_verify_passes(model: str) -> None:
    (case,) = (c for c in cases() if c.model == model)
    row = run_case(case)
    assert row is not None
    assert (row.verdict, row.passed) == ("identical", True)
    assert row.max_relative <= 1e-9


@pytest.mark.parametrize("delay", ["0 ms", "0.1 ms", "2 ms"])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_of_the_library(name: str, delay: str) -> None:
    parameters, duration = NETWORKS[name]
    network = load(f"networks/{name.partition(' ')[0]}", **parameters, delay=delay)
    found = agree(network, duration=duration)
    assert all(len(v) == round(duration / 0.1) + 1 for v in found.values())


def net(unit: Any, *, size: int = 12, initial: str = "r", **entries: Any) -> Network:
    """Random weights and delays, a time-varying input inside of F, all variables recorded."""
    neuron = load(unit)
    content: dict[str, Any] = {
        "kind": "network",
        "name": "rates",
        "populations": {
            "A": {
                "neuron": unit,
                "size": size,
                "initial": {initial: {"distribution": "uniform", "low": 0, "high": 1}},
            }
        },
        "projections": {
            "AA": {"pre": "A", "post": "A", "rule": "all_to_all", "weight": NORMAL}
            | {"delay": DELAYS, **SYNAPSE}
        },
        "stimuli": {
            "wave": {"kind": "current", "population": "A", "port": "I_ext"}
            | {"amplitude": "0.8 + 0.7*sin(2*pi*t/(50*ms))"}
        },
        "recordings": {"A": {"population": "A", "variables": list(neuron.states)}},
        "run": {"duration": "300 ms", "dt": "0.1 ms", "seed": 3},
    }
    for path, value in entries.items():
        content[path] = {**content[path], **value} if path in content else value
    return from_dict(content)


@pytest.mark.parametrize(
    "unit", [u if u in COMPILED else pytest.param(u, marks=pytest.mark.full) for u in UNITS]
)
def test_every_unit_with_delays_and_input_inside_the_function(unit: str) -> None:
    state = "x" if "ctrnn" in unit else "r"
    small = {"AA": {"weight": {"distribution": "normal", "mean": 0, "std": 0.15}}}
    network = net(unit, initial=state)
    if unit in ("rates/rate_relu", "rates/rate_softplus"):  # no bound: keep the radius below 1
        network = net(unit, projections=_projection(**small["AA"]))
    agree(network)


def _projection(**changes: Any) -> dict[str, Any]:
    base = {"pre": "A", "post": "A", "rule": "all_to_all", "weight": NORMAL, "delay": DELAYS}
    return {"AA": {**base, **SYNAPSE, **changes}}


USERS = {
    "kind": "neuron",
    "name": "users_own",
    "title": "A function that no simulator has: a resonance on a Naka-Rushton curve",
    "scheme": "exponential_euler",
    "equations": """
    tau*dr/dt = -r + F : 1
    z = max(x_syn + I_ext - theta, 0) : 1
    F = z**n/(z**n + s**n)*(1 + 0.3*sin(2*pi*z)) : 1
    out = r/(1 + abs(r)) : 1
    """,
    "parameters": {"tau": "10 ms", "theta": 0.1, "n": 1.7, "s": 0.8},
    "ports": {
        "x_syn": {"unit": "1", "kind": "continuous"},
        "I_ext": {"unit": "1", "kind": "continuous"},
    },
}


@pytest.mark.parametrize("delay", ["0 ms", "0.1 ms", "2 ms"])
def test_a_function_of_the_users_own(delay: str) -> None:
    rule = {"kind": "synapse", "coupling": "weight*out_pre"}
    network = net(USERS, projections=_projection(delay=delay, synapse=rule))
    agree(network, duration=1000.0)


def test_parameters_per_unit() -> None:
    parameters = {
        "tau_r": {"distribution": "uniform", "low": "3 ms", "high": "40 ms"},
        "beta": [1.0 + 0.1 * i for i in range(12)],
        "theta": "0.05*i",
    }
    base = net("rates/rate")
    population = replace(base.populations["A"], parameters=parameters)
    found = agree(base.replace(populations={"A": population}))
    assert len(np.unique(found["A", "r"][-1])) == 12


def test_outputs_and_functions_are_recorded() -> None:
    """Subexpressions of states are what a unit sends; F needs the port's value of the step."""
    found = agree(net("rates/ctrnn", initial="x", recordings=_record("x", "r")))
    assert np.allclose(found["A", "r"], 1 / (1 + np.exp(-found["A", "x"])), rtol=1e-14)


def _record(*variables: str) -> dict[str, Any]:
    return {"A": {"population": "A", "variables": list(variables)}}


def two(**changes: Any) -> Network:
    """Units of two kinds; three projections, with different delays and rules, onto one port."""
    populations = {
        "A": {"neuron": "rates/rate_tanh", "size": 40, "initial": {"r": 0.3}},
        "B": {"neuron": "rates/ctrnn", "size": 15, "initial": {"x": "0.1*i"}},
    }
    sparse = {"kind": "fixed_probability", "p": 0.08}
    pairs = {"kind": "pairwise_list", "sources": [0, 0, 3], "targets": [1, 1, 2]}
    drawn = {"distribution": "normal", "mean": 0, "std": 0.3}
    projections = {
        "AA": {"pre": "A", "post": "A", "rule": sparse, "weight": drawn, "delay": "0 ms"},
        "twice": {"pre": "A", "post": "A", "rule": pairs, "weight": 0.5, "delay": "1.5 ms"},
        "BA": {"pre": "B", "post": "A", "rule": "all_to_all", "weight": drawn, "delay": DELAYS},
        "AB": {"pre": "A", "post": "B", "rule": "all_to_all", "weight": drawn, "delay": "0.1 ms"},
    }
    current = {"kind": "current", "population": "A", "port": "I_ext"}
    return from_dict(
        {
            "kind": "network",
            "name": "two",
            "populations": populations,
            "projections": {n: {**p, **SYNAPSE} for n, p in projections.items()},
            "stimuli": {
                "in": {**current, "amplitude": "0.4*cos(t/(9*ms))", "units": [0, 1, 2]},
                "too": {**current, "port": "x_syn", "amplitude": "0.2*sin(t/(4*ms))"},
                "on_B": {**current, "population": "B", "port": "x_syn", "amplitude": 0.3},
            },
            "recordings": {
                "A": {"population": "A", "variables": ["r"]},
                "B": {"population": "B", "variables": ["x", "r"]},
            },
            "run": {"duration": "300 ms", "dt": "0.1 ms", "seed": 11},
            **changes,
        }
    )


def test_two_populations_and_several_projections_onto_one_port() -> None:
    agree(two())


@pytest.mark.parametrize("p", [0.02, 0.5])
def test_sparse_and_dense(p: float) -> None:
    rule = {"kind": "fixed_probability", "p": p}
    weight = {"distribution": "normal", "mean": 0, "std": 0.2}
    network = net("rates/rate_tanh", size=80, projections=_projection(rule=rule, weight=weight))
    agree(network)


def test_a_phase_changes_parameters_inputs_and_weights() -> None:
    late = [
        {"at": "100 ms", "changes": {"A.tau_r": "25 ms", "A.theta": -0.2}},
        {"at": "200 ms", "changes": {"AA.weight": "-0.5*weight", "wave.amplitude": 0.1}},
    ]
    still = net("rates/rate_tanh", projections=_projection(delay="0 ms"))
    moved = net("rates/rate_tanh", projections=_projection(delay="0 ms"), phases=late)
    before, after = agree(still)["A", "r"], agree(moved)["A", "r"]
    assert np.array_equal(before[:1001], after[:1001])
    assert np.abs(before[1001] - after[1001]).max() > 1e-6
    assert np.abs(before[-1] - after[-1]).max() > 1e-2


def test_a_phase_may_cut_a_slice_of_nest() -> None:
    """Between two exchanges of signals, which are 2 ms apart here."""
    phases = [{"at": "100.7 ms", "changes": {"A.tau_r": "25 ms"}}]
    agree(net("rates/rate_tanh", projections=_projection(delay="1.9 ms"), phases=phases))


def test_a_weight_that_changes_while_signals_travel_is_refused_on_nest() -> None:
    """The others multiply what arrives by the weight that holds then; NEST has sent the product."""
    phases = [{"at": "100 ms", "changes": {"AA.weight": 0.1}}]
    network = net("rates/rate_tanh", projections=_projection(delay="2 ms"), phases=phases)
    expected = traces(simulate(network, "reference"))["A", "r"]
    found = traces(simulate(network, "brian2", options=OPTIONS["brian2"]))["A", "r"]
    assert np.abs(found - expected).max() < 1e-12
    with pytest.raises(Unsupported, match="changes the weight of AA"):
        simulate(network, "nest")


def test_the_port_has_what_the_contract_says() -> None:
    """One unit sends, one receives: the sum of r(t - d) over the step, 0 before time 0."""
    d, tau, w = 7, 10.0, 0.7
    content = {
        "kind": "network",
        "name": "chain",
        "populations": {
            "A": {"neuron": "rates/rate_relu", "size": 1, "initial": {"r": 2.0}},
            "B": {"neuron": "rates/rate_relu", "size": 1},
        },
        "projections": {
            "AB": {"pre": "A", "post": "B", "rule": "all_to_all", "weight": w, "delay": "0.7 ms"}
            | SYNAPSE
        },
        "recordings": {n: {"population": n, "variables": ["r"]} for n in "AB"},
        "run": {"duration": "50 ms", "dt": "0.1 ms"},
    }
    found = agree(from_dict(content), varies=False)
    decay = np.exp(-0.1 / tau)
    sent = 2.0 * decay ** np.arange(501)
    received = np.zeros(501)
    for k in range(500):
        drive = w * sent[k - d] if k >= d else 0.0
        received[k + 1] = received[k] * decay + drive * (1 - decay)
    assert np.abs(found["A", "r"][:, 0] - sent).max() < 1e-13
    assert np.abs(found["B", "r"][:, 0] - received).max() < 1e-13
    assert not found["B", "r"][: d + 1].any() and found["B", "r"][d + 1] > 0


def test_a_phase_that_changes_what_is_sent_is_refused_on_nest() -> None:
    """NEST has sent the value of the phase's first step before; the others agree."""
    phases = [{"at": "10 ms", "changes": {"A.theta": 0.7}}]
    network = net("rates/ctrnn", initial="x", phases=phases)
    expected = traces(simulate(network, "reference", duration=30.0))["A", "x"]
    found = traces(simulate(network, "brian2", duration=30.0, options=OPTIONS["brian2"]))["A", "x"]
    assert np.abs(found - expected).max() < 1e-12
    with pytest.raises(Unsupported, match=r"a phase that changes A\.theta"):
        simulate(network, "nest", duration=30.0)


def test_a_signal_of_the_time_is_refused_on_nest() -> None:
    rule = {"kind": "synapse", "coupling": "weight*r_pre*(1 + sin(t/(3*ms)))"}
    network = net("rates/rate", projections=_projection(synapse=rule))
    expected = traces(simulate(network, "reference", duration=30.0))["A", "r"]
    found = traces(simulate(network, "brian2", duration=30.0, options=OPTIONS["brian2"]))["A", "r"]
    assert np.abs(found - expected).max() < 1e-12
    with pytest.raises(Unsupported, match="a signal of A that depends on the time"):
        simulate(network, "nest", duration=30.0)
