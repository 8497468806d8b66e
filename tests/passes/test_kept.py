"""The cache of derivations: hits, stale and broken entries, several processes at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError, Neuron, load, simulate
from spikebridge.definition.expressions import Expression, parse
from spikebridge.definition.library import names
from spikebridge.passes import integrate, kept
from spikebridge.passes.codec import from_data, to_data
from spikebridge.passes.derive import derived
from spikebridge.passes.integrate import SCHEMES, program_of
from spikebridge.passes.match import Match, NoMatch, _found, find_match
from spikebridge.passes.program import Program
from spikebridge.records import dataclass

NEURON = Neuron(
    "dV/dt = (E - V + R*I)/tau_m : mV",
    {"tau_m": "20 ms", "E": "-65 mV", "R": "0.1 GOhm"},
    ports={"I": {"unit": "pA", "kind": "continuous"}},  # type: ignore[dict-item]
    name="kept",
)


@dataclass(frozen=True)
class Made:
    """A result as passes have it."""

    value: Expression
    numbers: tuple[float, ...]


MADE = Made(parse("a*exp(-b)"), (0.1, 1e-300))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing remembered in this process."""
    monkeypatch.setenv("SPIKEBRIDGE_CACHE", str(tmp_path))
    integrate._program.cache_clear()
    _found.cache_clear()
    kept._source.cache_clear()
    kept._remember.cache_clear()
    return tmp_path / "derived"


def never() -> Made:
    raise AssertionError("derived again")


def entry_of(folder: Path) -> Path:
    (entry,) = folder.rglob("*.json")
    return entry


def test_a_result_is_derived_once(folder: Path) -> None:
    assert kept.kept("made", ("key",), Made, lambda: MADE) is MADE
    assert kept.kept("made", ("key",), Made, never) == MADE
    with pytest.raises(AssertionError, match="derived again"):
        kept.kept("made", ("another key",), Made, never)


def test_what_raises_is_not_kept(folder: Path) -> None:
    with pytest.raises(DefinitionError):
        program_of(Neuron("dV/dt = V*V/ms/mV : mV", name="curved"), "exact")
    assert not list(folder.rglob("*.json"))


@pytest.mark.parametrize("name", [n for n in names() if n.startswith("neurons/")])
def test_programs_come_back_as_they_were(name: str) -> None:
    neuron = load(name)
    for scheme in (*SCHEMES, "native"):
        try:
            program = derived(neuron, scheme)
        except DefinitionError:
            continue
        data = json.loads(json.dumps(to_data(program)))
        again = from_data(Program, data)
        assert to_data(again) == to_data(program)
        assert [s.target for s in again.free] == [s.target for s in program.free]
        assert again.clamp == program.clamp


def test_a_program_from_disk_gives_the_same_numbers(folder: Path) -> None:
    def results() -> Any:
        integrate._program.cache_clear()
        return simulate("networks/coba", "reference", duration="20 ms").columns

    first, second = results(), results()
    assert list(folder.rglob("program-*.json"))
    assert sum(len(s.times) for s in first.spikes.values()) > 100
    for name, spikes in first.spikes.items():
        assert np.array_equal(spikes.times, second.spikes[name].times)
        assert np.array_equal(spikes.senders, second.spikes[name].senders)
    for name, traces in first.traces.items():
        for a, b in zip(traces, second.traces[name], strict=True):
            assert np.array_equal(a.values, b.values)


@pytest.mark.parametrize("name", ["lif_current", "lif_noisy", "izhikevich"])
def test_matches_come_back_as_they_were(folder: Path, name: str) -> None:
    from spikebridge.simulators.nest.matching import catalogue

    neuron = load(f"neurons/{name}")
    first = find_match(neuron, catalogue())
    _found.cache_clear()
    again = find_match(neuron, catalogue())
    assert again is not first
    assert isinstance(again, Match | NoMatch)
    assert to_data(again) == to_data(first)
    assert type(again) is type(first)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"key": ["key"]}',
        '{"key": ["other"], "data": {"value": "a", "numbers": [1.0]}}',
        '{"key": ["key"], "data": {"value": "a", "numbers": ["1.0"]}}',
        '{"key": ["key"], "data": {"value": "a", "numbers": [1.0], "more": 1}}',
        '{"key": ["key"], "data": {"value": "__import__(\'os\').getcwd()", "numbers": [1.0]}}',
    ],
)
def test_what_cannot_be_read_is_derived_and_written_anew(folder: Path, text: str) -> None:
    kept.kept("made", ("key",), Made, lambda: MADE)
    entry_of(folder).write_text(text)
    assert kept.kept("made", ("key",), Made, lambda: MADE) is MADE
    assert kept.kept("made", ("key",), Made, never) == MADE


def test_a_name_that_is_no_name_is_refused() -> None:
    data = to_data(program_of(NEURON, "rk4"))
    data["rates"] = {"V); system(": "1.0"}
    with pytest.raises(ValueError, match="is not a name"):
        from_data(Program, data)
    data = to_data(program_of(NEURON, "rk4"))
    data["free"][0]["target"] = "V); system("
    with pytest.raises(ValueError, match="is not a name"):
        from_data(Program, data)


def test_another_version_of_the_source_is_not_served(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.kept("made", ("key",), Made, lambda: MADE)
    monkeypatch.setattr(kept, "version", lambda: "another")
    with pytest.raises(AssertionError, match="derived again"):
        kept.kept("made", ("key",), Made, never)


def test_the_version_is_that_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "passes").mkdir()
    (tmp_path / "definition").mkdir()
    (tmp_path / "units.py").write_text("")
    source = tmp_path / "passes" / "exact.py"
    monkeypatch.setattr(kept, "_SOURCE", tmp_path)
    seen = []
    for text in ("x = 1", "x = 2", "x = 1"):
        source.write_text(text)
        kept._source.cache_clear()
        seen.append(kept.version())
    kept._source.cache_clear()
    assert seen[0] == seen[2] != seen[1]


def test_the_hash_of_the_source_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a file changes, even one of the same size whose time is set back."""
    source = folder.parent / "source"
    for name in ("passes", "definition"):
        (source / name).mkdir(parents=True)
    file = source / "passes" / "exact.py"
    file.write_text("x = 1")
    os.utime(file, (1e9, 1e9))
    monkeypatch.setattr(kept, "_SOURCE", source)
    kept._source.cache_clear()
    kept.kept("made", ("key",), Made, lambda: MADE)
    first = kept.version()
    kept._source.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_hashed", never)
        assert kept.version() == first
    time.sleep(0.02)  # longer than a tick of the file system's clock
    file.write_text("x = 2")
    os.utime(file, (1e9, 1e9))
    kept._source.cache_clear()
    assert kept.version() != first
    kept._source.cache_clear()


def test_a_process_whose_source_was_edited_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its results are of neither version."""
    monkeypatch.setattr(kept, "_BEGAN", 0.0)
    kept.kept("made", ("key",), Made, lambda: MADE)
    assert not folder.exists()


def test_without_a_writable_folder_everything_is_derived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("SPIKEBRIDGE_CACHE", str(blocked))
    assert kept.kept("made", ("key",), Made, lambda: MADE) is MADE


WRITER = """
import sys
from spikebridge import load
from spikebridge.passes.integrate import program_of
for name in sys.argv[1:]:
    print(program_of(load(name), "rk4").free)
"""


def test_several_processes_write_and_read_at_once(folder: Path) -> None:
    models = ["neurons/adex", "neurons/izhikevich", "neurons/hodgkin_huxley"]
    orders = [models, models[::-1], [models[1], models[0], models[2]]]
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, *order], stdout=subprocess.PIPE, text=True)
        for order in orders
    ]
    said = [sorted(child.communicate()[0].splitlines()) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert said[0] == said[1] == said[2]
    assert len(list(folder.rglob("program-*.json"))) == len(models)
    assert not list(folder.rglob("*.tmp"))


WARM = """
import sys
import spikebridge as sb
network = sb.load(sys.argv[1])
sb.simulate(network, sys.argv[2], duration="2 ms", parameters={})
print([name for name in ("sympy", "scipy") if name in sys.modules])
"""


@pytest.mark.parametrize("simulator", ["reference", "nest"])
@pytest.mark.parametrize("network", ["networks/cuba", "networks/coupled_lif"])
def test_a_known_model_needs_no_computer_algebra(
    folder: Path, network: str, simulator: str
) -> None:
    if simulator == "nest":
        pytest.importorskip("nest")
    said = [
        subprocess.run(
            [sys.executable, "-c", WARM, network, simulator],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert "sympy" in said[0]
    assert said[1] == "[]"
