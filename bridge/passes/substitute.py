"""Replace names in expressions as trees, so that the units written in them stay."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping

from ..definition.expressions import Expression, parse
from ..definition.model import Neuron, Synapse
from ..errors import DefinitionError
from ..units import UNITS


class _Names(ast.NodeTransformer):
    """Names become trees; function names stay."""

    def __init__(self, by: Mapping[str, ast.expr]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.by.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Call(node.func, [self.visit(a) for a in node.args], [])


class _Ones(ast.NodeTransformer):
    """``1*x``, ``x*1`` and ``x/1`` become ``x``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Mult) and _is_one(left):
            return right  # type: ignore[no-any-return]
        if isinstance(node.op, ast.Mult | ast.Div) and _is_one(right):
            return left  # type: ignore[no-any-return]
        return ast.BinOp(left, node.op, right)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def substitute(expression: Expression, by: Mapping[str, Expression]) -> Expression:
    """``expression`` with the names in ``by`` replaced, all at once; factors of 1 drop out."""
    # parsed trees are shared: a transformer works on a copy
    tree = _Names({n: e.tree for n, e in by.items()}).visit(copy.deepcopy(expression.tree))
    return parse(ast.unparse(_Ones().visit(copy.deepcopy(tree))))


def rename(expression: Expression, names: Mapping[str, str]) -> Expression:
    """``expression`` with other names."""
    return substitute(expression, {old: Expression(new) for old, new in names.items()})


def inlined(definition: Neuron | Synapse, expression: Expression) -> Expression:
    """``expression`` without subexpressions: what they stand for is written out."""
    inside = {e.name: e.expression for e in definition.of_kind("subexpression")}
    for _ in range(len(inside)):
        found = {n: e for n, e in inside.items() if n in expression.names and e is not None}
        if not found:
            break
        expression = substitute(expression, found)
    return expression


def unit_aliases(
    expressions: Iterable[Expression], own: Iterable[str], taken: Iterable[str]
) -> dict[str, str]:
    """New names of units that a move into another definition would turn into variables.

    A synapse may write ``5*s`` for seconds; in a neuron with a variable ``s`` that is ``5*second``.

    Args:
        expressions: what is moved.
        own: names that the expressions' own definition declares.
        taken: names of the new surroundings.
    """
    taken = set(taken)
    used = {n for e in expressions for n in e.names if n in UNITS} - set(own)
    return {name: _alias(name, taken) for name in sorted(used & taken)}


def _alias(name: str, taken: set[str]) -> str:
    for other, unit in UNITS.items():
        if unit == UNITS[name] and other not in taken:
            return other
    raise DefinitionError(
        f"the unit {name!r} is also the name of a variable and has no other spelling",
        symbol=name,
        remedy="rename the variable",
    )
