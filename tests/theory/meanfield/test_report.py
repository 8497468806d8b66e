"""The mean field on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli_w

from spikebridge.cli.run import run

from .networks import J, K, linear


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "linear.toml"
    path.write_text(tomli_w.dumps(linear()), encoding="utf-8")
    return str(path)


def test_text_data_and_figure(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["theory", model, "--method", "meanfield", "-o", str(out)]
    assert run(command) == 0
    shown = capsys.readouterr().out
    assert "units: " in shown and "between units" in shown and "loop gain 0." in shown
    told = json.loads((out / "theory.json").read_text(encoding="utf-8"))
    assert told["activity"]["units"]["mean"] == pytest.approx(2 / (1 - K * J), rel=0.02)
    assert told["loop_gain"][0] == pytest.approx(K * J, rel=0.05)
    assert (out / "meanfield.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "guess"], "no method 'guess'"),
        (["--method", "meanfield", "--vary", "N=1:2"], "--vary is not for"),
        (["--method", "meanfield", "--set", "M=3"], "M"),
    ],
)
def test_wrong_use(
    model: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["theory", model, *options]) == 2
    assert said in capsys.readouterr().err
