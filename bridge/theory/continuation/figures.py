"""Bifurcation diagrams drawn into axes: branches against one parameter, curves against two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BLUE, RED, GREEN = "#4477aa", "#cc6677", "#228833"
COLOURS = {"fold": BLUE, "Hopf": RED}
MARKS = {"cusp": "^", "Bogdanov-Takens": "s", "generalised Hopf": "D", "zero-Hopf": "v",
         "double Hopf": "*"}  # fmt: skip


def branch_diagram(axes: Any, branches: Sequence[Mapping[str, Any]], name: str, state: str) -> None:
    """The first state against the parameter ``name``: full where stable, dashed where not.

    Of cycles the lowest and the highest value; marks at special points.
    """
    for branch in branches:
        _line(axes, branch["parameter"], branch["states"], branch["stable"], BLUE)
        for s in branch["special"]:
            _mark(axes, s[name], s["state"][0], s["kind"], RED)
        for c in branch["cycles"]:
            for side in ("lowest", "highest"):
                _line(axes, c["parameter"], c[side], c["stable"], GREEN)
            for s in c["special"]:
                _mark(axes, s[name], s["highest"][0], s["kind"], GREEN)
    axes.set(xlabel=name, ylabel=state, title="bifurcations")


def _line(axes: Any, p: Any, states: Any, stable: Any, colour: str) -> None:
    x, fine = np.array(states)[:, 0], np.array(stable, bool)
    axes.plot(p, np.where(fine, x, np.nan), color=colour)
    axes.plot(p, np.where(fine, np.nan, x), "--", color=colour)


def _mark(axes: Any, p: float, x: float, kind: str, colour: str) -> None:
    axes.plot(p, x, "o", color=colour, ms=5)
    axes.annotate(kind, (p, x), fontsize=7)


def curve_diagram(axes: Any, curves: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Folds and Hopf points in the plane of two parameters, the latter dashed where l1 > 0."""
    labelled: set[str] = set()
    for curve in curves:
        a, b = np.array(curve["parameters"]).T
        colour, kind = COLOURS[curve["kind"]], curve["kind"]
        l1 = np.array(curve.get("lyapunov", np.zeros(len(a))), float)
        soft = ~(l1 > 0)
        label = kind if kind not in labelled else None
        labelled.add(kind)
        axes.plot(a, np.where(soft, b, np.nan), color=colour, label=label)
        axes.plot(a, np.where(soft, np.nan, b), "--", color=colour)
        for s in curve["special"]:
            at = (s[names[0]], s[names[1]])
            label = s["kind"] if s["kind"] not in labelled else None
            labelled.add(s["kind"])
            axes.plot(*at, f"k{MARKS[s['kind']]}", ms=5, mfc="w", label=label)
    axes.set(xlabel=names[0], ylabel=names[1], title="two parameters")
    if labelled:
        axes.legend(fontsize=7, frameon=False)
