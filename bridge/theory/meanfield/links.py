"""In-degrees and weights of a projection as the few numbers that mean-field theory needs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...definition import distributions
from ...definition.connectivity import expected_count
from ...definition.distributions import Distribution
from ...definition.rules import Rule
from ...records import dataclass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DRAWS = 1 << 20  # numbers from which moments of a clipped distribution are taken


@dataclass(frozen=True, eq=False)
class Degrees:
    """Of the in-degree: mean ``K``, variance ``VK``; of the weights: mean ``J``, variance ``s2``.

    ``shared``: N (E w_ij)^2, the variance that two units have in common per unit of variance of a
    sender; ``private``: N Var w_ij, what is their own.
    """

    K: float
    VK: float
    J: float
    s2: float
    shared: float
    private: float

    @property
    def coupling(self) -> float:
        """K J: what a mean is multiplied with."""
        return self.K * self.J

    @property
    def variance(self) -> float:
        """K (J^2 + s2): what an autocovariance is multiplied with in a large network."""
        return self.K * (self.J**2 + self.s2)

    @property
    def quenched(self) -> float:
        """K s2 + VK J^2: what the square of a mean is multiplied with, a static variance."""
        return self.K * self.s2 + self.VK * self.J**2


def by_rule(rule: Rule, n_pre: int, n_post: int, same: bool, J: float, s2: float) -> Degrees:
    """What the rule makes between ``n_pre`` and ``n_post`` units; no connection is drawn."""
    K = expected_count(rule, n_pre, n_post, same) / n_post
    repeated = rule.multapses and rule.kind not in ("all_to_all", "one_to_one", "fixed_probability")
    match rule.kind:
        case "fixed_probability":
            VK = K * (1.0 - rule.number_of("p"))
        case "fixed_outdegree" | "fixed_total_number":
            VK = K * (1.0 - (1.0 / n_post if repeated else K / n_pre))
        case _:
            VK = 0.0
    shared = 0.0 if rule.kind == "one_to_one" else (K * J) ** 2 / n_pre
    own = K * J**2 / n_pre if repeated else shared
    return Degrees(K, VK, J, s2, shared, max(K * (J**2 + s2) - own, 0.0))


def by_list(targets: Ints, weights: Floats, n_pre: int, n_post: int) -> Degrees:
    """The same of listed connections."""
    full = np.broadcast_to(weights, targets.shape)
    degrees = np.bincount(targets, minlength=n_post)
    K, J, s2 = float(degrees.mean()), float(full.mean()), float(full.var())
    shared = (K * J) ** 2 / n_pre
    return Degrees(K, float(degrees.var()), J, s2, shared, max(K * (J**2 + s2) - shared, 0.0))


def moments(distribution: Distribution) -> tuple[float, float]:
    """Mean and variance."""
    p = distribution.parameters
    if distribution.clip is not None:
        drawn = distributions.draw(distribution, DRAWS, np.random.default_rng(1))
        return float(drawn.mean()), float(drawn.var())
    match distribution.kind:
        case "constant":
            return p["value"], 0.0
        case "uniform":
            return 0.5 * (p["low"] + p["high"]), (p["high"] - p["low"]) ** 2 / 12.0
        case "normal":
            return p["mean"], p["std"] ** 2
        case "lognormal":
            mean = math.exp(p["mu"] + 0.5 * p["sigma"] ** 2)
            return mean, mean**2 * math.expm1(p["sigma"] ** 2)
        case "exponential":
            return p["shift"] + p["mean"], p["mean"] ** 2
    from scipy.stats import truncnorm

    ends = [(p[n] - p["mean"]) / p["std"] for n in ("low", "high")]
    mean, var = truncnorm.stats(*ends, loc=p["mean"], scale=p["std"], moments="mv")
    return float(mean), float(var)
