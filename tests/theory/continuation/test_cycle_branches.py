"""Branches of cycles: normal forms with known branches, and the oscillator of Wilson and Cowan."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.theory.continuation import branches, cycle_branch

from .forms import BAUTIN, box_of, system


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
    smallest = np.array([c.multipliers[np.argmax(abs(c.multipliers - 1))] for c in found.cycles])
    assert smallest.real == pytest.approx(np.exp(4 * np.pi * r2 * (1 - 2 * r2)), rel=1e-7)
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
    assert orbit.states.min(axis=0)[0] == pytest.approx(0.26545, abs=1e-5)
    same = cycle_branch("networks/wilson_cowan", "I_E", (-1.5, -0.5), intervals=20)
    assert [e.kind for e in same.ends] == ["limit", "limit"]
    assert same.parameter[[0, -1]] == pytest.approx([-1.5, -0.5], abs=1e-12)
    assert same.at(-1.0)[0].period == pytest.approx(44.37828578, abs=1e-7)
