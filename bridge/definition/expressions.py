"""Expressions: a whitelist over Python's ``ast``, and conversion to sympy.

Text of a model is data: it is parsed here and nowhere else, and never evaluated as code.
"""

from __future__ import annotations

import ast
import keyword
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import ExpressionError
from ..records import dataclass

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
        return _names(self.text)

    @property
    def functions(self) -> frozenset[str]:
        """Every function that is called."""
        calls = (n.func for n in ast.walk(self.tree) if isinstance(n, ast.Call))
        return frozenset(f.id for f in calls if isinstance(f, ast.Name))

    @property
    def canonical(self) -> str:
        """The text with spacing and redundant brackets removed: what the hash sees."""
        return _canonical(self.text)

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
        _refuse_keyword(source)
        reason = getattr(error, "msg", None) or str(error)
        bare = re.search(r"(?<![\w.])([\d.]+)\s+([A-Za-z]\w*)", source)
        remedy = (
            f"join number and unit: {bare[1]}*{bare[2]}"
            if bare and bare[2] not in ("and", "or", "not", "if", "else")
            else "write it as Brian2 does, e.g. (E_L - V)/tau_m"
        )
        raise ExpressionError(f"not an expression ({reason})", remedy=remedy) from None
    if sum(1 for _ in ast.walk(tree)) > 5000:
        raise ExpressionError("the expression is too long", remedy="split it into subexpressions")
    _check(tree)
    return tree


@lru_cache(maxsize=4096)
def _names(source: str) -> frozenset[str]:
    return frozenset(n.id for n in _value_nodes(_parse(source)))


@lru_cache(maxsize=4096)
def _canonical(source: str) -> str:
    return ast.unparse(_parse(source))


def _refuse_keyword(source: str) -> None:
    """A name like lambda is no syntax error to its author."""
    for word in re.findall(r"[A-Za-z_]\w*", source):
        if keyword.iskeyword(word) and word not in ("and", "or", "not", "True", "False"):
            raise ExpressionError(
                f"{word!r} is a word of Python and cannot be a name",
                symbol=word,
                remedy=f"call it {word}_ or {word}_0",
            ) from None


def _check(node: ast.expr) -> None:
    match node:
        case ast.Name() | ast.Constant(value=bool() | int() | float()):
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
                raise _refuse(node, "this comparison is not allowed", "use < <= > >= == or !=")
            for value in [left, *others]:
                _check(value)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            _check_call(node, name, args)
        case _:
            raise _refuse(node, *_forbidden(node))


def _forbidden(node: ast.expr) -> tuple[str, str]:
    """What is wrong with a node that no expression may hold, and the remedy."""
    match node:
        case ast.Constant():
            return "only numbers are allowed", "write names without quotes"
        case ast.Call():
            return "this call is not allowed", f"known are {', '.join(FUNCTIONS)}"
        case ast.Attribute():
            return "attributes are not allowed", "write plain names"
        case ast.Subscript():
            return "subscripts are not allowed", "write plain names"
        case ast.BinOp() | ast.UnaryOp():
            return "this operator is not allowed", "use + - * / ** or %"
        case ast.Tuple():
            return "a comma stands outside a call", "write numbers as 0.5, not 0,5"
    return f"{type(node).__name__} is not allowed in an expression", "use arithmetic only"


def _check_call(node: ast.Call, name: str, args: list[ast.expr]) -> None:
    if name not in FUNCTIONS:
        raise _refuse(node, f"unknown function {name!r}", f"known are {', '.join(FUNCTIONS)}")
    if len(args) != FUNCTIONS[name]:
        many = "1 argument" if FUNCTIONS[name] == 1 else f"{FUNCTIONS[name]} arguments"
        raise _refuse(node, f"{name}() takes {many}, not {len(args)}", f"give it {many}")
    for value in args:
        _check(value)


def _refuse(node: ast.expr, problem: str, remedy: str | None = None) -> ExpressionError:
    return ExpressionError(problem, symbol=ast.unparse(node), remedy=remedy)


def _value_nodes(tree: ast.expr) -> list[ast.Name]:
    functions = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions]
