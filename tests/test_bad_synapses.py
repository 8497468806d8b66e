"""Wrong plastic synapses: one line with the place and the remedy, before anything runs."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest

from spikebridge import SpikebridgeError, Unsupported
from spikebridge.api import prepare
from spikebridge.definition.library import from_dict
from spikebridge.simulators.base import Options

CELL: dict[str, Any] = {
    "kind": "neuron",
    "name": "cell",
    "equations": "tau*dV/dt = -V : mV",
    "parameters": {"tau": "20 ms"},
    "ports": {"syn": {"unit": "mV", "receive": "V += weight"}},
    "spike": {"condition": "V >= 10*mV", "effects": "V = 0*mV"},
}
RULE: dict[str, Any] = {
    "kind": "synapse",
    "name": "rule",
    "equations": "dx/dt = -x/tau : 1\ndy/dt = -y/tau : 1\ndw/dt = 0/ms : 1",
    "parameters": {"tau": "20 ms", "A": "0.1", "w_max": "1"},
    "on_pre": "w = clip(w - A*y, 0, w_max); x += 1",
    "on_post": "w = clip(w + A*x, 0, w_max); y += 1",
    "deliver": "weight*w",
    "initial": {"w": "0.5"},
    "coincident": "simultaneous",
}
SILENT = {key: value for key, value in CELL.items() if key != "spike"}
RANDOM = {"distribution": "uniform", "low": 0.5, "high": 1.5}
SCALED = "dx/dt = -x/tau : 1\ndy/dt = (x - y)/tau_2 : 1\ndw/dt = (y - w)/tau_3 : 1"


def network(
    rule: dict[str, Any] | None = None,
    use: dict[str, Any] | None = None,
    cell: dict[str, Any] = CELL,
    **more: Any,
) -> dict[str, Any]:
    """Three inputs onto three cells by ``RULE``, with changes of the rule and of its use."""
    projection: dict[str, Any] = {
        "pre": "in",
        "post": "A",
        "port": "syn",
        "rule": "all_to_all",
        "weight": "1 mV",
        "delay": "1 ms",
        "synapse": {**copy.deepcopy(RULE), **(rule or {})},
        **(use or {}),
    }
    return {
        "kind": "network",
        "name": "net",
        "populations": {"A": {"neuron": cell, "size": 3}},
        "stimuli": {"in": {"kind": "spikes", "trains": [[1, 2], [3], [4]]}},
        "projections": {"p": projection},
        "run": {"duration": "10 ms"},
        **more,
    }


REWARD = {"events": {"reward": "w += 1"}}
OUTSIDE = (
    "net.p, in `w = clip(w - A*y, 0, w_max)`, at `w`: w begins at {}, outside its bounds [0, {}]"
)


class Bad(NamedTuple):
    """What is wrong, the network, and what is said."""

    name: str
    content: dict[str, Any]
    error: str


TABLE = [
    Bad(
        "no postsynaptic spikes",
        network(cell=SILENT),
        "net.p, at `A`: rule changes at postsynaptic spikes, but A never spikes; give its neuron a "
        "[spike] section",
    ),
    Bad(
        "weight above its bound",
        network({"initial": {"w": "1.5"}}),
        OUTSIDE.format("1.5", "1") + "; give an initial w inside, or other bounds",
    ),
    Bad(
        "one weight above its own bound",
        network(use={"parameters": {"w_max": [1.0] * 8 + [0.4]}}),
        OUTSIDE.format("0.5", "0.4") + "; give an initial w inside, or other bounds",
    ),
    Bad(
        "negative weight below max",
        network({"on_pre": "w = max(w - A*y, 0)", "initial": {"w": "-1"}}),
        "net.p, in `w = max(w - A*y, 0)`, at `w`: w begins at -1, outside its bounds [0, inf]; "
        "give "
        "an initial w inside, or other bounds",
    ),
    Bad(
        "third factor without a driver",
        network(REWARD),
        "net.p, at `reward`: nothing drives the third factor 'reward' of rule; name a population "
        "or "
        'stimulus: events = {reward = "..."}',
    ),
    Bad(
        "third factor driven by nobody",
        network(REWARD, {"events": {"reward": "dopamine"}}),
        "net, at `dopamine`: projection p names the source 'dopamine', which does not exist; known "
        "are A, in",
    ),
    Bad(
        "third factor driven by a silent population",
        network({**REWARD, "on_post": ""}, {"events": {"reward": "A"}}, SILENT),
        "net.p, at `A`: the third factor 'reward' is driven by A, whose neuron never spikes; give "
        "its neuron a [spike] section, or name another source",
    ),
    Bad(
        "driver of an event that is not there",
        network(use={"events": {"reward": "in"}}),
        "net, at `reward`: projection p names the event 'reward', which does not exist; known are "
        "(none)",
    ),
    Bad(
        "two rules write one variable",
        network({"on_pre": "w = w - A*y; w = clip(x, 0, 1); x += 1"}),
        "rule, in `w = clip(x, 0, 1)`, at `w`: w is written twice at one event, and `w = w - "
        "A*y` is "
        "lost; write one statement, or let the second read what the first wrote",
    ),
    Bad(
        "an equation and a subexpression of one name",
        network({"equations": RULE["equations"] + "\nw = x : 1"}),
        "rule, line 4, at `w`: 'w' is defined twice (equation lines 3 and 4); remove one of the "
        "two",
    ),
    Bad(
        "unknown coincidence",
        network({"coincident": "both"}),
        "rule, at `coincident`: coincident is 'both'; write 'post first', 'pre first', "
        "'simultaneous'",
    ),
    Bad(
        "delay nowhere",
        network({"delay_at": "soma"}),
        'rule, at `delay_at`: delay_at is \'soma\'; write "axonal", "dendritic", or the axonal '
        "share, a number from 0 to 1",
    ),
    Bad(
        "delay past the neuron",
        network({"delay_at": 1.5}),
        'rule, at `delay_at`: delay_at is 1.5; write "axonal", "dendritic", or the axonal '
        "share, a number from 0 to 1",
    ),
    Bad(
        "axonal delay, post first",
        network({"delay_at": "axonal", "coincident": "post first"}),
        "rule, at `coincident`: with an axonal delay the arriving spike acts before the "
        'postsynaptic one of its step; write coincident = "pre first" or "simultaneous"',
    ),
    Bad(
        "deliver twice",
        network({"on_pre": "deliver(weight*w); x += 1"}),
        "rule, in `deliver(weight*w)`, at `deliver`: the synapse delivers twice at one spike; "
        "deliver the sum, once",
    ),
    Bad(
        "deliver at a postsynaptic spike",
        network({"on_post": "deliver(weight*w)"}),
        "rule, in `deliver(weight*w)`, at `deliver`: only a presynaptic spike can deliver an "
        "event; "
        "move it to on_pre",
    ),
    Bad(
        "deliver at a third factor",
        network({"events": {"reward": "deliver(weight)"}}, {"events": {"reward": "in"}}),
        "rule, in `deliver(weight)`, at `deliver`: only a presynaptic spike can deliver an event; "
        "move it to on_pre",
    ),
    Bad(
        "efficacy without the weight",
        network({"deliver": "w"}),
        "rule, in `deliver(w)`, at `w`: deliver(w) has the unit 1, but the port syn needs mV; "
        "check "
        "the unit of the projection's weight",
    ),
    Bad(
        "unknown parameter in a rule",
        network({"on_post": "w += B*x"}),
        "rule, in `w += B*x`, at `B`: 'B' is not defined; define it as a parameter or a state",
    ),
    Bad(
        "parameter assigned",
        network({"on_post": "A += 1"}),
        "rule, in `A += 1`, at `A`: 'A' is not a state variable and cannot be assigned; states are "
        "w, x, y",
    ),
    Bad(
        "unit of a change",
        network({"on_post": "w += tau"}),
        "rule, in `w += tau`, at `tau`: w += needs 1, not ms; check the unit of the statement's "
        "right side",
    ),
    Bad(
        "variable that the neuron lacks",
        network({"on_post": "w += U_post/mV"}),
        "net, at `U`: rule reads U_post and so names the variable of A 'U', which does not exist; "
        "known are t, V, tau",
    ),
    Bad(
        "time",
        network({"on_post": "w += A*sin(t/tau)"}),
        "rule, in `w += A*sin(t/tau)`, at `t`: a synapse with states cannot read the time t; put "
        "it "
        "into the neuron; let a third factor (events) tell the synapse",
    ),
    Bad(
        "noise",
        network({"equations": "dx/dt = xi/sqrt(tau) : 1\ndy/dt = -y/tau : 1\ndw/dt = 0/ms : 1"}),
        "rule, in `dx/dt = xi/sqrt(tau) : 1`, at `xi`: a synapse with states cannot read the noise "
        "xi; put it into the neuron; let a third factor (events) tell the synapse",
    ),
    Bad(
        "time constant of 0",
        network({"parameters": {**RULE["parameters"], "tau": "0 ms"}}),
        "net.p, at `tau`: the time constant tau is 0 ms; give a positive time",
    ),
    Bad(
        "equal time constants of two names",
        network(
            {
                "equations": SCALED,
                "parameters": {**RULE["parameters"], "tau_2": "20 ms", "tau_3": "5 ms"},
            }
        ),
        "net.p, at `y`: the closed form of what y drives divides by (-tau + tau_2)/(tau*tau_2), "
        "which is 0; give equal time constants one name, or let them differ more",
    ),
    Bad(
        "numbers for other connections",
        network(use={"parameters": {"A": [0.1, 0.2]}}),
        "net.p, at `A`: A has 2 values for 9 connections; give one value, or one per connection in "
        "the order of (source, target)",
    ),
    Bad(
        "random weights of native connections",
        network(use={"native": True, "initial": {"w": RANDOM}}),
        "net.p, at `w`: a native projection has one w, not one per connection; give one number, or "
        "drop native = true",
    ),
    Bad(
        "recorded state that is not there",
        network(recordings={"r": {"projection": "p", "variables": ["q"]}}),
        "net, at `q`: recording r of p names the state 'q', which does not exist; known are x, "
        "y, w",
    ),
    Bad(
        "recorded projection that is not there",
        network(recordings={"r": {"projection": "q", "variables": ["w"]}}),
        "net, at `q`: recording r names the projection 'q', which does not exist; known are p",
    ),
    Bad(
        "phase that changes a parameter of synapses",
        network(phases=[{"at": "5 ms", "changes": {"p.tau": "5 ms"}}]),
        "net, at `tau`: a phase, for p, names the quantity 'tau', which does not exist; known are "
        "weight",
    ),
    Bad(
        "events are no table",
        network({"events": "reward"}),
        "rule, at `events`: events is 'reward', not a table; write {reward = \"d += 1\"}",
    ),
]


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name.replace(" ", "-"))
def test_a_wrong_synapse_is_one_line(bad: Bad) -> None:
    with pytest.raises(SpikebridgeError) as caught:
        prepare(from_dict(bad.content), "reference")
    assert str(caught.value) == bad.error
    assert caught.value.exit_code == 2
    assert caught.value.remedy


def test_the_synapse_without_a_mistake_is_prepared() -> None:
    prepare(from_dict(network()), "reference")
    prepare(from_dict(network(REWARD, {"events": {"reward": "in"}})), "reference")
    prepare(from_dict(network(use={"initial": {"w": 1}})), "reference")


def test_a_final_state_that_would_lack_the_synapses_is_refused() -> None:
    with pytest.raises(Unsupported, match="synapses"):
        prepare(from_dict(network()), "nest", options=Options(final_state=True))
