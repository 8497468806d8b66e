"""Exact propagators of linear equations: x(t + dt) = exp(A*dt)*x + the inputs' part.

The system is written with its inputs u (constant over the step) and a 1 as further states,
d/dt (x, u, 1) = M*(x, u, 1), so that one matrix exponential gives every factor. Additive noise on
a state that drives no other is the exact Ornstein-Uhlenbeck step,
g*sqrt((exp(2*a*dt) - 1)/(2*a))*N(0, 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from ..definition.algebra import exprel, free_names, symbol, written
from ..errors import DefinitionError
from .program import Constants
from .steps import H, Step, writes
from .system import System


def step(system: System, clamp: frozenset[str]) -> Step:
    """The step; every equation must be linear with coefficients that are constants of the run."""
    _refuse_nonlinear(system)
    states = system.neuron.states
    columns = (*states, *system.neuron.continuous_ports, "1")
    matrix = _matrix(system, columns, clamp)
    reach = _reach(matrix)
    same = [
        clamp and not reach[i, [states.index(c) for c in clamp]].any() for i in range(len(states))
    ]
    names: dict[str, tuple[int, int]] = {}
    updates: dict[str, sympy.Expr] = {}
    for i, state in enumerate(states):
        if state in clamp:
            continue
        prefix = "P" if not clamp or same[i] else "C"
        updates[state] = sum(
            (_term(f"{prefix}_{state}_{columns[j]}", columns[j]) for j in np.flatnonzero(reach[i])),
            sympy.Integer(0),
        )
        names |= {f"{prefix}_{state}_{columns[j]}": (i, int(j)) for j in np.flatnonzero(reach[i])}
    noise = _noise(system, clamp, reach)
    for state, kicks in noise.items():
        updates[state] += sum(symbol(f"kick_{state}_{n}") * symbol(n) for n in kicks)
    kicks = {f"kick_{s}_{n}": k for s, found in noise.items() for n, k in found.items()}
    constants = Constants(
        {n: written(k) for n, k in kicks.items()},
        tuple(tuple(written(e) for e in row) for row in matrix),
        names,
    )
    notes = ("exact Ornstein-Uhlenbeck step for the noise",) if system.noise else ()
    return Step(writes(updates), constants, notes)


def _term(name: str, column: str) -> sympy.Expr:
    return symbol(name) if column == "1" else symbol(name) * symbol(column)


def _refuse_nonlinear(system: System) -> None:
    if not system.nonlinear:
        return
    state = system.nonlinear[0]
    equation = next(e for e in system.neuron.all_equations if e.name == state)
    raise DefinitionError(
        f"exact propagators need linear equations, and d{state}/dt is not",
        model=system.neuron.label,
        line=str(equation),
        symbol=state,
        remedy='use scheme = "rk4", "exponential_euler", "heun" or "euler"',
    )


def _matrix(
    system: System, columns: tuple[str, ...], clamp: frozenset[str]
) -> list[list[sympy.Expr]]:
    zero = sympy.Integer(0)
    rows = []
    ports = {symbol(p): 0 for p in system.neuron.continuous_ports}
    for state in system.neuron.states:
        if state in clamp:
            rows.append([zero] * len(columns))
            continue
        rest = system.remainder(state)
        row = dict(system.coefficients[state])
        row |= {p.name: sympy.diff(rest, p) for p in ports}
        row["1"] = rest.subs(ports)
        rows.append([row.get(c, zero) for c in columns])
    rows += [[zero] * len(columns) for _ in range(len(columns) - len(rows))]
    return rows


def _reach(matrix: list[list[sympy.Expr]]) -> Any:
    """Which entries of exp(M*dt) can differ from 0."""
    direct = np.array([[e != 0 for e in row] for row in matrix]) | np.eye(len(matrix), dtype=bool)
    for _ in range(len(matrix)):
        direct = (direct.astype(int) @ direct.astype(int)) > 0
    return direct


def _noise(system: System, clamp: frozenset[str], reach: Any) -> dict[str, dict[str, sympy.Expr]]:
    states = system.neuron.states
    found: dict[str, dict[str, sympy.Expr]] = {}
    for state, terms in system.diffusion.items():
        i = states.index(state)
        drives = [s for j, s in enumerate(states) if j != i and reach[j, i]]
        others = sorted(set(system.diffusion) - {state})
        drives += [s for s in others if set(system.diffusion[s]) & set(terms)]
        inputs = {*states, *system.neuron.continuous_ports, "t"}
        if drives or any(free_names(g) & inputs for g in terms.values()):
            why = f"it reaches {', '.join(drives)}" if drives else "it is multiplicative"
            raise DefinitionError(
                f"the noise on {state} has no exact step of its own ({why})",
                model=system.neuron.label,
                symbol=state,
                remedy='use scheme = "euler"',
            )
        if state not in clamp:
            rate = system.coefficients[state].get(state, sympy.Integer(0))
            found[state] = {n: g * sympy.sqrt(H * exprel(2 * rate * H)) for n, g in terms.items()}
    return found
