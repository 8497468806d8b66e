"""Euler(-Maruyama), Heun and the classical fourth-order Runge-Kutta step as statements.

States that only decay (dx/dt = a*x) have stage values that are constants times x; the constants
are computed once, which changes nothing but the speed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from ..definition.algebra import symbol, written
from ..errors import DefinitionError
from .program import Assign, Constants
from .steps import H, Step, assign, live, shared, writes
from .system import System

# Butcher tableau: stages (weight of the previous slope in the stage), weights of the sum
_HEUN = ((0, 1), (sympy.Rational(1, 2), sympy.Rational(1, 2)))
_HALF = sympy.Rational(1, 2)
_RK4 = (
    (0, _HALF, _HALF, 1),
    (sympy.Rational(1, 6), sympy.Rational(1, 3), sympy.Rational(1, 3), sympy.Rational(1, 6)),
)


def euler(system: System, clamp: frozenset[str]) -> Step:
    """x += dt*f(x) + sqrt(dt)*g(x)*N(0, 1): Euler, with noise Euler-Maruyama (Ito)."""
    constants: dict[str, sympy.Expr] = {"dt_ms": H}
    updates: dict[str, sympy.Expr] = {}
    for state, slope in system.drift.items():
        if state in clamp:
            continue
        if state in system.decays and state not in system.diffusion:
            constants[f"decay_{state}"] = 1 + H * system.decays[state]
            updates[state] = symbol(f"decay_{state}") * symbol(state)
            continue
        noise = system.diffusion.get(state, {})
        if noise:
            constants["sqrt_dt"] = sympy.sqrt(H)
        kick = sum((symbol("sqrt_dt") * g * symbol(n) for n, g in noise.items()), sympy.Integer(0))
        updates[state] = symbol(state) + H * slope + kick
    temporaries, updates = shared(updates, "common_")
    notes = ("Euler-Maruyama for the noise",) if system.noise else ()
    return _step([*temporaries, *writes(updates)], constants, notes)


def heun(system: System, clamp: frozenset[str]) -> Step:
    """Explicit trapezoidal rule: x += dt/2*(f(x) + f(x + dt*f(x))), second order."""
    return _staged(system, clamp, "heun", *_HEUN)


def rk4(system: System, clamp: frozenset[str]) -> Step:
    """The classical Runge-Kutta step, fourth order."""
    return _staged(system, clamp, "rk4", *_RK4)


def _step(
    statements: list[Assign], constants: Mapping[str, sympy.Expr], notes: tuple[str, ...] = ()
) -> Step:
    formulas = {n: written(e) for n, e in constants.items()}
    return Step(live(statements), Constants(formulas), notes)


def _staged(
    system: System,
    clamp: frozenset[str],
    scheme: str,
    nodes: Sequence[sympy.Expr],
    weights: Sequence[sympy.Expr],
) -> Step:
    if system.noise:
        raise DefinitionError(
            f"{scheme} is not defined for white noise",
            model=system.neuron.label,
            symbol=system.noise[0],
            remedy='use scheme = "euler"',
        )
    decays = {s: a for s, a in system.decays.items() if s not in clamp}
    moving = [s for s in system.neuron.states if s not in clamp and s not in decays]
    constants: dict[str, sympy.Expr] = {"dt_ms": H}
    statements: list[Assign] = []
    stage: dict[sympy.Symbol, sympy.Expr] = {}
    factors = dict.fromkeys(decays, sympy.Integer(1))  # stage value / x of the decaying states
    growth = dict.fromkeys(decays, sympy.Integer(1))
    for k, (node, weight) in enumerate(zip(nodes, weights, strict=True), 1):
        if k > 1:
            stage, factors = _stage(moving, decays, factors, node, k, constants)
        slopes = {
            s: system.drift[s].subs({**stage, symbol("t"): symbol("t") + node * H}) for s in moving
        }
        temporaries, slopes = shared(slopes, f"common{k}_")
        statements += temporaries
        statements += [assign(f"k{k}_{s}", e, temporary=True) for s, e in slopes.items()]
        for state, rate in decays.items():
            growth[state] = growth[state] + weight * H * rate * factors[state]
    for state in decays:
        constants[f"decay_{state}"] = growth[state]
    updates = {s: symbol(f"decay_{s}") * symbol(s) for s in decays}
    for state in moving:
        slope = sum(w * symbol(f"k{k}_{state}") for k, w in enumerate(weights, 1))
        updates[state] = symbol(state) + H * slope
    return _step([*statements, *writes(updates)], constants)


def _stage(
    moving: list[str],
    decays: Mapping[str, sympy.Expr],
    factors: Mapping[str, sympy.Expr],
    node: sympy.Expr,
    k: int,
    constants: dict[str, sympy.Expr],
) -> tuple[dict[sympy.Symbol, sympy.Expr], dict[str, sympy.Expr]]:
    """State -> its value at stage ``k``."""
    values = {symbol(s): symbol(s) + node * H * symbol(f"k{k - 1}_{s}") for s in moving}
    new = {s: 1 + node * H * a * factors[s] for s, a in decays.items()}
    for state, factor in new.items():
        constants[f"stage{k}_{state}"] = factor
        values[symbol(state)] = symbol(f"stage{k}_{state}") * symbol(state)
    return values, new
