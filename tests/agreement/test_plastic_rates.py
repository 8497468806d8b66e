"""Plastic graded synapses on every simulator: rates and weights to 1e-9, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge import simulate
from spikebridge.api import Run
from spikebridge.definition.draw import draw
from spikebridge.definition.library import from_dict
from spikebridge.definition.network import Network
from spikebridge.definition.regrid import regrid
from spikebridge.simulators.base import Feature, get

ON = [n for n in ("reference", "brian2", "nest") if Feature.GRADED_LEARNING in get(n).features]
OPTIONS: Mapping[str, Mapping[str, Any]] = {"brian2": {"target": "numpy"}}
DELAYS = {"distribution": "uniform", "low": "0 ms", "high": "2 ms"}
SPREAD = {"distribution": "normal", "mean": 0, "std": 0.6}
SPARSE = {"kind": "fixed_probability", "p": 0.3}
pytestmark = pytest.mark.slow
assert ON == ["reference", "brian2", "nest"]


def values(run: Run) -> dict[tuple[str, str], Any]:
    return {(p, t.variable): t.values for p, ts in run.columns.traces.items() for t in ts}


def agree(network: Network, **settings: Any) -> dict[tuple[str, str], Any]:
    """Rates and weights, which are those of the reference to 1e-9 everywhere, and move."""
    found = {on: simulate(network, on, options=OPTIONS.get(on), **settings) for on in ON}
    expected = values(found["reference"])
    for on in ON[1:]:
        mine = values(found[on])
        assert mine.keys() == expected.keys()
        for key, own in expected.items():
            scale = max(1.0, float(np.abs(own).max()))
            assert mine[key].shape == own.shape
            assert float(np.abs(mine[key] - own).max()) <= 1e-9 * scale, (on, key)
    assert all(v.std(axis=0).max() > 1e-3 for v in expected.values())
    return expected


def net(**changes: Any) -> Network:
    """Ten units; the sine's amplitude differs from unit to unit."""
    more = {key: changes.pop(key) for key in ("phases", "run") if key in changes}
    projection = {
        "pre": "A",
        "post": "A",
        "port": "x_syn",
        "synapse": "synapses/hebbian_rate",
        "rule": "all_to_all",
        "weight": SPREAD,
        "delay": "0 ms",
        "parameters": {"eta": "5 Hz"},
        "initial": {"w": {"distribution": "uniform", "low": 0, "high": 0.5}},
        **changes,
    }
    current = {"kind": "current", "population": "A", "port": "I_ext"}
    return from_dict(
        {
            "kind": "network",
            "name": "plastic",
            "populations": {
                "A": {"neuron": "rates/rate", "size": 10, "initial": {"r": "0.1*i"}},
            },
            "projections": {"AA": projection},
            "stimuli": {
                "wave": {**current, "amplitude": "2*sin(2*pi*t/(70*ms))", "units": [0, 1, 2, 3]},
                "late": {**current, "amplitude": "2*cos(2*pi*t/(90*ms))", "units": [4, 5, 6]},
            },
            "recordings": {
                "r": {"population": "A", "variables": ["r"]},
                "w": {"projection": "AA", "variables": ["w"], "every": "5 ms"},
            },
            "run": {"duration": "200 ms", "dt": "0.1 ms", "seed": 5},
            **more,
        }
    )


@pytest.mark.parametrize("rule", ["all_to_all", SPARSE], ids=["dense", "sparse"])
def test_a_second_of_learning(rule: Any) -> None:
    found = agree(net(rule=rule, delay="0 ms"), duration="1 s")
    assert found["A", "r"].shape == (10001, 10)
    assert len(found["AA", "w"]) == 201


@pytest.mark.parametrize("rule", ["all_to_all", SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("delay", ["0.7 ms", DELAYS], ids=["one", "many"])
def test_delays(rule: Any, delay: Any) -> None:
    agree(net(rule=rule, delay=delay))


def test_weights_that_move_less_often() -> None:
    """A result of dt_w alone: the same on every simulator, and near that of every step."""
    often = agree(net(delay=DELAYS))["AA", "w"]
    seldom = agree(net(delay=DELAYS, dt_w="1 ms"))["AA", "w"]
    assert 1e-6 < np.abs(often - seldom).max() < 0.01
    finer = net(delay=DELAYS, dt_w="1 ms")
    finer = finer.replace(recordings={**finer.recordings, "w": _every(finer, "0.1 ms")})
    steps = agree(finer)["AA", "w"]
    assert np.array_equal(steps[:-1:10], steps[9::10])
    assert np.abs(np.diff(steps[::10], axis=0)).max(axis=1).min() > 0


def _every(network: Network, every: str) -> Any:
    return replace(network.recordings["w"], every=every)


def test_a_phase_changes_the_rule_and_the_weight() -> None:
    phases = [
        {"at": "100 ms", "changes": {"AA.eta": "40 Hz"}},
        {"at": "120.3 ms", "changes": {"AA.alpha": 0.3}},
        {"at": "150 ms", "changes": {"AA.weight": "-0.5*weight", "A.tau_r": "4 ms"}},
    ]
    still, moved = (agree(net(delay=DELAYS, phases=p))["AA", "w"] for p in ([], phases))
    assert np.array_equal(still[:21], moved[:21])
    assert np.abs(still[22] - moved[22]).max() > 1e-4


def test_recordings_of_some_synapses_at_their_own_times() -> None:
    network = net(rule=SPARSE, delay=DELAYS)
    whole = agree(network)["AA", "w"]
    some = _every(network, "2 ms"), _every(network, "3 ms")
    recordings = {**network.recordings}
    recordings["w"] = replace(some[0], units=[7, 2])
    recordings["again"] = replace(some[1], units=[3], name="again")
    for on in ON:
        run = simulate(network.replace(recordings=recordings), on, options=OPTIONS.get(on))
        first, second = run.columns.traces["AA"]
        assert np.abs(first.values[::5] - whole[::2, [7, 2]]).max() < 1e-9
        assert np.abs(second.values[::5] - whole[::3, [3]]).max() < 1e-9


OUTPUTS = {
    "kind": "synapse",
    "name": "users_own",
    "equations": """
    dw/dt = eta*F*(r_pre - r_post*w) : 1
    tau*dm/dt = r_pre - m : 1
    F = r_post - m : 1
    """,
    "on_step": "w = clip(w, low, 1.5)",
    "coupling": "weight*(w - low)*tanh(g*r_pre)",
    "parameters": {"eta": "30 Hz", "tau": "50 ms", "low": -1, "g": 1.5},
}


def test_a_rule_of_the_users_own_between_unlike_units() -> None:
    """Two states, a bound, numbers per connection, an output that is no state, a second port user,
    one receiver alone, and a rate of decay that passes 0."""
    use = {"port": "x_syn", "delay": DELAYS, "rule": "all_to_all"}
    eta = {"distribution": "uniform", "low": "5 Hz", "high": "90 Hz"}
    initial = {"w": {"distribution": "uniform", "low": -0.5, "high": 0.5}}
    learned = {**use, "synapse": OUTPUTS, "parameters": {"eta": eta}, "initial": initial}
    network = from_dict(
        {
            "kind": "network",
            "name": "unlike",
            "populations": {
                "A": {"neuron": "rates/ctrnn", "size": 6, "initial": {"x": "0.3*i - 1"}},
                "B": {"neuron": "rates/rate_tanh", "size": 1},
            },
            "projections": {
                "AB": {**learned, "pre": "A", "post": "B", "weight": SPREAD},
                "AA": {**learned, "pre": "A", "post": "A", "weight": 0.3},
                "BB": {**use, "pre": "B", "post": "B", "synapse": "synapses/graded", "weight": 0.4},
            },
            "stimuli": {
                "wave": {"kind": "current", "population": "A", "port": "I_ext"}
                | {"amplitude": "2*sin(2*pi*t/(60*ms))"},
            },
            "recordings": {
                "A": {"population": "A", "variables": ["x", "r"]},
                "B": {"population": "B", "variables": ["r"]},
                "AB": {"projection": "AB", "variables": ["w", "m"]},
                "AA": {"projection": "AA", "variables": ["m", "w"], "every": "1 ms"},
            },
            "run": {"duration": "200 ms", "dt": "0.1 ms", "seed": 2},
        }
    )
    found = agree(network)
    assert np.abs(found["AB", "w"]).max() <= 1.5


def test_the_rule_reads_what_arrives_as_the_step_begins() -> None:
    """w_(k+1) from r_pre(t_k - d) and r_post(t_k), 0 before the first arrival: the contract."""
    d, h, eta, alpha = 7, 0.1, 5e-3, 1.0
    found = agree(net(delay="0.7 ms", run={"duration": "20 ms", "dt": "0.1 ms", "seed": 5}))
    r, w = found["A", "r"], found["AA", "w"]
    expected = w[0].reshape(10, 10)
    decay = np.exp(-eta * alpha * h)
    for k in range(200):
        sent = r[k - d] if k >= d else np.zeros(10)
        expected = expected * decay + np.outer(sent, r[k]) / alpha * (1 - decay)
        if (k + 1) % 50 == 0:
            assert np.abs(w[(k + 1) // 50] - expected.ravel()).max() < 1e-12


def test_a_finer_grid_moves_the_weights_as_often_as_they_are_to_move() -> None:
    for changes, every in (({}, 1), ({"dt_w": "1 ms"}, 40)):
        drawn = draw(net(**changes))
        assert regrid(drawn, 4).projections["AA"].every == every
