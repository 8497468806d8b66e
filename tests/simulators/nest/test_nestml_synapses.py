"""Synapses as NESTML: the text, what is refused, and agreement with the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from synapse_bench import apart, bench, run

from spikebridge.definition.library import load
from spikebridge.definition.network import Projection, Recording
from spikebridge.errors import DefinitionError, Unsupported
from spikebridge.passes.synapse_program import synapse_program
from spikebridge.simulators.nest.nestml_synapse import nestml_synapse
from spikebridge.translate import translate

pytest.importorskip("pynestml")

CLOSE = 1e-9


def text_of(name: str) -> str:
    return nestml_synapse(synapse_program(load(f"synapses/{name}"))).text


def test_the_closed_form_is_written_out_and_nothing_is_integrated() -> None:
    text = text_of("hebbian")
    assert "integrate_odes" not in text
    assert "expm1" in text  # the product of two traces drives w
    assert "onReceive(post_spikes)" in text


def test_coincidences_read_what_was_before_the_other_spike() -> None:
    text = text_of("stdp_pair")
    assert "before_y = y" in text
    assert "if since_post < " in text
    assert "since_post" not in text_of("hebbian")  # its traces do not care


def test_what_only_presynaptic_spikes_change_needs_no_pair() -> None:
    code = nestml_synapse(synapse_program(load("synapses/tsodyks_markram")))
    assert not code.paired
    assert "post_spikes" not in code.text


@pytest.mark.parametrize(
    ("name", "said"),
    [("clopath", "no closed form"), ("eligibility", "third factor")],
)
def test_what_nestml_cannot_express(name: str, said: str) -> None:
    with pytest.raises(Unsupported, match=said) as caught:
        text_of(name)
    assert "auto" in str(caught.value)


def test_translate_prints_the_text() -> None:
    found = translate("synapses/stdp_pair", to="nestml")
    assert text_of("stdp_pair") in found.sources.values()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "stdp_triplet",
        "tsodyks_markram",
        *(pytest.param(n, marks=pytest.mark.full) for n in ("stdp_pair", "hebbian")),  # see below
    ],
)
@pytest.mark.parametrize("place", [("dendritic", 1.0, 1.0), (0.5, 5.0, 0.1)], ids=str)
def test_nestml_is_the_contract(name: str, place: tuple[Any, float, float]) -> None:
    share, delay, slice_ = place
    synapse = replace(load(f"synapses/{name}"), delay_at=share)
    network = bench(synapse, count=25, delay=delay, slice_=slice_, every=3.7)
    columns = run(network, "nest", synapses="nestml")
    models = [m["model"] for m in columns.manifest["matches"]]
    assert any(f"sb_{name}" in m and "_synapse" in m for m in models), models
    found = apart(run(network, "reference"), columns)
    assert max(found.values()) < CLOSE, found


@pytest.mark.slow
def test_two_rules_onto_one_population() -> None:
    network = bench(load("synapses/stdp_pair"))
    other = Projection(
        "other",
        "pre",
        "post",
        "syn",
        "one_to_one",
        0.4,
        "2 ms",
        synapse=load("synapses/hebbian"),
    )
    recording = Recording("other", variables=("w",), projection="other", every="10 ms")
    network = replace(
        network,
        projections={**network.projections, "other": other},
        recordings={**network.recordings, "other": recording},
    )
    columns = run(network, "nest", synapses="nestml")
    found = apart(run(network, "reference"), columns)
    assert max(found.values()) < CLOSE, found


def test_a_wholly_axonal_delay_is_refused_before_anything_runs() -> None:
    network = bench(replace(load("synapses/stdp_pair"), delay_at="axonal"), duration=100.0)
    with pytest.raises(Unsupported, match="axonal"):
        run(network, "nest", synapses="nestml")


def test_an_unknown_choice_is_refused() -> None:
    network = bench(load("synapses/stdp_pair"), duration=100.0)
    with pytest.raises(DefinitionError, match="auto"):
        run(network, "nest", synapses="cpp")
