"""Wrong rules between rate units: one line with the place and the remedy."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from spikebridge import SimulationFailed, SpikebridgeError, Unsupported, simulate
from spikebridge.api import prepare
from spikebridge.definition.library import from_dict

RULE: dict[str, Any] = {
    "kind": "synapse",
    "name": "rule",
    "equations": "dw/dt = eta*(r_pre*r_post - w) : 1",
    "parameters": {"eta": "1 Hz"},
    "coupling": "weight*w*r_pre",
}
USE: dict[str, Any] = {
    "pre": "A",
    "post": "A",
    "port": "x_syn",
    "rule": "all_to_all",
    "weight": 0.2,
    "delay": "0 ms",
}


def network(rule: dict[str, Any] | None = None, **use: Any) -> dict[str, Any]:
    more = {key: use.pop(key) for key in ("stimuli", "phases") if key in use}
    projection = {**USE, "synapse": {**RULE, **(rule or {})}, **use}
    return {
        "kind": "network",
        "name": "net",
        "populations": {
            "A": {"neuron": "rates/rate", "size": 2},
            "cells": {"neuron": "neurons/lif_current", "size": 2},
        },
        "projections": {"p": projection},
        "recordings": {"A": {"population": "A", "variables": ["r"]}},
        "run": {"duration": "10 ms", "dt": "0.1 ms"},
        **more,
    }


class Bad(NamedTuple):
    name: str
    content: dict[str, Any]
    error: str


POISSON = {"in": {"kind": "poisson", "size": 2, "rate": "5 Hz"}}
TABLE = [
    Bad(
        "a variable that the sender lacks",
        network({"equations": "dw/dt = eta*(x_pre - w) : 1"}),
        "net.p, at `x_pre`: rule reads x_pre, but rates/rate in population A has no x; this one "
        "has F, I_ext, beta, r, r_max, tau_r, theta, x_syn",
    ),
    Bad(
        "a variable that the receiver lacks",
        network({"equations": "dw/dt = eta*(r_pre*s_post - w) : 1"}),
        "net.p, at `s_post`: rule reads s_post, but rates/rate in population A has no s; take a "
        "neuron that has it; this one has F, I_ext, beta, r, r_max, tau_r, theta, x_syn",
    ),
    Bad(
        "a variable that depends on the input",
        network({"equations": "dw/dt = eta*(r_pre*F_post - w) : 1"}),
        "net.p, at `F_post`: rule reads F_post, which depends on I_ext of A; read a state, or a "
        "subexpression of states and parameters",
    ),
    Bad(
        "a parameter of the sender",
        network({"equations": "dw/dt = eta*(r_pre*beta_pre - w) : 1"}),
        "net.p, at `beta_pre`: rule reads beta_pre, a parameter of A; read a state, or a "
        "subexpression of states and parameters",
    ),
    Bad(
        "units",
        network({"equations": "dw/dt = r_pre*r_post - eta*w : 1"}),
        "rule, in `dw/dt = r_pre*r_post - eta*w : 1`, at `r_pre * r_post - eta * w`: cannot "
        "subtract kHz (eta * w) from a plain number (r_pre * r_post); give both the same unit",
    ),
    Bad(
        "initial weight out of bounds",
        network({"on_step": "w = clip(w, 0, 2)"}, initial={"w": 3}),
        "net.p, in `w = clip(w, 0, 2)`, at `w`: w begins at 3, outside its bounds [0, 2]; give an "
        "initial w inside, or other bounds",
    ),
    Bad(
        "dt_w off the grid",
        network(dt_w="0.25 ms"),
        "net.p, at `dt_w`: dt_w = 0.25 ms is not a positive multiple of dt = 0.1 ms; nearest are "
        "0.2 ms and 0.3 ms",
    ),
    Bad(
        "dt_w is no time",
        network(dt_w="2 mV"),
        "net, at `p.dt_w`: p.dt_w has the unit mV where ms is needed; give it in ms",
    ),
    Bad(
        "dt_w of a synapse that does not move",
        network(synapse="synapses/graded", dt_w="1 ms"),
        "net.p, at `dt_w`: dt_w says how often weights move step by step, but synapses/graded is "
        "no graded synapse with states; drop dt_w",
    ),
    Bad(
        "a spiking stimulus sends",
        network(pre="in", stimuli=POISSON),
        "net.p, at `r_pre`: rule reads r_pre, but in is a stimulus; start from a population, or "
        "drive the port by a current",
    ),
    Bad(
        "a spiking neuron sends",
        network(pre="cells"),
        "net.p, at `r_pre`: rule reads r_pre, but neurons/lif_current in population cells has no "
        "r; this one has ",
    ),
    Bad(
        "statements for spikes",
        network({"on_pre": "w += 1"}),
        "net.p, at `on_pre`: on_pre is for spikes, but rule reads both units in every step; write "
        "what it does into the equations, or into on_step",
    ),
    Bad(
        "on_step without such a rule",
        network(
            {"equations": "dw/dt = -eta*w : 1", "coupling": "weight*w", "on_step": "w = 1"}
            | {"on_pre": "w += 1"}
        ),
        "rule, in `w = 1`, at `on_step`: on_step is for states that move with the units' "
        "variables, and there are none; write the statement into on_pre or on_post, or a coupling "
        "that reads r_pre",
    ),
    Bad(
        "a part of the delay",
        network({"delay_at": 0.5}),
        "rule, at `delay_at`: delay_at is 0.5, but the delay of a graded synapse lies before it; "
        "leave delay_at out",
    ),
    Bad(
        "noise in the rule",
        network({"equations": "dw/dt = eta*r_pre*r_post + xi*sqrt(eta) : 1"}),
        "rule, in `dw/dt = eta*r_pre*r_post + xi*sqrt(eta) : 1`, at `xi`: a synapse with states "
        "cannot read the noise xi; put it into the neuron; let a third factor (events) tell the "
        "synapse",
    ),
    Bad(
        "no product",
        network({"coupling": "weight*tanh(w*r_pre)"}),
        "rule, in `coupling = weight*tanh(w*r_pre)`, at `coupling`: the coupling of rule cannot be "
        "summed: it is no product of what the synapse and what the sender has; write e.g. "
        "weight*w*r_pre, or weight*w*f(r_pre)",
    ),
    Bad(
        "a phase for a state",
        network(phases=[{"at": "1 ms", "changes": {"p.w": 1}}]),
        "net, at `w`: a phase, for p, names the quantity 'w', which does not exist; known are "
        "weight, eta",
    ),
    Bad(
        "a phase in another unit",
        network(phases=[{"at": "1 ms", "changes": {"p.eta": "1 mV"}}]),
        "rule, at `eta`: eta has the unit mV where kHz is needed; give it in kHz",
    ),
]


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
def test_one_line_says_where_and_what_to_do(bad: Bad) -> None:
    with pytest.raises(SpikebridgeError) as caught:
        prepare(from_dict(bad.content), "reference")
    assert str(caught.value).startswith(bad.error)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("on", ["reference", "brian2", "nest"])
def test_a_continued_run_would_forget_the_weights(on: str) -> None:
    for settings in ({"final_state": True}, {"initial_state": {"step": 10}}):
        with pytest.raises(Unsupported, match="a continued run with p"):
            simulate(from_dict(network()), on, **settings)  # type: ignore[arg-type]


def test_nest_sends_one_variable() -> None:
    """A unit with two states of which a rule reads both."""
    two = network({"equations": "dw/dt = eta*(a_pre*r_pre - w) : 1"})
    two["populations"]["A"] = {"neuron": "rates/rate_adaptation", "size": 2}
    prepare(from_dict(two), "reference")
    with pytest.raises(Unsupported, match="reads a_pre and r_pre, and a node sends one value"):
        prepare(from_dict(two), "nest")


def test_weights_that_grow_past_all_numbers_are_no_result() -> None:
    explosive = network({"equations": "dw/dt = 1e3*w*w/ms + 0*r_pre/ms : 1"}, initial={"w": 1e3})
    explosive["recordings"]["w"] = {"projection": "p", "variables": ["w"]}
    explosive["projections"]["p"]["weight"] = 0
    with pytest.raises(SimulationFailed, match="is no finite number"):
        simulate(from_dict(explosive), "reference")
