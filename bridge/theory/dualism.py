"""The potential's distribution from that of the activity, and back.

p(V(t+1) | A(t) = s) = prod_i N(V_i; h_i(s), sigma_i^2), so that the stationary p(V) is a mixture of
2^N Gaussians with the weights P(s); P(A) is its integral over orthants, P(A(t) = s | V(t+1)) Bayes'
rule, and p(V(t+1) | V(t)) the component of the state H(V(t) - theta).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chain import Chain

Floats = NDArray[np.float64]


def density(chain: Chain, V: Floats) -> Floats:
    """p(V) at ``V`` (..., N)."""
    return np.asarray(np.exp(_logs(chain, V)) @ chain.P)


def marginal(chain: Chain, unit: int, V: Floats, active: int | None = None) -> Floats:
    """p(V_i) of one unit at ``V`` (...,); given A_i = ``active`` at the same time where asked."""
    V = np.asarray(V, dtype=float)
    sigma, theta = chain.network.sigma[unit], chain.network.theta[unit]
    z = (V[..., None] - chain.h[:, unit]) / sigma
    p = np.exp(-0.5 * z**2) @ chain.P / (sigma * np.sqrt(2 * np.pi))
    if active is None:
        return np.asarray(p)
    mean = float(chain.P @ chain.on[:, unit])
    above = V > theta if chain.network.strict else V >= theta
    return np.asarray(np.where(above == bool(active), p, 0.0) / (mean if active else 1.0 - mean))


def posterior(chain: Chain, V: Floats) -> Floats:
    """P(A(t) = s | V(t+1) = V), (..., 2^N), by Bayes' rule."""
    logs = _logs(chain, V)
    with np.errstate(divide="ignore"):
        logs = logs + np.log(chain.P)
    found = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(found / found.sum(axis=-1, keepdims=True))


def transition(chain: Chain, V: Floats, after: Floats) -> Floats:
    """p(V(t+1) = ``after`` | V(t) = ``V``), both (..., N)."""
    network = chain.network
    active = V > network.theta if network.strict else np.asarray(V) >= network.theta
    h = active @ network.coupling.T + network.inputs
    z = (np.asarray(after) - h) / network.sigma
    return np.asarray(np.prod(np.exp(-0.5 * z**2) / (network.sigma * np.sqrt(2 * np.pi)), axis=-1))


def _logs(chain: Chain, V: Floats) -> Floats:
    """log prod_i N(V_i; h_i(s), sigma_i^2), (..., 2^N)."""
    sigma = chain.network.sigma
    z = (np.asarray(V, dtype=float)[..., None, :] - chain.h) / sigma
    return np.asarray(-0.5 * (z**2).sum(axis=-1) - np.log(sigma * np.sqrt(2 * np.pi)).sum())
