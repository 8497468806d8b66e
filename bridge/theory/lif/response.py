"""Linear response of the leaky integrate-and-fire neuron to its mean and to its noise.

With x = sqrt(2) (V - mu)/sigma at threshold (t) and reset (r), s = i omega and
Psi(x) = exp(x^2/4) U(s tau - 1/2, -x),

    chi_mu     = sqrt(2) rate/sigma/(1 + s tau)   [Psi'(x_t) - Psi'(x_r)]/Z,
    chi_sigma2 =       rate/sigma^2/(2 + s tau)   [Psi''(x_t) - Psi''(x_r)]/Z,
    Z = Psi(x_t) - exp(-s t_ref) Psi(x_r).

Psi'' = x Psi' + s tau Psi is integrated upwards from where Psi'/Psi is known; errors decay on the
way, and all frequencies go together. The refractory period enters the reset term of Z alone.

Lindner & Schimansky-Geier (2001) doi:10.1103/PhysRevLett.86.2934; in this form Schuecker, Diesmann
& Helias (2015) doi:10.1103/PhysRevE.92.052119, who leave the refractory period out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .siegert import Lif, bounds, rate, slopes

Complex = NDArray[np.complex128]
_STEP, _RUN = 0.02, 10.0  # of x, and how far below the reset the integration begins


def response(cell: Lif, mu: float, sigma: float, frequency: Any) -> tuple[Complex, Complex]:
    """chi_mu (Hz/mV) and chi_sigma2 (Hz/mV^2) at ``frequency`` (Hz, any shape).

    Amplitude of the rate over that of mu, or of sigma^2, as exp(i omega t); in white noise.
    At 0 these are the derivatives of the rate.
    """
    f = np.asarray(frequency, float)
    return laplace(cell, mu, sigma, 2j * np.pi * f / 1e3)


def laplace(cell: Lif, mu: float, sigma: float, s: Any) -> tuple[Complex, Complex]:
    """The same for a modulation exp(s t), ``s`` complex, per ms."""
    s = np.asarray(s, complex)
    r = s * cell.tau
    (_, top1, top2), (low0, low1, low2) = _psi(cell, mu, sigma, r)
    nu, static = rate(cell, mu, sigma), slopes(cell, mu, sigma)
    with np.errstate(all="ignore"):  # at s = 0 both sides are 0
        z = 1 - np.exp(-s * cell.t_ref) * low0
        by_mu = np.sqrt(2) * nu / sigma / (1 + r) * (top1 - low1) / z
        by_variance = nu / sigma**2 / (2 + r) * (top2 - low2) / z
    return np.where(s == 0, static[0], by_mu), np.where(s == 0, static[1], by_variance)


def expanded_response(cell: Lif, mu: float, sigma: float, frequency: Any) -> Complex:
    """chi_mu to first order in the synaptic shift of the boundaries (`Lif.filtered`).

    The first-order term is the derivative of the white formula by a shift of both boundaries.
    Schuecker, Diesmann & Helias (2015), equation 29; the refractory period is kept.
    """
    h = 1e-3

    def shifted(by: float) -> Complex:
        moved = Lif(cell.tau, cell.V_th, cell.V_reset, cell.t_ref, by, cell.gridded)
        return response(moved, mu, sigma, frequency)[0]

    slope = (shifted(-2 * h) - 8 * shifted(-h) + 8 * shifted(h) - shifted(2 * h)) / (12 * h)
    return shifted(0.0) + cell.filtered * slope


def interval_transform(cell: Lif, mu: float, sigma: float, frequency: Any) -> Complex:
    """Fourier transform of the density of intervals at ``frequency`` (Hz); 1 at 0.

    exp(-s t_ref) Psi(x_r)/Psi(x_t): Lindner, Schimansky-Geier & Longtin (2002)
    doi:10.1103/PhysRevE.66.031916, equation 30.
    """
    s = 2j * np.pi * np.asarray(frequency, float) / 1e3
    _, (low, *_) = _psi(cell, mu, sigma, s * cell.tau)
    return np.where(s == 0, 1.0, np.exp(-s * cell.t_ref) * low)


def renewal_spectrum(hertz: float, transform: Complex) -> NDArray[np.float64]:
    """Power spectrum (Hz) of a renewal process: rate (1 - |f|^2)/|1 - f|^2.

    ``transform`` is that of the intervals; nan where it is 1 (there the spectrum is CV^2 rate).
    """
    with np.errstate(all="ignore"):
        return np.asarray(hertz * (1 - np.abs(transform) ** 2) / np.abs(1 - transform) ** 2)


def _psi(cell: Lif, mu: float, sigma: float, r: Complex) -> tuple[Any, Any]:
    """(Psi, Psi', Psi'') at threshold and at reset, all over Psi at the threshold; r = s tau."""
    x_t, x_r = (float(np.sqrt(2) * y) for y in bounds(cell, mu, sigma))
    begin = min(x_r, 0.0) - _RUN - 2 * float(np.sqrt(np.abs(r).max(initial=0.0)))
    psi = np.ones(r.shape, complex)
    slope = (begin + np.sqrt(begin**2 + 4 * r)) / 2
    psi, slope, _ = _climb(psi, slope, begin, x_r, r)
    low = np.array([psi, slope, x_r * slope + r * psi])
    psi, slope, shrunk = _climb(psi, slope, x_r, x_t, r)
    top = np.array([psi, slope, x_t * slope + r * psi])
    return top / psi, low * shrunk / psi


def _climb(psi: Any, slope: Any, low: float, high: float, r: Complex) -> tuple[Any, Any, Any]:
    """Psi and Psi' at ``high`` by the fourth-order Runge-Kutta method, and by what they shrank."""
    count = max(int(np.ceil((high - low) / _STEP)), 1)
    h, shrunk = (high - low) / count, np.ones(r.shape)
    for k in range(count):
        x, m, y = low + k * h, low + (k + 0.5) * h, low + (k + 1) * h
        a = x * slope + r * psi
        s2, p2 = slope + h / 2 * a, psi + h / 2 * slope
        b = m * s2 + r * p2
        s3, p3 = slope + h / 2 * b, psi + h / 2 * s2
        c = m * s3 + r * p3
        s4, p4 = slope + h * c, psi + h * s3
        psi, slope = (
            psi + h / 6 * (slope + 2 * s2 + 2 * s3 + s4),
            slope + h / 6 * (a + 2 * b + 2 * c + y * s4 + r * p4),
        )
        if k % 50 == 49:
            size = 1 / (np.abs(psi) + np.abs(slope))
            psi, slope, shrunk = psi * size, slope * size, shrunk * size
    return psi, slope, shrunk
