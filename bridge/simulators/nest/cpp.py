"""The spelling of expressions in C++, shared by generated synapses and rate units."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...definition.dialect import Dialect, spell
from ...definition.expressions import Expression
from ...passes.program import Assign

_STD = ("exp", "log", "log10", "expm1", "sqrt", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh")
FUNCTIONS = {
    **{name: f"std::{name}" for name in (*_STD, "floor", "ceil", "pow", "min", "max")},
    "arctan": "std::atan",
    **{name: f"spikebridge::{name}" for name in ("sign", "mod", "exprel", "clip")},
}
TEMPLATES = {"int": "( ( {0} ) ? 1.0 : 0.0 )"}


def cpp(value: Expression, rename: Callable[[str], str]) -> str:
    """``value`` in C++, its names renamed."""
    return spell(value, Dialect(FUNCTIONS, " and ", " or ", "not ", TEMPLATES, rename))


def assignments(statements: Iterable[Assign], rename: Callable[[str], str]) -> list[str]:
    """Statements in C++; a temporary declares its name."""
    found = []
    for s in statements:
        kind = "const double " if s.temporary else ""
        found.append(f"{kind}{rename(s.target)} = {cpp(s.value, rename)};")
    return found


def indented(indent: int, *groups: Iterable[str]) -> str:
    """Lines of all groups, indented."""
    return "\n".join(" " * indent + line for group in groups for line in group)
