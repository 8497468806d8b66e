from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from spikebridge.results.columns import Columns, ColumnsError
from spikebridge.results.files import load, save


def same(a: Columns, b: Columns) -> None:
    """Every number and text of the two is the same."""
    assert (a.simulator, a.dt, a.duration) == (b.simulator, b.dt, b.duration)
    assert list(a.spikes) == list(b.spikes)
    for name in a.spikes:
        assert a.spikes[name].size == b.spikes[name].size
        np.testing.assert_array_equal(a.spikes[name].times, b.spikes[name].times)
        np.testing.assert_array_equal(a.spikes[name].senders, b.spikes[name].senders)
    assert list(a.traces) == list(b.traces)
    for name in a.traces:
        for one, other in zip(a.traces[name], b.traces[name], strict=True):
            assert (one.variable, one.unit) == (other.variable, other.unit)
            for field in ("times", "units", "values"):
                np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    assert a.manifest == b.manifest
    assert (a.final_state is None) == (b.final_state is None)
    for key, value in (a.final_state or {}).items():
        np.testing.assert_array_equal(value, (b.final_state or {})[key])


@pytest.mark.parametrize("compress", [False, True])
def test_what_is_saved_comes_back(columns: Columns, tmp_path: Path, compress: bool) -> None:
    path = save(columns, tmp_path / "run.h5", compress=compress)
    again = load(path)
    same(columns, again)
    assert again.weights["E->I"]["rule"] == "stdp"
    np.testing.assert_array_equal(again.weights["E->I"]["times"], [0.0, 1.0])
    assert json.loads((tmp_path / "run.json").read_text()) == columns.manifest
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.h5", "run.json"]


def test_nothing_recorded_is_a_result_too(tmp_path: Path) -> None:
    empty = Columns("nest", 0.1, 0.0, {}, {}, {})
    same(empty, load(save(empty, tmp_path / "empty.h5")))


def test_many_populations_and_traces_keep_their_order(columns: Columns, tmp_path: Path) -> None:
    many = {f"p{i}": columns.traces["inhibitory"] * 12 for i in (11, 2, 1, 10)}
    same(replace(columns, traces=many), load(save(replace(columns, traces=many), tmp_path / "m")))


def test_a_failing_write_leaves_the_old_file_and_nothing_else(
    columns: Columns, tmp_path: Path
) -> None:
    path = save(columns, tmp_path / "run.h5")
    before = path.read_bytes()
    for broken in (
        replace(columns, weights={"w": object()}),
        replace(columns, final_state={"x": np.array([object()])}),
        replace(columns, manifest={"x": object()}),
    ):
        with pytest.raises(ColumnsError, match="no JSON value"):
            save(broken, path)
        with pytest.raises(ColumnsError, match="no JSON value"):
            save(broken, tmp_path / "new.h5")
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.h5", "run.json"]


def test_other_peoples_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnsError, match="no file"):
        load(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(ColumnsError, match="not an HDF5 file"):
        load(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(ColumnsError, match="not written by spikebridge"):
        load(tmp_path / "other.h5")


def test_a_newer_file_says_update(columns: Columns, tmp_path: Path) -> None:
    path = save(columns, tmp_path / "run.h5")
    with h5py.File(path, "a") as file:
        file.attrs["version"] = 99
    with pytest.raises(ColumnsError, match="version 99; update spikebridge"):
        load(path)


def test_the_manifest_does_not_overwrite_the_result(columns: Columns, tmp_path: Path) -> None:
    with pytest.raises(ColumnsError, match="overwritten"):
        save(columns, tmp_path / "run.json")
