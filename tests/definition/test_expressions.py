"""The parser lets arithmetic pass and nothing else; every form of an expression has one value."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikebridge import ExpressionError, UnitError
from spikebridge.definition.algebra import show
from spikebridge.definition.dimensions import BOOLEAN, dimension_of
from spikebridge.definition.evaluate import evaluate
from spikebridge.definition.expressions import FUNCTIONS, Expression, parse
from spikebridge.definition.latex import latex
from spikebridge.units import CONDUCTANCE, CURRENT, ONE, TIME, VOLTAGE, Dimension

_spec = importlib.util.spec_from_file_location(
    "strategies", Path(__file__).with_name("strategies.py")
)
assert _spec is not None and _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)

SCOPE = {"V": VOLTAGE, "E": VOLTAGE, "g": CONDUCTANCE, "I": CURRENT, "tau": TIME, "x": ONE}
FORBIDDEN = (
    "__import__('os')",
    "V.real",
    "V[0]",
    "[V]",
    "(V, E)",
    "{V: E}",
    "{V}",
    "lambda: V",
    "V if x else E",
    "[V for V in x]",
    "f'{V}'",
    "'V'",
    "b'V'",
    "...",
    "None",
    "1j",
    "V @ E",
    "V // E",
    "V << 1",
    "V & E",
    "~V",
    "V is E",
    "V in E",
    "V := E",
    "(V := E)",
    "await V",
    "yield V",
    "*V",
    "exp(*V)",
    "exp(x=V)",
    "exp",
    "eval(V)",
    "exp(V)(V)",
    "print(V)",
    "min(V)",
    "clip(V, E)",
    "V = E",
    "V; E",
    "import os",
    "",
    "V E",
    "0x",
    "(" * 300 + "V" + ")" * 300,
)


@pytest.mark.parametrize("text", [text for text in FORBIDDEN if text != "exp"])
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, model="cell")
    assert "cell" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_refused_or_holds_only_allowed_nodes(text: str) -> None:
    """Whatever the text, what passes is arithmetic."""
    try:
        tree = parse(text).tree
    except ExpressionError:
        return
    allowed = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    nodes = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call)
    for node in ast.walk(tree):
        assert isinstance(node, allowed + nodes)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in FUNCTIONS


def value(text: str, scope: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        return evaluate(parse(text), scope)


NUMBERS = {"V": -1.3, "g": 0.7, "tau_m": 2.1, "a": 0.4}


@given(strategies.expressions())
@settings(max_examples=200, deadline=None)
def test_shown_sympy_reads_back_to_the_same_value(text: str) -> None:
    expected = value(text, NUMBERS)
    if not np.isfinite(expected) or abs(expected) > 1e6:
        return
    try:
        shown = show(parse(text).sympy(set(NUMBERS)))
    except ZeroDivisionError:
        return
    if any(word in shown for word in ("zoo", "nan", "oo", "I")):
        return
    found = value(shown, NUMBERS)
    if not np.isfinite(found) or _near_a_jump(text):
        return
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_remainder_keeps_its_brackets() -> None:
    text = show(parse("0.1*(x % 0.3)").sympy({"x"}))
    assert value(text, {"x": 0.8}) == pytest.approx(0.02)


def _near_a_jump(text: str) -> bool:
    """Rounding decides the value where a jump of floor, sign, ... lies at the point."""
    moved = [value(text, {n: v * f for n, v in NUMBERS.items()}) for f in (1 - 1e-7, 1 + 1e-7)]
    return not np.allclose(moved[0], moved[1], rtol=1e-4, atol=1e-4)


@given(strategies.expressions())
@settings(max_examples=100, deadline=None)
def test_canonical_text_reads_back_to_the_same_tree(text: str) -> None:
    parsed = parse(text)
    again = parse(parsed.canonical)
    assert ast.dump(parsed.tree) == ast.dump(again.tree)
    assert parse(f"  ({text})  ").canonical == parsed.canonical


@given(strategies.expressions())
@settings(max_examples=100, deadline=None)
def test_latex_of_anything_has_its_braces_paired(text: str) -> None:
    shown = latex(parse(text))
    assert shown.count("{") == shown.count("}")
    assert shown.count(r"\left") == shown.count(r"\right")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-g*(V - E_L)/tau_m", r"\frac{-g\,\left(V - E_{L}\right)}{\tau_{m}}"),
        ("-g*J", r"-g\,J"),
        ("2*3", r"2 \cdot 3"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("exp(-t/tau_ref)", r"\exp\left(\frac{-t}{\tau_{\mathrm{ref}}}\right)"),
        ("1e-3*x", r"0.001\,x"),
        ("x**2", "{x}^{2}"),
        ("(a + b)**2", r"{\left(a + b\right)}^{2}"),
        ("V >= V_th and not x < 1", r"V \ge V_{\mathrm{th}} \wedge \neg \left(x < 1\right)"),
    ],
)
def test_latex(text: str, shown: str) -> None:
    assert latex(parse(text)) == shown


def test_arrays_are_evaluated_element_by_element() -> None:
    found = value("g*(E - V) + int(V > E)", {"g": 2.0, "E": 1.0, "V": np.array([0.0, 3.0])})
    assert found == pytest.approx([2.0, -3.0])


def test_exprel_is_smooth_at_zero() -> None:
    x = np.array([-1e-9, 0.0, 1e-300, 1e-9, 1.0])
    assert value("exprel(x)", {"x": x}) == pytest.approx([1, 1, 1, 1, np.e - 1], abs=1e-8)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("g*(E - V)", CURRENT),
        ("I/g", VOLTAGE),
        ("(E - V)/tau", VOLTAGE / TIME),
        ("V**2", VOLTAGE**2),
        ("sqrt(V*V)", VOLTAGE),
        ("exp(V/mV)", ONE),
        ("min(V, E)", VOLTAGE),
        ("abs(V)", VOLTAGE),
        ("sign(V)", ONE),
        ("10*mV + V", VOLTAGE),
        ("0 - V", VOLTAGE),
        ("V > E and not x > 1", BOOLEAN),
        ("int(V > E)*I", CURRENT),
    ],
)
def test_dimensions(text: str, dimension: Dimension | str) -> None:
    assert dimension_of(parse(text), SCOPE) == dimension


@pytest.mark.parametrize(
    "text",
    [
        "V + I",
        "V > I",
        "exp(V)",
        "x**V",
        "V**x",
        "min(V, I)",
        "V + (E > V)",
        "not V",
        "V and x > 1",
    ],
)
def test_dimensions_that_do_not_fit(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        dimension_of(parse(text), SCOPE)
    assert caught.value.symbol
    assert caught.value.remedy


dimensions = st.sampled_from([ONE, TIME, VOLTAGE, CURRENT, CONDUCTANCE, TIME**-0.5])


@given(dimensions, dimensions, dimensions, st.integers(-3, 3))
def test_dimensions_form_a_group(a: Dimension, b: Dimension, c: Dimension, n: int) -> None:
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a
    assert a / a == ONE
    assert (a * b) ** n == a**n * b**n
    assert (a**0.5) ** 2 == a


def test_names_leave_functions_out() -> None:
    assert Expression("exp(V/tau) + mV").names == {"V", "tau", "mV"}


def test_a_number_beside_its_unit_is_named() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("0.5 nS + g")
    assert caught.value.remedy == "join number and unit: 0.5*nS"
