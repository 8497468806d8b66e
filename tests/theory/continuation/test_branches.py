"""Branches of fixed points: folds, Hopf and branch points against numbers of the equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge import DefinitionError, load
from spikebridge.theory.continuation import branches
from spikebridge.theory.continuation.families import family


def self_exciting(**parameters: Any) -> Any:
    """tau dr/dt = -r + S(w r + I), S the logistic function."""
    unit = {"neuron": "rates/rate", "size": 1}
    wire = {"pre": "A", "post": "A", "port": "x_syn", "synapse": "synapses/graded"}
    wire |= {"rule": {"kind": "all_to_all"}, "weight": "w", "delay": "0 ms"}
    given = {"kind": "current", "population": "A", "port": "I_ext", "amplitude": "I"}
    return load(
        {
            "kind": "network",
            "parameters": {"w": 8, "I": 0, **parameters},
            "populations": {"A": unit},
            "projections": {"AA": wire},
            "stimuli": {"in": given},
            "recordings": {"r": {"population": "A", "variables": ["r"]}},
            "run": {"dt": "0.1 ms", "duration": "1 ms"},
        }
    )


def test_the_hopf_points_of_wilson_and_cowan() -> None:
    """Mirror images, supercritical, and no other special point; unstable between them."""
    (found,) = branches("networks/wilson_cowan", "I_E", (-4, 2), steps=40)
    first, second = found.special
    assert [s.kind for s in found.special] == ["Hopf", "Hopf"]
    assert first.parameter == pytest.approx(-2.6670247331, abs=2e-10)
    assert first.state == pytest.approx([0.2490767401, 0.1425438568], abs=1e-9)
    assert second.parameter == pytest.approx(0.6670247331, abs=2e-10)
    assert second.state == pytest.approx(1 - first.state, abs=1e-9)
    for point in found.special:
        assert point.frequency == pytest.approx(13.66706141, abs=1e-7)
        assert point.lyapunov == pytest.approx(-15.1844, abs=1e-4)
    between = (found.parameter > first.parameter) & (found.parameter < second.parameter)
    assert (found.stable == ~between).all()
    assert found.parameter[[0, -1]] == pytest.approx([-4, 2])


@pytest.mark.parametrize(("I_I", "I_E", "hertz"), [(-3, -1.22205147, 24.0545),
                         (-2, 0.51355789, 27.3701)])  # fmt: skip
def test_hopf_points_move_with_the_other_input(I_I: float, I_E: float, hertz: float) -> None:
    limits = (I_E - 0.2, I_E + 0.2)
    all_ = branches("networks/wilson_cowan", "I_E", limits, steps=8, I_I=I_I)
    (point,) = [s for b in all_ for s in b.special if s.kind == "Hopf"]
    assert point.parameter == pytest.approx(I_E, abs=1e-8)
    assert point.frequency == pytest.approx(hertz, abs=1e-4)


def test_neutral_saddles_are_no_hopf_points() -> None:
    (found,) = branches("networks/wilson_cowan_1972", "I_E", (0, 3), steps=60)
    points = {s.kind: s for s in found.special}
    assert [s.kind for s in found.special] == ["fold", "neutral saddle", "fold", "Hopf"]
    assert points["neutral saddle"].parameter == pytest.approx(0.91209145, abs=1e-8)
    assert points["neutral saddle"].frequency is None
    hopf = points["Hopf"]
    assert hopf.parameter == pytest.approx(1.90925272, abs=1e-8)
    assert hopf.state == pytest.approx([0.25179423, 0.20344020], abs=1e-8)
    assert hopf.frequency == pytest.approx(53.62358, abs=1e-5)


def test_folds() -> None:
    (found,) = branches(self_exciting(), "I", (-7, -1), steps=60)
    assert [s.kind for s in found.special] == ["fold", "fold"]
    assert [s.parameter for s in found.special] == pytest.approx(
        [-2.9343200493, -5.0656799507], abs=2e-10
    )
    assert [s.state[0] for s in found.special] == pytest.approx(
        [0.1464466094, 0.8535533906], abs=1e-6
    )
    middle = (found.states[:, 0] > 0.1464466094) & (found.states[:, 0] < 0.8535533906)
    assert (found.stable == ~middle).all()


def test_the_pitchfork_of_two_units() -> None:
    symmetric, asymmetric = branches("networks/winner_take_all", "w", (3, 6), steps=40)
    for branch in (symmetric, asymmetric):
        (point,) = branch.special
        assert point.kind == "branch point"
        assert point.parameter == pytest.approx(4.1993463031, abs=1e-8)
        assert point.state == pytest.approx([0.6089389668] * 2, abs=1e-4)
    assert asymmetric.stable.mean() > 0.95
    assert np.ptp(asymmetric.states, axis=1).max() > 0.5


def test_weights_and_time_constants_move_the_field() -> None:
    """The interpolated field is the drawn one; a parameter that enters nonlinearly is drawn."""
    many = family("networks/random_tanh", "g", N=8)
    z = np.append(np.linspace(-1, 1, 8), 1.3)
    assert many.rates(z) == pytest.approx(many.drawn(1.3).rates(z[:-1]), abs=1e-13)
    assert many.check(z)
    sizes = family("networks/wilson_cowan", "tau_E")
    assert sizes.rates(np.array([0.3, 0.2, 25])) == pytest.approx(
        sizes.drawn(25.0).rates(np.array([0.3, 0.2])), abs=1e-13
    )


def test_wrong_parameters_are_named() -> None:
    with pytest.raises(DefinitionError, match="no network parameter 'x'"):
        branches("networks/wilson_cowan", "x", (0, 1))
    with pytest.raises(DefinitionError, match="no interval"):
        branches("networks/wilson_cowan", "I_E", (1, 0))
    with pytest.raises(DefinitionError, match="not one number"):
        branches("networks/ctrnn_oscillator", "W", (0, 1))
    with pytest.raises(DefinitionError, match="passes spikes on"):
        branches("networks/brunel2000", "g", (4, 6))
