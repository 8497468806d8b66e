"""`spikebridge theory`: the parts that apply to a model, as text and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spikebridge.cli.run import run


def test_a_rate_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["theory", "networks/ctrnn_oscillator"]) == 0
    shown = capsys.readouterr().out
    assert "1 fixed point(s), no other one exists" in shown
    assert "unstable focus: units.x[0] = 2.75, units.x[1] = 1.75" in shown
    assert "stable limit cycle: 289.999079 ms, 3.44829 Hz (delta)" in shown


def test_branches_as_data(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = ["theory", "networks/wilson_cowan", "--set", "I_E=-3", "--vary", "I_E=-3:-2.4"]
    assert run([*command, "--json", "-o", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    (branch,) = told["branches"]
    (point,) = branch["special"]
    assert point["kind"] == "Hopf" and point["I_E"] == pytest.approx(-2.6670247331, abs=1e-9)
    assert told["complete"] and told["fixed_points"][0]["stable"] and "cycle" not in told
    assert json.loads((tmp_path / "theory.json").read_text(encoding="utf-8")) == told


def test_a_binary_network_and_a_neuron(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["theory", "networks/binary_small", "--set", "copies=1"]) == 0
    shown = capsys.readouterr().out
    assert "0.27959693 0.14724984" in shown and "|lambda_2| 0.71244897" in shown
    assert "cycle of 4: 0 -> 1 -> 7 -> 4, basin 8" in shown
    assert run(["theory", "neurons/lif", "--input", "I_ext=100 pA"]) == 0
    assert "stable node: cell.V = " in capsys.readouterr().out


def test_a_spiking_network(capsys: pytest.CaptureFixture[str]) -> None:
    size = ["--set", "order=2500", "--set", "J=0.1 mV"]
    assert run(["theory", "networks/brunel2000", *size]) == 0
    shown = capsys.readouterr().out
    assert "E: 37.2483 Hz, CV 0.6" in shown and "(Siegert)" in shown
    assert "mode: " in shown


def test_synapses(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["theory", "synapses/hebbian"]) == 0
    assert "stays at nu_post*nu_pre/alpha" in capsys.readouterr().out
    assert run(["theory", "synapses/depression"]) == 0
    assert "U/(U*nu_pre*tau_d + 1.0)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["networks/brunel2000", "--vary", "g=3:6"], "passes spikes on"),
        (["synapses/clopath"], "V_post"),
        (["networks/song2000"], "change with their spikes"),
        (["networks/binary_small"], "2^60 states"),
        (["neurons/adex"], "nothing bounds cell.V"),
        (["networks/wilson_cowan", "--vary", "I_E"], "no name=value"),
        (["networks/wilson_cowan", "--cycles"], "against one parameter"),
        (["networks/wilson_cowan", *["--vary", "I_E=0:1"] * 3], "3 parameters vary"),
        (["networks/wilson_cowan", "--vary", "I_E=3"], "no interval"),
        (["networks/binary_small", "--set", "copies=1", "--vary", "I_0=0:1"], "no vector field"),
        (["neurons/lif", "--input", "I_ext=400 pA"], "it fires"),
    ],
)
def test_wrong_use(command: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["theory", *command]) == 2
    assert said in capsys.readouterr().err
