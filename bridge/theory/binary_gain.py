"""The gain of a binary unit, averaged over a Gaussian input, in closed form or by quadrature.

E g(mu + sigma x), x of N(0, 1): for a threshold Phi((mu - theta)/sigma), with noise s of its own
Phi((mu - theta)/sqrt(sigma^2 + s^2)), for a sigmoid by Gauss-Hermite quadrature. Responses:
d/dmu = E[x g]/sigma and d/dsigma^2 = E[(x^2 - 1) g]/(2 sigma^2).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..passes.binary_form import ERFC, SIGMOID
from ..records import dataclass

Floats = NDArray[np.float64]
NODES = 160
LEAST = 1e-12  # sigma below which the input is taken for constant


@dataclass(frozen=True, eq=False)
class Gain:
    """``kind`` of `passes.binary_form` with its ``numbers``, each one or (units,)."""

    kind: str
    numbers: Mapping[str, Floats]

    def mean(self, mu: float, variance: float) -> float:
        """The probability to be active, averaged over the units."""
        return self._averaged(mu, variance, 0)

    def to_mean(self, mu: float, variance: float) -> float:
        """d<A>/d mu."""
        return self._averaged(mu, variance, 1)

    def to_variance(self, mu: float, variance: float) -> float:
        """d<A>/d sigma^2."""
        return self._averaged(mu, variance, 2)

    def _averaged(self, mu: float, variance: float, order: int) -> float:
        sigma = max(float(np.sqrt(max(variance, 0.0))), LEAST)
        if self.kind == SIGMOID:
            return self._by_quadrature(mu, sigma, order)
        own = self.numbers["sigma"] if self.kind == ERFC else 0.0
        whole = np.sqrt(sigma**2 + np.square(own))
        z = (mu - self.numbers["theta"]) / whole
        if order == 0:
            return float(np.mean(ndtr(z)))
        density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
        return float(np.mean(density / whole if order == 1 else -0.5 * z * density / whole**2))

    def _by_quadrature(self, mu: float, sigma: float, order: int) -> float:
        x, weights = _nodes()
        h = mu + sigma * x
        c_1, c_2, c_3, theta = (np.ravel(self.numbers[n])[:, None] for n in _SIGMOID)
        g = np.clip(c_1 * h + 0.5 * c_2 * (1.0 + np.tanh(c_3 * (h - theta))), 0.0, 1.0)
        kernels = (1.0, x / sigma, (x**2 - 1.0) / (2.0 * sigma**2))
        return float(np.mean(g @ (weights * kernels[order])))


_SIGMOID = ("c_1", "c_2", "c_3", "theta")


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    """Nodes of N(0, 1) and their weights."""
    x, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return x, weights / weights.sum()
