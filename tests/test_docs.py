"""What the documentation shows can be read, and its generated pages name everything there is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

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


def test_python_on_the_page_runs() -> None:
    (code,) = blocks("writing.md", "python")
    scope: dict[str, Any] = {"sb": sb}
    exec(code, scope)
    assert scope["lif"].states == ("V",)


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


@pytest.mark.parametrize("page", ["quickstart.md", "verdict.md", "contract.md", "writing.md"])
def test_commands_on_the_page_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8").replace("import spikebridge as", "")
    known = {"doctor", "list", "show", "translate", "run", "compare", "verify"}
    assert set(re.findall(r"(?<![\w./-])spikebridge (\w+)", text)) <= known
