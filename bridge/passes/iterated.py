"""Maps: x(t+1) = f(x(t)), one step of the grid each; all right sides see the old values."""

from __future__ import annotations

import sympy

from ..definition.algebra import free_names, symbol, written
from .program import Constants
from .steps import H, Step, live, shared, writes
from .system import System


def step(system: System, clamp: frozenset[str]) -> Step:
    """The step of a unit whose states are all maps."""
    updates: dict[str, sympy.Expr] = {
        state: value.subs(symbol("dt"), H)
        for state, value in system.maps.items()
        if state not in clamp
    }
    timed = any("dt_ms" in free_names(value) for value in updates.values())
    temporaries, updates = shared(updates, "common_")
    formulas = {"dt_ms": written(H)} if timed else {}
    return Step(live([*temporaries, *writes(updates)]), Constants(formulas))
