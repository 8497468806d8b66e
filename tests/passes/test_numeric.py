"""The matrix exponential against scipy's, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from spikebridge.passes.numeric import exponential


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("scale", [1e-4, 1e-2, 1.0, 30.0])
def test_it_is_scipys(size: int, scale: float) -> None:
    random = np.random.default_rng(size)
    matrices = scale * (random.normal(size=(20, size, size)) - 2 * np.eye(size))
    found = exponential(matrices)
    for matrix, mine in zip(matrices, found, strict=True):
        theirs = expm(matrix)
        assert np.max(np.abs(mine - theirs)) <= 1e-11 * np.max(np.abs(theirs))


def test_small_entries_keep_their_digits() -> None:
    """exp of ((-1/20, R/20), (0, -1/5))*dt: the entry of a synapse on V is small."""
    dt, tau, tau_s, factor = 0.1, 20.0, 5.0, 1e-6
    (found,) = exponential(np.array([[[-1 / tau, factor / tau], [0.0, -1 / tau_s]]]) * dt)
    a, b = np.exp(-dt / tau), np.exp(-dt / tau_s)
    assert found[0, 0] == pytest.approx(a, rel=1e-15)
    assert found[1, 1] == pytest.approx(b, rel=1e-15)
    assert found[0, 1] == pytest.approx(factor / tau * (a - b) / (1 / tau_s - 1 / tau), rel=1e-13)
    assert found[1, 0] == 0.0


def test_what_one_matrix_gives_does_not_depend_on_the_others() -> None:
    small, large = np.full((1, 2, 2), 0.01), np.full((1, 2, 2), 20.0)
    both = exponential(np.concatenate([small, large]))
    assert np.array_equal(both[0], exponential(small)[0])
    assert np.array_equal(both[1], exponential(large)[0])


def test_what_is_no_number_stays_none() -> None:
    assert np.isnan(exponential(np.array([[[np.nan, 0.0], [0.0, 1.0]]]))).any()


def test_what_does_not_change_keeps_its_value_to_the_bit() -> None:
    """0.9999999999999999 per step would drift by 1e-12 in a second."""
    rng = np.random.default_rng(2)
    for size in range(2, 7):
        matrix = rng.normal(0, 3, (1, size, size))
        matrix[0, size // 2] = 0.0
        found = exponential(matrix)
        assert np.array_equal(found[0, size // 2], np.eye(size)[size // 2])
