"""Expressions: a whitelist over Python's ``ast``, dimensions, and conversion to sympy.

Text of a model is data: it is parsed here and nowhere else, and never evaluated as code.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import ExpressionError, UnitError
from ..units import ONE, UNITS, Dimension

if TYPE_CHECKING:
    import sympy

FUNCTIONS: dict[str, int] = {
    **dict.fromkeys(("exp", "log", "log10", "expm1", "exprel", "sqrt", "abs", "sign"), 1),
    **dict.fromkeys(("sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan"), 1),
    **dict.fromkeys(("floor", "ceil", "int"), 1),
    **dict.fromkeys(("min", "max"), 2),
    "clip": 3,
}
CONSTANTS = ("pi",)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_KEEPS_DIMENSION = ("abs", "min", "max", "clip")


@dataclass(frozen=True)
class Expression:
    """One expression as its author wrote it. Equality is equality of the parsed tree."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def tree(self) -> ast.expr:
        return _parse(self.text)

    @property
    def names(self) -> frozenset[str]:
        """Every name that occurs, units and constants included, function names not."""
        return frozenset(n.id for n in _value_nodes(self.tree))

    @property
    def canonical(self) -> str:
        """The text with spacing and redundant brackets removed: what the hash sees."""
        return ast.unparse(self.tree)

    def sympy(self, declared: frozenset[str] | set[str]) -> sympy.Expr:
        """The sympy form; names in ``declared`` stay symbols, units become their numbers."""
        from .algebra import to_sympy

        return to_sympy(self.tree, frozenset(declared))


def parse(text: str | float, *, model: str | None = None, line: str | None = None) -> Expression:
    """Parse ``text``; nothing but arithmetic, comparisons, and/or/not and known functions passes.

    Raises:
        ExpressionError: syntax, an attribute, a subscript, an unknown call, a string.
    """
    source = repr(text) if isinstance(text, float | int) else " ".join(str(text).split())
    try:
        _parse(source)
    except ExpressionError as error:
        raise error.at(model=model, line=line or source) from None
    return Expression(source)


@lru_cache(maxsize=4096)
def _parse(source: str) -> ast.expr:
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = getattr(error, "msg", None) or str(error)
        raise ExpressionError(
            f"not an expression ({reason})", remedy="write it as Brian2 does, e.g. (E_L - V)/tau_m"
        ) from None
    if sum(1 for _ in ast.walk(tree)) > 5000:
        raise ExpressionError("the expression is too long", remedy="split it into subexpressions")
    _check(tree)
    return tree


def _check(node: ast.expr) -> None:
    match node:
        case ast.Name():
            return
        case ast.Constant(value=bool() | int() | float()):
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            _check(operand)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
            _check(left)
            _check(right)
        case ast.BoolOp(values=values):
            for value in values:
                _check(value)
        case ast.Compare(left=left, ops=ops, comparators=others):
            if not all(isinstance(op, _COMPARISONS) for op in ops):
                raise _refuse(node, "only < <= > >= == != compare numbers")
            for value in [left, *others]:
                _check(value)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            _check_call(node, name, args)
        case ast.Call():
            raise _refuse(node, f"this call is not allowed: {ast.unparse(node)}")
        case ast.Attribute():
            raise _refuse(node, "attributes are not allowed", "write plain names")
        case ast.Subscript():
            raise _refuse(node, "subscripts are not allowed", "write plain names")
        case _:
            kind = type(node).__name__
            raise _refuse(node, f"{kind} is not allowed in an expression", "use arithmetic only")


def _check_call(node: ast.Call, name: str, args: list[ast.expr]) -> None:
    if name not in FUNCTIONS:
        raise _refuse(node, f"unknown function {name!r}", f"known are {', '.join(FUNCTIONS)}")
    if len(args) != FUNCTIONS[name]:
        raise _refuse(node, f"{name}() takes {FUNCTIONS[name]} argument(s), not {len(args)}")
    for value in args:
        _check(value)


def _refuse(node: ast.expr, problem: str, remedy: str | None = None) -> ExpressionError:
    return ExpressionError(problem, symbol=ast.unparse(node), remedy=remedy)


def _value_nodes(tree: ast.expr) -> list[ast.Name]:
    functions = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions]


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
        raise UnitError(
            f"cannot {verb} {right} ({ast.unparse(node.right)}) and {left} "
            f"({ast.unparse(node.left)})",
            symbol=ast.unparse(node),
        )
    return right if _is_zero(node.left) else left


def _power(node: ast.BinOp, base: Dimension, exponent: Dimension) -> Dimension:
    if not exponent.is_one:
        raise UnitError("an exponent must have no unit", symbol=ast.unparse(node))
    if base.is_one:
        return ONE
    try:
        number = ast.literal_eval(node.right)
    except ValueError:
        raise UnitError(
            "a quantity with a unit needs a number as exponent", symbol=ast.unparse(node)
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
        raise UnitError("a number stands where a condition is needed", symbol=ast.unparse(node))


def _all_equal(nodes: list[ast.expr], scope: Mapping[str, Dimension], whole: ast.expr) -> Dimension:
    dimensions = {_number(n, scope) for n in nodes if not _is_zero(n)}
    if len(dimensions) > 1:
        units = " and ".join(sorted(str(d) for d in dimensions))
        raise UnitError(f"{units} do not fit together", symbol=ast.unparse(whole))
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
