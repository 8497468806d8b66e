"""Moments of activities and potentials of a binary network, from its chain.

A and V are two views of one process: V(t+1) given A(t) = s is Gaussian, N(h(s), diag(sigma^2)),
and A = H(V - theta). Hence E V = sum_s P h, Cov V = Cov_P(h) + diag(sigma^2), and cumulants of V
of distinct units are those of h under P. With t+1 on both sides, E[V_i A_i] = sum_s P (h_i p_i +
sigma_i phi((theta_i - h_i)/sigma_i)), E[V_i A_j] = sum_s P h_i p_j.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .chain import Chain, averaged, halves

Floats = NDArray[np.float64]


def mean_A(chain: Chain) -> Floats:
    """E A_i, (N,)."""
    return chain.P @ chain.states


def mean_V(chain: Chain) -> Floats:
    """E V_i, (N,)."""
    return chain.P @ chain.h


def cov_A(chain: Chain, lag: int = 0) -> Floats:
    """Cov(A_i(t), A_j(t + lag)), (N, N)."""
    late = chain.states
    for _ in range(lag):
        late = np.stack([chain.expected(f) for f in late.T], axis=1)
    m = mean_A(chain)
    return np.asarray((chain.states * chain.P[:, None]).T @ late - np.outer(m, m))


def cov_V(chain: Chain, lag: int = 0) -> Floats:
    """Cov(V_i(t), V_j(t + lag)), (N, N)."""
    m = mean_V(chain)
    if lag == 0:
        inner = (chain.h * chain.P[:, None]).T @ chain.h
        return np.asarray(inner - np.outer(m, m) + np.diag(chain.network.sigma**2))
    late = chain.h
    for _ in range(lag - 1):
        late = np.stack([chain.expected(f) for f in late.T], axis=1)
    rows = [_with_V(chain, i, late) for i in range(chain.network.size)]
    return np.asarray(np.array(rows) - np.outer(m, m))


def cov_VA(chain: Chain) -> Floats:
    """Cov(V_i, A_j) at the same time, (N, N)."""
    P = chain.P[:, None]
    found = (chain.h * P).T @ chain.on
    found[np.diag_indices(len(found))] = (P * (chain.h * chain.on + _bump(chain))).sum(axis=0)
    return np.asarray(found - np.outer(mean_V(chain), mean_A(chain)))


def _bump(chain: Chain) -> Floats:
    """sigma phi((theta - h)/sigma) = E[V A] - h p, given the state before."""
    z = (chain.network.theta - chain.h) / chain.network.sigma
    return np.asarray(chain.network.sigma * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


def _with_V(chain: Chain, i: int, late: Floats) -> list[float]:
    """E[V_i(t) f(A(t))] for every column f of ``late``: V_i and A_i share their noise."""
    on, off = chain.on.copy(), 1.0 - chain.on
    bump = _bump(chain)[:, i]
    on[:, i], off[:, i] = on[:, i] * chain.h[:, i] + bump, off[:, i] * chain.h[:, i] - bump
    left, right = halves(on, off)
    return [float(chain.P @ averaged(left, right, f)) for f in late.T]


def correlation(covariance: Floats) -> Floats:
    """A covariance matrix over the standard deviations of its diagonal."""
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(scale, scale))


def cumulant_A(chain: Chain, units: Sequence[int]) -> float:
    """The joint cumulant of A_i over ``units`` (a unit may occur several times)."""
    return joint_cumulant(chain.P, [chain.states[:, i] for i in units])


def cumulant_V(chain: Chain, units: Sequence[int]) -> float:
    """The joint cumulant of V_i over distinct ``units``: that of h, as the noise is independent.

    Raises:
        DefinitionError: a unit occurs twice.
    """
    if len(set(units)) < len(units):
        raise DefinitionError(
            "cumulants of V are given for distinct units",
            symbol=str(list(units)),
            remedy="the variance is the diagonal of cov_V; higher ones of one unit are those of h",
        )
    return joint_cumulant(chain.P, [chain.h[:, i] for i in units])


def joint_cumulant(P: Floats, values: Sequence[Floats]) -> float:
    """sum over partitions of (-1)^(b - 1) (b - 1)! prod of moments of the b blocks.

    Values are centred first, which leaves cumulants of order 2 and more as they are.
    """
    n = len(values)
    if n == 1:
        return float(P @ values[0])
    centred = [v - P @ v for v in values]
    total = 0.0
    for blocks in _partitions(n):
        count = len(blocks)
        sign = (-1.0) ** (count - 1) * float(np.prod(np.arange(1, count)))
        moments = [P @ np.prod([centred[i] for i in block], axis=0) for block in blocks]
        total += sign * float(np.prod(moments))
    return total


def _partitions(n: int) -> list[list[list[int]]]:
    """All ways to divide 0 ... n-1 into blocks, by restricted growth."""
    found = []
    for labels in product(*(range(i + 1) for i in range(n))):
        if all(label <= max(labels[:i], default=-1) + 1 for i, label in enumerate(labels)):
            blocks: list[list[int]] = [[] for _ in range(max(labels) + 1)]
            for i, label in enumerate(labels):
                blocks[label].append(i)
            found.append(blocks)
    return found


def entropy(chain: Chain) -> float:
    """-sum P log2 P, bit."""
    P = chain.P[chain.P > 0]
    return float(-(P * np.log2(P)).sum())


def mutual_information(chain: Chain) -> float:
    """Between A(t) and A(t+1), bit: H(A) - sum_s P sum_i H(p_i(s)), up to N = 16."""
    p = np.clip(chain.on, 1e-300, 1.0)
    q = np.clip(1.0 - chain.on, 1e-300, 1.0)
    noise = -(chain.on * np.log2(p) + (1.0 - chain.on) * np.log2(q)).sum(axis=1)
    return entropy(chain) - float(chain.P @ noise)


def entropy_production(chain: Chain) -> float:
    """sum P(s) T(s, s') ln[P(s) T(s, s') / (P(s') T(s', s))], nat per step; N <= 12."""
    flow = chain.P[:, None] * chain.matrix
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = (flow - flow.T) * np.log(flow / flow.T)
    return float(0.5 * np.where(flow == flow.T, 0.0, terms).sum())
