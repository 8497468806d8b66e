"""Pairs of eigenvalues whose sum is 0: the determinant of the bialternate product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Complexes = NDArray[np.complex128]


def sign_of_sums(values: Complexes) -> int:
    """The sign of prod_{i<j} (lambda_i + lambda_j)."""
    sums = (values[:, None] + values)[np.triu_indices(len(values), 1)]
    real = sums[np.abs(sums.imag) <= 1e-12 * np.abs(values).max(initial=0.0)].real
    return int((-1) ** int((real < 0).sum()))


def closest_pair(values: Complexes) -> Complexes:
    """The two eigenvalues, real or conjugate, whose sum is closest to 0."""
    i, j = np.triu_indices(len(values), 1)
    sums = values[i] + values[j]
    sums = np.where(np.abs(sums.imag) <= 1e-12 * np.abs(values).max(), sums, np.inf)
    k = int(np.argmin(np.abs(sums)))
    return np.array([values[i[k]], values[j[k]]])


def turns(pair: Complexes) -> bool:
    """Whether a pair is imaginary: a Hopf point, no neutral saddle."""
    return bool(np.abs(pair.imag).max() >= 1e-9 * np.abs(pair).max())
