"""What lies in the folders arrives in the installed package."""

from __future__ import annotations

import tomllib
from importlib import metadata, resources
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = {"spikebridge": ROOT / "bridge", "spikebridge.models": ROOT / "models"}
PASSED_OVER = {"__pycache__", ".DS_Store"}


def files(folder: Path) -> list[PurePath]:
    return [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not PASSED_OVER & set(path.parts)
    ]


@pytest.mark.parametrize("package", FOLDERS)
def test_every_data_file_is_declared(package: str) -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"][package]
    last = [PurePath(pattern).name for pattern in patterns]
    data = [path for path in files(FOLDERS[package]) if path.suffix not in (".py", ".pyc")]
    assert [path for path in data if not any(path.match(name) for name in last)] == []


def test_every_module_lies_in_a_package() -> None:
    for folder in FOLDERS.values():
        for path in files(folder):
            if path.suffix == ".py":
                assert (folder / path.parent / "__init__.py").exists(), path


def test_models_are_resources() -> None:
    library = resources.files("spikebridge.models")
    assert (Path(str(library)) / "__init__.py").exists()


def test_versions_agree() -> None:
    import spikebridge

    assert metadata.version("spikebridge") == spikebridge.__version__
    assert f"\nversion: {spikebridge.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## {spikebridge.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_simulators_are_entry_points() -> None:
    found = {entry.name: entry for entry in metadata.entry_points(group="spikebridge.simulators")}
    assert {"brian2", "nest", "reference"} <= set(found)
    for entry in found.values():
        assert callable(entry.load())
