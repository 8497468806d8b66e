from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import neo
import numpy as np
import pytest

from spikebridge.errors import UnitError, Unsupported
from spikebridge.results import export as module
from spikebridge.results.columns import Columns
from spikebridge.results.export import PackageMissing, export
from spikebridge.results.files import load

TIMES = [[], [], [10.0], [1.5, 2.0], [], [1.0], []]
NAMES = ["inhibitory[0]", "inhibitory[1]", *[f"E/layer.2[{i}]" for i in range(5)]]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Neo and pynwb say a lot while writing."""
    logging.disable(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def check_trains(segment: neo.Segment) -> None:
    assert [train.name for train in segment.spiketrains] == NAMES
    for train, times in zip(segment.spiketrains, TIMES, strict=True):
        np.testing.assert_allclose(train.rescale("ms").magnitude, times, atol=1e-9)
        assert float(train.t_stop.rescale("ms")) == pytest.approx(10.0)


def test_nix_keeps_everything(columns: Columns, tmp_path: Path) -> None:
    pytest.importorskip("nixio")
    path = export(columns, tmp_path / "run.nix")
    with neo.NixIO(str(path), "ro") as io:
        block = io.read_block()
    assert json.loads(block.annotations["manifest"]) == columns.manifest
    segment = block.segments[0]
    check_trains(segment)
    assert [int(t.annotations["source_index"]) for t in segment.spiketrains][2:] == list(range(5))
    assert segment.spiketrains[0].annotations["source_population"] == "inhibitory"
    signal = next(s for s in segment.analogsignals if s.shape[1] == 2)
    assert signal.array_annotations["channel_index"].tolist() == [1, 3]
    np.testing.assert_array_equal(signal.magnitude, columns.trace("E/layer.2", "V_m").values)
    assert len(segment.irregularlysampledsignals) == 1


def test_nwb_keeps_times_signals_and_the_manifest(columns: Columns, tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    path = export(columns, tmp_path / "run.nwb")
    block = neo.NWBIO(str(path), "r").read_block()
    assert json.loads(block.annotations["notes"]) == columns.manifest
    assert block.annotations["identifier"].startswith("abc123-")
    assert block.rec_datetime.isoformat() == columns.manifest["date"]
    segment = block.segments[0]
    check_trains(segment)
    notes = [signal.annotations["notes"] for signal in segment.analogsignals]
    assert {
        "variable": "V_m", "source_population": "E/layer.2", "unit": "mV", "channel_index": [1, 3]
    } in notes  # fmt: skip
    signal = segment.analogsignals[
        notes.index(next(n for n in notes if len(n["channel_index"]) > 1))
    ]
    np.testing.assert_array_equal(signal.magnitude, columns.trace("E/layer.2", "V_m").values)
    assert float(signal.sampling_period.rescale("ms")) == pytest.approx(0.1)


def test_pickle_needs_only_neo_to_be_read(columns: Columns, tmp_path: Path) -> None:
    path = export(columns, tmp_path / "run.pkl")
    code = (
        "import sys; sys.modules['spikebridge'] = None\n"
        "import json, neo\n"
        f"block = neo.PickleIO({str(path)!r}).read_block()\n"
        "run = block.segments[0]\n"
        "times = [train.magnitude.tolist() for train in run.spiketrains]\n"
        "print(json.dumps(times), len(run.analogsignals))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    times, signals = done.stdout.rsplit(" ", 1)
    assert [pytest.approx(t) for t in json.loads(times)] == TIMES
    assert int(signals) == 4
    check_trains(neo.PickleIO(str(path)).read_block().segments[0])


def test_our_own_format_is_one_of_them(columns: Columns, tmp_path: Path) -> None:
    path = export(columns, tmp_path / "run.anything", "h5")
    assert load(path).manifest == columns.manifest


def test_an_unknown_format_names_the_known_ones(columns: Columns, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match=r"'\.mat'; use one of nix, nwb, pickle, h5"):
        export(columns, tmp_path / "run.mat")
    with pytest.raises(Unsupported, match="'matlab'"):
        export(columns, tmp_path / "run.h5", "matlab")


@pytest.mark.parametrize(("suffix", "package"), [("nix", "nixio"), ("nwb", "pynwb")])
def test_a_missing_package_says_what_to_install(
    columns: Columns, tmp_path: Path, suffix: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(PackageMissing, match=f"pip install {package}") as caught:
        export(columns, tmp_path / f"run.{suffix}")
    assert caught.value.exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["nix", "nwb", "pkl", "h5"])
def test_a_failing_export_leaves_nothing(columns: Columns, tmp_path: Path, suffix: str) -> None:
    taken = tmp_path / f"run.{suffix}"
    taken.mkdir()  # so that everything is written and only the last step, the renaming, fails
    with pytest.raises(OSError, match="run"):
        export(columns, taken)
    assert [p for p in tmp_path.iterdir() if p.suffix != ".json"] == [taken]


@pytest.mark.parametrize("suffix", ["nix", "nwb", "pkl"])
def test_an_unknown_unit_stops_the_export(columns: Columns, tmp_path: Path, suffix: str) -> None:
    odd = replace(columns.traces["inhibitory"][0], unit="furlong")
    with pytest.raises(UnitError, match="furlong"):
        export(replace(columns, traces={"E": (odd,)}), tmp_path / f"run.{suffix}")
    assert list(tmp_path.iterdir()) == []
