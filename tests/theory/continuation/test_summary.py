"""Branches of cycles and curves as text, as data and as figures."""

from __future__ import annotations

import json
from pathlib import Path

from spikebridge.theory.figures import figure
from spikebridge.theory.summary import lines, summary

from .forms import BAUTIN, CUSP, box_of, system


def test_branches_of_cycles(tmp_path: Path) -> None:
    form, box = system(BAUTIN, b1=0.5, b2=1.0), box_of(BAUTIN)
    told = summary(form, box=box, vary=[("b1", -0.5, 0.5)], cycles=True)
    shown = "\n".join(lines(told))
    assert "cycles, in part stable: from the Hopf point at b1 = " in shown
    assert " to limit at 0.5" in shown
    assert "fold of cycles at b1 = -0.25, period 6.2831853 ms" in shown
    (branch,) = json.loads(json.dumps(told))["branches"]
    (found,) = branch["cycles"]
    assert len(found["period"]) == len(found["multipliers"]) == len(found["lowest"])
    assert figure(form, told, tmp_path / "a.png", box=box).stat().st_size > 10_000


def test_curves_in_two_parameters(tmp_path: Path) -> None:
    form, box = system(CUSP, b1=0.1, b2=0.1), box_of(CUSP)
    told = summary(form, box=box, vary=[("b1", -0.5, 0.5), ("b2", -1, 1)])
    shown = "\n".join(lines(told))
    assert "curve of fold points: from b1 = -0.3849, b2 = 1 to b1 = 0.3849, b2 = 1" in shown
    assert "    cusp at b1 = " in shown
    (curve,) = json.loads(json.dumps(told))["curves"]
    assert curve["names"] == ["b1", "b2"] and curve["special"][0]["kind"] == "cusp"
    assert figure(form, told, tmp_path / "a.png", box=box).stat().st_size > 10_000
