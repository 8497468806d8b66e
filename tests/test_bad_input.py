"""Every wrong input is one line that names the place and the remedy, before a simulator starts."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from spikebridge import SimulatorMissing, SpikebridgeError, simulate
from spikebridge.definition.library import from_dict

_SPEC = importlib.util.spec_from_file_location(
    "bad_inputs", Path(__file__).with_name("bad_inputs.py")
)
assert _SPEC is not None and _SPEC.loader is not None
bad_inputs = importlib.util.module_from_spec(_SPEC)
sys.modules["bad_inputs"] = bad_inputs
_SPEC.loader.exec_module(bad_inputs)
TABLE = bad_inputs.TABLE


def needs(simulator: str) -> None:
    """Skips where the simulator is not installed; imports nothing."""
    if importlib.util.find_spec(simulator) is None:
        pytest.skip(f"{simulator} is not installed")


CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from bad_inputs import TABLE
import spikebridge as sb
from spikebridge.definition.library import loads

def attempt(bad):
    try:
        sb.simulate(loads(bad.text, name="file") if bad.text else bad.content(), "nest", **bad.run)
    except sb.SpikebridgeError as error:
        kind = type(error).__name__
        return {"text": str(error), "kind": kind, "code": error.exit_code, "remedy": error.remedy,
                "model": error.model, "symbol": error.symbol}
    return {"text": "nothing was raised"}

found = {bad.name: attempt(bad) for bad in TABLE}
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"brian2", "nest", "pynestml"})
print(json.dumps({"found": found, "loaded": loaded}))
"""


@cache
def outcome() -> dict[str, Any]:
    """What the child said about the whole table, and what it left in its folders."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        places = {name: str(Path(folder) / name) for name in ("work", "tmp", "cache")}
        for place in places.values():
            Path(place).mkdir()
        settings = {"TMPDIR": places["tmp"], "SPIKEBRIDGE_CACHE": places["cache"]}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            check=True,
            cwd=places["work"],
            env={**os.environ, **settings},
        )
        # What was derived of sound parts before a mistake was met elsewhere is kept for later.
        left = [
            str(path)
            for place in places.values()
            for path in Path(place).rglob("*")
            if path.is_file() and not path.match("derived/*/*")
        ]
    return {**json.loads(done.stdout.splitlines()[-1]), "left": left}


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name.replace(" ", "-"))
def test_bad_input_is_one_line(bad: Any) -> None:
    found = outcome()["found"][bad.name]
    assert found["text"] == bad.error
    assert found["code"] == 2
    assert "\n" not in found["text"]
    assert found["remedy"]
    assert found["model"] or found["symbol"]


def test_no_simulator_was_loaded() -> None:
    assert outcome()["loaded"] == []


def test_nothing_is_left_on_disk() -> None:
    assert outcome()["left"] == []


def test_names_in_the_table_are_unique() -> None:
    assert len({bad.name for bad in TABLE}) == len(TABLE) >= 30


def test_the_network_without_a_mistake_runs() -> None:
    run = simulate(bad_inputs.NETWORK, "reference")
    assert run.columns.duration == pytest.approx(10.0)


def test_unknown_simulator() -> None:
    with pytest.raises(SimulatorMissing, match="there is no simulator 'neuron'; choose one of"):
        simulate(bad_inputs.NETWORK, "neuron")


def test_missing_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NESTML needs a C++ compiler: without one nothing is built and nothing stays."""
    needs("nest")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("SPIKEBRIDGE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(SimulatorMissing) as caught:
        simulate(bad_inputs.NETWORK, "nest", options={"match": False})
    assert "no working C++ compiler" in str(caught.value)
    assert "g++" in str(caught.value.remedy)
    assert not list((tmp_path / "cache").rglob("*.so"))


@pytest.mark.parametrize("simulator", ["nest", "brian2"])
def test_missing_simulator(simulator: str, tmp_path: Path) -> None:
    """An interpreter that cannot find the simulator's package says how to install it."""
    code = (
        "import sys, importlib.metadata as m, importlib.util as u\n"
        "distribution, find = m.distribution, u.find_spec\n"
        "def gone(name):\n"
        "    if name.lower().startswith(('nest', 'brian2')): raise m.PackageNotFoundError(name)\n"
        "    return distribution(name)\n"
        "m.distribution = gone\n"
        "m.version = lambda name: gone(name).version\n"
        "u.find_spec = lambda name, *a: None if name in ('nest', 'brian2') else find(name, *a)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from bad_inputs import NETWORK\n"
        "import spikebridge as sb\n"
        "try: sb.simulate(NETWORK, sys.argv[2])\n"
        "except sb.SimulatorMissing as error: print(error.exit_code, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), simulator],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("3 "), done.stdout
    assert "pip install" in done.stdout
    assert simulator in done.stdout
    assert not list(tmp_path.iterdir())


RESERVED = (
    "input",
    "output",
    "state",
    "update",
    "model",
    "end",
    "i",
    "N",
    "dtm",
    "ms_",
    "lastspike",
)


def _renamed(word: str) -> Any:
    content = bad_inputs.Bad("", "").content()
    cell = content["populations"]["A"]["neuron"]
    cell["equations"] = cell["equations"].replace("I_syn", word).replace("R*", "res*")
    cell["parameters"]["res"] = cell["parameters"].pop("R")
    cell["ports"]["syn"]["receive"] = f"{word} += weight"
    content["recordings"]["v"]["variables"] = ["V", word]
    return content


@pytest.mark.parametrize("word", RESERVED)
def test_reserved_words_are_fine_names(word: str) -> None:
    """Words that Brian2, NESTML or C++ keep for themselves are renamed inside."""
    reference = simulate(_renamed(word), "reference").columns
    assert {t.variable for t in reference.traces["A"]} == {"V", word}


def test_a_word_of_our_own_language_is_no_name() -> None:
    with pytest.raises(SpikebridgeError, match="fixed meaning"):
        from_dict(_renamed("int"))


RUN = ("input", "state", "refractory", "h", "e")


def _with_all() -> Any:
    """One neuron with a state for each of the words."""
    content = bad_inputs.Bad("", "").content()
    cell = content["populations"]["A"]["neuron"]
    lines = [f"tau_m*dV/dt = E_L - V + R*({' + '.join(RUN)} + I_ext) : mV"]
    cell["equations"] = "\n".join([*lines, *(f"d{w}/dt = -{w}/tau_s : pA" for w in RUN)])
    cell["ports"]["syn"]["receive"] = "\n".join(f"{w} += {k}*weight" for k, w in enumerate(RUN, 1))
    content["recordings"]["v"]["variables"] = ["V", *RUN]
    return content


@pytest.mark.slow
@pytest.mark.parametrize("simulator", ["brian2", "nest"])
def test_reserved_words_run(simulator: str) -> None:
    needs(simulator)
    options = {"brian2": {"target": "numpy"}, "nest": {"match": False}}[simulator]
    found = simulate(_with_all(), simulator, options=options).columns
    reference = simulate(_with_all(), "reference").columns
    ours = {t.variable: t.values for t in found.traces["A"]}
    assert set(ours) == {"V", *RUN}
    for trace in reference.traces["A"]:
        assert ours[trace.variable] == pytest.approx(trace.values, rel=1e-9, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("simulator", ["brian2", "nest"])
def test_reserved_words_as_names_of_ports_and_populations(simulator: str) -> None:
    needs(simulator)
    options = {"brian2": {"target": "numpy"}, "nest": {"match": False}}[simulator]
    text = json.dumps(bad_inputs.NETWORK)
    for old, new in (('"A"', '"class"'), ('"syn"', '"in"'), ('"100 pA"', '"1.5 nA"')):
        text = text.replace(old, new)
    content = json.loads(text)
    ours = simulate(content, simulator, options=options).columns.spikes["class"]
    reference = simulate(content, "reference").columns.spikes["class"]
    assert len(ours) == len(reference) > 0
    assert (ours.times == reference.times).all()
