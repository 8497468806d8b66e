"""What one run of an ensemble tells: mean, spectrum and response functions of each output.

Response to the mean of the input (Stein's lemma for Gaussian x): chi = S_yx/S_x, the Fourier
transform of d<y(t)>/d mu(t'). To its variance (second Hermite polynomial), R = cov(y, w)/2: with
w = (C^-1 dx)^2 that of d<y(t)>/d C_x(t', t'), for spikes, whose variance is white; with
w = dx C^-1 dx that to a modulation C_x(s, t) (1 + e(s)/2 + e(t)/2), for signals, whose variance
keeps its correlation in time. Spikes of a sender whose spectrum is s_b times its mean are white
only at once: as the mean is modulated, their whole covariance is, C(s, t) (1 + e(s)/2 + e(t)/2),
which answers with w = u (s_b * u), u = C^-1 dx. Nothing is perturbed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass
from .gaussian import FIRST, WIDE, Complex, paths, smooth, transform

Floats = NDArray[np.float64]

FLOOR = 1e-9  # of the largest spectrum: what is below is not divided by
NEAR = 10  # responses to the mean are averaged over +-10 %
BAND = 1e-3  # the same where the inverse of a correlated input is taken


@dataclass(frozen=True, eq=False)
class Estimate:
    """Of one output: ``mean`` and its standard error, ``spectrum`` (L/2 + 1) per bin.

    ``chi`` and ``variance_response``: by port, (L/2 + 1) complex; ``sent_response``: the second, to
    spikes of an output with that output's spectrum, by (port, output); ``cv``: of the intervals
    between spikes, nan for signals; ``two_valued``: whether a signal is 0 or 1.
    """

    mean: float
    error: float
    spectrum: Floats
    chi: Mapping[str, NDArray[np.complex128]]
    variance_response: Mapping[str, NDArray[np.complex128]]
    sent_response: Mapping[tuple[str, int], NDArray[np.complex128]]
    cv: float
    two_valued: bool


def estimate(
    y: NDArray[Any],
    modes: Mapping[str, Complex],
    spectra: Mapping[str, Floats],
    continuous: Collection[str],
    second: bool = False,
    sent: Mapping[tuple[str, int], Floats] | None = None,
) -> Estimate:
    """``y`` (L, units), 0 or 1 for spikes, answers the input whose Fourier coefficients are
    ``modes``, by port; ``second``: measure the response to the variance too, and to that of
    spikes ``sent``, (port, output) -> spectrum over mean.
    """
    L, units = y.shape
    Y = transform(y)
    raw = np.einsum("km,km->k", Y, Y.conj()).real.astype(float) / (units * L)
    plain = float(y.mean(dtype=float))
    raw[0] -= L * plain**2
    raw[0] = max(raw[0], 0.0)
    chi, slopes, mean, noise = {}, {}, plain, float(raw[0])
    shaped: dict[tuple[str, int], NDArray[np.complex128]] = {}
    Y[0] -= L * np.float32(plain)
    for port, X in modes.items():
        cross = np.einsum("km,km->k", Y, X.conj()).astype(complex) / (units * L)
        power = np.einsum("km,km->k", X, X.conj()).real.astype(float) / (units * L)
        chi[port] = _ratio(smooth(cross, NEAR), np.asarray(smooth(power, NEAR).real))
        static = static_response(chi[port])
        # what the mean of the drawn input, known to be 0, has added to the output
        mean -= static * float(X[0].real.mean(dtype=float)) / L
        noise -= static**2 * power[0]
    noise = max(noise, 0.05 * max(float(raw[1 : FIRST + 1].mean()), 0.0), 1e-30)
    if second:
        for port, X in modes.items():  # without the linear answer, which is noise to the second
            Y -= chi[port][:, None].astype(np.complex64) * X
        for port, X in modes.items():
            slopes[port] = _hermite(Y, X, spectra[port], port in continuous)
        for (port, output), shape in (sent or {}).items():
            shaped[port, output] = _hermite(Y, modes[port], spectra[port], False, shape)
    spiking = y.dtype == np.uint8
    cv = interval_cv(y) if spiking else float("nan")
    two_valued = not spiking and bool(((y == 0) | (y == 1)).all())
    error = float(np.sqrt(noise / (units * L)))
    return Estimate(mean, error, raw, chi, slopes, shaped, cv, two_valued)


def static_response(chi: NDArray[np.complex128]) -> float:
    """chi at low frequencies, of those at which the input had any power."""
    low = chi[: FIRST + 1]
    known = low[low != 0]
    return float(known.real.mean()) if len(known) else 0.0


def _ratio(cross: NDArray[Any], power: Floats) -> NDArray[np.complex128]:
    usable = power > FLOOR * max(float(power.max(initial=0.0)), 1e-300)
    found: NDArray[np.complex128] = np.where(usable, cross / np.where(usable, power, 1.0), 0.0)
    return found


def _hermite(
    Y: Complex, X: Complex, spectrum: Floats, correlated: bool, shape: Floats | None = None
) -> NDArray[np.complex128]:
    """R = cov(y, w)/2 with w = u^2, u = C^-1 dx; u dx for a ``correlated`` input, u (s * u) for
    one of the ``shape`` s.
    """
    L, units = 2 * (len(X) - 1), X.shape[1]
    usable = spectrum > (BAND if correlated else FLOOR) * spectrum[1:].max()
    inverse = np.where(usable, 1.0 / np.where(usable, spectrum, 1.0), 0.0).astype(np.float32)
    w = paths(X * inverse[:, None])
    if correlated:
        w *= paths(X)
    elif shape is None:
        w *= w
    else:
        w *= paths(X * (inverse * shape.astype(np.float32))[:, None])
    W = transform(w - w.mean(dtype=float))
    cross = np.einsum("km,km->k", Y, W.conj()).astype(complex) / (units * L)
    found: NDArray[np.complex128] = np.asarray(smooth(0.5 * cross, WIDE))
    return found


def interval_cv(spikes: NDArray[Any]) -> float:
    """std/mean of the intervals between spikes, on the circle: no window cuts any of them."""
    L = spikes.shape[0]
    unit, time = np.nonzero(spikes.T)
    if len(unit) == 0:
        return float("nan")
    after = np.roll(time, -1)
    last = np.flatnonzero(np.diff(unit, append=-1))
    first = np.concatenate([[0], last[:-1] + 1])
    after[last] = time[first] + L
    intervals = after - time
    several = np.bincount(unit)[unit] > 1
    kept = intervals[several]
    return float(kept.std() / kept.mean()) if len(kept) else float("nan")
