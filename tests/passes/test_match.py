"""Built-ins recognised whatever the names; near misses refused, with what differs."""

from __future__ import annotations

import time
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron
from spikebridge.errors import Unsupported
from spikebridge.passes.catalog import Catalogue
from spikebridge.passes.match import Match, NoMatch, explain, find_match

NUMBERS = {
    "tau_m": "20 ms",
    "R": "0.1 GOhm",
    "C": "200 pF",
    "g": "10 nS",
    "E": "-65 mV",
    "V_th": "-50 mV",
    "V_r": "-60 mV",
    "t_ref": "2 ms",
    "tau_s": "5 ms",
    "tau_i": "8 ms",
    "J": "3 pA",
    "bias": "30 pA",
}
EXPONENTIAL = "dI/dt = -I/tau_s : pA"
SPIKE = {
    "condition": "V >= V_th",
    "effects": "V = V_r",
    "refractory": {"period": "t_ref", "clamp": ["V"]},
}
IN = {"p": {"unit": "pA", "receive": "I += weight"}}


@cache
def catalogue() -> Catalogue:
    path = files("spikebridge.simulators.nest") / "catalog.toml"
    return Catalogue(path.read_text(encoding="utf-8"))


def neuron(equations: str, ports: Any = None, spike: Any = None, **parameters: str) -> Neuron:
    return Neuron(
        name="mine",
        equations=equations,
        parameters={**NUMBERS, **parameters},
        ports=IN if ports is None else ports,
        spike={**SPIKE, **(spike or {})},
    )


def lif(rate: str = "(E - V + R*I)/tau_m", **changes: Any) -> Neuron:
    return neuron(f"dV/dt = {rate} : mV\n{EXPONENTIAL}", **changes)


def match_of(made: Neuron, **signs: tuple[int, ...]) -> Match:
    found = find_match(made, catalogue(), signs or None)
    assert isinstance(found, Match), explain(found)
    return found


def numbers_of(made: Neuron) -> dict[str, float]:
    return {n: v.number for n, v in made.parameters.items() if hasattr(v, "number")}


CURRENT = {"I_ext": {"unit": "pA", "kind": "continuous"}}
TWO = """dV/dt = (E - V + R*(A + B))/tau_m : mV
    dA/dt = -A/tau_s : pA
    dB/dt = -B/tau_i : pA"""
TWO_PORTS = {
    "a": {"unit": "pA", "receive": "A += weight"},
    "b": {"unit": "pA", "receive": "B += weight"},
}
CONDUCTANCE = """C*dV/dt = g*(E - V) + G*(0*mV - V) + H*(-80*mV - V) : mV
    dG/dt = -G/tau_s : nS
    dH/dt = -H/tau_i : nS"""
CONDUCTANCE_PORTS = {
    "e": {"unit": "nS", "receive": "G += weight"},
    "i": {"unit": "nS", "receive": "H += weight"},
}
ALPHA = """dV/dt = (E - V + R*I)/tau_m : mV
    tau_s*dI/dt = x - I : pA
    tau_s*dx/dt = -x : pA"""
ALPHA_PORT = {"p": {"unit": "pA", "receive": "x += weight*exp(1)"}}

# name, neuron, built-in, some parameters, weight factors
MATCHES: list[tuple[str, Neuron, str, dict[str, float], dict[str, float]]] = [
    ("plain", lif(), "iaf_psc_exp", {"tau_m": 20, "C_m": 200, "E_L": -65}, {"p": 1}),
    ("factor", neuron(f"tau_m*dV/dt = -(V - E) + R*I : mV\n{EXPONENTIAL}"), "iaf_psc_exp",
     {"tau_m": 20, "C_m": 200, "V_reset": -60, "V_th": -50, "t_ref": 2}, {"p": 1}),
    ("g and C", lif("(-g*(V - E) + I)/C"), "iaf_psc_exp", {"tau_m": 20, "C_m": 200}, {"p": 1}),
    ("rearranged", lif("E/tau_m + (I - V/R)*(R/tau_m)"), "iaf_psc_exp", {"C_m": 200}, {"p": 1}),
    ("subexpression", neuron(f"""dV/dt = (leak + I)/C : mV
        {EXPONENTIAL}
        leak = g*(E - V) : pA"""), "iaf_psc_exp", {"tau_m": 20, "E_L": -65}, {"p": 1}),
    ("bias", lif("(E - V + R*(I + bias))/tau_m"), "iaf_psc_exp", {"E_L": -62}, {"p": 1}),
    ("numbers", lif("(-V - 65*mV)/(20*ms) + I/(200*pF)"), "iaf_psc_exp",
     {"tau_m": 20, "C_m": 200, "E_L": -65}, {"p": 1}),
    ("scaled weight", lif(ports={"p": {"unit": "1", "receive": "I += J*weight"}}), "iaf_psc_exp",
     {}, {"p": 3}),
    ("inhibition subtracts", lif(ports={**IN, "q": {"unit": "pA", "receive": "I -= 2*weight"}}),
     "iaf_psc_exp", {}, {"p": 1, "q": -2}),
    ("normalised", lif(ports={"p": {"unit": "pA*ms", "receive": "I += weight/tau_s"}}),
     "iaf_psc_exp", {"tau_syn_ex": 5, "tau_syn_in": 5}, {"p": 0.2}),
    ("in mV", neuron("""dV/dt = (E - V + psp)/tau_m : mV
        dpsp/dt = -psp/tau_s : mV""", {"p": {"unit": "mV", "receive": "psp += weight"}}),
     "iaf_psc_exp", {"tau_m": 20, "C_m": 20}, {"p": 1}),
    ("negative current", lif("(E - V - R*I)/tau_m"), "iaf_psc_exp", {"C_m": 200}, {"p": -1}),
    ("threshold turned", lif(spike={"condition": "0*mV <= 2*(V - V_th)"}), "iaf_psc_exp",
     {"V_th": -50}, {"p": 1}),
    ("no refractoriness", lif(spike={"refractory": None}), "iaf_psc_exp", {"t_ref": 0}, {"p": 1}),
    ("reset by assignment of a sum", lif(spike={"effects": "V = E + 5*mV"}), "iaf_psc_exp",
     {"V_reset": -60}, {"p": 1}),
    ("reset in two steps", lif(spike={"effects": "V = 0*mV; V += V_r"}), "iaf_psc_exp",
     {"V_reset": -60}, {"p": 1}),
    ("two currents", neuron(TWO, TWO_PORTS), "iaf_psc_exp",
     {"tau_syn_ex": 5, "tau_syn_in": 8, "C_m": 200}, {"a": 1, "b": 1}),
    ("delta", neuron("dV/dt = (E - V)/tau_m : mV", {"p": {"unit": "mV", "receive": "V += weight"}}),
     "iaf_psc_delta", {"tau_m": 20, "E_L": -65}, {"p": 1}),
    ("delta as charge", neuron("C*dV/dt = g*(E - V) + I_ext : mV",
     {"p": {"unit": "fC", "receive": "V += weight/C"}, **CURRENT}),
     "iaf_psc_delta", {"tau_m": 20, "C_m": 200}, {"p": 0.005}),
    ("current only", neuron("dV/dt = (E - V + R*I_ext)/tau_m : mV", CURRENT),
     "iaf_psc_delta", {"C_m": 200}, {}),
    ("alpha", neuron(ALPHA, ALPHA_PORT), "iaf_psc_alpha", {"tau_syn_ex": 5, "C_m": 200}, {"p": 1}),
    ("alpha of area", neuron(ALPHA, {"p": {"unit": "pA", "receive": "x += weight"}}),
     "iaf_psc_alpha", {"tau_syn_in": 5}, {"p": np.exp(-1)}),
    ("conductances", neuron(CONDUCTANCE, CONDUCTANCE_PORTS), "iaf_cond_exp",
     {"E_ex": 0, "E_in": -80, "g_L": 10, "C_m": 200}, {"e": 1, "i": -1}),
    ("conductances per leak", neuron("""dV/dt = (E - V - G*V - H*(V + 80*mV))/tau_m : mV
        dG/dt = -G/tau_s : 1
        dH/dt = -H/tau_i : 1""",
     {"e": {"unit": "1", "receive": "G += weight"}, "i": {"unit": "1", "receive": "H += weight"}}),
     "iaf_cond_exp", {"E_in": -80, "g_L": 1, "C_m": 20}, {"e": 1, "i": -1}),
    ("one conductance", neuron("""C*dV/dt = g*(E - V) - G*V : mV
        dG/dt = -G/tau_s : nS""", {"e": CONDUCTANCE_PORTS["e"]}), "iaf_cond_exp",
     {"E_ex": 0, "tau_syn_ex": 5}, {"e": 1}),
    ("conductance in the leak too", neuron(CONDUCTANCE.replace("g*(E - V)", "g*(E - V)*(1 + G/g)"),
     CONDUCTANCE_PORTS), "iaf_cond_exp", {"E_ex": -32.5, "C_m": 100}, {"e": 1, "i": -0.5}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "builtin", "parameters", "factors"),
    [m[1:] for m in MATCHES],
    ids=[m[0] for m in MATCHES],
)
def test_rewritten_neurons_match(
    made: Neuron, builtin: str, parameters: dict[str, float], factors: dict[str, float]
) -> None:
    match = match_of(made)
    values = numbers_of(made)
    assert match.builtin == builtin
    found = match.parameters(values)
    assert {n: found[n] for n in parameters} == pytest.approx(parameters, rel=1e-13)
    assert {p: match.weight_factor(p, values) for p in match.ports} == pytest.approx(factors)
    assert match.obstacle(values) is None


MISSES: list[tuple[str, Neuron, str]] = [
    ("quadratic term", lif("(E - V + R*I + 0.1*(V - E)**2/mV)/tau_m"), "V**2"),
    ("reset by subtraction", lif(spike={"effects": "V -= 15*mV"}), "reset of V"),
    ("reset of the current too", lif(spike={"effects": "V = V_r; I = 0*pA"}), "reset of I"),
    ("no reset", lif(spike={"effects": ""}), "reset of V"),
    ("strict threshold", lif(spike={"condition": "V > V_th"}), "V > V_th"),
    ("threshold from above", lif(spike={"condition": "V <= V_th"}), "V <= V_th"),
    ("threshold of two states", lif(spike={"condition": "V + R*I >= V_th"}), "not a threshold"),
    ("second condition", lif(spike={"condition": "V >= V_th and I > 0*pA"}), "not a threshold"),
    ("clamps the current too", lif(spike={"refractory": {"period": "t_ref", "clamp": ["V", "I"]}}),
     "clamps I, V"),
    ("refractory without clamp", lif(spike={"refractory": {"period": "t_ref"}}), "clamps nothing"),
    ("refractoriness depends on V", lif(spike={"refractory": {"period": "t_ref*(1 + I/J)",
     "clamp": ["V"]}}), "refractory period"),
    ("current drives current", neuron("""dV/dt = (E - V + R*I)/tau_m : mV
        dI/dt = -I/tau_s + 0.001*(V - E)*g/tau_s : pA"""), "equation of I"),
    ("constant in the current", neuron("""dV/dt = (E - V + R*I)/tau_m : mV
        dI/dt = (J - I)/tau_s : pA"""), "extra term"),
    ("weight moves V and I", lif(ports={"p": {"unit": "pA",
     "receive": "I += weight; V += R*weight"}}), "port p moves"),
    ("saturating synapse", lif(ports={"p": {"unit": "1", "receive": "I += weight*(J - I)"}}),
     "more than add"),
    ("jump read from an input", lif(ports={**CURRENT, "p": {"unit": "1",
     "receive": "I += weight*I_ext"}}), "more than add"),
    ("quadratic weight", lif(ports={"p": {"unit": "1", "receive": "I += J*weight**2"}}), "weight"),
    ("two currents, one port", neuron(TWO, {"p": {"unit": "pA",
     "receive": "A += weight; B += weight"}}), "port p moves"),
    ("adaptation", neuron("""dV/dt = (E - V + R*(I - w))/tau_m : mV
        dI/dt = -I/tau_s : pA
        dw/dt = -w/tau_i : pA""", spike={"effects": "V = V_r; w += J"}), "w"),
    ("four currents", neuron("""dV/dt = (E - V + R*(A + B + D + F))/tau_m : mV
        dA/dt = -A/tau_s : pA
        dB/dt = -B/tau_i : pA
        dD/dt = -D/tau_m : pA
        dF/dt = -F/t_ref : pA""",
     {f"p{n}": {"unit": "pA", "receive": f"{n} += weight"} for n in "ABDF"}), ""),
    ("noise", lif("(E - V + R*I)/tau_m + J*R*xi/tau_m**0.5"), "xi"),
    ("time", lif("(E - V + R*I*t/tau_m)/tau_m"), "reads t"),
    ("conductances multiply", neuron(CONDUCTANCE.replace("g*(E - V)",
     "g*(E - V)*(1 + G*H/g**2)"), CONDUCTANCE_PORTS), "G*H"),
    ("alpha with two time constants",
     neuron(ALPHA.replace("tau_s*dx", "tau_i*dx"), ALPHA_PORT), "x"),
    ("clipped", lif("(E - max(V, E) + R*I)/tau_m"), "V"),
    ("Izhikevich with another square", neuron("""
        dV/dt = 0.05*V**2/(mV*ms) + 5*V/ms + 140*mV/ms - u : mV
        du/dt = (0.2*V/ms - u)/tau_m : mV/ms""", {"p": {"unit": "mV", "receive": "V += weight"}},
     {"effects": "V = V_r; u += 8*mV/ms", "refractory": None}), "0.05"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "difference"), [m[1:] for m in MISSES], ids=[m[0] for m in MISSES]
)
def test_near_misses_do_not_match(made: Neuron, difference: str) -> None:
    found = find_match(made, catalogue())
    assert isinstance(found, NoMatch), explain(found)
    assert difference in explain(found)


def test_explanation_reads_as_in_the_design() -> None:
    text = explain(match_of(lif()))
    assert text.startswith("mine == iaf_psc_exp with tau_m = tau_m, C_m = tau_m/R, E_L = E")
    miss = explain(find_match(lif("(E - V + R*I)/tau_m + V**2/(tau_m*E)"), catalogue()))
    assert "nearest is iaf_psc_exp: the equation of V has the extra term 1/(E*tau_m)*V**2" in miss


def test_signs_decide_which_input_is_which() -> None:
    made = neuron(TWO, TWO_PORTS)
    values = numbers_of(made)
    swapped = match_of(made, a=(-1,), b=(1,))
    assert swapped.parameters(values)["tau_syn_in"] == 5
    assert swapped.parameters(values)["tau_syn_ex"] == 8
    assert match_of(made, a=(1,)).obstacle(values, signs={"a": (-1,)}) is not None
    mixed = find_match(made, catalogue(), {"a": (1, -1)})
    assert isinstance(mixed, NoMatch) and "sign of the weight" in mixed.text


def test_one_current_takes_both_signs() -> None:
    match = match_of(lif(), p=(1, -1))
    assert match.ports["p"].sign == 0 and match.fixed == {"delta": 0.0}


def test_parameters_may_differ_between_units() -> None:
    made = lif(ports={"p": {"unit": "1", "receive": "I += J*weight"}})
    values = {**numbers_of(made), "R": np.array([0.1, 0.2]), "J": np.array([1.0, 2.0])}
    match = match_of(made)
    np.testing.assert_allclose(match.parameters(values)["C_m"], [200.0, 100.0])
    np.testing.assert_allclose(match.weight_factor("p", values), [1.0, 2.0])


def test_what_cannot_be_set_is_said() -> None:
    made = lif()
    match, values = match_of(made), numbers_of(made)
    assert match.initial(values, {"V": -61.0, "I": 0.0}) == {"V_m": -61.0}
    with pytest.raises(Unsupported, match="I_syn_ex"):
        match.initial(values, {"V": -61.0, "I": 3.0})
    assert match.obstacle({**values, "V_r": -45.0}) == "iaf_psc_exp demands V_reset < V_th"
    assert match.obstacle({**values, "R": -1.0}) == "iaf_psc_exp demands C_m > 0"
    assert match.recorded("V") is not None and match.recorded("I") is None


def test_scaled_states_are_recorded_with_their_factor() -> None:
    made = neuron(
        """dV/dt = (E - V + R*(A - J*B))/tau_m : mV
        dA/dt = -A/tau_s : pA
        dB/dt = -B/tau_i : 1""",
        {**TWO_PORTS, "b": {"unit": "1", "receive": "B += weight"}},
    )
    match, values = match_of(made), numbers_of(made)
    assert match.weight_factor("b", values) == -3
    recorded = match.recorded("B")
    assert recorded is not None and recorded[0] == "I_syn_in"
    assert match.ports["b"].sign == -1


LIBRARY = {
    "lif_delta": "iaf_psc_delta",
    "lif_current": "iaf_psc_exp",
    "lif_alpha": "iaf_psc_alpha",
    "lif_conductance": "iaf_cond_exp",
    "adex": "aeif_cond_exp",
    "exponential_if": "aeif_psc_exp",
    "izhikevich": "izhikevich",
    "hodgkin_huxley": "hh_cond_exp_traub",
}


@pytest.mark.parametrize(("name", "builtin"), LIBRARY.items())
def test_library_neurons_match(name: str, builtin: str) -> None:
    match = match_of(load(f"neurons/{name}"))
    assert match.builtin == builtin
    assert match.exact == (builtin.startswith(("iaf_psc", "izh"))) == (not match.caveats)


@pytest.mark.parametrize("name", ["lif_adaptive", "lif_noisy"])
def test_library_neurons_without_a_built_in(name: str) -> None:
    assert isinstance(find_match(load(f"neurons/{name}"), catalogue()), NoMatch)


def test_every_entry_matches_itself() -> None:
    for entry in catalogue():
        match = match_of(entry.neuron)
        values = numbers_of(entry.neuron)
        assert match.builtin == entry.name
        found = match.parameters(values)
        same = {n: v for n, v in values.items() if n in found and n not in entry.free}
        assert {n: found[n] for n in same} == pytest.approx(same, rel=1e-12)


def test_exponential_in_other_words() -> None:
    """No V_T and no g_L: the size of the exponential says where V_th is."""
    made = neuron(
        "dV/dt = (E - V)/tau_m + k*exp(V/D) + I_ext/C : mV",
        CURRENT,
        {"condition": "V >= 0*mV"},
        k="1e10 mV/ms",
        D="2 mV",
    )
    match, values = match_of(made), numbers_of(made)
    found = match.parameters(values)
    assert match.builtin.startswith("aeif") and (found["a"], found["b"]) == (0.0, 0.0)
    size = found["g_L"] * found["Delta_T"] * np.exp(-found["V_th"] / found["Delta_T"])
    assert size / found["C_m"] == pytest.approx(1e10, rel=1e-9)


def test_two_conditions_on_numbers_are_checked() -> None:
    made = lif(spike={"condition": "J*(V - V_th) >= 0*mV*pA"})
    match, values = match_of(made), numbers_of(made)
    assert match.obstacle(values) is None
    assert match.obstacle({**values, "J": -1.0}) is not None
    assert match.obstacle({**values, "R": 0.0}) is not None


@settings(max_examples=15, deadline=None)
@given(
    names=st.permutations(["u", "y", "k", "q", "z", "T", "Rm", "lam"]),
    order=st.permutations(range(3)),
    turned=st.booleans(),
)
def test_names_and_order_do_not_matter(names: list[str], order: list[int], turned: bool) -> None:
    v, i, tau, rest, res, th, reset, ts = names
    rate = f"({res}*{i} + {rest} - {v})/{tau}" if turned else f"-({v} - {rest} - {i}*{res})/{tau}"
    lines = [f"d{v}/dt = {rate} : mV", f"d{i}/dt = -{i}/{ts} : pA", f"half = {v}/2 : mV"]
    made = Neuron(
        name="renamed",
        equations="\n".join(lines[k] for k in order),
        parameters={
            tau: "20 ms", rest: "-65 mV", res: "0.1 GOhm", th: "-50 mV", reset: "-60 mV", ts: "5 ms"
        },
        ports={"in_": {"unit": "pA", "receive": f"{i} += weight"}},
        spike={"condition": f"{v} >= {th}", "effects": f"{v} = {reset}"},
    )  # fmt: skip
    match = match_of(made)
    found = match.parameters(numbers_of(made))
    wanted = {"tau_m": 20.0, "C_m": 200.0, "E_L": -65.0, "tau_syn_ex": 5.0, "V_th": -50.0}
    assert match.builtin == "iaf_psc_exp"
    assert {n: found[n] for n in wanted} == pytest.approx(wanted, rel=1e-14)


TERMS = ["V**2/mV", "V*I**2/pA**2", "I*mV/pA", "exp(V/mV)*mV", "abs(V)", "I**2*mV/pA**2"]


@settings(max_examples=20, deadline=None)
@given(
    term=st.sampled_from(TERMS),
    size=st.sampled_from(["1e-6", "0.01", "-3"]),
    place=st.sampled_from(["rate", "current", "reset", "threshold"]),
)
def test_nothing_added_goes_unnoticed(term: str, size: str, place: str) -> None:
    """Any other term in the rate, the current, the reset or the threshold is a difference."""
    added = f" + {size}*{term}"
    made = neuron(
        f"dV/dt = (E - V + R*I{added if place == 'rate' else ''})/tau_m : mV\n"
        f"dI/dt = -I/tau_s{f'{added}*pA/(mV*ms)' if place == 'current' else ''} : pA",
        spike={
            "effects": f"V = V_r{added if place == 'reset' else ''}",
            "condition": f"V{added if place == 'threshold' else ''} >= V_th",
        },
    )
    found = find_match(made, catalogue())
    linear = term == "I*mV/pA" and place in ("rate", "current")
    assert isinstance(found, Match) == linear, explain(found)
    if linear:
        rates = numbers_of(made)
        scale = 1 + float(size) / 0.1 if place == "rate" else 1.0
        assert found.parameters(rates)["C_m"] == pytest.approx(200 / abs(scale))


def test_matching_is_quick_the_second_time() -> None:
    match_of(lif())
    start = time.perf_counter()
    assert match_of(lif()) and time.perf_counter() - start < 0.1
