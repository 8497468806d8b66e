"""Synapses that change, described for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spikebridge.cli.card import card, card_text, clock_driven
from spikebridge.definition.describe import coincidence_text, delay_text, to_latex, to_markdown
from spikebridge.definition.latex import name_latex
from spikebridge.definition.library import load, names

DYNAMIC = [n for n in names() if n.startswith("synapses/") and load(n).is_dynamic]


def test_the_library_has_every_rule_of_the_sources() -> None:
    rules = "depression facilitation tsodyks_markram stdp_pair stdp_triplet hebbian"
    rules += " inhibitory_stdp clopath eligibility"
    assert {f"synapses/{n}" for n in rules.split()} <= set(DYNAMIC)


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_card_says_what_happens_when(name: str) -> None:
    synapse = load(name)
    text = card_text(card(synapse))
    for key in ("at a presynaptic spike:", "delay:", "between events:", "source:"):
        assert key in text
    assert ("pre- and postsynaptic spikes in one step:" in text) == bool(synapse.on_post)
    for variant in synapse.variants:
        assert variant in text
    assert synapse.description.strip().splitlines()[0] in text


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_description_says_where_the_delay_sits_and_what_coincides(name: str) -> None:
    words = " ".join(load(name).description.split())
    assert "The delay" in words and "dendrite" in words and "delay_at" in words
    assert "coincidences" in words or "same step" in words or "within a step" in words


def test_statements_of_every_kind_are_printed() -> None:
    eligibility = load("synapses/eligibility")
    assert r"\text{third factor reward:} &\quad d \leftarrow d + d_{\mathrm{reward}}" in to_latex(
        eligibility
    )
    assert r"\text{deliver } \mathrm{weight}\,U\,R" in to_latex(load("synapses/depression"))
    assert "{w}^{" in to_latex(load("synapses/stdp_pair"))
    assert r"\frac{\mathrm{d}w}{\mathrm{d}t} &= 0" in to_latex(load("synapses/stdp_pair"))
    assert name_latex("A3_plus") == r"A_{\mathrm{3,plus}}"


def test_the_page_has_the_variants_in_a_table() -> None:
    page = to_markdown(load("synapses/stdp_triplet"))
    assert "| hippocampus | 0.0061 | 0.0067 | 0.0016 | 0.0014 | 946 ms | 27 ms |" in page
    assert "| Coincidence | simultaneous: each spike sees" in page
    assert (
        "| Delay | dendritic: after the synapse; postsynaptic spikes travel back as long |" in page
    )


@pytest.mark.parametrize(
    ("delay_at", "coincident", "delay", "coincidence"),
    [
        ("dendritic", "", "dendritic: after", "post first"),
        ("axonal", "", "axonal: before", "pre first"),
        (0.25, "pre first", "0.25 of it axonal", "pre first"),
        (1.0, "simultaneous", "axonal: before", "simultaneous"),
    ],
)
def test_delay_and_coincidence_in_words(
    delay_at: str | float, coincident: str, delay: str, coincidence: str
) -> None:
    synapse = replace(load("synapses/stdp_pair"), delay_at=delay_at, coincident=coincident)
    assert delay_text(synapse).startswith(delay)
    assert coincidence_text(synapse).startswith(coincidence)


def test_what_runs_in_every_step_is_named() -> None:
    lines = clock_driven(load("synapses/clopath"))
    reason = "integrated in every step: the equation of u_minus reads V_post"
    assert lines == [f"synapses/clopath: no closed form, {reason}"]
    others = [n for n in DYNAMIC if n != "synapses/clopath"]
    assert not any(clock_driven(load(n)) for n in others)
