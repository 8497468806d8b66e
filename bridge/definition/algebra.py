"""Expression trees <-> sympy.

What passes derive is written back as text once; `dialect` spells that text for every target, so
that all of them do the same arithmetic in the same order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy

from ..errors import ExpressionError
from ..units import UNITS
from .expressions import Expression, parse


class exprel(sympy.Function):  # type: ignore[misc]  # noqa: N801 - the name users write
    """(exp(x) - 1)/x, continued by 1 at 0."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        x = self.args[0]
        return (sympy.exp(x) * (x - 1) + 1) / x**2


class clip(sympy.Function):  # type: ignore[misc]  # noqa: N801 - the name users write
    """min(max(x, low), high)."""

    nargs = 3
    is_real = True


class truth(sympy.Function):  # type: ignore[misc]  # noqa: N801 - printed as int(condition)
    """1 where the condition holds, else 0."""

    nargs = 1
    is_real = True  # else a threshold that contains it is no comparison

    @classmethod
    def eval(cls, condition: Any) -> Any:
        """A decided condition is a number."""
        return {sympy.true: sympy.S.One, sympy.false: sympy.S.Zero}.get(condition)

    def _eval_derivative(self, s: sympy.Symbol) -> sympy.Expr:
        return sympy.S.Zero  # sympy cannot differentiate by a condition


def symbol(name: str) -> sympy.Symbol:
    """The symbol called ``name``; all symbols of spikebridge are real."""
    return sympy.Symbol(name, real=True)


_SYMPY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "expm1": lambda x: sympy.exp(x) - 1,
    "exprel": exprel,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "arctan": sympy.atan,
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "int": truth,
    "min": sympy.Min,
    "max": sympy.Max,
    "clip": clip,
}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
    ast.Mod: sympy.Mod,
}
_RELATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: sympy.StrictLessThan,
    ast.LtE: sympy.LessThan,
    ast.Gt: sympy.StrictGreaterThan,
    ast.GtE: sympy.GreaterThan,
    ast.Eq: sympy.Equality,
    ast.NotEq: sympy.Unequality,
}


def to_sympy(tree: ast.expr, declared: frozenset[str]) -> sympy.Expr:
    """The sympy form of a checked tree; undeclared unit names become numbers."""
    match tree:
        case ast.Name(id=name):
            return _name(name, declared)
        case ast.Constant(value=bool() as value):
            return sympy.true if value else sympy.false
        case ast.Constant(value=value):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return sympy.Not(to_sympy(operand, declared))
        case ast.UnaryOp(op=op, operand=operand):
            inner = to_sympy(operand, declared)
            return -inner if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](to_sympy(left, declared), to_sympy(right, declared))
        case ast.BoolOp(op=op, values=values):
            join = sympy.And if isinstance(op, ast.And) else sympy.Or
            return join(*(to_sympy(v, declared) for v in values))
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [to_sympy(v, declared) for v in [left, *others]]
            pairs = zip(ops, values[:-1], values[1:], strict=True)
            return sympy.And(*(_RELATIONS[type(op)](a, b) for op, a, b in pairs))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _SYMPY_FUNCTIONS[name](*(to_sympy(a, declared) for a in args))
    raise ExpressionError("not an expression", symbol=ast.unparse(tree))


def _name(name: str, declared: frozenset[str]) -> sympy.Expr:
    if name in declared:
        return symbol(name)
    if name == "pi":
        return sympy.pi
    if name in UNITS:
        scale = UNITS[name].scale
        return sympy.Integer(int(scale)) if scale == int(scale) else sympy.Float(scale)
    return symbol(name)


_SPELLED = {
    "Abs": "abs",
    "Min": "min",
    "Max": "max",
    "ceiling": "ceil",
    "atan": "arctan",
    "truth": "int",
}


def written(expression: sympy.Expr) -> Expression:
    """``expression`` as an `Expression`: what leaves the passes, and every target spells."""
    return parse(show(expression))


def show(expression: sympy.Expr) -> str:
    """``expression`` as text; integer powers up to 4 become products."""
    return _at(expression, 0)


def _at(e: sympy.Expr, level: int) -> str:
    """Text of ``e``, bracketed where its precedence is below ``level``."""
    own, text = _parts(e)
    return f"({text})" if own < level else text


def _parts(e: Any) -> tuple[int, str]:
    if e.is_Symbol:
        return 9, e.name
    if e.is_Number or e.is_NumberSymbol:
        return _number(e)
    if e.is_Add:
        return 3, _sum(e)
    if e.is_Mul:
        return _product(e)
    if e.is_Pow:
        return _power(e)
    if e.is_Relational:
        sign = {"Equality": "==", "Unequality": "!="}.get(type(e).__name__, e.rel_op)
        return 2, f"{_at(e.lhs, 3)} {sign} {_at(e.rhs, 3)}"
    if isinstance(e, sympy.And):
        return 1, " and ".join(_at(a, 2) for a in _ordered(e))
    if isinstance(e, sympy.Or):
        return 0, " or ".join(_at(a, 2) for a in _ordered(e))
    if isinstance(e, sympy.Not):
        return 2, "not " + _at(e.args[0], 9)
    if e in (sympy.true, sympy.false):
        return 9, "True" if e == sympy.true else "False"
    return 9, _call(e)


def _number(e: Any) -> tuple[int, str]:
    if e.is_Integer:
        text = f"{int(e)}.0" if abs(int(e)) < 10**15 else repr(float(e))
    else:
        text = repr(float(e))
    return (3, text) if text.startswith("-") else (9, text)


def _sum(e: Any) -> str:
    text = ""
    for term in _ordered(e):
        negative = bool(term.could_extract_minus_sign())
        shown = _at(-term if negative else term, 4)
        text += (
            (" - " if negative else " + ") + shown if text else ("-" if negative else "") + shown
        )
    return text


def _product(e: Any) -> tuple[int, str]:
    if e.could_extract_minus_sign() and e.args[0].is_Number and e.args[0].is_negative:
        return 3, "-" + _at(-e, 4)
    over, under = _fraction(e)
    top = "*".join(_at(f, 4) for f in over) or "1.0"
    if not under:
        return 4, top
    bottom = "*".join(_at(f, 5) for f in under)
    return 4, f"{top}/({bottom})" if len(under) > 1 else f"{top}/{bottom}"


def _power(e: Any) -> tuple[int, str]:
    base, exponent = e.args
    if exponent.is_negative and exponent.is_Number:
        return 4, f"1.0/{_at(base**-exponent, 5)}"
    if exponent == sympy.Rational(1, 2):
        return 9, _named("sqrt", (base,))
    if exponent.is_Integer and int(exponent) <= 4 and (base.is_Symbol or int(exponent) == 2):
        return 4, "*".join([_at(base, 5)] * int(exponent))
    if base == sympy.E:
        return 9, _named("exp", (exponent,))
    return 9, _named("pow", (base, exponent))


def _call(e: Any) -> str:
    return _named(type(e).__name__, e.args)


def _named(name: str, args: tuple[Any, ...]) -> str:
    if name in ("Min", "Max") and len(args) > 2:
        args = (args[0], type_of(name)(*args[1:], evaluate=False))
    shown = [_at(a, 0) for a in args]
    if name == "pow":
        return "({})**({})".format(*shown)
    if name == "Mod":
        return "(({}) % ({}))".format(*shown)
    return f"{_SPELLED.get(name, name)}({', '.join(shown)})"


def type_of(name: str) -> Any:
    """sympy's class of the n-ary function ``name``."""
    return {"Min": sympy.Min, "Max": sympy.Max}[name]


def _ordered(e: Any) -> list[Any]:
    if e.is_Add or e.is_Mul:
        return list(e.as_ordered_terms() if e.is_Add else e.as_ordered_factors())
    return sorted(e.args, key=sympy.default_sort_key)


def _fraction(e: Any) -> tuple[list[Any], list[Any]]:
    over: list[Any] = []
    under: list[Any] = []
    for factor in _ordered(e):
        if factor.is_Rational and not factor.is_Integer:
            if factor.p != 1:
                over.append(sympy.Integer(factor.p))
            under.append(sympy.Integer(factor.q))
        elif factor.is_Pow and factor.exp.is_Number and factor.exp.is_negative:
            under.append(factor.base**-factor.exp)
        else:
            over.append(factor)
    return over, under


@lru_cache(maxsize=2048)
def free_names(expression: sympy.Expr) -> frozenset[str]:
    """Names of the free symbols of ``expression``."""
    return frozenset(s.name for s in expression.free_symbols)
