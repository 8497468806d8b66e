"""A `Program` with its statements turned into numpy closures."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..definition.evaluate import compile_text
from ..definition.expressions import Expression
from ..errors import Unsupported
from .program import Assign, Program

Evaluator = Callable[[Mapping[str, Any]], Any]
Block = tuple[tuple[str, Evaluator], ...]


@dataclass(frozen=True, eq=False)
class Compiled:
    """The parts of a program as (target, function of the names) pairs."""

    program: Program
    free: Block
    clamped: Block | None
    receive: Mapping[str, Block]
    condition: Evaluator | None
    effects: Block
    recordables: Mapping[str, Evaluator]

    @property
    def states(self) -> tuple[str, ...]:
        return self.program.states

    @property
    def clamp(self) -> frozenset[str]:
        return self.program.clamp

    @property
    def written(self) -> tuple[str, ...]:
        """States that the effects of a spike write."""
        return tuple(dict.fromkeys(a.target for a in self.program.effects if not a.temporary))


def compiled(program: Program) -> Compiled:
    """Closures for every statement of ``program``.

    Raises:
        Unsupported: a port whose effect is not linear in the weight: weights of spikes that arrive
            together could not be summed.
    """
    for port, statements in program.receive.items():
        for statement in statements:
            _check_linear(program, port, statement)
    return Compiled(
        program,
        block(program.free),
        None if program.clamped is None else block(program.clamped),
        {port: block(statements) for port, statements in program.receive.items()},
        None if program.condition is None else closure(program.condition),
        block(program.effects),
        {name: closure(value) for name, value in program.recordables.items()},
    )


def closure(expression: Expression) -> Evaluator:
    """A function names -> value."""
    return compile_text(expression.text)


def block(statements: tuple[Assign, ...]) -> Block:
    """Closures of statements, to `run`."""
    return tuple((s.target, closure(s.value)) for s in statements)


def run(block: Block, scope: dict[str, Any]) -> dict[str, Any]:
    """Run the statements in order; ``scope`` is written and returned."""
    for target, value in block:
        scope[target] = value(scope)
    return scope


def _check_linear(program: Program, port: str, statement: Assign) -> None:
    """``target = target + c*weight`` with c free of states and weight."""
    added = statement.added
    if added is None or not _proportional(added.tree, "weight", {*program.states, "weight"}):
        raise Unsupported(
            f"numpy cannot step the statement {statement.target} = {statement.value} of port "
            f"{port!r}: weights that arrive in one step are summed before they act",
            model=program.label,
            symbol=port,
            remedy="write the port as `x += c*weight` with c a number or parameter",
        )


def _proportional(tree: ast.expr, name: str, others: set[str]) -> bool:
    """Whether ``tree`` is ``name`` times something without ``name`` and ``others``."""
    match tree:
        case ast.Name(id=own):
            return own == name
        case ast.UnaryOp(operand=operand):
            return _proportional(operand, name, others)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return all(_proportional(t, name, others) for t in (left, right))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            free = [not _names(t) & others for t in (left, right)]
            if free[1]:
                return _proportional(left, name, others)
            product = isinstance(op, ast.Mult)
            return product and free[0] and _proportional(right, name, others)
    return False


def _names(tree: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
