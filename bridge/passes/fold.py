"""Options that are off: parameters that are 0 or 1 for all synapses, worked into the statements.

``w**mu`` with mu = 0 is 1, and ``x + 1 - nearest*x`` with nearest = 0 is ``x + 1``: a rule that
holds several variants costs no more than the one that is chosen. Other numbers stay parameters, so
that another value needs no other code.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

from ..definition.expressions import Expression, parse
from ..records import replace
from .program import Assign
from .synapse_program import SynapseProgram


def folded(program: SynapseProgram, numbers: Mapping[str, float]) -> SynapseProgram:
    """``program`` with those of ``numbers`` (parameter -> value) that are 0 or 1 worked in."""
    by = {n: float(v) for n, v in numbers.items() if v in (0.0, 1.0) and n in program.parameters}
    if not by:
        return program

    def every(statements: tuple[Assign, ...]) -> tuple[Assign, ...]:
        return tuple(_folded(a, by) for a in statements)

    pre_apart, post_apart = every(program.pre_apart), every(program.post_apart)
    read = {n for a in (*pre_apart, *post_apart) for n in a.reads}
    return replace(
        program,
        parameters=tuple(n for n in program.parameters if n not in by),
        advance=every(program.advance),
        step=None if program.step is None else every(program.step),
        pre=every(program.pre),
        post=every(program.post),
        events={n: every(statements) for n, statements in program.events.items()},
        pre_apart=pre_apart,
        post_apart=post_apart,
        kept_by_post=tuple(n for n in program.kept_by_post if f"before_{n}" in read),
        kept_by_pre=tuple(n for n in program.kept_by_pre if f"before_{n}" in read),
        gaps=(),
    )


def _folded(a: Assign, by: Mapping[str, float]) -> Assign:
    if not a.reads & set(by):
        return a
    tree = _Folder(by).visit(copy.deepcopy(a.value.tree))  # parsed trees are shared
    value = parse(ast.unparse(ast.fix_missing_locations(tree)))
    return Assign(a.target, value, a.temporary, *_shape(a.target, value))


def _shape(target: str, value: Expression) -> tuple[Expression | None, Expression | None]:
    """What is added to the target, or what multiplies it, where that is all."""
    match value.tree:
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Mult() as op, right=other):
            pass
        case ast.BinOp(left=other, op=ast.Add() | ast.Mult() as op, right=ast.Name(id=name)):
            pass
        case _:
            return None, None
    rest = parse(ast.unparse(other))
    if name != target or target in rest.names:
        return None, None
    return (rest, None) if isinstance(op, ast.Add) else (None, rest)


class _Folder(ast.NodeTransformer):
    """Names become numbers; sums and products with 0 and 1, and such powers, get simpler."""

    def __init__(self, by: Mapping[str, float]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.by[node.id]) if node.id in self.by else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Call(node.func, [self.visit(a) for a in node.args], [])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        nothing = isinstance(node.op, ast.USub) and _is(operand, 0)
        return operand if nothing else ast.UnaryOp(node.op, operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        found = _simpler(left, node.op, right)
        return ast.BinOp(left, node.op, right) if found is None else found


def _simpler(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr | None:
    match op:
        case ast.Add():
            return right if _is(left, 0) else left if _is(right, 0) else None
        case ast.Sub() if _is(right, 0):
            return left
        case ast.Sub() if _is(left, 0):
            return ast.UnaryOp(ast.USub(), right)
        case ast.Mult() if _is(left, 0) or _is(right, 0):
            return ast.Constant(0.0)
        case ast.Mult():
            return right if _is(left, 1) else left if _is(right, 1) else None
        case ast.Div() if _is(right, 1) or _is(left, 0):
            return left
        case ast.Pow() if _is(right, 0):
            return ast.Constant(1.0)
        case ast.Pow() if _is(right, 1):
            return left
    return None


def _is(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number
