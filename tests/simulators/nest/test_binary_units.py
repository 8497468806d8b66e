"""NEST's own binary neurons: when they are taken, what is refused, how their spikes are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError, Unsupported
from spikebridge.api import prepare
from spikebridge.definition.library import from_dict
from spikebridge.simulators.base import Options
from spikebridge.simulators.nest.decode import states_from

MINE = {"kind": "pairwise_list", "sources": [0, 1, 2], "targets": [1, 2, 0]}
RATE = {"neuron": "rates/rate", "size": 2}


def network(unit: Any = "binary/mcculloch_pitts", **changes: Any) -> Any:
    content: dict[str, Any] = {
        "kind": "network",
        "name": "units",
        "populations": {"A": {"neuron": unit, "size": 3, **changes.pop("A", {})}},
        "projections": {
            "AA": {"pre": "A", "post": "A", "port": "x_syn", "synapse": "synapses/graded"}
            | {"rule": MINE, "weight": 0.5, "delay": "0.2 ms", **changes.pop("AA", {})}
        },
        "recordings": {"A": {"population": "A", "variables": ["A"]}},
        "run": {"duration": "20 ms", "dt": "0.1 ms"},
    }
    for key, value in changes.items():
        content[key] = {**content.get(key, {}), **value} if isinstance(value, dict) else value
    return from_dict(content)


def prepared(model: Any, **options: Any) -> Any:
    own = {n: options.pop(n) for n in ("units", "match") if n in options}
    return prepare(model, "nest", options=Options(simulator=own, **options))


def test_native_numbers_take_it_and_frozen_ones_do_not() -> None:
    found = prepared(network())
    (match,) = found.matches
    assert (match["model"], match["builtin"]) == ("mcculloch_pitts_neuron", True)
    assert "theta = -I + theta" in match["why"] and len(match["caveats"]) == 3
    assert "mcculloch_pitts_neuron" in found.sources["network.py"]
    assert "departs" in found.sources["A.txt"]
    frozen = prepared(network(), frozen_noise=True).matches[0]
    assert not frozen["builtin"] and "rand is frozen" in frozen["why"]


def test_numbers_and_delays() -> None:
    parameters = {"tau_m": [3.0, 4.0, 5.0], "theta": 0.7, "I": "0.1*i"}
    parameters["tau_m"] = [f"{t} ms" for t in parameters["tau_m"]]  # type: ignore[union-attr]
    scaled = {"kind": "synapse", "coupling": "3*weight*r_pre"}
    job = prepared(network(A={"parameters": parameters}, AA={"synapse": scaled})).payload.job
    values = job.groups[0].node.parameters
    assert np.allclose(values["theta"], [0.7, 0.6, 0.5])
    assert np.allclose(values["tau_m"], [3, 4, 5])
    (c,) = job.connections
    assert (c.model, np.unique(c.weights).tolist(), np.unique(c.delays)) == (
        "static_synapse",
        [1.5],
        3,
    )


def test_a_current_and_a_phase_move_the_threshold() -> None:
    steps = {"times": ["0 ms", "5 ms"], "values": [0.2, 0.4]}
    model = network(
        stimuli={"in": {"kind": "current", "population": "A", "port": "I_ext", **steps}},
        phases=[{"at": "10 ms", "changes": {"A.theta": 1.0}}],
    )
    job = prepared(model).payload.job
    assert job.groups[0].node.parameters["theta"] == pytest.approx(0.3)
    moved = {c.step: float(c.values["theta"]) for c in job.changes}
    assert moved == pytest.approx({50: 0.1, 100: 0.6})


TWICE = {"kind": "pairwise_list", "sources": [0, 0], "targets": [1, 1]}
WAVE = {"kind": "current", "population": "A", "port": "I_ext", "amplitude": "sin(t/ms)"}
TWO = {
    "populations": {"B": RATE},
    "projections": {
        "AB": {"pre": "A", "post": "B", "port": "x_syn", "synapse": "synapses/graded"}
        | {"rule": "all_to_all", "weight": 1, "delay": "0 ms"}
    },
}
UNFIT: dict[str, dict[str, Any]] = {
    "two connections": {"AA": {"rule": TWICE}},
    "does not start at 0": {"A": {"initial": {"A": 1}}},
    "I_ext that changes from step to step": {"stimuli": {"in": WAVE}},
    "changes weights of AA": {"phases": [{"at": "5 ms", "changes": {"AA.weight": 1}}]},
    "tau_m changes in a phase": {"phases": [{"at": "5 ms", "changes": {"A.tau_m": "3 ms"}}]},
    "sends another quantity": {
        "AA": {"synapse": {"kind": "synapse", "coupling": "weight*(1 + r_pre)"}}
    },
    "A is none of NEST's rate neurons": TWO,
    "changes in every step": {"unit": "binary/binary"},
    r"I\*c_1 .* is not 0": {
        "unit": "binary/ginzburg",
        "A": {"parameters": {"c_1": 0.1, "I": 0.5}},
    },
}


@pytest.mark.parametrize("reason", UNFIT)
def test_a_built_in_that_does_not_fit_is_refused(reason: str) -> None:
    changes = {n: dict(v) if isinstance(v, dict) else v for n, v in UNFIT[reason].items()}
    model = network(**changes)
    with pytest.raises(Unsupported, match=reason) as caught:
        prepared(model, units="builtin")
    assert "auto" in str(caught.value)


def test_where_none_fits_a_node_is_generated_and_says_why() -> None:
    (match,) = prepared(network(A={"initial": {"A": 1}})).matches
    assert not match["builtin"] and "A does not start at 0" in match["why"]


def test_options() -> None:
    for own in ({"units": "generated"}, {"match": False}):
        assert "switched off" in prepared(network(), **own).matches[0]["why"]
    assert prepared(network(), units="builtin").matches[0]["builtin"]
    with pytest.raises(DefinitionError, match="option units of nest is 'mine'"):
        prepared(network(), units="mine")


def test_groups_of_populations_that_act_on_each_other() -> None:
    from spikebridge.definition.draw import draw
    from spikebridge.simulators.nest.coupled import groups_of

    drawn = draw(network(populations={"B": RATE, "C": RATE}), duration=1.0)
    p = drawn.projections["AA"]
    joined = {"AA": p, "AC": replace(p, name="AC", post="C")}
    assert groups_of(replace(drawn, projections=joined)) == [("A", "C")]
    assert groups_of(
        replace(drawn, projections={**joined, "BB": replace(p, pre="B", post="B")})
    ) == [
        ("A", "C"),
        ("B",),
    ]


def test_entries_of_a_recorder_as_states() -> None:
    entries = [(2, 0), (2, 0), (2, 3), (2, 3), (5, 0), (6, 3), (7, 3), (7, 3), (9, 1), (9, 1)]
    steps, senders = np.array(entries).T[:, ::-1]
    found = states_from(steps, senders, np.array([3, 0, 2]), 1, 11)
    assert found[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1]
    assert found[:, 1].tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert not found[:, 2].any()
    assert np.array_equal(states_from(steps, senders, np.array([3, 0, 2]), 5, 3), found[::5])


def test_no_entries_are_states_at_zero() -> None:
    none = np.empty(0, dtype=np.int64)
    assert not states_from(none, none, np.arange(2), 3, 4).any()
