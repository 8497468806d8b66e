"""Curves of folds and Hopf points against two parameters: normal forms, Wilson and Cowan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from spikebridge import DefinitionError
from spikebridge.theory.continuation import BifurcationCurve, branches, critical, curves
from spikebridge.theory.continuation.families import family

from .forms import BAUTIN, BOGDANOV_TAKENS, CUSP, DOUBLE_HOPF, ZERO_HOPF, box_of, system


def of_form(rates: dict[str, str]) -> dict[str, BifurcationCurve]:
    """The curves of a normal form in its two parameters, by their kind."""
    found = curves(
        system(rates, b1=0.1, b2=-0.1), "b1", (-0.5, 0.3), "b2", (-1, 0.9),
        box=box_of(rates), steps=20, sections=1,
    )  # fmt: skip
    return {c.kind: c for c in found}


def at_origin(curve: BifurcationCurve, kind: str) -> Any:
    """The one special point, of this kind and at b1 = b2 = 0."""
    (point,) = curve.special
    assert point.kind == kind
    assert point.parameters == pytest.approx([0, 0], abs=1e-9)
    return point


def test_the_cusp() -> None:
    """x' = b1 + b2 x - x^3: 27 b1^2 = 4 b2^3."""
    fold = of_form(CUSP)["fold"]
    b1, b2 = fold.parameters.T
    assert 27 * b1**2 == pytest.approx(4 * b2**3, abs=1e-11)
    assert b1[0] * b1[-1] < 0
    at_origin(fold, "cusp")


def test_bogdanov_and_takens() -> None:
    """Folds at b1 = b2^2/4; Hopf points at b1 = 0 > b2, with omega^2 = -b2, end there."""
    found = of_form(BOGDANOV_TAKENS)
    b1, b2 = found["fold"].parameters.T
    assert b1 == pytest.approx(b2**2 / 4, abs=1e-11)
    assert found["fold"].special[0].parameters == pytest.approx([0, 0], abs=1e-9)
    hopf = found["Hopf"]
    at_origin(hopf, "Bogdanov-Takens")
    assert hopf.parameters[:, 0] == pytest.approx(0, abs=1e-11)
    omega = 2 * np.pi * hopf.frequency / 1000
    assert omega**2 == pytest.approx(-hopf.parameters[:, 1], abs=1e-10)
    assert (hopf.lyapunov[np.isfinite(hopf.lyapunov)] < 0).all()


def test_bautin() -> None:
    """b1 = 0, l1 = 2 b2 with q normalised."""
    hopf = of_form(BAUTIN)["Hopf"]
    assert hopf.parameters[:, 0] == pytest.approx(0, abs=1e-11)
    assert hopf.lyapunov == pytest.approx(2 * hopf.parameters[:, 1], abs=1e-6)
    assert at_origin(hopf, "generalised Hopf").frequency == pytest.approx(500 / np.pi)


def test_zero_hopf_and_double_hopf() -> None:
    """x' = b1 + x^2 beside z' = (b2 + x + i) z: folds at b1 = 0, Hopf points at b1 = -b2^2."""
    found = of_form(ZERO_HOPF)
    at_origin(found["fold"], "zero-Hopf")
    at_origin(found["Hopf"], "zero-Hopf")
    b1, b2 = found["Hopf"].parameters.T
    assert b1 == pytest.approx(-(b2**2), abs=1e-11)
    at_origin(of_form(DOUBLE_HOPF)["Hopf"], "double Hopf")


def test_wilson_and_cowan() -> None:
    """The Bogdanov-Takens point is at its place; Hopf points are those of `branches`."""
    limits = (-4, -1)
    hopf, fold = curves(
        "networks/wilson_cowan", "I_E", limits, "I_I", (-4.9, -2.5), steps=20, sections=1
    )  # fmt: skip
    assert (hopf.kind, fold.kind) == ("Hopf", "fold")
    assert sorted(s.kind for s in fold.special) == ["Bogdanov-Takens", "cusp"]
    (end,) = hopf.special
    for double in (end, next(s for s in fold.special if s.kind == "Bogdanov-Takens")):
        assert double.parameters == pytest.approx([-3.1907189378, -4.6174502082], abs=2e-10)
        assert double.state == pytest.approx([0.2333977165, 0.0799277856], abs=2e-10)
    for I_I in (-3, -4):
        (found,) = hopf.at("I_I", I_I)
        near = (found.parameters[0] - 0.1, found.parameters[0] + 0.1)
        (rest,) = branches("networks/wilson_cowan", "I_E", near, steps=8, I_I=I_I)
        (point,) = rest.special
        assert found.parameters == pytest.approx([point.parameter, I_I], abs=1e-9)
        assert found.state == pytest.approx(point.state, abs=1e-9)
        assert found.frequency == pytest.approx(point.frequency, rel=1e-9)
    (known,) = hopf.at("I_I", -3)
    assert known.parameters[0] == pytest.approx(-1.22205147, abs=5e-9)


def test_two_different_parameters() -> None:
    with pytest.raises(DefinitionError, match="cannot vary against itself"):
        curves("networks/wilson_cowan", "I_E", (0, 1), "I_E", (0, 1))
    with pytest.raises(DefinitionError, match="no network parameter 'x'"):
        curves("networks/wilson_cowan", "I_E", (0, 1), "x", (0, 1))


@pytest.mark.parametrize("kind", ["fold", "hopf"])
def test_derivatives_of_the_equations(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DF against differences of F, and one by one where all at once would not fit."""
    many = family("networks/wilson_cowan", "I_E", "I_I")
    made, z = getattr(critical, kind)(many, np.array([0.3, 0.2]), np.array([-2.0, -4.0]))
    A, step = made.DF(z), 1e-6
    differences = [
        (made.F(z + step * e) - made.F(z - step * e)) / (2 * step) for e in np.eye(len(z))
    ]
    assert pytest.approx(np.array(differences).T, abs=1e-7) == A
    monkeypatch.setattr(critical, "ENTRIES", 1)
    assert made.DF(z) == pytest.approx(A, abs=1e-12)


@pytest.mark.full
def test_all_bogdanov_takens_points_of_wilson_and_cowan() -> None:
    """tr J = det J = 0 with e = E(1 - E), i = I(1 - I): 12 e = 2 + 2 i, 38 i^2 + 38 i = 3."""
    i = max(np.roots([38.0, 38.0, -3.0]).real)
    E, inh = (0.5 - np.sqrt(0.25 - v) for v in ((2 + 2 * i) / 12, i))
    expected = [
        (logit(a) - 12 * a + 10 * b, logit(b) - 10 * a + 2 * b)
        for a in (E, 1 - E)
        for b in (inh, 1 - inh)
    ]
    found = curves("networks/wilson_cowan", "I_E", (-9, 7), "I_I", (-12, 4))
    for kind in ("fold", "Hopf"):
        points = [s for c in found if c.kind == kind for s in c.special]
        double = sorted(tuple(s.parameters) for s in points if s.kind == "Bogdanov-Takens")
        assert np.array(double) == pytest.approx(np.array(sorted(expected)), abs=1e-11)
    bautin = [s.parameters for s in points if s.kind == "generalised Hopf"]
    assert bautin[0] + bautin[1] == pytest.approx([-2, -8], abs=1e-6)
