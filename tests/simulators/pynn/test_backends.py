"""PyNN's backends against the reference: equal where the step is the contract's, else by rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.compare.comparison import compare_columns
from spikebridge.definition.network import Network
from spikebridge.results.columns import Columns

from .conftest import zoo

NUMPY = {"target": "numpy"}


def run(network: Network, on: str, **settings: Any) -> Columns:
    return sb.simulate(network, on, **settings).columns


def steps(columns: Columns, cell: str) -> list[int]:
    return np.rint(columns.spikes[cell].times / columns.dt).astype(int).tolist()


@pytest.fixture(scope="module")
def linear() -> Network:
    return zoo("exp", "alpha", "delta", "cond", "izh")


@pytest.fixture(scope="module")
def reference(linear: Network) -> Columns:
    return run(linear, "reference")


def test_nest_is_identical(linear: Network, reference: Columns) -> None:
    """iaf_psc_* and izhikevich make the contract's step; rkf45 is as good as rk4 at this dt."""
    found = run(linear, "pynn.nest")
    comparison = compare_columns([reference, found])
    assert comparison.verdict.kind == "identical"
    assert len(found.spikes["exp"]) == 6
    matches = {m["population"]: m for m in found.manifest["matches"]}
    assert matches["exp"]["model"] == "IF_curr_exp"
    assert matches["exp"]["caveats"] == []
    assert "rkf45" in " ".join(matches["cond"]["caveats"])
    assert found.manifest["versions"]["PyNN"]


def test_brian2_is_identical_or_departs_by_its_rules(reference: Columns) -> None:
    network = zoo("exp", "delta", "cond", "izh", run={"duration": "32 ms"})  # PyNN's steps are slow
    found = run(network, "pynn.brian2", options=NUMPY)

    def expected(cell: str) -> list[int]:
        return [k for k in steps(reference, cell) if k <= 320]

    for cell in ("exp", "izh"):
        assert steps(found, cell) == expected(cell)
        for trace in found.traces[cell]:
            there = reference.trace(cell, trace.variable).values[:321]
            np.testing.assert_allclose(trace.values, there, atol=1e-9 * np.ptp(there))
    # what arrives at v is tested one step later
    assert steps(found, "delta") == [k + 1 for k in expected("delta")]
    # forward Euler
    gap = np.abs(np.subtract(steps(found, "cond"), expected("cond")))
    assert 0 < gap.max() <= 2


def test_neuron_departs_by_its_rules(reference: Columns) -> None:
    """Synapses are exact but sampled before what arrives; v converges at the first order."""
    network = zoo("exp", "alpha", "cond", "izh")
    found = run(network, "pynn.neuron")
    for variable, tau in (("I_exc", 5.0), ("I_inh", 10.0)):
        there = reference.trace("exp", variable).values
        before = there[:-1] * np.exp(-found.dt / tau)
        np.testing.assert_allclose(found.trace("exp", variable).values[1:], before, rtol=1e-9)
    assert steps(found, "exp") == steps(reference, "exp")
    finer = run(network, "pynn.neuron", dt="0.05 ms")
    truth = run(network, "reference", dt="0.05 ms")
    quiet = 80  # steps of 0.1 ms before any spike
    coarse = found.trace("exp", "V").values[:quiet] - reference.trace("exp", "V").values[:quiet]
    fine = finer.trace("exp", "V").values[: 2 * quiet] - truth.trace("exp", "V").values[: 2 * quiet]
    assert 1.8 < np.abs(coarse).max() / np.abs(fine).max() < 2.2
    # the sample at a spike is the one after the reset, as in the contract
    first = steps(found, "exp")[0]
    assert found.trace("exp", "V").values[first, 0] == reference.trace("exp", "V").values[first, 0]


def test_nonlinear_cells_agree_within_their_departures() -> None:
    """AdEx and HH at 0.02 ms: the same number of spikes, a first spike within the spike's rise."""
    network = zoo("adex", "hh")
    truth = run(network, "reference", dt="0.02 ms", duration="35 ms")
    for name in ("pynn.nest", "pynn.neuron"):
        found = run(network, name, dt="0.02 ms", duration="35 ms")
        for cell, within in (("adex", 0.05), ("hh", 0.1)):
            mine, theirs = found.spikes[cell], truth.spikes[cell]
            assert len(mine) == len(theirs) > 0
            assert abs(mine.times[0] - theirs.times[0]) < within
        gates = found.trace("hh", "m").values
        assert np.abs(gates[1] - truth.trace("hh", "m").values[1]).max() < 1e-4


def test_several_backends_in_one_comparison() -> None:
    network = zoo("exp", run={"duration": "20 ms"})
    names = ["reference", "pynn.nest", "pynn.neuron"]
    found = sb.compare(network, on=names)
    verdict = found.verdict
    assert verdict.kind == "different"
    assert set(verdict.causes) == {"pynn.neuron"}
    assert "implicit Euler" in " ".join(verdict.caveats)
    assert "IF_curr_exp" in found.sources["pynn.nest"]
    assert "SpikeSourceArray" in found.sources["pynn.neuron"]


def test_per_unit_values_initial_values_and_connections_of_either_sign() -> None:
    """One port that takes either sign becomes two of PyNN's receptors; multapses are kept."""
    network = sb.load(
        {
            "kind": "network",
            "populations": {
                "c": {
                    "neuron": {
                        "kind": "neuron",
                        "equations": "dV/dt = (E - V)/tau + I/C : mV\ndI/dt = -I/tau_s : pA",
                        "parameters": {
                            "E": "-65 mV",
                            "tau": "20 ms",
                            "C": "250 pF",
                            "tau_s": "3 ms",
                            "theta": "-55 mV",
                            "t_ref": "2.05 ms",
                        },
                        "ports": {"syn": {"unit": "pA", "receive": "I += weight"}},
                        "spike": {
                            "condition": "V >= theta",
                            "effects": "V = E",
                            "refractory": {"period": "t_ref", "clamp": ["V"]},
                        },
                    },
                    "size": 3,
                    "parameters": {"theta": ["-55 mV", "-56 mV", "-60 mV"]},
                    "initial": {"V": ["-57 mV", "-58 mV", "-66 mV"]},
                }
            },
            "stimuli": {"in": {"kind": "poisson", "size": 4, "rate": "2 kHz"}},
            "projections": {
                "p": {
                    "pre": "in",
                    "post": "c",
                    "port": "syn",
                    "rule": {"kind": "fixed_total_number", "number": 30},
                    "weight": {"distribution": "normal", "mean": "40 pA", "std": "60 pA"},
                    "delay": {"distribution": "uniform", "low": "0.2 ms", "high": "3 ms"},
                }
            },
            "recordings": {"r": {"population": "c", "variables": ["V", "I"], "units": [0, 2]}},
            "run": {"dt": "0.1 ms", "duration": "60 ms", "seed": 5},
        }
    )
    runs = [run(network, name) for name in ("reference", "pynn.nest")]
    assert compare_columns(runs).verdict.kind == "identical"
    assert len(runs[0].spikes["c"]) > 5
