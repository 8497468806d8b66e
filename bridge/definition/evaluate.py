"""Numeric value of an expression with numpy, without ``eval``: trees become closures."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import ExpressionError
from ..units import UNITS
from .expressions import Expression

Scope = Mapping[str, Any]
Evaluator = Callable[[Scope], Any]


def _exprel(x: Any) -> Any:
    x = np.asarray(x, dtype=float)
    safe = np.where(np.abs(x) < 1e-16, 1.0, x)
    return np.where(np.abs(x) < 1e-16, 1.0, np.expm1(safe) / safe)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "expm1": np.expm1,
    "exprel": _exprel,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "arctan": np.arctan,
    "floor": np.floor,
    "ceil": np.ceil,
    "int": lambda x: np.asarray(x, dtype=bool) * 1.0,
    "min": np.minimum,
    "max": np.maximum,
    "clip": np.clip,
}
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    # numpy's, also for plain floats: 1/0 is inf, (-1)**0.5 is nan, as in an array
    ast.Div: np.true_divide,
    ast.Pow: np.power,
    ast.Mod: np.mod,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


def evaluate(expression: Expression, scope: Scope) -> Any:
    """The value of ``expression`` where names have the values in ``scope`` (units are known).

    What has no value is inf or nan, without a warning.

    Raises:
        ExpressionError: a name that is neither in ``scope`` nor a unit.
    """
    with np.errstate(all="ignore"):
        return compile_text(expression.text)(scope)


@lru_cache(maxsize=4096)
def compile_text(text: str) -> Evaluator:
    """A function scope -> value for the expression ``text``."""
    return _compile(Expression(text).tree)


def _compile(tree: ast.expr) -> Evaluator:
    match tree:
        case ast.Name(id=name):
            return _name(name)
        case ast.Constant(value=bool() | int() | float() as value):
            number = value if isinstance(value, bool) else float(value)
            return lambda scope: number
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, _compile(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            base = _compile(left)
            return lambda scope: np.square(base(scope))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(_BINARY[type(op)], _compile(left), _compile(right))
        case ast.BoolOp(op=op, values=values):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return _joined(join, [_compile(v) for v in values])
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _comparison(left, ops, others)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(_FUNCTIONS[name], [_compile(a) for a in args])
    raise ExpressionError("not an expression", symbol=ast.unparse(tree))


def _name(name: str) -> Evaluator:
    fixed = np.pi if name == "pi" else UNITS[name].scale if name in UNITS else None

    def value(scope: Scope) -> Any:
        if name in scope:
            return scope[name]
        if fixed is None:
            raise ExpressionError(
                f"{name!r} is not defined", symbol=name, remedy="define it as a parameter"
            )
        return fixed

    return value


def _unary(op: ast.unaryop, inner: Evaluator) -> Evaluator:
    if isinstance(op, ast.Not):
        return lambda scope: np.logical_not(inner(scope))
    if isinstance(op, ast.USub):
        return lambda scope: -inner(scope)
    return inner


def _binary(op: Callable[[Any, Any], Any], left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda scope: op(left(scope), right(scope))


def _joined(join: Callable[[Any, Any], Any], parts: list[Evaluator]) -> Evaluator:
    def value(scope: Scope) -> Any:
        result = parts[0](scope)
        for part in parts[1:]:
            result = join(result, part(scope))
        return result

    return value


def _comparison(left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> Evaluator:
    operands = [_compile(node) for node in [left, *others]]
    pairs = [
        _binary(_COMPARE[type(op)], a, b)
        for op, a, b in zip(ops, operands[:-1], operands[1:], strict=True)
    ]
    return _joined(np.logical_and, pairs)


def _call(function: Callable[..., Any], args: list[Evaluator]) -> Evaluator:
    if len(args) == 1:
        only = args[0]
        return lambda scope: function(only(scope))
    return lambda scope: function(*(a(scope) for a in args))
