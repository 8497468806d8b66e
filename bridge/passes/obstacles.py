"""Why the states of a synapse cannot move to the postsynaptic neuron, by computer algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.check_synapse import POST, post_names
from ..definition.expressions import Expression
from ..definition.model import Synapse
from .substitute import inlined
from .terms import terms

WEIGHT = symbol("weight")


def found_obstacle(synapse: Synapse) -> str | None:
    """What algebra finds against the lumping of a synapse of the right form, see `lumpable`."""
    return _equations(synapse) or _on_pre(synapse) or _coupling(synapse)


def _form(synapse: Synapse, expression: Expression) -> tuple[sympy.Expr, set[sympy.Symbol]]:
    """The sympy form without subexpressions, and symbols that a lumped sum could not have.

    It can have states, parameters, the weight, and variables of the postsynaptic neuron.
    """
    declared = {e.name for e in synapse.all_equations} | {*synapse.parameters, "weight"}
    declared |= {f"{n}{POST}" for n in post_names(synapse)}
    found = inlined(synapse, expression).sympy(declared)
    known = {symbol(n) for n in declared}
    return found, set(found.free_symbols) - known


def _states(synapse: Synapse) -> list[sympy.Symbol]:
    return [symbol(n) for n in synapse.states]


def _equations(synapse: Synapse) -> str | None:
    states = _states(synapse)
    for equation in synapse.of_kind("differential"):
        assert equation.expression is not None
        what = f"the equation of {equation.name}"
        value, foreign = _form(synapse, equation.expression)
        if foreign:
            return f"{what} reads {_listed(foreign)}"
        if WEIGHT in value.free_symbols:
            term = _first(synapse, equation.expression, lambda v: WEIGHT not in v.free_symbols)
            return f"{what} contains the weight, in the term {term}"
        if equation.factor is not None:
            factor, foreign = _form(synapse, equation.factor)
            if foreign or factor.free_symbols & {*states, WEIGHT}:
                return f"the factor {equation.factor} of d{equation.name}/dt is not a parameter"
        if not _linear(value, states):
            term = _first(synapse, equation.expression, lambda v: _linear(v, states))
            return f"{what} is not linear and homogeneous in the states: the term {term}"
    return None


def _on_pre(synapse: Synapse) -> str | None:
    if not synapse.on_pre:
        return "presynaptic spikes do not change it"
    post = {symbol(f"{n}{POST}") for n in post_names(synapse)}
    for statement in synapse.on_pre:
        if statement.op not in ("+=", "-="):
            return f"`{statement}` does not add to the state"
        value, foreign = _form(synapse, statement.expression)
        foreign |= value.free_symbols & post
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
        term = _first(synapse, synapse.coupling, lambda v: _linear(v, states))
        return f"the coupling is not linear in the states: the term {term}"
    if WEIGHT not in value.free_symbols:
        return None
    for statement in synapse.on_pre:
        if "weight" in inlined(synapse, statement.expression).names:
            what = f"`{statement}` contains it too"
            return f"the coupling is not proportional to the weight: {what}"
    if not _linear(value, [WEIGHT]):
        term = _first(synapse, synapse.coupling, lambda v: _linear(v, [WEIGHT]))
        return f"the coupling is not proportional to the weight: the term {term}"
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


def _first(synapse: Synapse, expression: Expression, good: Callable[[Any], bool]) -> str:
    """The first term that is not ``good``, subexpressions written out."""
    found = (t for t in terms(inlined(synapse, expression)) if not good(_form(synapse, t)[0]))
    return str(next(found, expression))


def _listed(symbols: set[sympy.Symbol]) -> str:
    return ", ".join(sorted(s.name for s in symbols))
