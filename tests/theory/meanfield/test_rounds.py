"""When an iteration is at its end: what is left is chance, in every octave of every spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.theory.meanfield.rounds import Round, moves, settled

UNITS = 400


def a_round(octaves: list[float], *, residual: float = 0.0, change: float = 0.5) -> Round:
    """A round whose spectrum has moved by these standard errors."""
    one = np.ones(1)
    return Round(one, residual * one, 0.1 * one, np.zeros((1, 1)), change, np.array([octaves]), ())


def test_moves_are_standard_errors_of_octaves() -> None:
    """1/sqrt(units x frequencies) each; what single precision cannot hold does not count."""
    before = np.ones((2, 513))
    after = np.full((2, 513), 1.1)
    after[1, 64:] = 1e-9
    found = moves(before, after, UNITS)
    counts = np.diff([*(2**k for k in range(10)), 513])
    np.testing.assert_allclose(found[0], np.log(1.1) * np.sqrt(UNITS * counts))
    assert (found[1, 7:] == 0).all()
    assert found[1, 3] == pytest.approx(found[0, 3])


def test_chance_goes_both_ways() -> None:
    quiet = [a_round([0.5, -2.0]), a_round([4.0, 1.0]), a_round([-4.0, 0.3])]
    assert settled(quiet)
    assert not settled(quiet[:2])  # too few to tell


@pytest.mark.parametrize("sign", [1, -1])
def test_an_octave_that_goes_one_way_is_no_chance(sign: int) -> None:
    """Though the whole spectrum, whose power is elsewhere, has not moved."""
    tail = [a_round([0.0, sign * 3.5])] * 3
    assert all(r.quiet for r in tail)
    assert not settled(tail)
    assert settled([*tail, a_round([0.0, sign * 2.0])])


def test_a_mean_that_is_off_is_not_settled() -> None:
    calm = a_round([0.0])
    assert settled([calm] * 3)
    assert not settled([calm, calm, a_round([0.0], residual=0.4)])
    assert not settled([calm, calm, a_round([0.0], change=0.9)])
