"""Branches of cycles: normal forms with known branches, and the oscillator of Wilson and Cowan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spikebridge import DefinitionError
from spikebridge.theory.continuation import Special, branches, cycle_branch
from spikebridge.theory.cycles import Cycle, cycle
from spikebridge.theory.models import field_of

from .forms import (
    BAUTIN,
    BOGDANOV_TAKENS,
    HODGKIN_HUXLEY,
    PERIOD_DOUBLING,
    SADDLE_NODE_ON_A_CIRCLE,
    TORUS,
    box_of,
    system,
)


def runs_onto(form: Any) -> Cycle:
    found = cycle(field_of(form), settle=30.0)
    assert found is not None
    return found


def test_the_normal_form_of_bautin() -> None:
    """b1 = r^4 - b2 r^2, period 2 pi, the other multiplier exp(4 pi r^2 (b2 - 2 r^2)): a
    subcritical Hopf point, whose unstable cycles turn at a fold at b1 = -b2^2/4.
    """
    form, box = system(BAUTIN, b1=0.0, b2=1.0), box_of(BAUTIN)
    (rest,) = branches(form, "b1", (-1, 1), box=box, steps=20, cycles=True)
    (hopf,), (found,) = rest.special, rest.cycles
    assert hopf.parameter == pytest.approx(0, abs=1e-12) and hopf.lyapunov == pytest.approx(2)
    r2 = found.highest[:, 0] ** 2
    assert found.parameter == pytest.approx(r2**2 - r2, abs=1e-9)
    assert found.period == pytest.approx(2 * np.pi, abs=1e-11)
    across = np.array([c.multipliers[1] for c in found.cycles])
    assert across.real == pytest.approx(np.exp(4 * np.pi * r2 * (1 - 2 * r2)), rel=1e-7)
    (fold,) = found.special
    assert fold.kind == "fold of cycles"
    assert fold.parameter == pytest.approx(-0.25, abs=1e-11)
    assert fold.highest == pytest.approx([0.5**0.5] * 2, abs=1e-7)
    assert (found.stable == (r2 > 0.5)).all()
    assert [e.kind for e in found.ends] == ["Hopf", "limit"]
    unstable, stable = found.at(-0.21)
    radii = [c.states[:, 0].max() ** 2 for c in (unstable, stable)]
    assert radii == pytest.approx([0.3, 0.7], abs=1e-9)
    assert (unstable.stable, stable.stable) == (False, True)


def test_the_cycles_of_wilson_and_cowan_join_their_hopf_points() -> None:
    (rest,) = branches("networks/wilson_cowan", "I_E", (-4, 2), steps=40, cycles=True)
    (found,) = rest.cycles
    assert [e.kind for e in found.ends] == ["Hopf", "Hopf"]
    assert [e.parameter for e in found.ends] == pytest.approx(
        [s.parameter for s in rest.special], abs=1e-9
    )
    assert found.stable.all() and not found.special
    (orbit,) = found.at(-1.0)
    assert orbit.period == pytest.approx(44.37828578, abs=1e-7)
    lowest, highest = orbit.states.min(axis=0), orbit.states.max(axis=0)
    assert lowest[0] == pytest.approx(0.26545, abs=2e-5)
    assert lowest + highest == pytest.approx(1, abs=2e-6)  # its own mirror image


def test_a_fold_of_cycles_of_wilson_and_cowan() -> None:
    """Beside its generalised Hopf point: what meets at the fold returns after its period, too,
    when it is integrated; the branch ends at a homoclinic orbit.
    """
    case: Any = ("networks/wilson_cowan", "I_E", (2.45, 2.55))
    rest = branches(*case, steps=10, I_I=-0.7)
    (hopf,) = [s for b in rest for s in b.special if s.kind == "Hopf"]
    found = cycle_branch(*case, hopf, steps=25, intervals=30, longest=300.0, I_I=-0.7)
    assert hopf.lyapunov is not None and hopf.lyapunov < 0
    (fold,) = found.special
    assert fold.kind == "fold of cycles" and fold.parameter > hopf.parameter
    assert found.ends[1].kind == "homoclinic" and found.ends[1].parameter < hopf.parameter
    between = 0.5 * (hopf.parameter + fold.parameter)
    both = found.at(between)
    assert [c.stable for c in both] == [True, False]
    field = field_of("networks/wilson_cowan", I_I=-0.7, I_E=between)
    for c in both:
        path = solve_ivp(lambda _, x: field.rates(x), (0, c.period), c.states[0], method="DOP853",
                         rtol=1e-11, atol=1e-13)  # fmt: skip
        assert path.y[:, -1] == pytest.approx(c.states[0], abs=1e-8)


def test_a_period_doubling() -> None:
    form = system(PERIOD_DOUBLING, {"x": 1.05, "z": 0.02}, b1=-0.3)
    found = cycle_branch(form, "b1", (-0.35, 0.1), runs_onto(form), intervals=20)
    (point,) = found.special
    assert (point.kind, point.period) == ("period doubling", pytest.approx(2 * np.pi))
    assert point.parameter == pytest.approx(0, abs=1e-9)
    assert np.sort(point.multipliers.real) == pytest.approx([-1, -np.exp(-2 * np.pi), 1], abs=1e-8)
    assert (found.stable == (found.parameter < 0)).all()


def test_a_torus() -> None:
    form = system(TORUS, {"x": 1.05, "z": 0.02}, b1=-0.3)
    found = cycle_branch(form, "b1", (-0.35, 0.1), runs_onto(form), intervals=20)
    (point,) = found.special
    assert point.kind == "torus"
    assert point.parameter == pytest.approx(0, abs=1e-9)
    expected = np.exp(np.array([-0.6j, 0.6j]) * np.pi)
    assert np.sort_complex(point.multipliers)[:2] == pytest.approx(expected, abs=1e-8)


def test_a_period_that_grows_beyond_bounds() -> None:
    """A saddle-node on the circle at b1 = 1, T = 2 pi/sqrt(b1^2 - 1); a homoclinic orbit."""
    form = system(SADDLE_NODE_ON_A_CIRCLE, {"x": 0.9}, b1=1.5)
    found = cycle_branch(form, "b1", (0.5, 2), runs_onto(form), longest=100.0, intervals=20)
    assert found.period == pytest.approx(2 * np.pi / np.sqrt(found.parameter**2 - 1), rel=1e-6)
    end, limit = found.ends if found.ends[0].kind != "limit" else found.ends[::-1]
    assert (end.kind, limit.kind) == ("saddle-node on the cycle", "limit")
    assert 1 < end.parameter < 1.005 and "grows beyond" in end.note
    form, box = system(BOGDANOV_TAKENS, b1=0.0, b2=-0.1), box_of(BOGDANOV_TAKENS)
    (hopf,) = (s for b in branches(form, "b1", (-0.01, 0.001), box=box, steps=20)
               for s in b.special if s.kind == "Hopf")  # fmt: skip
    found = cycle_branch(form, "b1", (-0.01, 0.001), hopf, box=box, longest=300.0)
    end = found.ends[1]
    assert end.kind == "homoclinic" and "1 of 2 eigenvalues above 0" in end.note
    assert end.parameter == pytest.approx(-6 / 25 * 0.1**2, rel=0.02)  # its leading term
    assert found.stable.all() and not found.special


def test_what_is_no_start_is_refused() -> None:
    fold = Special("fold", 1.083, np.zeros(2))
    with pytest.raises(DefinitionError, match="no cycle begins at a fold"):
        cycle_branch("networks/wilson_cowan_1972", "I_E", (0, 3), fold)
    with pytest.raises(DefinitionError, match="neither a Hopf point nor a cycle"):
        cycle_branch("networks/wilson_cowan", "I_E", (-4, 2), "Hopf")  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="comes to rest"):
        cycle_branch("networks/wilson_cowan", "I_E", (-4, 2), I_E=-3)
    with pytest.raises(DefinitionError, match="lies beyond"):
        cycle_branch("networks/wilson_cowan", "I_E", (0, 2))


@pytest.mark.full
def test_the_cycles_of_hodgkin_and_huxley() -> None:
    """Four states, one multiplier up to 4e7: a subcritical Hopf point, then three folds of cycles.

    The last one, where the stable cycle begins, is at 6.265 uA/cm2 in Balti, Lanza, Aziz-Alaoui
    (2018) Math. Biosci. Eng. 15:807, doi 10.3934/mbe.2018036, with up to three unstable cycles.
    """
    form = system(HODGKIN_HUXLEY, {"m": 0.05, "h": 0.6, "k": 0.32}, I=8.0)
    box = {"v": (-15, 60), "m": (0, 1), "h": (0, 1), "k": (0, 1)}
    (rest,) = branches(form, "I", (0, 20), box=box, steps=40)
    (hopf,) = rest.special
    assert hopf.parameter == pytest.approx(9.7796, abs=5e-4)
    assert hopf.lyapunov is not None and hopf.lyapunov > 0
    found = cycle_branch(form, "I", (0, 20), hopf, box=box, steps=20)
    folds = [s.parameter for s in found.special if s.kind == "fold of cycles"]
    assert folds == pytest.approx([7.8465, 7.9220, 6.2645], abs=5e-4)
    assert found.stable[-1] and found.ends[1].kind == "limit"
