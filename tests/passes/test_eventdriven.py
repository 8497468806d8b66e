"""Closed forms between events against a numerical solution of the same equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from spikebridge import DefinitionError, Synapse
from spikebridge.passes.closures import block, run
from spikebridge.passes.synapse_program import check_gaps, synapse_program


def synapse(equations: str, *rates: str) -> Synapse:
    """A synapse that delivers, with parameters ``rates`` in 1/ms."""
    return Synapse(equations, dict.fromkeys(rates, "1/ms"), deliver="weight", on_pre="x += 1")  # type: ignore[arg-type]


def advanced(made: Synapse, start: dict[str, float], elapsed: float, **values: float) -> Any:
    """The states after ``elapsed`` ms by the closed form."""
    program = synapse_program(made)
    assert program.obstacle is None, program.obstacle
    check_gaps(program, values, "synapse")
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        scope = run(block(program.advance), {**start, **values, "elapsed": elapsed})
    return {name: float(scope[name]) for name in made.states}


def solved(slopes: Any, start: list[float], elapsed: float) -> Any:
    found = solve_ivp(slopes, (0.0, elapsed), start, method="Radau", rtol=1e-10, atol=1e-13)
    return found.y[:, -1]


rate = st.one_of(st.just(0.0), st.floats(1e-3, 2.0))
level = st.floats(-3.0, 3.0)
time = st.floats(0.01, 200.0)

CHAIN = synapse(
    "dx/dt = -a*x : 1\ndy/dt = -b*y + k*x : 1\ndz/dt = -c*z + k*y + k : 1", "a", "b", "c", "k"
)
SAME = synapse("dx/dt = -a*x : 1\ndy/dt = -a*y + k*x : 1\ndz/dt = -a*z + k*y : 1", "a", "k")
PRODUCT = synapse("dx/dt = -a*x : 1\ndy/dt = -b*y : 1\ndw/dt = k*(x*y - c*ms*w) : 1", *"abck")
SQUARE = synapse("dx/dt = a*(1 - x) : 1\ndw/dt = -b*w + k*x**2 : 1", "a", "b", "k")
TRIPLE = synapse(
    "dx/dt = -a*x : 1\ndy/dt = -b*y : 1\ndz/dt = -c*z + k*x*y : 1\ndw/dt = k*x*z - a*w : 1", *"abck"
)


def near(one: float, *others: float) -> bool:
    return any(abs(one - other) < 1e-4 for other in others)


@given(rate, rate, rate, st.tuples(level, level, level), time)
@settings(max_examples=24, deadline=None)
def test_a_chain(a: float, b: float, c: float, start: Any, elapsed: float) -> None:
    """Three filters in a row; c may equal anything, a and b must differ (an error says so)."""
    assume(not near(a, b))
    values = {"a": a, "b": b, "c": c, "k": 0.1}
    found = advanced(CHAIN, dict(zip("xyz", start, strict=True)), elapsed, **values)

    def slopes(_t: float, s: Any) -> Any:
        return [-a * s[0], -b * s[1] + 0.1 * s[0], -c * s[2] + 0.1 * s[1] + 0.1]

    wanted = solved(slopes, list(start), elapsed)
    assert list(found.values()) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


@given(rate, st.tuples(level, level, level), time)
@settings(max_examples=16, deadline=None)
def test_a_chain_of_equal_rates(a: float, start: Any, elapsed: float) -> None:
    """t exp(-t) and t^2 exp(-t): one name for equal rates needs no division."""
    found = advanced(SAME, dict(zip("xyz", start, strict=True)), elapsed, a=a, k=0.1)

    def slopes(_t: float, s: Any) -> Any:
        return [-a * s[0], -a * s[1] + 0.1 * s[0], -a * s[2] + 0.1 * s[1]]

    wanted = solved(slopes, list(start), elapsed)
    assert list(found.values()) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


@given(rate, rate, rate, st.tuples(level, level, level), time, st.booleans())
@settings(max_examples=24, deadline=None)
def test_a_product(a: float, b: float, c: float, start: Any, elapsed: float, met: bool) -> None:
    """The Hebbian rule; where ``met``, w forgets exactly as fast as the product decays."""
    k = 0.3
    c = (a + b) / k if met else c
    values = {"a": a, "b": b, "c": c, "k": k}
    found = advanced(PRODUCT, dict(zip("xyw", start, strict=True)), elapsed, **values)

    def slopes(_t: float, s: Any) -> Any:
        return [-a * s[0], -b * s[1], k * (s[0] * s[1] - c * s[2])]

    wanted = solved(slopes, list(start), elapsed)
    assert list(found.values()) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


@given(st.floats(1e-3, 2.0), rate, st.tuples(level, level), time)
@settings(max_examples=16, deadline=None)
def test_a_square_of_a_state_with_a_goal(a: float, b: float, start: Any, elapsed: float) -> None:
    found = advanced(SQUARE, dict(zip("xw", start, strict=True)), elapsed, a=a, b=b, k=0.2)

    def slopes(_t: float, s: Any) -> Any:
        return [a * (1 - s[0]), -b * s[1] + 0.2 * s[0] ** 2]

    wanted = solved(slopes, list(start), elapsed)
    assert list(found.values()) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


@given(rate, rate, rate, st.tuples(level, level, level, level), time)
@settings(max_examples=16, deadline=None)
def test_a_product_drives_what_is_multiplied_again(
    a: float, b: float, c: float, start: Any, elapsed: float
) -> None:
    assume(not near(c, a + b))
    values = {"a": a, "b": b, "c": c, "k": 0.1}
    found = advanced(TRIPLE, dict(zip("xyzw", start, strict=True)), elapsed, **values)

    def slopes(_t: float, s: Any) -> Any:
        x, y, z, w = s
        return [-a * x, -b * y, -c * z + 0.1 * x * y, 0.1 * x * z - a * w]

    wanted = solved(slopes, list(start), elapsed)
    assert list(found.values()) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


@given(st.floats(1e-3, 5.0), st.floats(1e-3, 5.0), st.floats(1e-3, 5.0), st.floats(1e4, 1e9))
@settings(max_examples=24, deadline=None)
def test_after_a_very_long_time_everything_is_at_rest(
    a: float, b: float, c: float, elapsed: float
) -> None:
    """Also where the slow rate is the inner one: nothing overflows on its way to 0."""
    assume(not near(a, b))
    values = {"a": a, "b": b, "c": c, "k": 0.1}
    elapsed *= 1 / min(a, b, c, 0.1 * c)
    assert advanced(PRODUCT, {"x": 2.0, "y": 3.0, "w": 1.0}, elapsed, **values) == pytest.approx(
        {"x": 0.0, "y": 0.0, "w": 0.0}, abs=1e-12
    )
    chain = advanced(CHAIN, {"x": 2.0, "y": 3.0, "z": 1.0}, elapsed, **values)
    assert chain == pytest.approx({"x": 0.0, "y": 0.0, "z": 0.1 / c}, rel=1e-9, abs=1e-12)


@given(st.floats(1e-3, 1.0), st.floats(-6, -3), st.floats(0.1, 100.0))
@settings(max_examples=16, deadline=None)
def test_rates_that_nearly_agree_lose_few_digits(a: float, power: float, elapsed: float) -> None:
    """A gap of 1e-6/ms, the smallest that is not refused, still leaves 8 digits."""
    b = a * (1 + 10**power) + 1.1e-6
    start = {"x": 1.0, "y": 0.5, "z": 0.2}
    found = advanced(CHAIN, start, elapsed, a=a, b=b, c=0.02, k=0.1)
    wanted = advanced(SAME_THEN_OTHER, start, elapsed, a=a, c=0.02, k=0.1)
    size = (b - a) * elapsed + 1e-8
    assert found["z"] == pytest.approx(wanted["z"], rel=2 * size, abs=1e-8)


SAME_THEN_OTHER = synapse(
    "dx/dt = -a*x : 1\ndy/dt = -a*y + k*x : 1\ndz/dt = -c*z + k*y + k : 1", "a", "c", "k"
)


def test_equal_rates_of_two_names_are_refused_where_they_divide() -> None:
    start = {"x": 1.0, "y": 0.0, "z": 0.0}
    with pytest.raises(
        DefinitionError, match=r"divides by.*equal time constants one name"
    ) as found:
        advanced(CHAIN, start, 1.0, a=0.1, b=0.1, c=0.3, k=0.1)
    assert found.value.symbol == "y"


@pytest.mark.parametrize(
    ("equations", "obstacle"),
    [
        ("dx/dt = -a*x**2 : 1", "the equation of x is not linear in x: -a*x*x"),
        ("dx/dt = -a*x*y : 1\ndy/dt = -a*y : 1", "the equation of x is not linear in x: -a*x*y"),
        ("dx/dt = -a*x + a*y : 1\ndy/dt = a*x : 1", "the equations of x and y drive each other"),
        ("dx/dt = -a*x : 1\ndy/dt = a*exp(x) : 1", "the equation of y is no polynomial: a*exp(x)"),
        ("dx/dt = -a*x : 1\ndy/dt = a*max(x, 1) : 1", "the equation of y is no polynomial"),
        ("dx/dt = a*(V_post/mV - x) : 1", "the equation of x reads V_post"),
    ],
)
def test_what_has_no_closed_form_names_its_term(equations: str, obstacle: str) -> None:
    program = synapse_program(synapse(equations, "a"))
    assert program.obstacle is not None
    assert program.obstacle.startswith(obstacle)
    assert program.step and not program.advance


@pytest.mark.parametrize("made", [CHAIN, SAME, PRODUCT, SQUARE, TRIPLE])
def test_nothing_happens_in_no_time(made: Synapse) -> None:
    start = dict.fromkeys(made.states, 0.7)
    values = {"a": 0.0, "b": 0.1, "c": 0.3, "k": 0.5}
    assert advanced(made, start, 0.0, **values) == start


def test_a_trace_may_be_called_after_its_side() -> None:
    """x_post is a state here, not a variable x of the postsynaptic neuron."""
    made = synapse("dx/dt = -a*x : 1\ndx_post/dt = -a*x_post : 1\ndw/dt = a*x*x_post : 1", "a")
    program = synapse_program(made)
    assert program.obstacle is None
    assert program.post_reads == ()
