"""NEST's built-in synapses against the reference and against our own connection models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synapse_bench import apart, bench, run

from spikebridge.definition.library import load
from spikebridge.definition.model import Neuron, Synapse
from spikebridge.definition.network import Network, Population, Projection, Recording, Stimulus
from spikebridge.simulators import fresh

pytest.importorskip("nest")

CLOSE = 1e-9
TRACES = "tau_a*da/dt = -a : 1\ntau_b*db/dt = -b : 1\ndw/dt = 0/ms : 1"


def pairing(on_pre: str, on_post: str, **more: Any) -> Synapse:
    return Synapse(
        name="pairing",
        equations=TRACES,
        on_pre=f"{on_pre}\na += 1",
        on_post=f"{on_post}\nb += 1",
        deliver="weight*w",
        coincident="simultaneous",
        parameters={"tau_a": "18 ms", "tau_b": "33 ms", "A": "0.1", "B": "0.12", **more},
        initial={"w": 0.5},
    )


CURRENT = Synapse(
    name="current",
    equations="""
    dR/dt = (1 - R - E)*k : 1
    dE/dt = -E/tau_i : 1
    du/dt = -u/tau_f : 1
    out = (u + U*(1 - u))*R : 1
    """,
    on_pre="deliver(weight*out)\nE += out\nR -= out\nu += U*(1 - u)",
    parameters={"k": "0.00125/ms", "tau_i": "3 ms", "tau_f": "50 ms", "U": "0.4"},
    initial={"R": 1},
)
DOUBLING = pairing("w = max(w*(1 - B*b), 0)", "w += A*w**mu*a", mu="0.4")
CENTRED = pairing("w = clip(w - B*b, 0, 1)", "w = clip(w + A*a, 0, 1)\na = 0\nb = 0")
BALANCING = pairing("w = min(w + A*b, 3)\nw = max(w - A*B, 0)", "w = min(w + A*a, 3)")
PAIR = load("synapses/stdp_pair")
CASES = {
    "stdp_synapse": load("synapses/stdp_pair"),
    "stdp_synapse, power law": load("synapses/stdp_pair").variant("power_law"),
    "stdp_synapse, multiplicative": load("synapses/stdp_pair").variant("multiplicative"),
    "stdp_triplet_synapse": load("synapses/stdp_triplet").variant("hippocampus"),
    "stdp_pl_synapse_hom": DOUBLING,
    "stdp_nn_pre_centered_synapse": CENTRED,
    "vogels_sprekeler_synapse": BALANCING,
    "tsodyks2_synapse": load("synapses/tsodyks_markram"),
    "tsodyks2_synapse, u to 0": load("synapses/tsodyks_markram").variant("to_zero"),
    "tsodyks2_synapse, no u": load("synapses/depression"),
    "tsodyks_synapse": CURRENT,
}
# (delay_at, delay in ms, length of NEST's slices in ms)
PLACES = [("dendritic", 0.1, 0.1), ("dendritic", 1.0, 1.0), (0.5, 5.0, 0.5)]


def model_of(columns: Any, projection: str = "syn") -> tuple[str, str]:
    note = next(m for m in columns.manifest["matches"] if m["population"] == projection)
    return note["model"], note["why"]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_built_in_is_the_contract(name: str, place: tuple[Any, float, float]) -> None:
    share, delay, slice_ = place
    synapse = replace(CASES[name], delay_at=share)
    network = bench(synapse, count=25, duration=800.0, delay=delay, slice_=slice_, every=3.7)
    built_in, reference = run(network, "nest"), run(network, "reference")
    assert model_of(built_in)[0].removesuffix("_hom") == name.partition(",")[0].removesuffix("_hom")
    found = apart(reference, built_in)
    assert max(found.values()) < CLOSE, found


@pytest.mark.slow
@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.full)])
@pytest.mark.parametrize(
    "name",
    [
        "stdp_synapse",
        *(
            pytest.param(n, marks=pytest.mark.full)
            for n in ("stdp_triplet_synapse", "tsodyks2_synapse")
        ),
    ],
)
def test_many_synapses_three_ways(name: str, count: int) -> None:
    """200 samples over 4 s; the last 0.8 s come after the last presynaptic spike."""
    network = bench(CASES[name], count=count, duration=4000.0, every=20.0)
    reference = run(network, "reference")
    built_in, generated = run(network, "nest"), run(network, "nest", match=False)
    assert model_of(built_in)[0].startswith(name)
    assert model_of(generated)[0].startswith("sb_")
    assert max(apart(reference, built_in).values()) < CLOSE
    assert max(apart(reference, generated).values()) < CLOSE


def test_weights_of_their_own_and_negative_ones() -> None:
    for weight in (np.linspace(0.2, 1.5, 25), -0.7):
        network = bench(CASES["stdp_triplet_synapse"], count=25, weight=weight)
        built_in = run(network, "nest")
        assert model_of(built_in)[0] == "stdp_triplet_synapse"
        assert max(apart(run(network, "reference"), built_in).values()) < CLOSE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"delay_at": "axonal"}, "whole delay is axonal"),
        ({"initial": {"w": 0.5, "x": 0.2}}, "starts with Kplus = 0"),
        ({"parameters": {**PAIR.parameters, "A_minus": "-0.001"}}, "demands alpha >= 0"),
        ({"coincident": "post first"}, "coincide"),
    ],
)
def test_where_the_contract_asks_for_more_the_generated_model_runs(
    change: dict[str, Any], said: str
) -> None:
    network = bench(replace(PAIR, **change), duration=500.0)
    columns = run(network, "nest")
    model, why = model_of(columns)
    assert model.startswith("sb_stdp_pair")
    assert said in why
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE


def test_a_rest_that_is_not_one() -> None:
    synapse = replace(load("synapses/tsodyks_markram"), initial={"u": "U", "R": 0.5})
    model, why = model_of(run(bench(synapse, duration=300.0), "nest"))
    assert model.startswith("sb_")
    assert "starts with x = 1" in why


def test_two_rules_onto_one_population_that_want_different_traces() -> None:
    """One neuron has one tau_minus: the second projection gets the generated model."""
    first = load("synapses/stdp_pair")
    network = with_second(bench(first), replace(first, parameters={**first.parameters, **SLOW}))
    columns = run(network, "nest")
    assert model_of(columns)[0] == "stdp_synapse_hom"
    model, why = model_of(columns, "other")
    assert model.startswith("sb_stdp_pair")
    assert "tau_minus of post already serves another" in why
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE


def test_two_rules_that_want_the_same_traces_are_both_built_in() -> None:
    first = load("synapses/stdp_pair")
    network = with_second(bench(first), first.variant("multiplicative"))
    columns = run(network, "nest")
    models = [model_of(columns, p)[0] for p in ("syn", "other")]
    assert models == ["stdp_synapse_hom", "stdp_synapse_hom"]
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE


SLOW = {"tau_minus": "35 ms"}


def with_second(network: Network, synapse: Synapse) -> Network:
    """Another plastic projection from the same stimulus, with another delay."""
    other = Projection("other", "pre", "post", "syn", "one_to_one", 0.4, "2 ms", synapse=synapse)
    recording = Recording("other", variables=("w",), projection="other", every="10 ms")
    return replace(
        network,
        projections={**network.projections, "other": other},
        recordings={**network.recordings, "other": recording},
    )


def test_without_matching_everything_is_generated() -> None:
    columns = run(bench(load("synapses/stdp_pair"), duration=200.0), "nest", match=False)
    model, why = model_of(columns)
    assert model.startswith("sb_")
    assert "matching is switched off" in why


def test_recorded_multapses_of_a_built_in_cannot_be_told_apart() -> None:
    synapse = load("synapses/stdp_pair")
    network = bench(synapse, duration=300.0)
    units = [*range(20), *range(20)]
    rule = {"kind": "pairwise_list", "sources": units, "targets": units}
    twice = replace(network.projections["syn"], rule=rule)
    network = replace(network, projections={**network.projections, "syn": twice})
    columns = run(network, "nest")
    assert "cannot be told apart" in model_of(columns)[1]
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE


LIF = Neuron(
    name="lif",
    equations="dV/dt = (E_L - V)/tau_m + I/C_m : mV\ndI/dt = -I/tau_s : pA",
    parameters={"E_L": "-70 mV", "tau_m": "20 ms", "C_m": "250 pF", "tau_s": "5 ms"},
    ports={"syn": {"unit": "pA", "receive": "I += weight"}},
    spike={
        "condition": "V >= -55*mV",
        "effects": "V = -65*mV",
        "refractory": {"period": "2*ms", "clamp": ["V"]},
    },
    initial={"V": "E_L"},
)


def closed_loop(duration: float, synapse: Synapse = PAIR, **recurrent: Any) -> Network:
    """20 LIF driven by frozen Poisson spikes, with plastic input and plastic recurrence."""
    rate = {"kind": "poisson", "rate": "15 Hz", "size": 60, "draw": "frozen"}
    chance = {"kind": "fixed_probability", "p": 0.2, "autapses": False}
    rule: dict[str, Any] = {"synapse": synapse, **recurrent}
    return Network(
        populations={"cells": Population("cells", LIF, 20)},
        stimuli={"input": Stimulus("input", **rate)},
        projections={
            "in": Projection("in", "input", "cells", "syn", "all_to_all", "130 pA", "1 ms", **rule),
            "loop": Projection("loop", "cells", "cells", "syn", chance, "60 pA", "1.5 ms", **rule),
        },
        recordings={
            n: Recording(n, variables=("w",), projection=n, every="50 ms") for n in ("in", "loop")
        },
        duration=f"{duration} ms",
    )


@pytest.mark.parametrize("share", ["dendritic", 0.4])
def test_in_a_closed_loop_no_spike_differs(share: Any) -> None:
    network = closed_loop(2000.0, replace(PAIR, delay_at=share))
    reference, built_in = run(network, "reference"), run(network, "nest")
    assert model_of(built_in, "cells")[0] == "iaf_psc_exp"
    assert {model_of(built_in, n)[0] for n in ("in", "loop")} == {"stdp_synapse_hom"}
    assert len(reference.spikes["cells"].times) > 200
    found = apart(reference, built_in)  # asserts equal spikes
    assert max(found.values()) < CLOSE, found


def test_many_samples_are_completed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    network = bench(PAIR, count=10, duration=600.0, every=7.0)
    whole = run(network, "nest")
    monkeypatch.setattr(fresh, "AT_ONCE", 95)
    parts = run(network, "nest")
    assert max(apart(whole, parts).values()) == 0.0


def test_no_presynaptic_spike_waits_when_our_own_model_is_read() -> None:
    """NEST delivers spikes between slices; with slices of 1 ms a sample would miss some."""
    network = bench(PAIR, delay=1.0, slice_=1.0, every=0.7, duration=600.0)
    columns = run(network, "nest", synapses="generated")
    assert model_of(columns)[0].startswith("sb_")
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE


def test_a_parameter_of_every_connection() -> None:
    network = bench(PAIR, parameters={"A_plus": np.linspace(0.001, 0.02, 20)})
    columns = run(network, "nest")
    assert model_of(columns)[0] == "stdp_synapse"
    assert max(apart(run(network, "reference"), columns).values()) < CLOSE
