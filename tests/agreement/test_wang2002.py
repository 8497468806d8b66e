"""wang2002 at small size: spiking units that act on each other continuously, on every simulator."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from spikebridge import Unsupported, simulate
from spikebridge.api import Run, load
from spikebridge.definition.library import from_dict
from spikebridge.definition.network import Network

pytestmark = pytest.mark.slow
OPTIONS = {"brian2": {"target": "numpy"}}
SMALL: dict[str, Any] = {
    "N_E": 80,
    "N_I": 20,
    "t_on": "20 ms",
    "t_off": "60 ms",
    "t_renew": "10 ms",
    "mu_0": "1200 Hz",
}


@cache
def wang(on: str) -> Run:
    return simulate(load("networks/wang2002", **SMALL), on, duration=60.0, options=OPTIONS.get(on))


def assert_same(one: Run, two: Run, least: int) -> None:
    """The same spikes, and traces that differ by rounding."""
    found = 0
    for name, trains in one.columns.spikes.items():
        other = two.columns.spikes[name]
        assert np.array_equal(trains.senders, other.senders), name
        assert np.abs(trains.times - other.times).max(initial=0.0) < 1e-6, name
        found += len(trains)
    assert found >= least
    for name, traces in one.columns.traces.items():
        for a, b in zip(traces, two.columns.traces[name], strict=True):
            assert np.abs(a.values - b.values).max() <= 1e-9 * max(1.0, np.abs(a.values).max())


@pytest.mark.parametrize("on", ["brian2", "nest"])
def test_no_spike_differs(on: str) -> None:
    assert_same(wang("reference"), wang(on), 20)
    pool = wang(on).columns.trace("pool_A", "S").values
    assert pool.max() > 1


def test_the_stimulus_acts_on_two_populations() -> None:
    """A and B, 12 cells each, get it; the 56 others do not."""
    counts = {n: len(t) for n, t in wang("reference").columns.spikes.items()}
    assert counts["A"] + counts["B"] > counts["rest"]


def cells(pooled: bool) -> Network:
    """Cells that excite each other by NMDA alone, directly or by way of a pool."""
    to_nmda = {"post": "E", "port": "nmda", "rule": "all_to_all", "weight": "4 nS"}
    direct = {"n": {"pre": "E", "synapse": "synapses/saturating", "delay": "0.5 ms", **to_nmda}}
    by_pool = {
        "in": {
            "pre": "E",
            "post": "pool",
            "port": "x_syn",
            "synapse": "synapses/saturating",
            "rule": "all_to_all",
            "weight": 1,
            "delay": "0 ms",
        },
        "out": {"pre": "pool", "synapse": "synapses/graded", "delay": "0.4 ms", **to_nmda},
    }
    start = {"V": {"distribution": "uniform", "low": "-60 mV", "high": "-50 mV"}}
    pool = {"pool": {"neuron": "rates/pool", "size": 1}}
    return from_dict(
        {
            "kind": "network",
            "populations": {
                "E": {"neuron": "neurons/lif_nmda", "size": 12, "initial": start},
                **(pool if pooled else {}),
            },
            "stimuli": {
                "I": {
                    "kind": "current",
                    "population": "E",
                    "port": "I_ext",
                    "amplitude": "900 pA",
                    "stop": "20 ms",
                }
            },
            "projections": by_pool if pooled else direct,
            "recordings": {"E": {"population": "E", "variables": ["V", "s"], "every": "0.5 ms"}},
            "run": {"dt": "0.1 ms", "duration": "60 ms"},
        }
    )


@pytest.mark.parametrize("on", ["reference", "nest"])
def test_a_pool_is_exact(on: str) -> None:
    """Through a pool or along every pair: the same sums, at the same step."""
    direct, pooled = simulate(cells(False), on), simulate(cells(True), on)
    assert_same(direct, pooled, 15)
    assert direct.columns.trace("E", "s").values.max() > 0.8  # it saturates


def test_such_a_cell_has_no_solver_of_nest() -> None:
    network = load("networks/wang2002", **SMALL)
    with pytest.raises(Unsupported, match="the scheme native for"):
        simulate(network, "nest", duration=10.0, scheme="native")
