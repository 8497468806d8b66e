"""Stationary Gaussian processes on a circle of L bins, drawn from their spectrum.

Conventions: S_k = sum_n C_n exp(-2 pi i k n/L), k = 0 ... L/2, of the circular autocovariance C;
C_0 is the mean of S over all L frequencies. A static (quenched) variance q is L q at k = 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Complex = NDArray[np.complex64]
COLUMNS = 64  # units transformed at once: what fits into the cache
WIDE = 4  # responses to the variance, shapes and changes of spectra are averaged over +-25 %
FIRST = 4  # frequencies from which a static value is taken


def draw_modes(spectrum: Floats, units: int, rng: np.random.Generator) -> Complex:
    """Fourier coefficients (L/2 + 1, units) of independent paths: <|X_k|^2> = L S_k."""
    L = 2 * (len(spectrum) - 1)
    scale = np.sqrt(np.clip(spectrum, 0.0, None) * (L / 2.0))
    scale[[0, -1]] *= np.sqrt(2.0)
    parts = rng.standard_normal((len(spectrum), units, 2), dtype=np.float32)
    modes: Complex = parts.view(np.complex64)[..., 0]
    modes *= scale[:, None].astype(np.float32)
    modes[[0, -1]] = modes[[0, -1]].real
    return modes


def paths(modes: Complex, mean: float = 0.0) -> Single:
    """The paths of ``modes`` around ``mean``, (L, units)."""
    from scipy.fft import irfft

    L = 2 * (len(modes) - 1)
    found = np.empty((L, modes.shape[1]), dtype=np.float32)
    for first in range(0, modes.shape[1], COLUMNS):
        own = slice(first, first + COLUMNS)
        found[:, own] = irfft(modes[:, own], n=L, axis=0)
    if mean:
        found += np.float32(mean)
    return found


def transform(values: NDArray[np.generic]) -> Complex:
    """Fourier coefficients of (L, units) values."""
    from scipy.fft import rfft

    found = np.empty((values.shape[0] // 2 + 1, values.shape[1]), dtype=np.complex64)
    for first in range(0, values.shape[1], COLUMNS):
        own = slice(first, first + COLUMNS)
        found[:, own] = rfft(values[:, own].astype(np.float32), axis=0)
    return found


def smooth(values: NDArray[np.generic], share: int) -> NDArray[np.generic]:
    """Running means over the frequencies k - h to k + h, h = k/``share``; k = 0 stays alone.

    For responses, which are straight over such a width. Spectra are not smoothed: a smoothed
    spectrum that is fed back grows broader in every round.
    """
    n = len(values)
    k = np.arange(n)
    half = np.minimum(k // share, n - 1 - k)
    total = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    means: NDArray[np.generic] = (total[k + half + 1] - total[k - half]) / (2 * half + 1)
    return means


def autocovariance(spectrum: Floats) -> Floats:
    """C_n, n = 0 ... L/2."""
    found: Floats = np.fft.irfft(spectrum)[: len(spectrum)]
    return found


def variance(spectrum: Floats) -> float:
    """C_0."""
    L = 2 * (len(spectrum) - 1)
    return float((2.0 * spectrum.sum() - spectrum[0] - spectrum[-1]) / L)
