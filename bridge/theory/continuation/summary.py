"""Branches and curves as plain data and as text, for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .cycle_branches import CycleBranch
from .equilibria import Branch, branches
from .two_parameters import BifurcationCurve, curves

Varied = Sequence[tuple[str, float, float]]


def continued(found: Any, vary: Varied, box: Any, cycles: bool) -> dict[str, Any]:
    """``branches`` against one parameter, ``curves`` against two; ``vary`` names them."""
    if len(vary) == 1:
        ((name, low, high),) = vary
        lines_of = branches(found, name, (low, high), box=box, cycles=cycles)
        return {"vary": [name], "branches": [_branch(b) for b in lines_of]}
    (first, a, b), (second, c, d) = vary
    some = curves(found, first, (a, b), second, (c, d), box=box)
    return {"vary": [first, second], "curves": [_curve(k) for k in some]}


def _branch(b: Branch) -> dict[str, Any]:
    special = [
        {
            "kind": s.kind,
            b.name: s.parameter,
            "state": s.state.tolist(),
            "frequency": s.frequency,
            "lyapunov": s.lyapunov,
        }
        for s in b.special
    ]
    return {
        "parameter": b.parameter.tolist(),
        "states": b.states.tolist(),
        "stable": b.stable.tolist(),
        "special": special,
        "cycles": [_cycles(c) for c in b.cycles],
    }


def _cycles(c: CycleBranch) -> dict[str, Any]:
    special = [
        {"kind": s.kind, c.name: s.parameter, "period": s.period, "lowest": s.lowest.tolist(),
         "highest": s.highest.tolist(), "multipliers": _pairs(s.multipliers)}
        for s in c.special
    ]  # fmt: skip
    return {
        "parameter": c.parameter.tolist(),
        "period": c.period.tolist(),
        "lowest": c.lowest.tolist(),
        "highest": c.highest.tolist(),
        "stable": c.stable.tolist(),
        "multipliers": [_pairs(o.multipliers) for o in c.cycles],
        "special": special,
        "ends": [{"kind": e.kind, c.name: e.parameter, "note": e.note} for e in c.ends],
    }


def _curve(k: BifurcationCurve) -> dict[str, Any]:
    special = [
        {"kind": s.kind, **dict(zip(k.names, s.parameters.tolist(), strict=True)),
         "state": s.state.tolist(), "frequency": s.frequency}
        for s in k.special
    ]  # fmt: skip
    told = {
        "kind": k.kind,
        "names": list(k.names),
        "parameters": k.parameters.tolist(),
        "states": k.states.tolist(),
        "special": special,
    }
    if k.kind == "Hopf":
        told["frequency"] = k.frequency.tolist()
        told["lyapunov"] = [float(v) if np.isfinite(v) else None for v in k.lyapunov]
    return told


def _pairs(values: Any) -> list[list[float]]:
    return [[float(v.real), float(v.imag)] for v in values]


def lines(told: Mapping[str, Any]) -> list[str]:
    """What was continued, as text."""
    shown: list[str] = []
    names = told.get("vary", ())
    for k, branch in enumerate(told.get("branches", ())):
        ends = branch["parameter"]
        shown.append(f"  branch {k}: from {ends[0]:g} to {ends[-1]:g}, {len(ends)} points")
        for s in branch["special"]:
            extra = f", {s['frequency']:.6g} Hz, l1 = {s['lyapunov']:.6g}" if s["frequency"] else ""
            shown.append(f"    {s['kind']} at {names[0]} = {s[names[0]]:.10g}{extra}")
        for c in branch["cycles"]:
            shown += _cycle_lines(c, names[0])
    for curve in told.get("curves", ()):
        shown += _curve_lines(curve, names)
    return shown


def _cycle_lines(c: Mapping[str, Any], name: str) -> list[str]:
    first, last = c["ends"]
    note = f" ({last['note']})" if last["note"] else ""
    stable = "unstable" if not any(c["stable"]) else "in part stable"
    stable = "stable" if all(c["stable"]) else stable
    begun = f"    cycles, {stable}: from the Hopf point at {name} = {first[name]:.8g}"
    shown = [f"{begun} to {last['kind']} at {last[name]:.8g}{note}"]
    return shown + [
        f"      {s['kind']} at {name} = {s[name]:.10g}, period {s['period']:.8g} ms"
        for s in c["special"]
    ]


def _curve_lines(curve: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    a, b = (", ".join(f"{n} = {v:.6g}" for n, v in zip(names, p, strict=True))
            for p in (curve["parameters"][0], curve["parameters"][-1]))  # fmt: skip
    shown = [f"  curve of {curve['kind']} points: from {a} to {b}"]
    for s in curve["special"]:
        at = ", ".join(f"{n} = {s[n]:.10g}" for n in names)
        wave = f", {s['frequency']:.6g} Hz" if s["frequency"] else ""
        shown.append(f"    {s['kind']} at {at}{wave}")
    return shown
