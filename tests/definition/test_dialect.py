"""Spelling keeps the value and the order of operations."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from spikebridge.definition.dialect import Dialect, spell
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.expressions import parse

_spec = importlib.util.spec_from_file_location(
    "strategies", Path(__file__).with_name("strategies.py")
)
assert _spec is not None and _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)

NUMBERS = {"V": -1.3, "g": 0.7, "tau_m": 2.1, "a": 0.4}
PLAIN = Dialect(templates={"pow": "({0})**({1})", "mod": "(({0}) % ({1}))"})


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a/(b*c)", "a/(b*c)"),
        ("a/b*c", "a/b*c"),
        ("-a*b", "-a*b"),
        ("-(a + b)", "-(a + b)"),
        ("a*-b", "a*(-b)"),
        ("a - -b", "a - (-b)"),
        ("2*a", "2.0*a"),
        ("a**b", "pow(a, b)"),
        ("not (a > b and b > c)", "not (a > b and b > c)"),
        ("a < b < c", "a < b and b < c"),
        ("min(a, b)", "min(a, b)"),
    ],
)
def test_brackets_are_where_they_are_needed(text: str, spelled: str) -> None:
    assert spell(parse(text), Dialect()) == spelled


def test_names_functions_and_signs_are_the_targets() -> None:
    dialect = Dialect(
        {"log": "ln"}, " && ", " || ", "!", {"int": "({0} ? 1 : 0)"}, lambda name: f"m_{name}"
    )
    text = "int(a > 1 and not (b < 2 or c > 3))*log(a)"
    assert spell(parse(text), dialect) == (
        "(m_a > 1.0 && !(m_b < 2.0 || m_c > 3.0) ? 1 : 0)*ln(m_a)"
    )


@given(strategies.expressions())
def test_the_value_is_the_same_to_the_last_bit(text: str) -> None:
    again = parse(spell(parse(text), PLAIN))
    found, expected = evaluate(again, NUMBERS), evaluate(parse(text), NUMBERS)
    assert np.array_equal(found, expected, equal_nan=True)
