"""Which synapses cannot be lumped: the reason names the statement or the term."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikebridge.api import simulate
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.expressions import parse
from spikebridge.definition.library import load, names
from spikebridge.definition.model import Synapse
from spikebridge.definition.network import Network, Population, Projection, Stimulus
from spikebridge.errors import Unsupported
from spikebridge.passes.lumpable import obstacle
from spikebridge.passes.terms import terms


def _with(**changes: Any) -> Synapse:
    entries: dict[str, Any] = {
        "equations": "ds/dt = -s/tau : 1",
        "parameters": {"tau": "5 ms"},
        "on_pre": "s += 1",
        "coupling": "weight*s",
    }
    return Synapse(**{**entries, **changes})


@pytest.mark.parametrize(
    ("synapse", "reason"),
    [
        (_with(equations="ds/dt = -s**2/tau : 1"), "the equation of s is not linear"),
        (_with(equations="ds/dt = -s**2/tau : 1"), "the term -s ** 2 / tau"),
        (_with(equations="ds/dt = (1 - s)/tau : 1"), "the term 1 / tau"),
        (
            _with(equations="ds/dt = (0.2*V_post/mV - s)/tau : 1"),
            "the term 0.2 * V_post / mV / tau",
        ),
        (_with(equations="ds/dt = -s/tau + weight/(tau*pA) : 1"), "the term weight / (tau * pA)"),
        (_with(equations="tau*(1 + s)*ds/dt = -s : 1"), "the factor tau*(1 + s) of ds/dt"),
        (_with(equations="tau*ds/dt = -s*min(s, 1) : 1"), "the term -s * min(s, 1)"),
        (_with(equations="ds/dt = -s*exp(-t/tau)/tau : 1"), "reads t"),
        (_with(on_pre="s += 0.5*(1 - s)"), "depends on the state"),
        (_with(on_pre="s = 1"), "does not add"),
        (_with(on_pre="s *= 2"), "does not add"),
        (_with(on_pre=""), "do not change it"),
        (_with(on_pre="s += 1 + V_post/mV"), "`s += 1 + V_post/mV` reads V_post"),
        (_with(on_pre="s += int(s > 0.5)"), "`s += int(s > 0.5)` depends on the state"),
        (_with(on_post="s += 1"), "postsynaptic spikes change it: `s += 1`"),
        (_with(events={"reward": "s += 1"}), "third factors change it: reward"),
        (_with(coupling="weight*s*(E - V_post)"), "reads E"),
        (_with(coupling="weight*s**2"), "not linear in the states: the term weight * s ** 2"),
        (_with(coupling="weight*s + 3*pA"), "not linear in the states: the term 3 * pA"),
        (_with(coupling="weight*(s + 1)*(2 - V_post/mV)"), "the term weight * 2"),
        (_with(coupling="weight*tanh(s)"), "the term weight * tanh(s)"),
        (_with(coupling="weight*s/(1 + weight)"), "the term weight * s / (1 + weight)"),
        (_with(coupling="(weight + 2*pA)*s"), "proportional to the weight: the term 2 * pA * s"),
        (_with(on_pre="s += weight"), "the weight: `s += weight` contains it too"),
        (_with(deliver="weight"), "delivers events"),
    ],
)
def test_the_reason_names_what_stands_in_the_way(synapse: Synapse, reason: str) -> None:
    found = obstacle(synapse)
    assert found is not None and reason in found, found


def test_a_run_that_needs_what_cannot_be_lumped_says_which_term() -> None:
    """The saturating channel of Wang (1999)."""
    equations = "dx/dt = -x/(2*ms) : 1\nds/dt = -s/(100*ms) + 0.5/ms*x*(1 - s) : 1"
    saturating = _with(name="saturating", equations=equations, on_pre="x += 1")
    rule: Any = "all_to_all"
    one: Any = 1
    trains: Any = ((1.0,),)
    given: Any = {"weight": "1 pA", "delay": "1 ms", "synapse": saturating}
    network = Network(
        populations={"cells": Population("cells", load("neurons/lif"), one)},
        stimuli={"input": Stimulus("input", "spikes", trains=trains)},
        projections={"p": Projection("p", "input", "cells", "I_syn", rule, **given)},
    )
    with pytest.raises(Unsupported) as caught:
        simulate(network, "reference", duration=5.0)
    for part in ("p: saturating", "the equation of s is not linear", "-(0.5 / ms * x * s)"):
        assert part in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"coupling": "weight*s*(0*mV - V_post)/mV*exp(-V_post/(20*mV))"},
        {"coupling": "weight*(s*V_post/mV + 2*s)"},
        {"coupling": "weight*s*int(V_post > -50*mV)"},
        {"equations": "ds/dt = -s/tau*(1 + exp(V_post/(20*mV))) : 1"},
        {"equations": "(tau + V_post*ms/mV)*ds/dt = -s : 1"},
        {"on_pre": "s -= 2", "coupling": "-weight*s/3"},
        {"on_pre": "s += weight**2/pA**2", "coupling": "s*pA"},
        {"equations": "dx/dt = -x/tau : 1\nds/dt = (x - s)/tau : 1", "on_pre": "x += exp(1)"},
        {"initial": {"s": "0.5"}},
    ],
)
def test_these_can_be_lumped(changes: dict[str, Any]) -> None:
    assert obstacle(_with(**changes)) is None


@pytest.mark.parametrize("name", [n for n in names() if n.startswith("synapses/")])
def test_every_synapse_of_the_library_with_a_coupling_by_states_can_be_lumped(name: str) -> None:
    synapse = load(name)
    if synapse.states and synapse.is_graded:
        assert obstacle(synapse) == "the equation of w reads r_pre"
    elif synapse.states and synapse.coupling is not None:
        assert obstacle(synapse) is None
    elif synapse.states:
        assert obstacle(synapse) == "its states do not feed the port continuously"
    else:
        assert obstacle(synapse) == "it has no state"


ATOMS = st.sampled_from(["a", "b", "c", "2", "exp(a)", "(a + b)**2", "1"])
SUMS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["c", "2"])).map(lambda t: f"{t[0]}/{t[1]}"),
        inner.map(lambda t: f"(-{t})"),
    ),
    max_leaves=8,
)


@given(SUMS)
def test_terms_add_up_to_the_expression(text: str) -> None:
    scope = {"a": 0.3, "b": -1.7, "c": 2.9}
    expression = parse(text)
    total = sum(evaluate(term, scope) for term in terms(expression))
    assert total == pytest.approx(evaluate(expression, scope), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1 - s)/tau", ["1 / tau", "-(s / tau)"]),
        ("-(a - b)", ["-a", "b"]),
        ("a*(1 + b)", ["a", "a * b"]),
        ("exp(a + b)", ["exp(a + b)"]),
        ("a", ["a"]),
    ],
)
def test_terms_read_as_written(text: str, expected: list[str]) -> None:
    assert [str(t) for t in terms(parse(text))] == expected
