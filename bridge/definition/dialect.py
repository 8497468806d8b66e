"""Expressions in the spelling of a target: other names and functions, the same arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from ..records import dataclass, field
from .expressions import Expression


@dataclass(frozen=True)
class Dialect:
    """How a target spells functions, conditions and names.

    ``functions`` and ``templates`` (a format of the arguments) go by the function's name here, and
    by "pow" and "mod" for ``**`` and ``%``.
    """

    functions: Mapping[str, str] = field(default_factory=dict)
    conjunction: str = " and "
    disjunction: str = " or "
    negation: str = "not "
    templates: Mapping[str, str] = field(default_factory=dict)
    rename: Callable[[str], str] = str


def spell(expression: Expression, dialect: Dialect) -> str:
    """``expression`` as text in ``dialect``; the order of all operations is kept."""
    return _Speller(dialect).at(expression.tree, 0)


_SIGNS: Mapping[type, tuple[int, str]] = {
    ast.Add: (3, " + "),
    ast.Sub: (3, " - "),
    ast.Mult: (4, "*"),
    ast.Div: (4, "/"),
}
_RELATIONS: Mapping[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class _Speller:
    dialect: Dialect

    def at(self, node: ast.expr, level: int) -> str:
        """Text of ``node``, bracketed where its precedence is below ``level``."""
        own, text = self._parts(node)
        return f"({text})" if own < level else text

    def _parts(self, node: ast.expr) -> tuple[int, str]:
        match node:
            case ast.Name(id=name):
                return 9, self.dialect.rename(name)
            case ast.Constant(value=bool() as value):
                return 9, str(value)
            case ast.Constant(value=int() | float() as value):
                return 9, repr(float(value))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return 2, self.dialect.negation + self.at(operand, 9)
            case ast.UnaryOp(op=op, operand=operand):
                return 4, ("-" if isinstance(op, ast.USub) else "") + self.at(operand, 5)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return 9, self._named("pow", [left, right])
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return 9, self._named("mod", [left, right])
            case ast.BinOp(left=left, op=op, right=right):
                level, sign = _SIGNS[type(op)]
                return level, self.at(left, level) + sign + self._right(right, level + 1)
            case ast.BoolOp(op=ast.And(), values=values):
                return 1, self.dialect.conjunction.join(self.at(v, 2) for v in values)
            case ast.BoolOp(values=values):
                return 0, self.dialect.disjunction.join(self.at(v, 2) for v in values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(left, ops, others)
            case ast.Call(func=ast.Name(id=name), args=args):
                return 9, self._named(name, args)
        raise AssertionError(f"the parser lets no {type(node).__name__} pass")

    def _right(self, node: ast.expr, level: int) -> str:
        """A right operand; two signs never meet."""
        text = self.at(node, level)
        return f"({text})" if text.startswith("-") else text

    def _comparison(
        self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]
    ) -> tuple[int, str]:
        """a < b < c is a < b and b < c: not every target knows chains."""
        values = [self.at(v, 3) for v in [left, *others]]
        pairs = zip(values[:-1], ops, values[1:], strict=True)
        shown = [f"{a} {_RELATIONS[type(op)]} {b}" for a, op, b in pairs]
        return (2 if len(shown) == 1 else 1), self.dialect.conjunction.join(shown)

    def _named(self, name: str, args: list[ast.expr]) -> str:
        shown = [self.at(a, 0) for a in args]
        if name in self.dialect.templates:
            return self.dialect.templates[name].format(*shown)
        return f"{self.dialect.functions.get(name, name)}({', '.join(shown)})"
