"""Statements of a program, run with numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..definition.evaluate import evaluate
from .program import Assign


def run_statements(statements: Iterable[Assign], scope: Mapping[str, Any]) -> dict[str, Any]:
    """``scope`` after the statements."""
    found = dict(scope)
    for a in statements:
        found[a.target] = evaluate(a.value, found)
    return found
