"""Wrong rate networks: one line with the place and the remedy."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest

from spikebridge import DefinitionError, SimulationFailed, SpikebridgeError, Unsupported, simulate
from spikebridge.api import prepare
from spikebridge.definition.library import from_dict
from spikebridge.simulators.base import Feature, get

UNIT: dict[str, Any] = {
    "kind": "neuron",
    "name": "unit",
    "equations": "tau*dr/dt = -r + F : 1\nF = tanh(x_syn + I_ext) : 1",
    "parameters": {"tau": "10 ms"},
    "initial": {"r": "0.5"},
    "ports": {
        "x_syn": {"unit": "1", "kind": "continuous"},
        "I_ext": {"unit": "1", "kind": "continuous"},
    },
    "scheme": "exponential_euler",
}
SPIKING: dict[str, Any] = {
    "kind": "neuron",
    "name": "cell",
    "equations": "tau*dV/dt = -V : mV",
    "parameters": {"tau": "20 ms"},
    "ports": {"syn": {"unit": "mV", "receive": "V += weight"}},
    "spike": {"condition": "V >= 10*mV", "effects": "V = 0*mV"},
}
RATE: dict[str, Any] = {
    "pre": "A",
    "post": "A",
    "port": "x_syn",
    "synapse": "synapses/graded",
    "rule": "all_to_all",
    "weight": 0.2,
    "delay": "0 ms",
}
TRAIN = {"in": {"kind": "spikes", "trains": [[1, 2], [3]]}}


def network(unit: dict[str, Any] | None = None, **use: Any) -> dict[str, Any]:
    """Two rate units and two spiking cells; ``use`` changes the projection of the units."""
    more = {key: use.pop(key) for key in ("stimuli", "phases") if key in use}
    parameters = use.pop("unit_parameters", {})
    return {
        "kind": "network",
        "name": "net",
        "populations": {
            "A": {"neuron": {**UNIT, **(unit or {})}, "size": 2, "parameters": parameters},
            "B": {"neuron": SPIKING, "size": 2},
        },
        "projections": {"p": {**copy.deepcopy(RATE), **use}},
        "recordings": {"A": {"population": "A", "variables": ["r"]}},
        "run": {"duration": "10 ms", "dt": "0.1 ms"},
        **more,
    }


def coupling(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "synapse", "name": "rule", "coupling": text, **more}


class Bad(NamedTuple):
    """What is wrong, the network, and what is said."""

    name: str
    content: dict[str, Any]
    error: str


TABLE = [
    Bad(
        "negative tau",
        network(unit_parameters={"tau": "-5 ms"}),
        "net.A, at `tau`: the time constant tau is -5 ms; give a positive time",
    ),
    Bad(
        "one negative tau",
        network(unit_parameters={"tau": ["5 ms", "-1 ms"]}),
        "net.A, at `tau`: the time constant tau is -1 ms; give a positive time",
    ),
    Bad(
        "tau of 0 in a phase",
        network(phases=[{"at": "1 ms", "changes": {"A.tau": "0 ms"}}]),
        "net.A, at `tau`: the time constant tau is 0 ms; give a positive time",
    ),
    Bad(
        "delay off the grid",
        network(delay="0.25 ms"),
        "net.p, at `delay`: delay = 0.25 ms is not a multiple of dt = 0.1 ms; "
        "nearest are 0.2 ms and 0.3 ms",
    ),
    Bad(
        "delay shorter than dt",
        network(delay="0.04 ms"),
        "net.p, at `delay`: delay = 0.04 ms is not a multiple of dt = 0.1 ms; "
        "nearest are 0 ms and 0.1 ms",
    ),
    Bad(
        "spikes with a delay shorter than dt",
        network(
            pre="B", post="B", port="syn", synapse="synapses/static", weight="1 mV", delay="0.04 ms"
        ),
        "net.p, at `delay`: delay = 0.04 ms is not a positive multiple of dt = 0.1 ms; "
        "nearest are 0.1 ms and 0.2 ms",
    ),
    Bad(
        "negative delay",
        network(delay="-1 ms"),
        "net.p, at `delay`: delay = -1 ms is not a multiple of dt = 0.1 ms; nearest "
        "are 0 ms and 0.1 ms",
    ),
    Bad(
        "spiking synapse from a rate unit",
        network(synapse="synapses/static"),
        "net, at `A`: projection p starts from A, whose neuron never spikes; give "
        "its neuron a [spike] section, or take a graded synapse (synapses/graded)",
    ),
    Bad(
        "spiking synapse onto a rate unit",
        network(pre="B", synapse="synapses/static"),
        "net.p, at `x_syn`: synapses/static needs a port of kind spikes, but x_syn "
        "of A is continuous; its ports are x_syn (continuous), I_ext (continuous)",
    ),
    Bad(
        "plastic synapse from a rate unit",
        network(synapse="synapses/stdp_pair"),
        "net, at `A`: projection p starts from A, whose neuron never spikes; give "
        "its neuron a [spike] section, or take a graded synapse (synapses/graded)",
    ),
    Bad(
        "graded onto a spike port",
        network(post="B", port="syn"),
        "net.p, at `syn`: synapses/graded needs a port of kind continuous, but syn "
        "of B is spikes; its ports are syn (spikes)",
    ),
    Bad(
        "no such variable",
        network(synapse=coupling("weight*q_pre")),
        "net.p, at `q_pre`: rule reads q_pre, but unit in population A has no q; "
        "this one has F, I_ext, r, tau, x_syn",
    ),
    Bad(
        "not the weight times",
        network(synapse=coupling("weight + r_pre")),
        "rule, in `coupling = weight + r_pre`, at `coupling`: the coupling of rule "
        "cannot be summed: it is not proportional to the weight; write "
        "weight*f(x_pre) with x a state, or a function of states, of the sender",
    ),
    Bad(
        "weight squared",
        network(synapse=coupling("weight*weight*r_pre")),
        "rule, in `coupling = weight*weight*r_pre`, at `coupling`: the coupling of "
        "rule cannot be summed: it is not proportional to the weight; write "
        "weight*f(x_pre) with x a state, or a function of states, of the sender",
    ),
    Bad(
        "sender's input",
        network(synapse=coupling("weight*I_ext_pre")),
        "rule, in `coupling = weight*I_ext_pre`, at `coupling`: the coupling of rule "
        "cannot be summed: it reads I_ext, which is no state; write weight*f(x_pre) "
        "with x a state, or a function of states, of the sender",
    ),
    Bad(
        "from a stimulus",
        network(pre="in", stimuli=TRAIN),
        "net.p, at `r_pre`: synapses/graded reads r_pre, but in is a stimulus; start "
        "from a population, or drive the port by a current",
    ),
    Bad(
        "unit of the weight",
        network(weight="0.2 mV"),
        "net, at `p.weight`: p.weight has the unit mV where 1 is needed; give a plain number",
    ),
    Bad(
        "weights for other units",
        network(weight=[0.1, 0.2, 0.3]),
        "net.p, at `weight`: weight has 3 values for 4 connections; give one value, "
        "or one per connection in the order of (source, target)",
    ),
    Bad(
        "sent value undefined",
        network(synapse=coupling("weight*log(r_pre - 1)")),
        "net.p, in `coupling = weight*log(r_pre - 1)`, at `A`: what unit 0 of A "
        "sends has no finite value at time 0; give other initial values, or write it "
        "so that it has a value everywhere",
    ),
    Bad(
        "one parameter per connection",
        network(
            synapse=coupling("g*weight*r_pre", parameters={"g": 1}), parameters={"g": [1, 2, 3, 4]}
        ),
        "net.p, in `coupling = g*weight*r_pre`, at `g`: g has one value per "
        "connection, but a sum over units needs one for all; multiply the weights by "
        "g, or make it a parameter of the sender",
    ),
]


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name.replace(" ", "-"))
def test_a_wrong_rate_network_is_one_line(bad: Bad) -> None:
    with pytest.raises(SpikebridgeError) as caught:
        prepare(from_dict(bad.content), "reference")
    assert str(caught.value) == bad.error
    assert caught.value.exit_code == 2
    assert caught.value.remedy


def test_the_network_without_a_mistake_is_prepared() -> None:
    prepare(from_dict(network()), "reference")
    prepare(
        from_dict(network(synapse=coupling("g*weight*r_pre", parameters={"g": 1}))), "reference"
    )
    prepare(from_dict(network(weight=[0.1, 0.2, 0.3, 0.4], delay="0.3 ms")), "reference")


def undefined(function: str, **more: Any) -> dict[str, Any]:
    equations = f"tau*dr/dt = -r + F : 1\nF = {function} : 1"
    return network({"equations": equations}, **more)


RAMP = {
    "in": {
        "kind": "current",
        "population": "A",
        "port": "I_ext",
        "times": ["0 ms", "5 ms"],
        "values": [0.5, -2.0],
    }
}
FASTER = network({"equations": "tau*dr/dt = -r + 0.01*x_syn**3 : 1"}, weight=[9e9, 1, 1, 9e9])
SIMULATORS = [
    pytest.param("reference"),
    pytest.param("brian2", marks=pytest.mark.slow),
    pytest.param("nest", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("on", SIMULATORS)
def test_a_function_without_a_value_is_no_result(on: str) -> None:
    """At once, during the run, and by growth past all numbers; nobody gets a trace of nan."""
    assert Feature.GRADED_COUPLING in get(on).features
    at_once = undefined("sqrt(x_syn + I_ext - 9)")
    later = undefined("sqrt(x_syn + I_ext)", stimuli=RAMP)
    for content in (at_once, later, FASTER):
        with pytest.raises(
            SimulationFailed, match=r"net\.A, at `r`: r of unit 0 is no finite number"
        ) as caught:
            simulate(
                from_dict(content), on, options={"target": "numpy"} if on == "brian2" else None
            )
        assert "max(x, 0)" in str(caught.value.remedy)
        assert caught.value.exit_code == 4


def test_a_weight_may_name_a_random_parameter_alone() -> None:
    W = {"distribution": "normal", "mean": 0, "std": 1}
    content = {**network(weight="W"), "parameters": {"W": W}}
    prepare(from_dict(content), "reference")
    content["projections"]["p"]["weight"] = "2*W"
    with pytest.raises(DefinitionError, match="W is random and cannot stand in `2\\*W`"):
        prepare(from_dict(content), "reference")


@pytest.mark.parametrize("on", ["reference", "brian2", "nest"])
def test_signals_on_their_way_are_not_lost_silently(on: str) -> None:
    content = from_dict(network(delay="1 ms"))
    for settings in ({"final_state": True}, {"initial_state": {"step": 10}}):
        with pytest.raises(Unsupported, match="a continued run with p"):
            simulate(content, on, **settings)


def test_a_run_without_delays_goes_on() -> None:
    content = from_dict(network())
    whole = simulate(content, "reference", duration="10 ms").columns.trace("A", "r").values
    first = simulate(content, "reference", duration="4 ms", final_state=True)
    then = simulate(content, "reference", duration="10 ms", initial_state=first.final_state)
    assert (then.columns.trace("A", "r").values == whole[40:]).all()


def test_a_graded_projection_is_never_native() -> None:
    with pytest.raises(DefinitionError, match=r"net\.p, at `native`: projection p is native"):
        from_dict(network(native=True))
    assert not from_dict(network()).native().projections["p"].native
