"""Dimensions of expressions: every sum, comparison and function argument must fit together."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from ..errors import ExpressionError, UnitError
from ..units import ONE, UNITS, Dimension
from .expressions import CONSTANTS, Expression

_KEEPS_DIMENSION = ("abs", "min", "max", "clip")
BOOLEAN = "boolean"


def dimension_of(expression: Expression, scope: Mapping[str, Dimension]) -> Dimension | str:
    """The dimension of ``expression`` where names have the dimensions in ``scope``.

    Names that are not in scope are looked up as units (``10*mV``). Conditions return ``BOOLEAN``.

    Raises:
        UnitError: terms that do not fit together, with the offending part as symbol.
        ExpressionError: an undefined name, with the nearest names as remedy.
    """
    return _dimension(expression.tree, scope)


def _dimension(node: ast.expr, scope: Mapping[str, Dimension]) -> Dimension | str:
    match node:
        case ast.Name(id=name):
            return _name_dimension(name, scope)
        case ast.Constant():
            return ONE
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _want_boolean(operand, scope)
            return BOOLEAN
        case ast.UnaryOp(operand=operand):
            return _number(operand, scope)
        case ast.BinOp():
            return _binary(node, scope)
        case ast.BoolOp(values=values):
            for value in values:
                _want_boolean(value, scope)
            return BOOLEAN
        case ast.Compare(left=left, comparators=others):
            _all_equal([left, *others], scope, node)
            return BOOLEAN
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call_dimension(node, name, args, scope)
    raise ExpressionError("not an expression", symbol=ast.unparse(node))


def _name_dimension(name: str, scope: Mapping[str, Dimension]) -> Dimension:
    if name in scope:
        return scope[name]
    if name in CONSTANTS:
        return ONE
    if name in UNITS:
        return UNITS[name].dimension
    import difflib

    near = difflib.get_close_matches(name, scope, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "define it as a parameter or a state"
    raise ExpressionError(f"{name!r} is not defined", symbol=name, remedy=hint)


def _binary(node: ast.BinOp, scope: Mapping[str, Dimension]) -> Dimension:
    left, right = _number(node.left, scope), _number(node.right, scope)
    match node.op:
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return _power(node, left, right)
    # a bare zero fits everywhere: 0 - x
    if left != right and not (_is_zero(node.left) or _is_zero(node.right)):
        verb = "subtract" if isinstance(node.op, ast.Sub) else "add"
        a, b = (left, node.left), (right, node.right)
        (first, one), (second, other) = (b, a) if verb == "subtract" else (a, b)
        joint = "from" if verb == "subtract" else "and"
        raise UnitError(
            f"cannot {verb} {_kind(first)} ({ast.unparse(one)}) {joint} {_kind(second)} "
            f"({ast.unparse(other)})",
            symbol=ast.unparse(node),
            remedy="give both the same unit",
        )
    return right if _is_zero(node.left) else left


def _kind(dimension: Dimension) -> str:
    return "a plain number" if dimension.is_one else str(dimension)


def _power(node: ast.BinOp, base: Dimension, exponent: Dimension) -> Dimension:
    if not exponent.is_one:
        raise UnitError(
            f"the exponent has the unit {exponent}",
            symbol=ast.unparse(node),
            remedy="divide it by a quantity of the same unit",
        )
    if base.is_one:
        return ONE
    try:
        number = ast.literal_eval(node.right)
    except ValueError:
        raise UnitError(
            "a quantity with a unit needs a number as exponent",
            symbol=ast.unparse(node),
            remedy="write the number itself, or divide the base by its unit",
        ) from None
    return base ** float(number)


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _number(node: ast.expr, scope: Mapping[str, Dimension]) -> Dimension:
    found = _dimension(node, scope)
    if isinstance(found, str):
        raise UnitError(
            "a condition stands where a number is needed",
            symbol=ast.unparse(node),
            remedy="wrap it: int(condition)",
        )
    return found


def _want_boolean(node: ast.expr, scope: Mapping[str, Dimension]) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return
    if _dimension(node, scope) != BOOLEAN:
        raise UnitError(
            "a number stands where a condition is needed",
            symbol=ast.unparse(node),
            remedy="compare it, e.g. x > 0",
        )


def _all_equal(nodes: list[ast.expr], scope: Mapping[str, Dimension], whole: ast.expr) -> Dimension:
    dimensions = {_number(n, scope) for n in nodes if not _is_zero(n)}
    if len(dimensions) > 1:
        units = " and ".join(sorted(_kind(d) for d in dimensions))
        raise UnitError(
            f"{units} do not fit together",
            symbol=ast.unparse(whole),
            remedy="give all of them the same unit",
        )
    return dimensions.pop() if dimensions else ONE


def _call_dimension(
    node: ast.Call, name: str, args: list[ast.expr], scope: Mapping[str, Dimension]
) -> Dimension:
    if name == "int":
        _dimension(args[0], scope)
        return ONE
    if name in _KEEPS_DIMENSION:
        return _all_equal(args, scope, node)
    inner = _number(args[0], scope)
    if name == "sqrt":
        return inner**0.5
    if name == "sign":
        return ONE
    if not inner.is_one:
        raise UnitError(
            f"{name}() needs a number without unit, not {inner}",
            symbol=ast.unparse(node),
            remedy="divide by a quantity of the same unit",
        )
    return ONE
