"""A `Program` with its statements turned into numpy closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from ...definition.algebra import free_names, show, symbol
from ...definition.evaluate import compile_text
from ...passes.program import Assign, Program
from ..base import refuse

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
        _block(program.free),
        None if program.clamped is None else _block(program.clamped),
        {port: _block(statements) for port, statements in program.receive.items()},
        None if program.condition is None else closure(program.condition),
        _block(program.effects),
        {name: closure(value) for name, value in program.recordables.items()},
    )


def closure(expression: sympy.Expr) -> Evaluator:
    """A function names -> value."""
    return compile_text(show(expression))


def _block(statements: tuple[Assign, ...]) -> Block:
    return tuple((s.target, closure(s.value)) for s in statements)


def run(block: Block, scope: dict[str, Any]) -> dict[str, Any]:
    """Run the statements in order; ``scope`` is written and returned."""
    for target, value in block:
        scope[target] = value(scope)
    return scope


def _check_linear(program: Program, port: str, statement: Assign) -> None:
    """``target = target + c*weight`` with c free of states and weight."""
    weight = symbol("weight")
    slope = sympy.diff(statement.value, weight)
    rest = sympy.expand(statement.value - slope * weight - symbol(statement.target))
    if rest != 0 or free_names(slope) & {*program.states, "weight"}:
        raise refuse(
            "reference",
            f"the statement {statement.target} = {show(statement.value)} of port {port!r}",
            "weights that arrive in one step are summed before they act",
            "write the port as `x += c*weight` with c a number or parameter",
        )
