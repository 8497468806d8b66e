"""Comparisons as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from .catalog import PREFIX
from .unknowns import Comparison, tidy


def shown(expression: Any) -> str:
    """An expression as a person writes it: without prefixes, whole numbers without point."""
    text = str(sympy.sstr(_decimals(expression), full_prec=False))
    return text.replace(PREFIX, "")


def _decimals(expression: Any) -> Any:
    """Fractions such as 1/25 as 0.04, and long ones to 6 digits."""
    found = {}
    for number in sympy.sympify(expression).atoms(sympy.Rational):
        value = float(number)
        if not number.is_Integer and (len(str(value)) <= 6 or number.q > 1000):
            found[number] = sympy.Float(value, 6)
    return sympy.sympify(expression).xreplace(found)


def difference(c: Comparison, builtin: str, values: Mapping[Any, Any]) -> str:
    """What differs, with the parameters that could be solved put in."""
    mine, theirs = (_readable(e, values) for e in (c.mine, c.theirs))
    term = "" if c.term == "1" else c.term
    if c.where.startswith(("the threshold", "the refractory")):
        return f"{c.where} is {shown(mine)}, that of {builtin} is {shown(theirs)}"
    if theirs == 0:
        return f"{c.where} has the extra term {_times(mine, term)}"
    if mine == 0:
        return f"{c.where} lacks the term {_times(theirs, term)} of {builtin}"
    what = f"coefficient of {term}" if term else "constant term"
    return f"in {c.where} the {what} is {shown(mine)}, that of {builtin} is {shown(theirs)}"


def _readable(expression: Any, values: Mapping[Any, Any]) -> Any:
    found = expression.xreplace(dict(values))
    scales = {s: sympy.S.One for s in found.free_symbols if ":" in s.name}
    return tidy(found.xreplace(scales))


def _times(coefficient: Any, term: str) -> str:
    if not term:
        return shown(coefficient)
    if coefficient in (1, -1):
        return term if coefficient == 1 else f"-{term}"
    text = shown(coefficient)
    return f"({text})*{term}" if coefficient.is_Add else f"{text}*{term}"
