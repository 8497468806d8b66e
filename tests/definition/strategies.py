"""Hypothesis strategies shared by the tests of the definition layer."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ("V", "g", "tau_m", "a")
_UNARY = ("exp", "sin", "cos", "tanh", "arctan", "abs", "sign", "exprel", "sqrt", "floor", "ceil")


def numbers() -> st.SearchStrategy[str]:
    whole = st.integers(0, 9).map(str)
    return whole | st.floats(0.01, 9.0).map(lambda x: f"{x:.3g}")


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"{p[0]} - ({p[1]})"),
        pair.map(lambda p: f"({p[0]})*({p[1]})"),
        pair.map(lambda p: f"({p[0]})/({p[1]})"),
        pair.map(lambda p: f"min({p[0]}, {p[1]})"),
        pair.map(lambda p: f"max({p[0]}, {p[1]})"),
        inner.map(lambda x: f"-({x})"),
        inner.map(lambda x: f"({x})**2"),
        st.tuples(st.sampled_from(_UNARY), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(pair, st.sampled_from(("<", ">", "<=", ">="))).map(
            lambda p: f"int({p[0][0]} {p[1]} {p[0][1]})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"clip({p[0]}, -abs({p[1]}), abs({p[2]}))"),
    )


def expressions() -> st.SearchStrategy[str]:
    """Texts of dimensionless expressions of `NAMES`."""
    return st.recursive(st.sampled_from(NAMES) | numbers(), _extend, max_leaves=8)
