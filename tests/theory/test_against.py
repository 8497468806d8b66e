"""A prediction over a run, the figures, and the Python face of theory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.cli.run import run
from spikebridge.errors import DefinitionError
from spikebridge.results.columns import Columns, Spikes, Trace
from spikebridge.results.files import save
from spikebridge.theory.against import against, columns_of, lines


def columns(spikes: dict[str, Spikes], traces: dict[str, tuple[Trace, ...]]) -> Columns:
    return Columns("reference", 0.1, 2000.0, spikes, traces, {})


def poisson(hertz: float, size: int, seed: int = 1) -> Spikes:
    rng = np.random.default_rng(seed)
    count = rng.poisson(hertz * 2.0 * size)
    steps = rng.integers(1, 20_000, count)
    return Spikes.from_steps(steps, rng.integers(0, size, count), size, 0.1)


SPIKING = {
    "model": "network",
    "kind": "spiking network",
    "populations": {"E": {"rate": 20.0, "cv": 1.0}, "I": {"rate": 5.0, "cv": 1.0}},
}


def test_rates_and_cvs_over_a_run() -> None:
    rows = against(SPIKING, columns({"E": poisson(20.0, 500)}, {}))
    rate, cv = rows
    assert (rate.name, rate.quantity, rate.unit) == ("E", "rate", "Hz")
    assert abs(rate.deviation) < 4 and rate.error == pytest.approx(
        np.sqrt(20 / (500 * 1.6)), rel=0.7
    )
    assert cv.measured == pytest.approx(1.0, abs=0.1)  # biased by the finite run
    assert rate.relative == pytest.approx(rate.measured / 20 - 1)
    assert "predicted 20" in lines(rows)[1]


def course(name: str, values: np.ndarray) -> Trace:
    times = np.arange(len(values)) * 0.1
    return Trace(name, "1", times, np.array([0]), values[:, None])


def test_a_fixed_point_is_the_one_that_the_run_is_at() -> None:
    told = {
        "model": "n", "kind": "vector field",
        "fixed_points": [
            {"stable": True, "state": {"u.x": 1.0}},
            {"stable": True, "state": {"u.x": 5.0}},
            {"stable": False, "state": {"u.x": 4.4}},
        ],
    }  # fmt: skip
    (row,) = against(told, columns({}, {"u": (course("x", np.full(20_000, 4.5)),)}))
    assert (row.predicted, row.measured) == (5.0, 4.5)


def test_a_cycle_over_a_run() -> None:
    time = np.arange(20_000) * 0.1
    told = {
        "model": "n", "kind": "vector field", "fixed_points": [],
        "cycle": {"period": 50.0, "lowest": {"u.x": -1.0}, "highest": {"u.x": 1.0}},
    }  # fmt: skip
    wave = course("x", np.sin(2 * np.pi * time / 50.0))
    lowest, highest, period = against(told, columns({}, {"u": (wave,)}), start=100.0)
    assert (lowest.measured, highest.measured) == pytest.approx((-1.0, 1.0), abs=1e-4)
    assert period.measured == pytest.approx(50.0, abs=1e-3)


def test_binary_activities_over_a_run() -> None:
    told = {
        "model": "n", "kind": "binary network", "groups": {"a": 1, "b": 2},
        "mean_A": [0.1, 0.2, 0.5], "mean_V": [0.0, 0.0, 0.0],
    }  # fmt: skip
    active = course("A", np.tile([0.0, 1.0], 10_000))
    (row,) = against(told, columns({}, {"b": (active,)}))
    assert (row.name, row.predicted, row.measured) == ("b[0]", 0.2, 0.5)


def test_wrong_use_over_a_run(tmp_path: Path) -> None:
    empty = columns({"X": poisson(1.0, 3)}, {})
    with pytest.raises(DefinitionError, match="nothing of what is predicted; it recorded X"):
        against(SPIKING, empty)
    with pytest.raises(DefinitionError, match="ends at 2000 ms"):
        against(SPIKING, empty, start=3000.0)
    with pytest.raises(DefinitionError, match="a synapse has no run"):
        against({"model": "s", "kind": "synapse"}, empty)
    with pytest.raises(DefinitionError, match="0 results"):
        columns_of(tmp_path)


def test_the_command_lays_a_prediction_over_a_saved_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(columns({"E": poisson(20.0, 100), "I": poisson(20.0, 25)}, {}), tmp_path / "run.h5")
    figure = tmp_path / "figure.png"
    command = ["theory", "networks/brunel2000", "--against", str(tmp_path), "-o", str(figure)]
    assert run([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [r["name"] for r in told["against"]] == ["E", "E", "I", "I"]
    assert told["against"][0]["measured"] == pytest.approx(20.0, rel=0.1)
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert run(["theory", "networks/brunel2000", "-o", str(tmp_path / "figure.gif")]) == 2
    assert "no picture format '.gif'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["networks/wilson_cowan", "--set", "I_E=-3", "--vary", "I_E=-3:-2.6"],
        ["networks/ctrnn_oscillator"],
        ["networks/winner_take_all"],
        ["synapses/stdp_triplet"],
        ["synapses/depression"],
        ["networks/binary_small", "--set", "copies=1"],
    ],
)
def test_figures(command: list[str], tmp_path: Path) -> None:
    assert run(["theory", *command, "-o", str(tmp_path / "f.svg")]) == 0
    assert "<svg" in (tmp_path / "f.svg").read_text(encoding="utf-8")


def test_the_python_face() -> None:
    assert "working_point" in dir(sb.theory)
    from spikebridge.theory.stability import Stability  # noqa: F401 - the module is still there

    function: Any = sb.theory.stability
    assert callable(function) and function("networks/wilson_cowan", I_E=-4).points[0].stable
    assert sb.theory.drift("synapses/hebbian").text == "-eta*(alpha*w - nu_post*nu_pre)"
    with pytest.raises(AttributeError, match="has no attribute 'prophecy'"):
        _ = sb.theory.prophecy


def test_the_face_imports_nothing_by_itself() -> None:
    code = (
        "import sys, spikebridge as sb; sb.theory; "
        "print([m for m in ('scipy', 'sympy', 'brian2', 'nest') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_report_lays_the_prediction_over_each_result(tmp_path: Path) -> None:
    from spikebridge.compare.comparison import compare_columns

    runs = [columns({"E": poisson(20.0, 50, seed)}, {}) for seed in (1, 2)]
    found = compare_columns(runs)
    rows = {name: against(SPIKING, run) for name, run in found.runs.items()}
    laid = found.with_theory(rows)
    assert len(laid.to_json()["theory"]) == 2
    text = laid.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Theory over the results" in text and "E rate (Hz)" in text
    assert "Theory over" not in found.report(tmp_path / "plain.html").read_text(encoding="utf-8")
