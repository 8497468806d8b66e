"""The command line: what it prints, what it writes, and the code with which it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge.results.files import load as load_columns

SMALL = """
kind = "network"
name = "small"
[populations.E]
neuron = "neurons/lif_current"
size = 5
initial = {V = {distribution = "uniform", low = "-60 mV", high = "-50 mV"}}
[stimuli.step]
kind = "current"
population = "E"
port = "I_ext"
amplitude = "STEP"
[projections.EE]
pre = "E"
post = "E"
port = "exc"
rule = {kind = "all_to_all", autapses = false}
weight = "w"
delay = "1 ms"
[recordings.E]
population = "E"
variables = ["V"]
[parameters]
w = "50 pA"
[variants.strong]
w = "90 pA"
[run]
dt = "0.1 ms"
duration = "50 ms"
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL.replace("STEP", "300 pA"), encoding="utf-8")
    return path


def cli(*arguments: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spikebridge", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, **settings
    )


def answer(*arguments: str | Path, code: int = 0) -> Any:
    """The one JSON object on stdout."""
    done = cli(*arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_list_names_every_model() -> None:
    found = {model["name"]: model["title"] for model in answer("list")["models"]}
    assert found["networks/cuba"].startswith("Vogels-Abbott")
    text = cli("list").stdout
    assert all(name in text and title in text for name, title in found.items())


def test_doctor_says_what_is_here() -> None:
    found = answer("doctor")
    assert found["simulators"]["reference"]["ok"]
    assert {"Python", "C++ compiler", "NESTML cache"} <= {row["name"] for row in found["checks"]}


def test_doctor_names_the_remedy(tmp_path: Path) -> None:
    done = cli("doctor", env={**os.environ, "PATH": str(tmp_path), "CXX": ""})
    line = next(line for line in done.stdout.splitlines() if line.startswith("C++ compiler"))
    assert "missing" in line
    assert "apt install g++" in line


def test_show_prints_equations_schemes_and_the_builtin() -> None:
    text = cli("show", "neurons/lif_current").stdout
    assert "tau_m*dV/dt = " in text
    assert "exponential_euler" in text
    assert "iaf_psc_exp" in text
    found = answer("show", "neurons/lif_current")
    assert found["parameters"]["tau_m"] == "20 ms"
    assert "exact" in found["schemes"]
    assert len(found["hash"]) == 64


@pytest.mark.parametrize("model", ["networks/cuba", "synapses/gating"])
def test_show_prints_any_kind(model: str) -> None:
    done = cli("show", model)
    assert done.returncode == 0
    assert done.stdout.startswith(model)


def test_show_draws_with_or_without_a_file_name(tmp_path: Path) -> None:
    done = cli("show", "synapses/stdp_triplet", "--plot", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "stdp_triplet.png\n"), done.stderr
    found = answer("show", "synapses/depression", "--plot", tmp_path / "d.svg")
    assert found["files"] == [str(tmp_path / "d.svg")]
    assert {path.name for path in tmp_path.iterdir()} == {"stdp_triplet.png", "d.svg"}


def test_show_says_why_there_is_no_picture(tmp_path: Path) -> None:
    done = cli("show", "synapses/clopath", "--plot", cwd=tmp_path)
    assert done.returncode == 2
    assert "reads V_post" in done.stderr


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("latex", r"\frac{\mathrm{d}V}{\mathrm{d}t}"),
        ("markdown", "| Neuron model |"),
        ("brian2", "NeuronGroup("),
        ("nestml", "update:"),
    ],
)
def test_translate(target: str, part: str) -> None:
    done = cli("translate", "neurons/lif_delta", "--to", target)
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


def test_translate_to_nestml_explains_the_builtin() -> None:
    assert "iaf_psc_delta" in cli("translate", "neurons/lif_delta", "--to", "nestml").stderr
    found = answer("translate", "neurons/lif_adaptive", "--to", "nestml")
    assert "nearest is" in found["explanation"][0]


def test_translate_writes_files(tmp_path: Path) -> None:
    answer("translate", "networks/brunel2000", "--to", "markdown", "-o", tmp_path / "out")
    (path,) = (tmp_path / "out").iterdir()
    text = path.read_text(encoding="utf-8")
    assert "| A. Model summary |" in text
    assert "| C. Projection |" in text


def test_translate_to_brian2_writes_a_script_and_what_it_reads(tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer("translate", "networks/cuba", "--set", "N=400", "--to", "brian2", "-o", out)
    files = sorted(path.name for path in out.iterdir())
    assert files == ["EE_sources.npy", "EE_targets.npy", "networks_cuba.py"], files


def test_run_writes_columns_neo_and_source(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = answer("run", network, "--on", "reference", "-o", out)
    assert found["spikes"]["E"] > 0
    assert {path.name for path in out.iterdir()} == {
        "reference.h5",
        "reference.json",
        "reference.pkl",
        "reference.source.txt",
    }
    assert all(Path(file).is_file() for file in found["files"])


def test_a_run_goes_on_from_a_file(network: Path, tmp_path: Path) -> None:
    text = network.read_text(encoding="utf-8")
    plastic = 'port = "exc"\nsynapse = "synapses/stdp_pair"\n'
    network.write_text(text.replace('port = "exc"\n', plastic), encoding="utf-8")
    parts = {"whole": "60 ms", "first": "31 ms", "rest": "60 ms"}
    more = {"first": ["--final-state"], "rest": ["--initial-state", tmp_path / "first/brian2.h5"]}
    found = {}
    for name, duration in parts.items():
        given = ("--on", "brian2", "--option", "target=numpy", "--neo", "none")
        asked = ("--duration", duration, *more.get(name, []), "-o", tmp_path / name)
        answer("run", network, *given, *asked)
        found[name] = load_columns(tmp_path / name / "brian2.h5").spikes["E"]
    expected = found["whole"].between(31.05, 60).shifted(-31, 0.1)
    assert np.array_equal(found["rest"].senders, expected.senders) and len(expected) > 5
    assert np.allclose(found["rest"].times, expected.times, atol=1e-9)
    done = cli("run", network, "--initial-state", tmp_path / "whole/brian2.h5", "-o", tmp_path)
    assert done.returncode == 2 and "--final-state" in done.stderr


def test_weights_are_run_compared_and_reported(network: Path, tmp_path: Path) -> None:
    text = network.read_text(encoding="utf-8").replace(
        'port = "exc"\n', 'port = "exc"\nsynapse = "synapses/stdp_pair"\n'
    )
    text += '[recordings.w]\nprojection = "EE"\nvariables = ["w"]\nevery = "1 ms"\n'
    changed = tmp_path / "plastic.toml"
    changed.write_text(text, encoding="utf-8")
    done = cli("run", changed, "--on", "reference", "-o", tmp_path / "run", "--neo", "none")
    assert done.returncode == 0, done.stderr
    assert "EE.w: mean of 20 synapses from 0.5 to " in done.stdout
    found = answer(
        *("compare", changed, "--on", "reference,brian2", "-o", tmp_path / "out", "--neo", "none"),
        *("--option", "brian2.target=numpy"),
    )
    assert found["verdict"] == "identical"
    assert found["traces"]["EE.w"]["max_relative"] <= 1e-9
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'id="synapses"' in report


def test_run_settings_reach_the_run(network: Path, tmp_path: Path) -> None:
    found = answer(
        *("run", network, "--on", "reference", "-o", tmp_path, "--duration", "20 ms"),
        *("--dt", "0.2 ms", "--seed", "3", "--scheme", "rk4", "--set", "w=10 pA"),
        *("--neo", "none"),
    )
    manifest = found["manifest"]
    assert (manifest["duration"], manifest["dt"], manifest["seed"]) == (20.0, 0.2, 3)
    assert "rk4" in json.dumps(manifest["scheme"])
    assert manifest["parameters"]["w"] == 10.0


def test_variant_changes_the_parameters(network: Path, tmp_path: Path) -> None:
    found = answer(*("run", network, "--on", "reference", "-o", tmp_path, "--variant", "strong"))
    assert found["manifest"]["parameters"]["w"] == 90.0


def test_compare_writes_the_report_and_agrees(network: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    out = tmp_path / "out"
    arguments = ("compare", network, "--on", "brian2,reference", "-o", out)
    found = answer(*arguments, "--option", "brian2.target=numpy")
    assert found["verdict"] == "identical"
    assert found["spikes"]["differing"] == 0
    assert set(found["spikes"]["count"]) == {"brian2", "reference"}
    assert {"max_abs", "max_relative"} <= set(found["traces"]["E.V"])
    assert {"build", "run", "collect"} <= set(found["seconds"]["brian2"])
    names = {path.name for path in out.iterdir()}
    assert {"report.html", "verdict.json", "brian2.h5", "reference.h5", "brian2.pkl"} <= names
    written = json.loads((out / "verdict.json").read_text(encoding="utf-8"))
    assert written["verdict"] == "identical"


def test_compare_gathers_convergence_and_statistics(network: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    arguments = ("compare", network, "--on", "brian2,reference", "-o", tmp_path / "out")
    studies = ("--dts", "0.2,0.1,0.05", "--seeds", "3", "--scheme", "heun")
    found = answer(*arguments, *studies, "--option", "brian2.target=numpy")
    assert [study["simulator"] for study in found["convergence"]] == ["brian2"]
    assert found["statistics"] is not None
    assert found["verdict"] == "identical"
    assert "converg" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_compare_leaves_with_one_where_they_differ(network: Path, tmp_path: Path) -> None:
    """Native Poisson input is drawn by each simulator for itself."""
    pytest.importorskip("jinja2")
    text = network.read_text(encoding="utf-8").replace('[variants.strong]\nw = "90 pA"', "")
    network.write_text(
        text + '\n[stimuli.noise]\nkind = "poisson"\nsize = 5\nrate = "800 Hz"\ndraw = "native"\n'
        '[projections.noise]\npre = "noise"\npost = "E"\nport = "exc"\n'
        'rule = {kind = "one_to_one"}\nweight = "w"\ndelay = "1 ms"\n',
        encoding="utf-8",
    )
    arguments = ("compare", network, "--on", "brian2,reference", "-o", tmp_path / "out")
    found = answer(*arguments, "--option", "brian2.target=numpy", code=1)
    assert found["verdict"] == "different"


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("show", "neurons/adx"), 2, "did you mean neurons/adex"),
        (("run", "neurons/adex", "-o", "out"), 2, "is a neuron, not a network"),
        (("run", "networks/cuba"), 2, "Missing option"),
        (("run", "networks/cuba", "--on", "neuron", "-o", "out"), 3, "no simulator 'neuron'"),
        (("run", "networks/cuba", "-o", "out", "--set", "N"), 2, "no name=value"),
        (("run", "networks/cuba", "-o", "out", "--set", "M=3"), 2, "unknown key 'M'"),
        (("run", "networks/cuba", "-o", "out", "--neo", "hdf"), 2, "choose one of pickle"),
        (("run", "missing.toml", "-o", "out"), 2, "cannot read missing.toml"),
        (("compare", "networks/cuba", "-o", "out", "--option", "pynn.a=1"), 2, "does not run"),
        (("compare", "networks/cuba", "-o", "out", "--on", ""), 2, "no simulator"),
        (("compare", "networks/cuba", "-o", "out", "--dts", "0.1"), 2, "shows no convergence"),
        (("compare", "networks/cuba", "-o", "out", "--dts", "0.1,x"), 2, "is no time step"),
        (("compare", "networks/cuba", "-o", "out", "--seeds", "2"), 2, "show no band"),
        (("translate", "synapses/gating", "--to", "nestml"), 2, "only in a network"),
        (("translate", "neurons/adex", "--to", "c"), 2, "choose one of brian2"),
        (("verify", "nonsense"), 2, "no case matches 'nonsense'"),
        (("dance",), 2, "No such command"),
    ],
)
def test_errors_are_one_line(
    arguments: tuple[str, ...], code: int, part: str, tmp_path: Path
) -> None:
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert part in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
    with_json = cli(*arguments, "--json", cwd=tmp_path)
    assert json.loads(with_json.stdout)["exit_code"] == code


def test_unwritable_folder_is_refused_before_the_run(network: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    done = cli("run", network, "--on", "reference", "-o", blocked / "out")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_pipes_stay_quiet(network: Path, tmp_path: Path) -> None:
    done = cli("run", network, "--on", "reference", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_interrupt_ends_cleanly(network: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spikebridge", "run", str(network), "--on", "reference"]
    child = subprocess.Popen(
        [*command, "-o", str(tmp_path / "out"), "--duration", "1000 s"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(6.0)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "command", ["doctor", "list", "show", "translate", "run", "compare", "verify"]
)
def test_help_has_an_example(command: str) -> None:
    done = cli(command, "--help")
    assert done.returncode == 0
    assert f"spikebridge {command}" in done.stdout.partition("Examples:")[2]
    assert "--json" in done.stdout


def test_version() -> None:
    import spikebridge

    assert cli("--version").stdout.strip() == spikebridge.__version__


@pytest.mark.slow
def test_verify_prints_a_table() -> None:
    found = answer("verify", "neurons/lif_delta exact", "--jobs", "1")
    (row,) = found["rows"]
    assert row["differing"] == 0
    assert row["passed"]
