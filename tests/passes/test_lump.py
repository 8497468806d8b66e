"""Lumping: the same trajectories, names that do not collide, reasons for what stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge.definition.connectivity import Rule
from spikebridge.definition.drawn import (
    DrawnChange,
    DrawnCurrent,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
)
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.expressions import Expression
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import STATIC
from spikebridge.errors import DefinitionError
from spikebridge.passes.integrate import program_of
from spikebridge.passes.lump import lump, lump_report
from spikebridge.passes.lump_neuron import lump_neuron
from spikebridge.passes.substitute import inlined

NEURON = Neuron(
    equations="dV/dt = (-(V - V_rest) + R_m*I_syn)/tau_m : mV",
    parameters={"V_rest": "-65 mV", "R_m": "0.1 GOhm", "tau_m": "20 ms", "V_th": "-50 mV"},
    ports={"I_syn": {"unit": "pA"}},
    spike={
        "condition": "V >= V_th",
        "effects": "V = V_rest",
        "refractory": {"period": "2*ms", "clamp": ["V"]},
    },
    name="lif",
)
GATING = Synapse(
    name="synapses/gating",
    equations="tau_s*ds/dt = -s : 1/ms",
    parameters={"tau_s": "5 ms"},
    unit="pA*ms",
    on_pre="s += 1/tau_s",
    coupling="weight*s",
)
ALPHA = Synapse(
    name="synapses/alpha",
    equations="dx/dt = -x/tau_s : 1\nds/dt = (x - s)/tau_s : 1",
    parameters={"tau_s": "4 ms"},
    on_pre="x += exp(1)",
    coupling="weight*s",
)
BIEXPONENTIAL = Synapse(
    name="biexponential",
    equations="""da/dt = -a/tau_r : 1
        db/dt = -b/tau_d : 1
        difference = b - a : 1""",
    parameters={"tau_r": "1 ms", "tau_d": "6 ms", "norm": "tau_d/(tau_d - tau_r)"},
    on_pre="a += norm; b += norm",
    coupling="weight*difference",
)
WEIGHT_IN_JUMP = Synapse(
    name="jump",
    equations="dI/dt = -I/tau_I : pA",
    parameters={"tau_I": "3 ms"},
    unit="pA",
    on_pre="I += weight + 2*weight**2/pA",
    coupling="I",
)
CONDUCTANCE = Synapse(
    name="conductance",
    unit="nS",
    equations="dg/dt = -g/tau_s : nS",
    parameters={"tau_s": "5 ms", "E": "0 mV"},
    on_pre="g += weight",
    coupling="g*(E - V_post)",
)
BLOCKED = Synapse(
    name="blocked",
    unit="nS",
    equations="""tau_r*dx/dt = -x : 1
        tau_d*ds/dt = x - s : 1
        B = 1/(1 + 0.28*exp(-0.062*V_post/mV)) : 1""",
    parameters={"tau_r": "2 ms", "tau_d": "50 ms", "E": "0 mV"},
    on_pre="x += 1",
    coupling="weight*B*(s + 0.1*x)*(E - V_post)",
)
LUMPABLE = {"gating": GATING, "alpha": ALPHA, "two": BIEXPONENTIAL, "jump": WEIGHT_IN_JUMP}
LUMPABLE |= {"conductance": CONDUCTANCE, "blocked": BLOCKED}


def projection(name: str, synapse: Synapse, n: int, rng: Any, **changes: Any) -> DrawnProjection:
    made = DrawnProjection(
        name=name,
        pre="E",
        post="E",
        port="I_syn",
        synapse=synapse,
        rule=Rule("all_to_all"),
        sources=rng.integers(0, 4, n),
        targets=rng.integers(0, 3, n),
        weights=rng.normal(0, 50, n),
        delays=1,
    )
    return replace(made, **changes)


def network(
    *projections: DrawnProjection,
    currents: tuple[DrawnCurrent, ...] = (),
    changes: tuple[DrawnChange, ...] = (),
) -> DrawnNetwork:
    numbers = {n: v.number for n, v in NEURON.parameters.items()}  # type: ignore[union-attr]
    population = DrawnPopulation("E", NEURON, 3, numbers, {"V": -65.0})
    return DrawnNetwork(
        label="test",
        hash="",
        dt=0.1,
        steps=10,
        seed=1,
        scheme="auto",
        populations={"E": population},
        sources={},
        projections={p.name: p for p in projections},
        currents=currents,
        recordings=(),
        changes=changes,
        parameters={},
    )


def rates(definition: Neuron | Synapse, scope: dict[str, Any]) -> dict[str, Any]:
    """Right sides with subexpressions inlined."""
    found = {}
    for e in definition.of_kind("differential"):
        assert e.expression is not None
        value = evaluate(inlined(definition, e.expression), scope)
        if e.factor is not None:
            value = value / evaluate(e.factor, scope)
        found[e.name] = value
    return found


def numbers(definition: Synapse, given: dict[str, Any]) -> dict[str, Any]:
    scope = dict(given)
    for name, value in definition.parameters.items():
        if name not in scope:
            number = evaluate(value, scope) if isinstance(value, Expression) else value.number  # type: ignore[union-attr]
            scope[name] = number
    return scope


def per_synapse(net: DrawnNetwork, arrivals: list[list[np.ndarray]], dt: float) -> np.ndarray:
    """V of each step; every synapse has its own states, the port is their sum at each moment."""
    population = net.populations["E"]
    V = np.full(population.size, -65.0)
    tables = {
        p.name: {s: np.zeros(len(p.weights)) for s in p.synapse.states}  # type: ignore[arg-type]
        for p in net.projections.values()
    }
    trace = []
    for step in arrivals:
        drive = np.zeros(population.size)
        for c in net.currents:
            drive[c.units] += c.values[0]
        updated = {}
        for p in net.projections.values():
            assert p.synapse.coupling is not None and p.targets is not None
            scope = numbers(p.synapse, dict(p.parameters)) | tables[p.name]
            scope |= {"weight": p.weights, "V_post": V[p.targets]}
            amounts = evaluate(inlined(p.synapse, p.synapse.coupling), scope)
            drive += np.bincount(p.targets, amounts, minlength=population.size)
            change = rates(p.synapse, scope)
            updated[p.name] = {s: tables[p.name][s] + dt * change[s] for s in change}
        V = V + dt * rates(NEURON, {**population.parameters, "V": V, "I_syn": drive})["V"]
        tables = updated
        for p, hit in zip(net.projections.values(), step, strict=True):
            scope = numbers(p.synapse, dict(p.parameters)) | {"weight": p.weights}
            for s in p.synapse.on_pre:
                amount = np.broadcast_to(evaluate(s.expression, scope), hit.shape)
                tables[p.name][s.target] = tables[p.name][s.target] + np.where(hit, amount, 0.0)
        trace.append(V.copy())
    return np.array(trace)


def per_neuron(net: DrawnNetwork, arrivals: list[list[np.ndarray]], dt: float) -> np.ndarray:
    """V of each step of the lumped network."""
    population = net.populations["E"]
    neuron = population.neuron
    state: dict[str, Any] = {
        s: np.zeros(population.size) + population.initial[s] for s in neuron.states
    }
    outside = {n: np.zeros(population.size) for n in neuron.continuous_ports}
    for c in net.currents:
        outside[c.port][c.units] += c.values[0]
    trace = []
    for step in arrivals:
        change = rates(neuron, {**population.parameters, **state, **outside})
        state = {s: state[s] + dt * change[s] for s in state}
        for p, hit in zip(net.projections.values(), step, strict=True):
            assert p.synapse is STATIC and p.targets is not None
            for s in neuron.ports[p.port].receive:
                amount = evaluate(s.expression, {**population.parameters, "weight": p.weights})
                state[s.target] = state[s.target] + np.bincount(
                    p.targets, np.where(hit, amount, 0.0), minlength=population.size
                )
        trace.append(state["V"].copy())
    return np.array(trace)


@settings(max_examples=16, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(sorted(LUMPABLE)), min_size=1, max_size=4),
    seed=st.integers(0, 2**31),
    driven=st.booleans(),
    tau=st.sampled_from([None, 3.0, 7.5]),
)
def test_lumped_equals_per_synapse(
    kinds: list[str], seed: int, driven: bool, tau: float | None
) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for k, kind in enumerate(kinds):
        given_tau = {"tau_s": tau} if tau and "tau_s" in LUMPABLE[kind].parameters and k % 2 else {}
        path = projection(f"p{k}", LUMPABLE[kind], 12, rng, parameters=given_tau)
        scale = 0.02 if path.synapse.unit == "nS" else 1.0  # conductances that V can follow
        made.append(replace(path, weights=path.weights * scale))
    current = DrawnCurrent("c", "E", "I_syn", np.array([0, 2]), np.array([0]), np.array([30.0]))
    net = network(*made, currents=(current,) if driven else ())
    arrivals = [[rng.random(12) < 0.1 for _ in made] for _ in range(60)]
    expected = per_synapse(net, arrivals, 0.1)
    found = per_neuron(lump(net), arrivals, 0.1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_gating_reads_as_printed() -> None:
    lumped = lump_neuron(NEURON, GATING, "I_syn")
    neuron = lumped.neuron
    assert neuron.states == ("V", "I_syn_s")
    assert neuron.subexpressions == ("I_syn",) and not neuron.continuous_ports
    assert str(neuron.ports["I_syn_gating"].receive[0]) == "I_syn_s += weight * (1 / tau_s)"
    assert neuron.ports["I_syn_gating"].unit == "pA*ms"
    assert neuron.spike == NEURON.spike


def test_equal_synapses_share_states_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    net = network(
        projection("a", GATING, 5, rng),
        projection("b", GATING, 5, rng),
        projection("c", GATING, 5, rng, parameters={"tau_s": 8.0}),
    )
    made = lump(net)
    population = made.populations["E"]
    assert population.neuron.states == ("V", "I_syn_s", "I_syn_s_2")
    assert made.projections["a"].port == made.projections["b"].port == "I_syn_gating"
    assert made.projections["c"].port == "I_syn_gating_2"
    assert population.parameters["tau_s"] == 5.0
    assert population.parameters["I_syn_tau_s"] == 8.0
    assert set(population.initial) == set(population.neuron.states)


def test_uniform_arrays_count_as_one_number() -> None:
    net = network(
        projection("a", GATING, 5, np.random.default_rng(0), parameters={"tau_s": np.full(5, 2.0)})
    )
    assert lump(net).populations["E"].parameters["tau_s"] == 2.0


def test_a_driven_port_stays_drivable() -> None:
    current = DrawnCurrent("c", "E", "I_syn", np.arange(3), np.array([0]), np.array([30.0]))
    made = lump(network(projection("a", GATING, 5, np.random.default_rng(0)), currents=(current,)))
    neuron = made.populations["E"].neuron
    assert neuron.continuous_ports == ("I_syn_external",)
    assert made.currents[0].port == "I_syn_external"
    assert "I_syn = I_syn_external + I_syn_s : pA" in neuron.equations


def test_initial_states_are_summed() -> None:
    started = replace(GATING, initial={"s": "2/tau_s"})
    rng = np.random.default_rng(0)
    p = projection("a", started, 4, rng, targets=np.array([0, 0, 2, 2]), weights=np.arange(4.0))
    np.testing.assert_allclose(
        lump(network(p)).populations["E"].initial["I_syn_s"], np.array([1.0, 0.0, 5.0]) * 2 / 5
    )


def test_drawn_initial_states_count_and_may_differ() -> None:
    rng = np.random.default_rng(0)
    targets, values = np.array([0, 0, 2, 2]), np.array([1.0, 2.0, 3.0, 4.0])
    given = {"targets": targets, "weights": np.full(4, 10.0)}
    p = projection("a", GATING, 4, rng, initial={"s": values}, **given)
    initial = lump(network(p)).populations["E"].initial
    np.testing.assert_allclose(initial["I_syn_s"], [30.0, 0.0, 70.0])
    p = projection("a", WEIGHT_IN_JUMP, 4, rng, initial={"I": values}, **given)
    initial = lump(network(p)).populations["E"].initial
    np.testing.assert_allclose(initial["I_syn_I"], [3.0, 0.0, 7.0])


def test_units_are_not_captured_by_names() -> None:
    neuron = Neuron(
        equations="dV/dt = (s - V)/tau + I/C : mV",
        parameters={"s": "1 mV", "tau": "1 ms", "C": "1 pF"},
        ports={"I": {"unit": "pA"}},
    )
    synapse = Synapse(
        equations="dg/dt = -g/(0.005*s) : 1", on_pre="g += 1", coupling="weight*g", name="short"
    )
    made = lump_neuron(neuron, synapse, "I").neuron
    assert "0.005 * second" in made.equations


@pytest.mark.parametrize(
    ("coupling", "reason"),
    [("weight*s**2", "the term weight * s ** 2"), ("weight*s + 3*pA", "the term 3 * pA")],
)
def test_what_cannot_be_lumped_stays_with_a_reason(coupling: str, reason: str) -> None:
    synapse = replace(GATING, coupling=Expression(coupling))
    net = network(projection("a", synapse, 5, np.random.default_rng(0)))
    (sentence,) = lump_report(net)
    assert reason in sentence and "not lumped" in sentence
    assert lump(net).projections["a"] is net.projections["a"]
    assert lump(net).populations["E"].neuron is NEURON
    with pytest.raises(DefinitionError, match="cannot be lumped"):
        lump_neuron(NEURON, synapse, "I_syn")


def test_the_neurons_variables_are_read_in_its_own_names() -> None:
    neuron = lump_neuron(NEURON, CONDUCTANCE, "I_syn").neuron
    assert "I_syn = I_syn_g * (E - V) : pA" in neuron.equations
    assert str(neuron.ports["I_syn_conductance"].receive[0]) == "I_syn_g += weight"
    blocked = lump_neuron(NEURON, BLOCKED, "I_syn").neuron
    assert blocked.states == ("V", "I_syn_x", "I_syn_s")


def test_a_shared_factor_is_applied_once_to_the_sum() -> None:
    """The same synapse from two projections: one conductance, one driving force."""
    rng = np.random.default_rng(0)
    made = lump(network(*(projection(n, CONDUCTANCE, 5, rng) for n in "ab")))
    population = made.populations["E"]
    assert population.neuron.states == ("V", "I_syn_g")
    assert population.neuron.equations.count("E - V)") == 1
    inhibition = projection("b", CONDUCTANCE, 5, rng, parameters={"E": -80.0})
    apart = lump(network(projection("a", CONDUCTANCE, 5, rng), inhibition)).populations["E"]
    assert apart.neuron.states == ("V", "I_syn_g", "I_syn_g_2")
    assert (apart.parameters["E"], apart.parameters["I_syn_E"]) == (0.0, -80.0)


def test_names_of_synapse_and_neuron_do_not_meet() -> None:
    """Every name of the synapse is one of the neuron, with another meaning."""
    neuron = Neuron(
        name="crowded",
        equations="""tau_s*dV/dt = E - V + s*mV + B*I/nS : mV
            ds/dt = -s/(5*ms) : 1
            dI_s/dt = -I_s/(7*ms) : 1
            B = 3 : 1""",
        parameters={"tau_s": "20 ms", "E": "-65 mV", "I_E": "1 mV"},
        ports={"I": {"unit": "pA"}, "I_same": {"unit": "mV", "receive": "V += weight"}},
    )
    synapse = Synapse(
        name="same",
        unit="nS",
        equations="tau_s*ds/dt = -s : 1\nB = 1/(1 + exp(-V_post/V)) : 1",
        on_pre="s += 1",
        coupling="weight*s*B*(E - V_post)*s_post",
        parameters={"tau_s": "3 ms", "E": "0 mV", "V": "16 mV"},
    )
    lumped = lump_neuron(neuron, synapse, "I")
    assert lumped.states == {"s": "I_s_2"}
    assert lumped.parameters == {"tau_s": "I_tau_s", "E": "E_2", "V": "I_V"}
    assert lumped.port == "I_same_2"
    numbers_ = {"V": -50.0, "s": 2.0, "I_s": 7.0, "I_s_2": 0.5, "I_V": 16.0, "E_2": 0.0}
    line = next(e for e in lumped.neuron.all_equations if e.name == "I")
    assert line.expression is not None
    expected = 0.5 / (1 + np.exp(50.0 / 16.0)) * (0.0 + 50.0) * 2.0
    assert evaluate(line.expression, numbers_) == pytest.approx(expected, rel=1e-14)


def test_a_missing_variable_of_the_neuron_is_named() -> None:
    odd = replace(GATING, name="odd", coupling=Expression("weight*s*Vm_post/mV"))
    with pytest.raises(DefinitionError) as caught:
        lump_neuron(NEURON, odd, "I_syn")
    assert "odd reads Vm_post, but lif has no Vm" in str(caught.value)


@pytest.mark.parametrize(
    ("synapse", "scheme"),
    [(ALPHA, "exact"), (CONDUCTANCE, "auto"), (BLOCKED, "auto"), (GATING, "exact")],
)
def test_exact_is_recommended_only_while_it_fits(synapse: Synapse, scheme: str) -> None:
    """A neuron that recommends exact propagators gets a product with V: `auto` takes rk4."""
    made = lump_neuron(replace(NEURON, scheme="exact"), synapse, "I_syn").neuron
    assert made.scheme == scheme
    assert program_of(made).scheme == ("exact" if scheme == "exact" else "rk4")
    assert lump_neuron(replace(NEURON, scheme="heun"), synapse, "I_syn").neuron.scheme == "heun"


@pytest.mark.parametrize("tau", [0.0, -3.0])
def test_time_constants_must_be_positive_under_any_name(tau: float) -> None:
    rng = np.random.default_rng(0)
    net = network(
        projection("a", GATING, 5, rng), projection("b", GATING, 5, rng, parameters={"tau_s": tau})
    )
    with pytest.raises(DefinitionError) as caught:
        lump(net)
    assert f"the time constant tau_s of synapses/gating is {tau:g} ms" in str(caught.value)
    assert "test.b" in str(caught.value)


def test_heterogeneous_parameters_and_changing_weights_stay() -> None:
    rng = np.random.default_rng(0)
    uneven = projection("a", GATING, 3, rng, parameters={"tau_s": np.array([1.0, 2.0, 3.0])})
    assert "tau_s differs" in lump_report(network(uneven))[0]
    change = DrawnChange(5, "weight", "a", "weight", 3.0)
    net = network(projection("a", GATING, 3, rng), changes=(change,))
    assert "weight changes" in lump_report(net)[0]
    jumping = network(projection("a", WEIGHT_IN_JUMP, 3, rng), changes=(change,))
    assert "not lumped" not in lump_report(jumping)[0]


def test_static_synapses_are_left_alone() -> None:
    net = network(projection("a", STATIC, 3, np.random.default_rng(0), port="nowhere"))
    assert lump(net).projections["a"] is net.projections["a"] and not lump_report(net)
