"""Exponential Euler: each equation is solved exactly with the other states held still.

dx/dt = a*x + b  ->  x(t + dt) = x*exp(a*dt) + b/a*(exp(a*dt) - 1), as Brian2's
``exponential_euler``; where a is a constant of the run, the factors are computed once. Additive
noise sigma*xi then adds sigma*sqrt((exp(2*a*dt) - 1)/(2*a))*N(0, 1), as in NEST's rate neurons.
"""

from __future__ import annotations

import sympy

from ..definition.algebra import exprel, free_names, symbol, written
from ..errors import DefinitionError
from .program import Assign, Constants
from .steps import H, Step, assign, live, shared, writes
from .system import STEPPED, System, without


def step(system: System, clamp: frozenset[str]) -> Step:
    """The step; the equations must be linear in their own state."""
    constants: dict[str, sympy.Expr] = {"dt_ms": H}
    parts: dict[str, sympy.Expr] = {}
    moving = [s for s in system.neuron.states if s not in clamp]
    split = {s: _split(system, s) for s in moving}
    for state, (rate, rest) in split.items():
        if rate == 0:
            parts[f"rest_{state}"] = rest
        elif _is_constant(system, rate):
            constants[f"decay_{state}"] = sympy.exp(rate * H)
            constants[f"gain_{state}"] = H * exprel(rate * H)
            parts[f"rest_{state}"] = rest
        else:
            parts[f"rate_{state}"] = rate
            parts[f"rest_{state}"] = rest
    temporaries, parts = shared(parts, "common_")
    statements = [*temporaries, *(assign(n, e, temporary=True) for n, e in parts.items())]
    updates = {}
    for state, (rate, rest) in split.items():
        updates[state] = _update(system, state, rate, rest, statements)
        for noise, factor in system.diffusion.get(state, {}).items():
            _check_noise(system, state, rate, factor)
            kick = symbol(f"kick_{state}_{noise}")
            constants[kick.name] = factor * sympy.sqrt(H * exprel(2 * rate * H))
            updates[state] += kick * symbol(noise)
    return Step(
        live([*statements, *writes(updates)]),
        Constants({n: written(e) for n, e in constants.items()}),
    )


def _check_noise(system: System, state: str, rate: sympy.Expr, factor: sympy.Expr) -> None:
    """Noise has the variance of an Ornstein-Uhlenbeck step where rate and factor are constants."""
    if not (_is_constant(system, rate) and _is_constant(system, factor)):
        raise DefinitionError(
            f"exponential_euler needs additive noise on {state}, and a constant decay",
            model=system.neuron.label,
            symbol=state,
            remedy='use scheme = "euler"',
        )


def _split(system: System, state: str) -> tuple[sympy.Expr, sympy.Expr]:
    slope = system.drift[state]
    rate = rate_of(state, slope)
    if rate is None:
        raise DefinitionError(
            f"exponential_euler needs d{state}/dt to be linear in {state}",
            model=system.neuron.label,
            line=f"d{state}/dt = {slope}",
            symbol=state,
            remedy='use scheme = "rk4"',
        )
    return rate, slope.subs(symbol(state), 0)


def rate_of(state: str, slope: sympy.Expr) -> sympy.Expr | None:
    """The factor of ``state`` where ``slope`` is linear in it, else None."""
    rate = without(sympy.diff(slope, symbol(state)), {state})
    stepped = any(state in free_names(a) for a in slope.atoms(*STEPPED))
    return None if stepped or state in free_names(rate) else rate


def _is_constant(system: System, rate: sympy.Expr) -> bool:
    varying = {*system.neuron.states, *system.neuron.continuous_ports, "t"}
    return not free_names(rate) & varying


def _update(
    system: System, state: str, rate: sympy.Expr, rest: sympy.Expr, statements: list[Assign]
) -> sympy.Expr:
    x, b = symbol(state), symbol(f"rest_{state}")
    if rate == 0:
        return x + H * b
    if _is_constant(system, rate):
        gain = symbol(f"gain_{state}") * b if rest != 0 else 0
        return symbol(f"decay_{state}") * x + gain
    a, ratio = symbol(f"rate_{state}"), symbol(f"ratio_{state}")
    statements.append(assign(ratio.name, b / a, temporary=True))
    return (x + ratio) * sympy.exp(a * H) - ratio
