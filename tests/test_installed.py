"""Versions read from the names of folders are those that the metadata say."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from spikebridge.installed import version_of
from spikebridge.results.manifest import DISTRIBUTIONS


@pytest.mark.parametrize("name", [*DISTRIBUTIONS, "Nest_Simulator", "typing.extensions"])
def test_versions_agree_with_the_metadata(name: str) -> None:
    try:
        expected = metadata.version(name)
    except metadata.PackageNotFoundError:
        expected = None
    assert version_of(name) == expected


def test_what_is_not_installed_has_no_version() -> None:
    assert version_of("no-such-distribution") is None


def test_the_first_folder_on_the_path_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy-0.0.1.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert version_of("numpy") == "0.0.1"
