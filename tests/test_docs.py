"""What the documentation shows can be read, and its generated pages name everything there is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.definition.library import loads, names
from spikebridge.simulators.base import Feature

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", blocks("writing.md", "toml"))
def test_models_on_the_page_can_be_read(text: str) -> None:
    model = loads(text, name="shown")
    assert model.hash
    if isinstance(model, sb.Network):
        run = sb.simulate(model, "reference", duration="5 ms", parameters={"N_E": 80})
        assert run.columns.spikes["E"].size == 80


def test_the_areas_on_the_page_run() -> None:
    (text,) = blocks("areas.md", "toml")
    run = sb.simulate(loads(text, name="shown"), "reference", duration="5 ms")
    assert {n: s.size for n, s in run.columns.spikes.items() if n[-1] == "E"} == {
        "V1.E": 32,
        "V2.E": 64,
    }


def test_python_on_the_page_runs() -> None:
    (code,) = blocks("writing.md", "python")
    scope: dict[str, Any] = {"sb": sb}
    exec(code, scope)
    assert scope["lif"].states == ("V",)


def test_the_plastic_synapse_on_the_page_runs() -> None:
    (text,) = blocks("plastic_synapses.md", "toml")
    synapse = loads(text, name="shown")
    assert isinstance(synapse, sb.Synapse)
    assert synapse.is_dynamic and synapse.states == ("x", "y", "w")
    code, script = blocks("plastic_synapses.md", "python")
    cells, inputs = sb.Population("cells", sb.load("neurons/lif_current"), 2), 3
    net = sb.Network(
        populations=[cells],
        stimuli=[sb.Stimulus("in", "poisson", size=inputs, rate="100 Hz")],
        projections=[
            sb.Projection(
                "exc", "in", "cells", "exc", "all_to_all", "20 pA", "1 ms", synapse=synapse
            )
        ],
        duration="200 ms",
    )
    scope: dict[str, Any] = {"sb": sb, "net": net}
    exec(code.replace('on="nest"', 'on="reference"'), scope)
    assert scope["w"].values.shape == (3, 3)
    exec(script.replace("1 * b2.second", "5 * b2.ms"), scope)
    assert len(scope["S"].w[:]) == len(scope["S"]) > 1000


def test_the_table_of_built_ins_is_what_matching_finds() -> None:
    from spikebridge.cli.card import explanations

    text = (DOCS / "plastic_synapses.md").read_text(encoding="utf-8")
    table = text.partition("## Which built-in of NEST equals which rule")[2]
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    said = {n: built.strip("` ") for names_, built in rows for n in re.findall(r"`(\w+)`", names_)}
    dynamic = {n for n in names() if n.startswith("synapses/") and sb.load(n).is_dynamic}
    assert {f"synapses/{n}" for n in said} == dynamic
    for name, built in said.items():
        (line,) = explanations(sb.load(f"synapses/{name}"))
        assert (f"== {built} " in line) == (built != "none"), line


def test_the_tsodyks_markram_variants_are_as_the_page_says() -> None:
    """First amplitudes U, U, U (2 - U), 0; the first two variants send the same amplitudes."""
    from spikebridge.synapse_bench import play

    sent = {}
    for variant in ("to_U", "to_zero", "to_U_after", "to_zero_before"):
        synapse = sb.load("synapses/tsodyks_markram", variant=variant, U="0.3")
        sent[variant] = play(synapse, [np.cumsum([100, 300, 50, 2000, 10, 700])]).amplitudes[0]
    assert [sent[v][0] for v in sent] == pytest.approx([0.3, 0.3, 0.51, 0.0], abs=1e-15)
    np.testing.assert_allclose(sent["to_U"], sent["to_zero"], rtol=1e-12)
    assert np.abs(sent["to_U"] - sent["to_U_after"]).max() > 0.05


def test_rate_network_on_the_page_runs() -> None:
    (code,) = blocks("rates.md", "python")
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert scope["r"].shape == (1001, 50)
    assert scope["r"][-1].std() > 0
    text = (DOCS / "rates.md").read_text(encoding="utf-8")
    for figure in re.findall(r"\((figures/.*?)\)", text):
        assert (DOCS / figure).is_file()
    assert set(re.findall(r"`(?:rates|networks)/(\w+)`", text)) <= {
        n.partition("/")[2] for n in names()
    }


def test_noise_on_the_page_runs() -> None:
    """Frozen noise is the same again, own noise another path; the Poisson tables can be read."""
    (code,) = blocks("noise.md", "python")
    scope: dict[str, Any] = {}
    exec(code, scope)
    frozen, own = (scope[n].columns.trace("A", "V").values for n in ("frozen", "own"))
    assert frozen.shape == own.shape == (1001, 20)
    text = 'kind = "network"\n[populations.A]\nneuron = "neurons/lif"\nsize = 2\n'
    stimulus, renewed = blocks("noise.md", "toml")
    model = loads(text + stimulus)
    assert model.stimuli["background"].draw == "frozen"
    lines = [x for x in stimulus.splitlines() if not x.startswith("rate")]
    assert loads("\n".join([text, *lines, renewed])).stimuli["background"].every is not None


PAGES = ("rates.md", "binary.md", "noise.md", "saturating_synapses.md")


@pytest.mark.parametrize("page", PAGES)
def test_figures_and_examples_on_the_page_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for figure in re.findall(r"\((figures/.*?)\)", text):
        assert (DOCS / figure).stat().st_size < 150_000, figure
    for script in re.findall(r"`(examples/\w+\.py)`", text):
        assert (DOCS.parent / script).is_file()
    known = {n for n in names() if not n.startswith("neurons/")}
    assert set(re.findall(r"`((?:rates|binary|networks|synapses)/\w+)`", text)) <= known


def test_every_network_of_a_family_is_on_its_page() -> None:
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    scripts = "".join(
        p.read_text(encoding="utf-8") for p in (DOCS.parent / "examples").glob("*.py")
    )
    for name in (
        *("rate_matrix", "wilson_cowan", "wilson_cowan_1972", "ctrnn_oscillator"),
        *("winner_take_all", "random_tanh", "binary_small", "binary_balanced"),
        *("stochastic_resonance", "wang2002"),
    ):
        assert f"networks/{name}`" in text, name
        assert name in scripts, name


def test_binary_network_on_the_page_runs() -> None:
    scope: dict[str, Any] = {}
    for code in blocks("binary.md", "python"):
        exec(code, scope)
    assert scope["A"].shape == (51, 200) and set(np.unique(scope["A"])) == {0.0, 1.0}


def test_phases_on_the_page_can_be_read() -> None:
    text = (DOCS / "writing.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"`(phases = \[.*?\])`", text, re.DOTALL)
    network = next(t for t in blocks("writing.md", "toml") if "[populations.E]" in t)
    model = loads(network.replace('kind = "network"\n', f'kind = "network"\n{line}\n'))
    assert len(model.phases) == 1


def test_every_model_has_a_page(generate: ModuleType) -> None:
    index = generate.model_index()
    for name in names():
        assert f"({name}.md)" in index
        page = generate.model_page(name)
        assert page.startswith(f"# {sb.load(name).title}")
        assert "```toml" in page


def test_support_matrix_has_every_feature(generate: ModuleType) -> None:
    matrix = generate.support_matrix()
    assert all(f"| {feature.value} |" in matrix for feature in Feature)
    assert {"brian2", "nest", "reference"} <= set(matrix.replace("|", " ").split())


def test_files_named_in_the_design_exist() -> None:
    text = (DOCS / "design.md").read_text(encoding="utf-8")
    tree = text.partition("bridge/\n")[2].partition("```")[0]
    bridge = DOCS.parent / "bridge"
    for name in re.findall(r"(\w+\.py)", tree):
        assert list(bridge.rglob(name)), name


@pytest.mark.parametrize(
    "page",
    ["quickstart.md", "verdict.md", "contract.md", "writing.md", "plastic_synapses.md", "pynn.md"],
)
def test_commands_on_the_page_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8").replace("import spikebridge as", "")
    known = {"doctor", "list", "show", "translate", "run", "compare", "verify"}
    assert set(re.findall(r"(?<![\w./-])spikebridge (\w+)", text)) <= known
