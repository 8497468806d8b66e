"""The states of a synapse between two events, in closed form.

Solved are equations that form a chain: each is linear in its own state, with a constant rate, and
driven by a polynomial in states that come before it. Products of exponentials are exponentials:
dw/dt = eta (x y - alpha w) with traces x and y is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sympy

from ..definition.algebra import free_names, show, symbol
from ..definition.check_synapse import POST, post_names
from ..definition.model import Synapse
from ..records import dataclass
from .exponentials import ONE, Exponentials, decay, driven, driven_value, gaps
from .substitute import inlined

H = symbol("dt_ms")


@dataclass(frozen=True)
class Closed:
    """State -> its value after ``elapsed`` ms, from the values before.

    ``order``: states such that each is driven by earlier ones only. ``gaps``: differences of rates
    that must not be near 0, with the state that divides by them.
    """

    values: Mapping[str, sympy.Expr]
    order: tuple[str, ...]
    gaps: tuple[tuple[str, sympy.Expr], ...] = ()


@lru_cache(maxsize=256)
def closed_form(synapse: Synapse) -> Closed | str:
    """The closed form, or why there is none: the sentence names the equation and the term."""
    rhs, unknown = right_sides(synapse), foreign(synapse)
    left, solved, values = dict(rhs), dict[str, Exponentials](), dict[str, sympy.Expr]()
    divided: list[tuple[str, sympy.Expr]] = []
    while left:
        ready = [s for s, f in left.items() if not free_names(f) & (set(left) - {s})]
        if not ready:
            return f"the equations of {' and '.join(sorted(left))} drive each other"
        name = ready[0]
        found = _solve(name, left.pop(name), solved, unknown)
        if isinstance(found, str):
            return found
        rate, drive = found
        start = decay(symbol(name), rate)
        values[name] = start.value() + driven_value(rate, drive)
        if any(_reads(f, name) for f in left.values()):
            divided += [(name, gap) for gap in gaps(rate, drive)]
        solved[name] = start + driven(rate, drive)
    return Closed(values, tuple(solved), tuple(divided))


def right_sides(synapse: Synapse) -> dict[str, sympy.Expr]:
    """State -> dx/dt per ms, subexpressions written out."""
    found = {}
    for equation in synapse.of_kind("differential"):
        assert equation.expression is not None
        value = form(synapse, equation.expression)
        if equation.factor is not None:
            value = value / form(synapse, equation.factor)
        found[equation.name] = value
    return found


def form(synapse: Synapse, expression: Any) -> sympy.Expr:
    """The sympy form of one of the synapse's expressions, subexpressions written out."""
    own = {e.name for e in synapse.all_equations} | {*synapse.parameters, "weight", "t"}
    return inlined(synapse, expression).sympy(own | foreign(synapse))


def foreign(synapse: Synapse) -> frozenset[str]:
    """``V_post``, ...: what is read of the postsynaptic neuron; a trace may be called x_post."""
    return frozenset(f"{name}{POST}" for name in post_names(synapse))


def _reads(value: sympy.Expr, name: str) -> bool:
    return name in free_names(value)


def _solve(
    name: str, rhs: sympy.Expr, solved: Mapping[str, Exponentials], unknown: frozenset[str]
) -> tuple[sympy.Expr, Exponentials] | str:
    """Rate and drive of one equation."""
    for other in sorted(free_names(rhs)):
        if other in unknown or other == "t" or other == "xi" or other.startswith("xi_"):
            return f"the equation of {name} reads {other}"
    states = [symbol(n) for n in (name, *solved)]
    try:
        polynomial: Any = sympy.Poly(sympy.expand(rhs), *states)
    except sympy.PolynomialError:
        return f"the equation of {name} is no polynomial: {show(_worst(rhs, states))}"
    rate, drive = sympy.S.Zero, Exponentials({})
    for powers, coefficient in polynomial.terms():
        if coefficient.free_symbols & set(states):
            term = coefficient * _product(states, powers)
            return f"the equation of {name} is no polynomial: {show(term)}"
        if powers[0]:
            if powers[0] > 1 or any(powers[1:]):
                term = coefficient * _product(states, powers)
                return f"the equation of {name} is not linear in {name}: {show(term)}"
            rate = -coefficient
            continue
        monomial = ONE
        for before, power in zip(solved.values(), powers[1:], strict=True):
            for _ in range(power):
                monomial = monomial * before
        drive = drive + monomial.times(coefficient)
    return rate, drive


def _product(states: list[sympy.Symbol], powers: tuple[int, ...]) -> sympy.Expr:
    return sympy.Mul(*(s**p for s, p in zip(states, powers, strict=True)))


def _worst(rhs: sympy.Expr, states: list[sympy.Symbol]) -> sympy.Expr:
    """The first term that is no polynomial in the states."""
    for term in sympy.Add.make_args(sympy.expand(rhs)):
        try:
            sympy.Poly(term, *states)
        except sympy.PolynomialError:
            return term
    return rhs
