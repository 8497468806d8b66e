"""Translations: LaTeX, Markdown tables, and the simulators' own languages."""

from __future__ import annotations

import pytest

from spikebridge import DefinitionError, load
from spikebridge.definition.describe import models_of, to_latex, to_markdown
from spikebridge.definition.library import names
from spikebridge.translate import translate


@pytest.mark.parametrize("name", names())
def test_latex_is_balanced(name: str) -> None:
    text = to_latex(load(name))
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin{align}") == text.count(r"\end{align}") >= 1
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")


@pytest.mark.parametrize("name", names())
def test_tables_have_equal_columns(name: str) -> None:
    text = to_markdown(load(name))
    assert text.startswith(f"# {load(name).title}")
    for table in text.split("\n\n"):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        counts = {line.replace(r"\|", "").count("|") for line in lines}
        assert len(counts) <= 1, table


def test_network_has_the_tables_of_nordlie() -> None:
    text = to_markdown(load("networks/brunel2000"))
    heads = [line[2] for line in text.splitlines() if line[:2] == "| " and line[3:5] == ". "]
    assert heads == list("ABCDEFG")
    assert "$-g\\,J$" in text


def test_models_of_a_network_come_once() -> None:
    found = [model.label for model in models_of(load("networks/coupled_lif"))]
    assert sorted(found) == ["neurons/lif", "synapses/gating"]


def test_equation_is_printed_as_written() -> None:
    text = to_latex(load("neurons/lif_delta"))
    left = r"\tau_{m}\,\frac{\mathrm{d}V}{\mathrm{d}t} &= -\left(V - V_{\mathrm{rest}}\right)"
    assert left in text
    assert r"V \leftarrow V + \mathrm{weight}" in text


@pytest.mark.parametrize("scheme", ["exact", "rk4"])
def test_scheme_reaches_the_translation(scheme: str) -> None:
    found = translate("neurons/lif_delta", "brian2", scheme=scheme)
    assert found.sources
    others = translate("neurons/lif_delta", "brian2", scheme="euler")
    assert dict(found.sources) != dict(others.sources)


def test_parameters_reach_the_translation() -> None:
    found = translate("neurons/lif_delta", "markdown", parameters={"tau_m": "7 ms"})
    assert "7 ms" in found.sources["neurons/lif_delta"]


def test_what_runs_between_events_is_said() -> None:
    text = translate("synapses/stdp_pair", "brian2").sources["bench.synapse.txt"]
    assert text.startswith("# bench: synapses/stdp_pair: closed form between events\n")
    assert "x = x*exp(-elapsed/tau_plus)" in text
    assert "in every step of dt" not in text
    assert "the same right after a presynaptic spike of that step" in text


def test_the_term_without_a_closed_form_is_said() -> None:
    text = translate("synapses/clopath", "brian2").sources["bench.synapse.txt"]
    assert "integrated clock-driven because the equation of u_minus reads V_post" in text
    assert "in every step of dt" in text
    assert "brought up to date" not in text


def test_third_factors_are_listed() -> None:
    text = translate("synapses/eligibility", "brian2").sources["bench.synapse.txt"]
    assert "at the third factor reward:\n    d = d + d_reward" in text


def test_generated_code_of_synapses_is_among_the_sources() -> None:
    brian2 = translate("synapses/tsodyks_markram", "brian2").sources
    assert "Synapses(" in brian2["bench.py"]
    nest = translate("synapses/tsodyks_markram", "nestml").sources
    assert "class Synapse : public nest::Connection" in nest["bench.cc"]
    assert "closed form between events" in nest["bench.synapse.txt"]


@pytest.mark.parametrize(("model", "target"), [("synapses/gating", "brian2"), ("neurons/lif", "c")])
def test_what_cannot_be_translated(model: str, target: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        translate(model, target)
    assert caught.value.remedy
