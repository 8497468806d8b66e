"""A program as text that a person can read."""

from __future__ import annotations

from ...definition.expressions import Expression
from ...passes.program import Assign, Program


def program_text(program: Program) -> str:
    """The statements of one step, in the order in which they run."""
    parts = [f"# {program.label}, scheme {program.scheme}"]
    if program.constants:
        parts.append(f"# constants of dt and the parameters: {', '.join(program.constants)}")
    parts += _part("integrate", program.free)
    if program.clamped is not None:
        period = _shown(program.refractory)
        parts += _part(f"integrate while refractory (for {period})", program.clamped)
    for port, statements in program.receive.items():
        parts += _part(f"on arrival at {port}", statements)
    if program.condition is not None:
        parts += _part(f"spike if {program.condition}", program.effects)
    return "\n".join(parts) + "\n"


def _shown(expression: Expression | None) -> str:
    return "0 ms" if expression is None else expression.text


def _part(title: str, statements: tuple[Assign, ...]) -> list[str]:
    lines = [f"    {s.target} = {s.value}" for s in statements] or ["    (nothing)"]
    return [f"{title}:", *lines]
