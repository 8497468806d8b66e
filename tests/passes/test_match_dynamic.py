"""Built-in synapses are found however they are written, and only where they are the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.passes.match_dynamic import DynamicMatch, default_values, match_dynamic
from spikebridge.passes.matched import NoMatch
from spikebridge.simulators.nest.builtin_synapses import synapse_catalogue

TRACES = "tau_a*da/dt = -a : 1\ntau_b*db/dt = -b : 1\ndw/dt = 0/ms : 1"
TAUS = {"tau_a": "20 ms", "tau_b": "30 ms"}


def found(synapse: Synapse) -> DynamicMatch | NoMatch:
    return match_dynamic(synapse, synapse_catalogue(), default_values(synapse))


def pairing(on_pre: str, on_post: str, coincident: str = "simultaneous", **more: Any) -> Synapse:
    return Synapse(
        name="mine",
        equations=TRACES,
        on_pre=f"{on_pre}\na += 1",
        on_post=f"{on_post}\nb += 1",
        deliver="weight*w",
        coincident=coincident,
        parameters={**TAUS, "A": "0.01", "B": "0.012", **more},
    )


REWRITTEN = Synapse(
    name="rewritten",
    equations="dp/dt = -k*p : 1/ms\ndq/dt = -q/(25*ms) : 1\ndJ/dt = 0*mV/ms : mV",
    on_pre="J = max(0*mV, J - c*q*(J/J_max)**g*J_max)\np += 2/ms",
    on_post="J = min(J_max, J + J_max*(1 - J/J_max)**g*b*p)\nq += 1",
    deliver="J",
    coincident="simultaneous",
    parameters={"k": "0.05/ms", "c": "0.01", "b": "0.005 ms", "g": "0.3", "J_max": "2 mV"},
)


def test_names_rates_and_the_unit_of_the_weight_are_free() -> None:
    match = found(REWRITTEN)
    assert isinstance(match, DynamicMatch) and match.builtin == "stdp_synapse"
    shown = {n: e.text for n, e in match.parameters.items()}
    assert shown["Wmax"] == "J_max"
    assert shown["lambda_"] == "2.0*b"
    assert shown["tau_plus"] == "1.0/k"
    assert match.factors["p"].text == "0.5"
    assert match.states == {"p": "Kplus", "q": "Kminus", "J": "w"}


@pytest.mark.parametrize(
    ("name", "variant", "builtin"),
    [
        ("stdp_pair", "additive", "stdp_synapse"),
        ("stdp_pair", "multiplicative", "stdp_synapse"),
        ("stdp_pair", "power_law", "stdp_synapse"),
        ("stdp_triplet", "visual_cortex", "stdp_triplet_synapse"),
        ("stdp_triplet", "hippocampus_minimal", "stdp_triplet_synapse"),
        ("tsodyks_markram", "to_U", "tsodyks2_synapse"),
        ("tsodyks_markram", "to_zero", "tsodyks2_synapse"),
        ("depression", "", "tsodyks2_synapse"),
    ],
)
def test_the_library(name: str, variant: str, builtin: str) -> None:
    synapse = load(f"synapses/{name}")
    match = found(synapse.variant(variant) if variant else synapse)
    assert isinstance(match, DynamicMatch), match.text
    assert match.builtin == builtin
    assert builtin in match.text


@pytest.mark.parametrize(
    ("on_pre", "on_post", "builtin"),
    [
        ("w = clip(w - B*b, 0, 1)", "w = clip(w + A*a, 0, 1)", "stdp_synapse"),
        ("w = max(w*(1 - B*b), 0)", "w += A*w**mu*a", "stdp_pl_synapse_hom"),
        ("w = max(w*(1 - B*b), 0)", "w += A*a", "stdp_pl_synapse_hom"),
        (
            "w = min(w + A*b, 2)\nw = max(w - A*B, 0)",
            "w = min(w + A*a, 2)",
            "vogels_sprekeler_synapse",
        ),
        (
            "w = clip(w - B*b, 0, 1)",
            "w = clip(w + A*a, 0, 1)\na = 0\nb = 0",
            "stdp_nn_pre_centered_synapse",
        ),
    ],
)
def test_other_rules(on_pre: str, on_post: str, builtin: str) -> None:
    match = found(pairing(on_pre, on_post, mu="0.4"))
    assert isinstance(match, DynamicMatch), match.text
    assert match.builtin == builtin


NEAR = [
    ("w = clip(w - B*b, 0.1, 1)", "w = clip(w + A*a, 0.1, 1)", "lower bound"),
    ("w = clip(w - B*b, 0, 1)", "w = clip(w - A*a, 0, 1)", "demands lambda_ >= 0"),
    ("w = clip(w - B*b**2, 0, 1)", "w = clip(w + A*a, 0, 1)", "b**2"),
    ("w = clip(w - B*b, 0, 1)", "w += A*a", "no upper bound"),
    ("w = clip(w + A*b - A*B, 0, 2)", "w = clip(w + A*a, 0, 2)", "upper bound"),
    ("w = clip(w - B*b*a, 0, 1)", "w = clip(w + A*a, 0, 1)", "a*b"),
]


@pytest.mark.parametrize(("on_pre", "on_post", "said"), NEAR)
def test_a_near_miss_is_none(on_pre: str, on_post: str, said: str) -> None:
    miss = found(pairing(on_pre, on_post))
    assert isinstance(miss, NoMatch)
    assert miss.nearest
    assert said in miss.text


def test_coincidences_count() -> None:
    rule = ("w = clip(w - B*b, 0, 1)", "w = clip(w + A*a, 0, 1)")
    for coincident in ("post first", "pre first"):
        miss = found(pairing(*rule, coincident=coincident))
        assert isinstance(miss, NoMatch)
        assert "coincide" in miss.text


def test_what_is_delivered_counts() -> None:
    early = replace(REWRITTEN, deliver=None, on_pre="deliver(J)\n" + _text(REWRITTEN.on_pre))
    assert isinstance(found(early), NoMatch)


@pytest.mark.parametrize("variant", ["to_U_after", "to_zero_before"])
def test_the_other_readings_of_tsodyks_and_markram_are_no_built_in(variant: str) -> None:
    miss = found(load("synapses/tsodyks_markram").variant(variant))
    assert isinstance(miss, NoMatch)
    assert miss.nearest == "tsodyks2_synapse"


def test_a_parameter_that_happens_to_be_zero_decides() -> None:
    synapse = load("synapses/stdp_pair")
    values = default_values(synapse)
    assert isinstance(match_dynamic(synapse, synapse_catalogue(), values), DynamicMatch)
    nearest = {**values, "nearest": 1.0}
    assert isinstance(match_dynamic(synapse, synapse_catalogue(), nearest), NoMatch)


@pytest.mark.parametrize("name", ["hebbian", "eligibility", "clopath", "inhibitory_stdp"])
def test_what_no_built_in_is(name: str) -> None:
    miss = found(load(f"synapses/{name}"))
    assert isinstance(miss, NoMatch)
    assert miss.differences
    if name == "inhibitory_stdp":  # NEST bounds w before the constant depression, not after
        assert miss.nearest == "vogels_sprekeler_synapse"


def test_tsodyks_with_a_current_of_its_own_in_both_forms() -> None:
    shared = {"tau_i": "3 ms", "tau_f": "50 ms", "k": "0.00125/ms", "U": "0.4"}
    u = "\ndE/dt = -E/tau_i : 1\ndu/dt = -u/tau_f : 1\nout = (u + U*(1 - u))*R : 1"
    on_pre = "deliver(weight*out)\nE += out\nR -= out\nu += U*(1 - u)"
    three = Synapse(equations="dR/dt = (1 - R - E)*k : 1" + u, on_pre=on_pre, parameters=shared)
    rest = "dR/dt = I*k : 1\ndI/dt = E/tau_i - I*k : 1"
    four = Synapse(equations=rest + u, on_pre=on_pre, parameters=shared)
    for synapse in (three, four):
        match = found(synapse)
        assert isinstance(match, DynamicMatch), match.text
        assert match.builtin == "tsodyks_synapse"


def _text(statements: Any) -> str:
    return "\n".join(str(s) for s in statements)
