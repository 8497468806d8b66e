"""The terms of a sum as its author wrote them, so that an error can name one."""

from __future__ import annotations

import ast

from ..definition.expressions import Expression, parse

_MANY = 64  # terms past which a product of sums is left as it is


def terms(expression: Expression) -> tuple[Expression, ...]:
    """What ``expression`` is the sum of; products and quotients of sums are multiplied out."""
    return tuple(parse(ast.unparse(node)) for node in _terms(expression.tree))


def _terms(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_terms(left), *_terms(right)]
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return [*_terms(left), *(_negative(t) for t in _terms(right))]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [_negative(t) for t in _terms(operand)]
        case ast.BinOp(left=left, op=ast.Mult() as op, right=right):
            first, second = _terms(left), _terms(right)
            if 1 < len(first) * len(second) <= _MANY:
                return [_product(a, op, b) for a in first for b in second]
        case ast.BinOp(left=left, op=ast.Div() as op, right=right):
            first = _terms(left)
            if len(first) > 1:
                return [_product(t, op, right) for t in first]
    return [node]


def _product(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """``left op right`` with the signs of both in front, and without a factor of 1."""
    match left, op, right:
        case ast.UnaryOp(op=ast.USub(), operand=inner), _, _:
            return _negative(_product(inner, op, right))
        case _, _, ast.UnaryOp(op=ast.USub(), operand=inner):
            return _negative(_product(left, op, inner))
        case ast.Constant(value=1), ast.Mult(), _:
            return right
        case _, _, ast.Constant(value=1):
            return left
    return ast.BinOp(left, op, right)


def _negative(node: ast.expr) -> ast.expr:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operand
    return ast.UnaryOp(ast.USub(), node)
