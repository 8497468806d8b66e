"""Stationary rate and coefficient of variation of the leaky integrate-and-fire neuron.

With y = (V - mu)/sigma at threshold and reset,
1/rate = t_ref + tau sqrt(pi) int_{y_r}^{y_th} erfcx(-x) dx, since exp(x^2) (1 + erf x) = erfcx(-x).
All integrals carry a factor exp(-m^2), m = max(y_th, 0), so that nothing overflows.

Siegert (1951) doi:10.1103/PhysRev.81.617; Brunel (2000) doi:10.1023/A:1008925309027, equations 21
and A1 (the coefficient of variation).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import dawsn, erfcx, zeta

from ...records import dataclass

Floats = NDArray[np.float64]
FILTERED = float(np.sqrt(2) * abs(zeta(0.5)) / 2)  # alpha/2, alpha = 2.0652531
GRID = float(-zeta(0.5) / np.sqrt(2 * np.pi))  # 0.5825971579
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


@dataclass(frozen=True)
class Lif:
    """A leaky integrate-and-fire neuron: ``tau`` and ``t_ref`` in ms, ``V_th``, ``V_reset`` in mV.

    ``filtered`` moves both boundaries by that many sigma (synaptic filtering), ``gridded`` the
    threshold alone (a threshold that is tested on a grid only); see `filtered` and `gridded`.
    """

    tau: float
    V_th: float
    V_reset: float
    t_ref: float
    filtered: float = 0.0
    gridded: float = 0.0


def filtered(tau_s: float, tau: float) -> float:
    """Shift of both boundaries, in sigma, by a synapse that decays with ``tau_s`` (ms).

    alpha/2 sqrt(tau_s/tau), alpha = sqrt(2) |zeta(1/2)|: the first order in sqrt(tau_s/tau), good
    up to about 0.3. Fourcaud & Brunel (2002) doi:10.1162/089976602320264015, equation 4.33.
    """
    return FILTERED * float(np.sqrt(tau_s / tau))


def gridded(dt: float, tau: float) -> float:
    """Shift of the threshold, in sigma, where it is tested every ``dt`` ms only.

    -zeta(1/2)/sqrt(2 pi) sqrt(dt/tau); for voltage jumps, whose path is as rough as white noise.
    Broadie, Glasserman & Kou (1997) doi:10.1111/1467-9965.00035.
    """
    return GRID * float(np.sqrt(dt / tau))


def bounds(cell: Lif, mu: Any, sigma: Any) -> tuple[Any, Any]:
    """y_th, y_r of ``cell`` at mean ``mu`` and noise ``sigma`` (mV)."""
    shift = cell.filtered
    return (
        (cell.V_th - mu) / sigma + shift + cell.gridded,
        (cell.V_reset - mu) / sigma + shift,
    )


def rate(cell: Lif, mu: Any, sigma: Any) -> Any:
    """Stationary rate (Hz) at mean ``mu`` and noise ``sigma`` (mV): numbers or arrays.

    ``sigma`` = 0 is the neuron without noise.
    """
    mu, sigma = np.broadcast_arrays(np.asarray(mu, float), np.asarray(sigma, float))
    found = np.empty(mu.shape)
    quiet = sigma <= 0
    found[quiet] = _noiseless(cell, mu[quiet])
    y_th, y_r = bounds(cell, mu[~quiet], sigma[~quiet])
    top = np.exp(-(np.maximum(y_th, 0.0) ** 2))
    found[~quiet] = 1e3 * top * _lifted(cell, y_th, y_r)
    return found[()]


def slopes(cell: Lif, mu: Any, sigma: Any) -> tuple[Any, Any]:
    """d rate/d mu (Hz/mV) and d rate/d sigma^2 (Hz/mV^2), from the derivative of the integral."""
    mu, sigma = np.asarray(mu, float), np.asarray(sigma, float)
    y_th, y_r = bounds(cell, mu, sigma)
    m2 = np.maximum(y_th, 0.0) ** 2
    lifted = _lifted(cell, y_th, y_r)
    common = 1e3 * np.sqrt(np.pi) * cell.tau * np.exp(-m2) * lifted**2 / sigma
    th, r = _scaled(y_th, m2), _scaled(y_r, m2)
    by_mu = common * (th - r)
    by_sigma = common * (th * (cell.V_th - mu) - r * (cell.V_reset - mu)) / sigma
    return by_mu, by_sigma / (2 * sigma)


def expanded_rate(cell: Lif, mu: Any, sigma: Any) -> Any:
    """The rate to first order in ``cell.filtered``, in place of shifted boundaries.

    rate0 - rate0^2 tau sqrt(pi) [erfcx(-y_th) - erfcx(-y_r)] filtered; Fourcaud & Brunel (2002),
    equation 4.33, expanded.
    """
    white = Lif(cell.tau, cell.V_th, cell.V_reset, cell.t_ref, 0.0, cell.gridded)
    return rate(white, mu, sigma) - cell.filtered * np.asarray(sigma) * slopes(white, mu, sigma)[0]


def cv(cell: Lif, mu: Any, sigma: Any) -> Any:
    """Coefficient of variation of the intervals in white noise.

    CV^2 = 2 pi (rate tau)^2 int_{y_r}^{y_th} dx exp(x^2) int_{-inf}^x dy exp(-y^2) erfcx(-y)^2.
    Input that is correlated in time, as that of a network is, makes the CV smaller.
    """
    mu, sigma = np.broadcast_arrays(np.asarray(mu, float), np.asarray(sigma, float))
    found = np.empty(mu.shape)
    for at in np.ndindex(mu.shape):
        found[at] = _cv(cell, *bounds(cell, mu[at], sigma[at]))
    return found[()]


def _noiseless(cell: Lif, mu: Floats) -> Floats:
    fires = mu > cell.V_th
    above = np.where(fires, mu, cell.V_th + 1.0)
    time = cell.tau * np.log((above - cell.V_reset) / (above - cell.V_th))
    return np.where(fires, 1e3 / (cell.t_ref + time), 0.0)


def _lifted(cell: Lif, y_th: Any, y_r: Any) -> Any:
    """exp(m^2) rate, per ms."""
    m2 = np.maximum(y_th, 0.0) ** 2
    waiting = cell.t_ref * np.exp(-m2)
    return 1 / (waiting + cell.tau * np.sqrt(np.pi) * _integral(y_th, y_r, m2))


def _integral(y_th: Any, y_r: Any, m2: Any) -> Any:
    """exp(-m^2) int_{y_r}^{y_th} erfcx(-x) dx: Dawson's integral for x > 0, else quadrature."""
    th, r = np.maximum(y_th, 0.0), np.maximum(y_r, 0.0)
    upper = 2 * (np.exp(th**2 - m2) * dawsn(th) - np.exp(r**2 - m2) * dawsn(r))
    upper = upper - np.exp(-m2) * _smooth(r, th)
    lower = _smooth(np.maximum(-y_th, 0.0), np.maximum(-y_r, 0.0))
    return upper + np.exp(-m2) * lower


def _smooth(a: Any, b: Any) -> Any:
    """int_a^b erfcx(x) dx for 0 <= a <= b, by Gauss-Legendre in log(1 + x)."""
    low, high = np.log1p(a), np.log1p(b)
    middle, half = (low + high) / 2, (high - low) / 2
    u = middle[..., None] + half[..., None] * _NODES if np.ndim(half) else middle + half * _NODES
    return half * (erfcx(np.expm1(u)) * np.exp(u) @ _WEIGHTS)


def _scaled(y: Any, m2: Any) -> Any:
    """exp(-m^2) erfcx(-y)."""
    positive = np.maximum(y, 0.0)
    high = 2 * np.exp(positive**2 - m2) - erfcx(positive) * np.exp(-m2)
    return np.where(y > 0, high, erfcx(np.maximum(-y, 0.0)) * np.exp(-m2))


def _cv(cell: Lif, y_th: float, y_r: float) -> float:
    """The double integral with y = x - u: exp(2 x u - u^2) erfcx(u - x)^2 over u > 0.

    For u < x the integrand is 4 exp((x - u)^2 + x^2) and less; the factor exp(-2 m^2) is taken out.
    """
    m2 = max(y_th, 0.0) ** 2
    x, wx = _panels(y_r, y_th, 0.25)
    total = 0.0
    for xi, wi in zip(x, wx, strict=True):
        u, wu = _panels(0.0, max(xi, 0.0) + 8.0, 0.5)
        squared = _scaled(xi - u, m2) ** 2  # exp(-2 m^2) erfcx(u - x)^2
        total += wi * float(wu @ (np.exp(2 * xi * u - u**2) * squared))
    return float(np.sqrt(2 * np.pi * total) * _lifted(cell, y_th, y_r) * cell.tau)


def _panels(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Nodes and weights of 12-point Gauss-Legendre rules on panels of about ``width``."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(low, high, max(int(np.ceil((high - low) / width)), 1) + 1)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (1 + nodes)
    return x.ravel(), (half * weights).ravel()
