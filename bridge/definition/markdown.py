"""Markdown cells and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .expressions import Expression
from .latex import latex
from .values import Array, Quantity, Random, Value

SHOWN = 6  # values of a long list that a reader sees


def math(text: str) -> str:
    """Inline mathematics."""
    return f"${text}$"


def plain(text: str) -> str:
    """Prose whose stars are stars, outside of `code`."""
    parts = text.split("`")
    parts[::2] = [part.replace("*", r"\*").replace("$", r"\$") for part in parts[::2]]
    return "`".join(parts)


def rows(head: Sequence[str], entries: Iterable[Sequence[str]]) -> str:
    """A table; cells may hold mathematics, bars in them are escaped."""
    lines = [head, ["---"] * len(head), *entries]
    return "\n".join(f"| {' | '.join(_cell(c) for c in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def value_text(value: Value | None) -> str:
    """A value as a reader wants it: 20 ms, a formula, a range, or a distribution."""
    match value:
        case None:
            return ""
        case Quantity():
            number = f"{value.number:.6g}"
            return number if value.dimension.is_one else f"{number} {value.dimension}"
        case Expression():
            return math(latex(value))
        case Array(numbers=numbers, dimension=dimension):
            unit = "" if dimension.is_one else f" {dimension}"
            shown = ", ".join(f"{x:.6g}" for x in numbers.ravel()[:SHOWN])
            more = "" if numbers.size <= SHOWN else f", … ({numbers.size} values)"
            return f"{shown}{more}{unit}"
        case Random(distribution=distribution, dimension=dimension):
            unit = "" if dimension.is_one else f" {dimension}"
            inside = ", ".join(f"{n} {x:.6g}" for n, x in distribution.parameters.items())
            return f"{distribution.kind.replace('_', ' ')} ({inside}){unit}"
