"""Which synapses can be lumped, and why the others cannot."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.expressions import Expression
from ..definition.model import Synapse
from .substitute import inlined

WEIGHT = symbol("weight")


@lru_cache(maxsize=256)
def obstacle(synapse: Synapse) -> str | None:
    """Why the states of ``synapse`` cannot move to the postsynaptic neuron; None if they can.

    They can where ds/dt = A s, where presynaptic spikes add amounts that do not depend on s, where
    nothing happens at postsynaptic spikes, and where the coupling is a sum of the states times
    parameters times the weight (or where the weight is in the added amounts instead).
    """
    if not synapse.states:
        return "it has no state"
    if synapse.coupling is None:
        return "its states do not feed the port continuously"
    if synapse.deliver is not None:
        return "it delivers events as well"
    if synapse.on_post:
        return "postsynaptic spikes change it"
    return _equations(synapse) or _on_pre(synapse) or _coupling(synapse)


def weight_scales(synapse: Synapse) -> bool:
    """Whether the weight multiplies the states in the coupling (else it is in ``on_pre``)."""
    assert synapse.coupling is not None
    return "weight" in inlined(synapse, synapse.coupling).names


def _form(synapse: Synapse, expression: Expression) -> tuple[sympy.Expr, set[sympy.Symbol]]:
    """The sympy form without subexpressions, and symbols that are neither state nor parameter."""
    declared = {e.name for e in synapse.all_equations} | {*synapse.parameters, "weight"}
    found = inlined(synapse, expression).sympy(declared)
    known = {symbol(n) for n in declared}
    return found, set(found.free_symbols) - known


def _states(synapse: Synapse) -> list[sympy.Symbol]:
    return [symbol(n) for n in synapse.states]


def _equations(synapse: Synapse) -> str | None:
    states = _states(synapse)
    for equation in synapse.of_kind("differential"):
        assert equation.expression is not None
        value, foreign = _form(synapse, equation.expression)
        if foreign:
            return f"the equation of {equation.name} reads {_listed(foreign)}"
        if WEIGHT in value.free_symbols:
            return f"the equation of {equation.name} contains the weight"
        if equation.factor is not None:
            factor, foreign = _form(synapse, equation.factor)
            if foreign or factor.free_symbols & {*states, WEIGHT}:
                return f"the factor of d{equation.name}/dt is not a parameter"
        if not _linear(value, states):
            return f"the equation of {equation.name} is not linear and homogeneous in the states"
    return None


def _on_pre(synapse: Synapse) -> str | None:
    if not synapse.on_pre:
        return "presynaptic spikes do not change it"
    for statement in synapse.on_pre:
        if statement.op not in ("+=", "-="):
            return f"`{statement}` does not add to the state"
        value, foreign = _form(synapse, statement.expression)
        if foreign:
            return f"`{statement}` reads {_listed(foreign)}"
        if value.free_symbols & set(_states(synapse)):
            return f"`{statement}` depends on the state"
    return None


def _coupling(synapse: Synapse) -> str | None:
    assert synapse.coupling is not None
    states = _states(synapse)
    value, foreign = _form(synapse, synapse.coupling)
    if foreign:
        return f"the coupling reads {_listed(foreign)}"
    if not _linear(value, states):
        return "the coupling is not linear in the states"
    if WEIGHT not in value.free_symbols:
        return None
    added = any("weight" in inlined(synapse, s.expression).names for s in synapse.on_pre)
    if added or not _linear(value, [WEIGHT]):
        return "the coupling is not proportional to the weight"
    return None


def _linear(value: sympy.Expr, symbols: list[sympy.Symbol]) -> bool:
    """Whether ``value`` is a sum of terms, each with exactly one of ``symbols`` to the power 1."""
    if value == 0:
        return True
    try:
        polynomial: Any = sympy.Poly(value, *symbols)
    except sympy.PolynomialError:
        return False
    inside = set().union(*(c.free_symbols for c in polynomial.coeffs())) & set(symbols)
    return not inside and all(sum(powers) == 1 for powers in polynomial.monoms())


def _listed(symbols: set[sympy.Symbol]) -> str:
    return ", ".join(sorted(s.name for s in symbols))
