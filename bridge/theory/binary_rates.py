"""Large random networks of binary units in closed form: means, covariances, thresholds.

m_a = E g_a(mu_a + sigma_a x), x of N(0, 1), with
mu_a = I_a + sum_b K_ab J_ab m_b and
sigma_a^2 = sum_b [K_ab (J_ab^2 + s2_ab) m_b (1 - m_b) + (K_ab s2_ab + VK_ab J_ab^2) m_b^2],
K, VK mean and variance of in-degrees, J, s2 of weights. Assumed: units that are updated one at a
time at Poisson times, large in-degrees, random connections, delays short against tau_m.

Source: van Vreeswijk, Sompolinsky (1998), doi 10.1162/089976698300017214; covariances: Ginzburg,
Sompolinsky (1994), doi 10.1103/PhysRevE.50.3171; their response to the variance is this project's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError, NoConvergence, Unsupported
from ..passes.binary_form import SIGMOID
from ..records import dataclass
from .binary_parts import Parts
from .meanfield.plan import blueprint
from .meanfield.stationary import network_of

Floats = NDArray[np.float64]
CLOSE = 1e-10
WIDEST = 60.0  # sigma: no threshold of a mean activity is farther off


@dataclass(frozen=True, eq=False)
class BinaryRates:
    """By population, in the order of ``labels``: mean activity ``m``, mean ``mu`` and variance
    ``variance`` of the input, responses ``chi`` = dm/dmu and ``to_variance`` = dm/dsigma^2.

    ``sizes``; ``tau`` (ms); ``coupling`` K J and ``spread`` K (J^2 + s2), [to, from].
    """

    labels: tuple[str, ...]
    m: Floats
    mu: Floats
    variance: Floats
    chi: Floats
    to_variance: Floats
    sizes: Floats
    tau: Floats
    coupling: Floats
    spread: Floats

    def __getitem__(self, label: str) -> float:
        """The mean activity of a population."""
        return float(self.m[self.labels.index(label)])

    @property
    def effective(self) -> Floats:
        """W_ab = chi_a K J + to_variance_a K (J^2 + s2) (1 - 2 m_b): how means answer means."""
        by_variance: Floats = self.to_variance[:, None] * self.spread * (1.0 - 2.0 * self.m)
        return self.chi[:, None] * self.coupling + by_variance

    @property
    def stable(self) -> bool:
        """Whether small changes of the means die out."""
        flow = (self.effective - np.eye(len(self.m))) / self.tau[:, None]
        return bool(np.linalg.eigvals(flow).real.max() < 0)

    @property
    def covariances(self) -> Floats:
        """Mean covariance of two different units at equal times, [a, b].

        (1 - W) C/tau + transposed = 2 diag(m (1 - m)/(N tau)), less what a unit has with itself.

        Raises:
            DefinitionError: the state is unstable.
        """
        from scipy.linalg import solve_continuous_lyapunov

        if not self.stable:
            raise DefinitionError(
                "the state is unstable: its fluctuations grow",
                symbol="covariances",
                remedy="start elsewhere (start), or change the couplings",
            )
        flow = (self.effective - np.eye(len(self.m))) / self.tau[:, None]
        single = self.m * (1.0 - self.m)
        whole = solve_continuous_lyapunov(flow, -2.0 * np.diag(single / (self.sizes * self.tau)))
        found: Floats = np.array(whole)
        own = np.arange(len(single))
        pairs = (found[own, own] - single / self.sizes) * self.sizes / (self.sizes - 1.0)
        found[own, own] = pairs
        return found


def binary_rates(
    model: Any, *, start: Mapping[str, float] | None = None, **parameters: Any
) -> BinaryRates:
    """The mean activities of a large network of asynchronous binary units.

    Args:
        model: library name, path, dictionary or `Network`; units with a threshold, a sigmoid or
            noise, found by algebra.
        start: population -> first guess, where there are several solutions; 0.1 where not given.
        **parameters: of the network; ``variant``.

    Raises:
        Unsupported: units of another form.
        NoConvergence: no solution was found from there.
    """
    parts = Parts(blueprint(network_of(model, parameters)))
    guess = np.array([(start or {}).get(n, 0.1) for n in parts.labels], dtype=float)
    m = _solved(parts, guess)
    mu, variance = parts.inputs(m)
    points = list(zip(parts.gains, mu, variance, strict=True))
    return BinaryRates(
        parts.labels,
        m,
        mu,
        variance,
        np.array([g.to_mean(x, v) for g, x, v in points]),
        np.array([g.to_variance(x, v) for g, x, v in points]),
        parts.sizes,
        parts.tau,
        parts.coupling,
        parts.spread,
    )


def balanced_threshold(model: Any, m: Mapping[str, float], **parameters: Any) -> dict[str, float]:
    """Population -> the threshold theta with which its mean activity is ``m``, all others' given.

    For thresholds theta = mu - sigma Phi^-1(m), sigma with the unit's own noise; else solved for.

    Raises:
        DefinitionError: a population is missing, or a mean is not between 0 and 1.
        Unsupported: the gain is no function of h - theta (c_1 is not 0).
    """
    from scipy.optimize import brentq

    parts = Parts(blueprint(network_of(model, parameters)))
    for name in parts.labels:
        if not 0.0 < m.get(name, np.nan) < 1.0:
            raise DefinitionError(
                f"the mean activity of {name} must be between 0 and 1",
                symbol=name,
                remedy="give one for each population",
            )
    wanted = np.array([m[n] for n in parts.labels])
    found = {}
    for name, gain, mu, variance, goal in zip(
        parts.labels, parts.gains, *parts.inputs(wanted), wanted, strict=True
    ):
        if gain.kind == SIGMOID and np.any(gain.numbers["c_1"] != 0):
            raise Unsupported(
                f"the gain of {name} is no function of h - theta: c_1 is not 0", symbol="c_1"
            )
        far = WIDEST * (1.0 + np.sqrt(variance) + np.max(gain.numbers.get("sigma", 0.0)))
        base = float(np.mean(gain.numbers["theta"]))
        far += abs(mu - base)
        shift = brentq(lambda d, g=gain, x=mu, v=variance, y=goal: g.mean(x - d, v) - y, -far, far)
        found[name] = base + float(shift)
    return found


def _solved(parts: Parts, guess: Floats) -> Floats:
    from scipy.optimize import root

    found = root(lambda m: parts.answered(np.clip(m, 0.0, 1.0)) - m, guess, tol=CLOSE)
    m: Floats = np.clip(found.x, 0.0, 1.0)
    off = np.abs(parts.answered(m) - m).max()
    if off > 1e-7:
        listed = ", ".join(f"{n} = {v:.4g}" for n, v in zip(parts.labels, m, strict=True))
        raise NoConvergence(
            f"no stationary mean activity was found; the last guess, {listed}, is off by {off:.2g}",
            model=parts.label,
            symbol="start",
            remedy="start elsewhere (start)",
        )
    return m
