"""What PyNN is told, in its units, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.api import prepare
from spikebridge.errors import (
    DefinitionError,
    SimulationFailed,
    SimulatorMissing,
    SpikebridgeError,
    Unsupported,
)
from spikebridge.simulators import base
from spikebridge.simulators.base import Options
from spikebridge.simulators.pynn import mechanisms
from spikebridge.simulators.pynn.doctor import doctor
from spikebridge.simulators.pynn.job import Job

from .conftest import zoo


def job(network: Any, on: str = "pynn.nest", **options: Any) -> Job:
    found: Job = prepare(network, on, options=Options(**options)).payload.job
    return found


def test_numbers_are_in_pynns_units() -> None:
    told = job(zoo("exp", "cond"))
    exp, cond = told.cells
    assert exp.cell == "IF_curr_exp"
    assert exp.parameters["cm"] == pytest.approx(0.2)  # nF
    assert exp.parameters["i_offset"] == pytest.approx(0.01)  # nA
    assert cond.cell == "IF_cond_exp"
    assert cond.parameters["tau_m"] == pytest.approx(20.0)
    wires = {w.name: w for w in told.wires}
    inhibitory = wires["in_exp_inh"]
    assert inhibitory.receptor == "inhibitory"
    np.testing.assert_allclose(inhibitory.weights, -0.045)  # nA: negative
    np.testing.assert_allclose(wires["in_cond_inh"].weights, 0.003)  # uS: positive
    np.testing.assert_allclose(wires["in_cond_inh"].delays, 0.2)


def test_times_are_aligned_per_backend() -> None:
    network = zoo("exp")
    assert job(network).cells[0].parameters["tau_refrac"] == pytest.approx(5.0)
    other = job(network, "pynn.brian2")
    assert other.cells[0].parameters["tau_refrac"] == pytest.approx(5.1)
    # two spikes of one unit in one step
    assert [len(t.steps) for t in other.trains] == [6, 1]
    assert [len(t.steps) for t in job(network).trains] == [7]


def test_a_source_that_begins_at_once_is_moved_or_refused_on_nest() -> None:
    at_once = {"in": {"kind": "spikes", "trains": [["0.1 ms"], ["3 ms"]]}}
    told = job(zoo("exp", stimuli=at_once))
    assert told.trains[0].late == 1
    assert {float(w.delays[0]) for w in told.wires if w.pre == "in"} == {0.1}
    short: dict[str, Any] = {
        "pre": "in",
        "post": "exp",
        "port": "exc",
        "weight": "9 pA",
        "delay": "0.1 ms",
    }
    short["rule"] = {"kind": "all_to_all"}
    network = zoo("exp", stimuli=at_once, projections={"in_exp_exc": short})
    with pytest.raises(Unsupported, match=r"spike of in at 0.1 ms.*longer delay"):
        job(network)
    assert job(network, "pynn.brian2").trains[0].late == 0


REFUSED: list[tuple[str, str, Any, str]] = [
    ("pynn.neuron", "delta", {}, "no IF_curr_delta"),
    ("pynn.brian2", "alpha", {}, "tau_syn_E for tau_syn_I"),
    ("pynn.brian2", "hh", {}, "can send to nothing"),
    ("pynn.nest", "exp", {"scheme": "rk4"}, "does not integrate IF_curr_exp by 'rk4'"),
    ("pynn.nest", "exp", {"simulator": {"match": False}}, "no option 'match'"),
    ("pynn.nest", "exp", {"final_state": True}, "continuing from a final state"),
]


@pytest.mark.parametrize(("on", "cell", "options", "text"), REFUSED)
def test_what_a_backend_cannot_do_is_refused(on: str, cell: str, options: Any, text: str) -> None:
    with pytest.raises(Unsupported, match=text):
        job(zoo(cell), on, **options)


def test_a_step_that_turns_back_is_refused() -> None:
    network = zoo("adex")
    with pytest.raises(Unsupported, match=r"linearised.*smaller dt"):
        job(network, "pynn.neuron")
    assert prepare(network, "pynn.neuron", dt="0.02 ms")


def test_no_cell_says_what_differs_from_the_nearest() -> None:
    network = sb.load(
        {
            "kind": "network",
            "populations": {"c": {"neuron": "neurons/lif_adaptive", "size": 1}},
            "run": {"dt": "0.1 ms", "duration": "1 ms"},
        }
    )
    with pytest.raises(Unsupported, match=r"none of PyNN's standard cells.*lif_adaptive"):
        job(network)


def test_one_value_for_all_units_is_demanded() -> None:
    values = {"neuron": "neurons/lif_current", "size": 2, "parameters": {"t_ref": ["2 ms", "3 ms"]}}
    network = zoo("exp", populations={"exp": values})
    with pytest.raises(Unsupported, match="one tau_refrac for all units"):
        job(network, "pynn.brian2")
    assert job(network).cells[0].parameters["tau_refrac"].tolist() == [2.0, 3.0]


def test_options_are_checked() -> None:
    with pytest.raises(DefinitionError, match="threads"):
        job(zoo("exp"), simulator={"threads": 0})


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(SimulatorMissing, match=r"C\+\+ compiler.*apt install"):
        mechanisms.tool()
    found = base.get("pynn.neuron").available()
    assert not found.ok
    assert "g++" in found.remedy
    assert base.get("pynn.nest").available().ok
    rows = {row.name: row for row in doctor()}
    assert not rows["NEURON's nrnivmodl"].ok


def test_what_the_compiler_says_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "nrnivmodl"
    script.write_text("#!/bin/sh\necho no such luck\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("SPIKEBRIDGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mechanisms, "tool", lambda: script)
    with pytest.raises(SimulationFailed, match="no such luck") as caught:
        mechanisms.compiled()
    log = Path(str(caught.value.remedy).rpartition(" ")[2])
    assert log.read_text(encoding="utf-8") == "no such luck\n"


def test_a_dying_child_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from spikebridge.simulators import child

    script = "import sys, os; print('last words', flush=True); os.abort()"
    monkeypatch.setattr(child, "command", lambda *_: [child.sys.executable, "-c", script])
    with pytest.raises(SpikebridgeError, match=r"pyNN.nest was ended by SIGABRT: last words"):
        sb.simulate(zoo("exp"), "pynn.nest")
