"""The right sides of a unit and their derivatives, by algebra, once per definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy

from ..definition.algebra import clip, free_names, symbol, truth, written
from ..definition.expressions import Expression
from ..definition.model import Neuron, Synapse
from ..errors import DefinitionError
from ..passes.graded import Signal, signal_of
from ..passes.system import System


@dataclass(frozen=True)
class Slopes:
    """``drift[s]`` is dx_s/dt without noise; ``by[s, n]`` its derivative by the state or port n.

    Derivatives that are 0 are left out. ``rest[s]``, where the equation is linear in s itself, is
    the value of s at which dx_s/dt = 0, in terms of the other states and the ports.
    """

    drift: Mapping[str, Expression]
    by: Mapping[tuple[str, str], Expression]
    rest: Mapping[str, Expression]
    noisy: bool


@lru_cache(maxsize=256)
def slopes_of(neuron: Neuron) -> Slopes:
    """Drift, derivatives and resting values of the states of ``neuron``.

    Raises:
        DefinitionError: it is a map, its equations read the time, or a derivative has no form.
    """
    system = System(neuron)
    if system.maps:
        raise DefinitionError(
            "its states are maps, which make steps and have no rate of change",
            model=neuron.label,
            symbol=next(iter(system.maps)),
            remedy="ask for the Markov chain of a binary network, or write dx/dt = ...",
        )
    drift = {s: stepwise(f) for s, f in system.drift.items()}
    for state, value in drift.items():
        if "t" in free_names(value):
            raise DefinitionError(
                f"the equation of {state} reads the time, so that nothing stays at rest",
                model=neuron.label,
                symbol="t",
                remedy="give it a constant input",
            )
    names = (*neuron.states, *neuron.continuous_ports)
    by = {
        (s, n): written(d)
        for s, f in drift.items()
        for n in names
        if (d := derivative(f, n, neuron.label)) != 0
    }
    rest = {s: written(e) for s, f in drift.items() if (e := _rest(f, s)) is not None}
    shown = {s: written(f) for s, f in system.drift.items()}
    return Slopes(shown, by, rest, bool(system.noise))


@lru_cache(maxsize=256)
def signal_slopes(synapse: Synapse, pre: Neuron) -> tuple[Signal, Mapping[str, Expression]]:
    """What ``pre`` sends along a graded synapse, and its derivatives by the sender's states."""
    signal = signal_of(synapse, pre)
    declared = signal.value.names
    value = stepwise(signal.value.sympy(declared))
    found = {s: derivative(value, s, synapse.label) for s in pre.states}
    return signal, {s: written(d) for s, d in found.items() if d != 0}


def stepwise(value: sympy.Expr) -> sympy.Expr:
    """``value`` with min, max, clip and sign as conditions, whose derivative is 0."""
    larger = lambda a, b: b + (a - b) * truth(sympy.GreaterThan(a, b))  # noqa: E731
    smaller = lambda a, b: a + (b - a) * truth(sympy.GreaterThan(a, b))  # noqa: E731
    value = value.replace(clip, lambda x, a, b: sympy.Min(sympy.Max(x, a), b))
    value = value.replace(sympy.Max, lambda *parts: _folded(larger, parts))
    value = value.replace(sympy.Min, lambda *parts: _folded(smaller, parts))
    return value.replace(sympy.sign, lambda x: truth(sympy.Gt(x, 0)) - truth(sympy.Gt(-x, 0)))


def _folded(join: Any, parts: tuple[Any, ...]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = join(found, part)
    return found


def derivative(value: sympy.Expr, name: str, label: str) -> sympy.Expr:
    """d value/d name, almost everywhere where there are steps.

    Raises:
        DefinitionError: it cannot be written (floor, ceil, a remainder).
    """
    found = stepwise(sympy.diff(value, symbol(name)))
    if found.has(sympy.Derivative, sympy.Subs, sympy.DiracDelta):
        raise DefinitionError(
            f"a right side has no derivative by {name}",
            model=label,
            symbol=name,
            remedy="write it without floor, ceil and %",
        )
    return found


def _rest(drift: sympy.Expr, state: str) -> sympy.Expr | None:
    """Where a right side that is linear in ``state`` is 0; None where it is not linear."""
    x = symbol(state)
    slope = sympy.diff(drift, x)
    if slope == 0 or state in free_names(slope) or slope.has(sympy.Derivative, sympy.Subs):
        return None
    rest = drift.subs(x, 0)
    if state in free_names(rest):
        return None
    return -rest / slope
