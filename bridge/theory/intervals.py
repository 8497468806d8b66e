"""Bounds of an expression where its names lie in intervals: lo <= value <= hi.

Interval arithmetic (Moore 1966) over expression trees, for arrays of intervals at once. Values
are kept inside +-HUGE, which stands for infinity, so that 0*infinity is 0. Bounds are those of
floating-point numbers, rounded to nearest.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..definition.expressions import Expression
from ..errors import ExpressionError
from ..units import UNITS

HUGE = 1e100
Interval = tuple[Any, Any]
Scope = Mapping[str, Interval]


def enclose(expression: Expression, scope: Scope) -> Interval:
    """Bounds of ``expression`` where each name lies in its interval of ``scope``."""
    with np.errstate(all="ignore"):
        return _of(expression.tree, scope)


def point(value: Any) -> Interval:
    """The interval that is one number."""
    number = np.asarray(value, dtype=float)
    return number, number


def kept(lo: Any, hi: Any) -> Interval:
    """Inside of +-HUGE; what has no value could be anything."""
    lo, hi = np.where(np.isnan(lo), -HUGE, lo), np.where(np.isnan(hi), HUGE, hi)
    return np.clip(lo, -HUGE, HUGE), np.clip(hi, -HUGE, HUGE)


def add(a: Interval, b: Interval) -> Interval:
    return kept(a[0] + b[0], a[1] + b[1])


def negative(a: Interval) -> Interval:
    return -a[1], -a[0]


def times(a: Interval, b: Interval) -> Interval:
    ends = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]]
    return kept(np.minimum.reduce(_same(ends)), np.maximum.reduce(_same(ends)))


def _same(parts: list[Any]) -> list[Any]:
    return list(np.broadcast_arrays(*parts))


def inverse(a: Interval) -> Interval:
    """1/a; from one side only where an end of ``a`` is 0, anything where 0 lies inside."""
    lo, hi = a
    inside = (lo < 0) & (hi > 0) | ((lo == 0) & (hi == 0))
    low = np.where(inside | (hi == 0), -HUGE, 1.0 / np.where(hi == 0, 1.0, hi))
    high = np.where(inside | (lo == 0), HUGE, 1.0 / np.where(lo == 0, 1.0, lo))
    return kept(low, high)


def _power(a: Interval, tree: ast.expr, scope: Scope) -> Interval:
    b = _of(tree, scope)
    fixed = np.all(b[0] == b[1])
    n = float(np.ravel(b[0])[0]) if fixed and np.ptp(b[0]) == 0 else None
    if n is None:
        return _mapped(np.exp, times(_mapped(np.log, a), b))
    if n < 0:
        return inverse(_to(a, -n))
    return _to(a, n)


def _to(a: Interval, n: float) -> Interval:
    """a**n for n >= 0; below 0 only whole powers have a value."""
    lo, hi = a
    if n != int(n):
        return kept(np.maximum(lo, 0.0) ** n, np.maximum(hi, 0.0) ** n)
    if int(n) % 2:
        return kept(lo**n, hi**n)
    far = np.maximum(np.abs(lo), np.abs(hi))
    near = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
    return kept(near**n, far**n)


def _mapped(f: Callable[[Any], Any], a: Interval) -> Interval:
    """An increasing function."""
    return kept(f(a[0]), f(a[1]))


def _even(f: Callable[[Any], Any], a: Interval) -> Interval:
    """abs and cosh: least at 0."""
    lo, hi = np.abs(a[0]), np.abs(a[1])
    across = (a[0] <= 0) & (a[1] >= 0)
    return kept(f(np.where(across, 0.0, np.minimum(lo, hi))), f(np.maximum(lo, hi)))


def _sine(a: Interval, shift: float = 0.0) -> Interval:
    """sin(a + shift): 1 where a crest lies inside, -1 where a trough does."""
    lo, hi = a[0] + shift, a[1] + shift
    ends = np.sin(lo), np.sin(hi)
    crest = np.floor((hi - np.pi / 2) / (2 * np.pi)) >= np.ceil((lo - np.pi / 2) / (2 * np.pi))
    trough = np.floor((hi + np.pi / 2) / (2 * np.pi)) >= np.ceil((lo + np.pi / 2) / (2 * np.pi))
    return np.where(trough, -1.0, np.minimum(*ends)), np.where(crest, 1.0, np.maximum(*ends))


def _tangent(a: Interval) -> Interval:
    whole = np.floor(a[0] / np.pi + 0.5) != np.floor(a[1] / np.pi + 0.5)
    return kept(np.where(whole, -HUGE, np.tan(a[0])), np.where(whole, HUGE, np.tan(a[1])))


def _exprel(x: Any) -> Any:
    return np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))


_INCREASING: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp, "log": lambda x: np.log(np.maximum(x, 0.0)), "expm1": np.expm1,
    "log10": lambda x: np.log10(np.maximum(x, 0.0)), "exprel": _exprel,
    "sqrt": lambda x: np.sqrt(np.maximum(x, 0.0)), "sign": np.sign, "sinh": np.sinh,
    "tanh": np.tanh, "arctan": np.arctan, "floor": np.floor, "ceil": np.ceil,
}  # fmt: skip
_OTHER: dict[str, Callable[..., Interval]] = {
    "abs": lambda a: _even(np.abs, a),
    "cosh": lambda a: _even(np.cosh, a),
    "sin": _sine,
    "cos": lambda a: _sine(a, np.pi / 2),
    "tan": _tangent,
    "int": lambda a: a,
    "min": lambda a, b: (np.minimum(a[0], b[0]), np.minimum(a[1], b[1])),
    "max": lambda a, b: (np.maximum(a[0], b[0]), np.maximum(a[1], b[1])),
    "clip": lambda x, a, b: (
        np.minimum(np.maximum(x[0], a[0]), b[0]),
        np.minimum(np.maximum(x[1], a[1]), b[1]),
    ),
}


def _of(tree: ast.expr, scope: Scope) -> Interval:
    match tree:
        case ast.Name(id=name):
            if name in scope:
                return scope[name]
            return point(np.pi if name == "pi" else UNITS[name].scale)
        case ast.Constant(value=value):
            return point(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            a = _of(operand, scope)
            return 1.0 - a[1], 1.0 - a[0]
        case ast.UnaryOp(op=op, operand=operand):
            a = _of(operand, scope)
            return negative(a) if isinstance(op, ast.USub) else a
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(_of(left, scope), op, right, scope)
        case ast.BoolOp(op=op, values=values):
            join = np.minimum if isinstance(op, ast.And) else np.maximum
            parts = [_of(v, scope) for v in values]
            return join.reduce(_same([p[0] for p in parts])), join.reduce(
                _same([p[1] for p in parts])
            )
        case ast.Compare(left=left, ops=ops, comparators=others):
            ends = [_of(v, scope) for v in [left, *others]]
            found = [_compared(a, op, b) for a, op, b in zip(ends, ops, ends[1:], strict=False)]
            return np.minimum.reduce(_same([f[0] for f in found])), np.minimum.reduce(
                _same([f[1] for f in found])
            )
        case ast.Call(func=ast.Name(id=name), args=args):
            parts = [_of(a, scope) for a in args]
            return (
                _mapped(_INCREASING[name], *parts) if name in _INCREASING else _OTHER[name](*parts)
            )
    raise ExpressionError("not an expression", symbol=ast.unparse(tree))


def _binary(a: Interval, op: ast.operator, tree: ast.expr, scope: Scope) -> Interval:
    if isinstance(op, ast.Pow):
        return _power(a, tree, scope)
    b = _of(tree, scope)
    match op:
        case ast.Add():
            return add(a, b)
        case ast.Sub():
            return add(a, negative(b))
        case ast.Mult():
            return times(a, b)
        case ast.Div():
            return times(a, inverse(b))
    far = np.maximum(np.abs(b[0]), np.abs(b[1]))  # a remainder
    return -far, far


def _compared(a: Interval, op: ast.cmpop, b: Interval) -> Interval:
    """(1, 1) where it holds everywhere, (0, 0) nowhere, (0, 1) where it may."""
    match op:
        case ast.Lt() | ast.LtE():
            return _number(a[1] < b[0]), _number(a[0] <= b[1])
        case ast.Gt() | ast.GtE():
            return _number(a[0] > b[1]), _number(a[1] >= b[0])
        case _:
            meets = (a[0] <= b[1]) & (a[1] >= b[0])
            zero = np.zeros(np.shape(meets))
            return (zero, _number(meets)) if isinstance(op, ast.Eq) else (zero, zero + 1.0)


def _number(condition: Any) -> Any:
    return np.asarray(condition, dtype=float)
