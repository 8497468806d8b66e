"""Weights that store transitions between patterns, and how well the noisy network keeps them.

The transition A -> A' is stored with the margin K where (2 A_i' - 1)(h_i(A) - theta_i) = sqrt(2)
sigma_i K for every unit; then P(A' | A) = ((1 + erf K)/2)^N. For each unit that is a linear
system in its weights: sum_{j != i} J_ij A_j = M_i (theta_i - I_i + (2 A_i' - 1) sqrt(2) sigma_i
K). It has a solution exactly where the right side lies in the range of the patterns
(Rouche-Capelli), at most N - 1 independent ones. With inequalities more can be stored: max kappa,
(2 A' - 1)(J A/M + I - theta) >= kappa, |J| <= J_max.

Source: Fasoli, Panzeri (2019), doi 10.3934/mbe.2019400; re-derived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import ndtr

from ..errors import DefinitionError
from .attractors import code
from .chain import Chain

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Storage:
    """``weights`` J (N, N), [to, from]; ``probabilities`` P(A' | A) of each transition.

    ``margins`` per unit: the least (2 A' - 1)(h - theta); ``residuals`` per unit: by how much the
    linear system is missed (0 by linear programme). ``feasible``: all margins are above 0.
    """

    weights: Floats
    margins: Floats
    residuals: Floats
    probabilities: Floats

    @property
    def feasible(self) -> bool:
        return bool((self.margins > 0).all())


def sequence(patterns: Any, *, closed: bool = True) -> tuple[Floats, Floats]:
    """Patterns (number, N) as transitions (before, after); ``closed``: the last leads to the first.

    One pattern, closed, is a fixed point.
    """
    rows = np.atleast_2d(np.asarray(patterns, dtype=float))
    return (rows, np.roll(rows, -1, axis=0)) if closed else (rows[:-1], rows[1:])


def store(
    before: Any, after: Any, *, M: Any = 1.0, theta: Any = 0.5, I: Any = 0.0, sigma: Any = 0.5,  # noqa: E741
    K: float = 2.0, largest: float | None = None,
) -> Storage:  # fmt: skip
    """Weights without self-coupling under which ``before[k]`` is followed by ``after[k]``.

    Args:
        before: patterns of 0 and 1, (transitions, N).
        after: those that follow.
        M: number of inputs, one for all or one per unit, as are the next three.
        theta: threshold.
        I: constant input.
        sigma: noise.
        K: the margin over sqrt(2) sigma; the least weights that reach it (pseudo-inverse).
        largest: instead of K: the largest margin with weights up to it (linear programme).

    Raises:
        DefinitionError: patterns of other sizes or values, or one that is followed by two.
    """
    X, Y = (np.atleast_2d(np.asarray(p, dtype=float)) for p in (before, after))
    _check(X, Y)
    n = X.shape[1]
    wide = [np.broadcast_to(np.asarray(v, dtype=float), (n,)) for v in (M, theta, I, sigma)]
    weights, residuals = np.zeros((n, n)), np.zeros(n)
    for i in range(n):
        m, level, drive, s = (float(v[i]) for v in wide)
        others, sign = np.arange(n) != i, 2.0 * Y[:, i] - 1.0
        if largest is None:
            wanted = m * (level - drive + sign * np.sqrt(2.0) * s * K)
            weights[i, others] = np.linalg.pinv(X[:, others]) @ wanted
            residuals[i] = np.abs(X @ weights[i] - wanted).max()
        else:
            weights[i, others] = _programme(X[:, others] / m, sign, level - drive, largest)
    h = X @ (weights / wide[0][:, None]).T + wide[2]
    distance = (2.0 * Y - 1.0) * (h - wide[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(wide[3] > 0, distance / wide[3], np.sign(distance) * np.inf)
    return Storage(weights, distance.min(axis=0), residuals, ndtr(z).prod(axis=1))


def _programme(X: Floats, sign: Floats, level: float, largest: float) -> Floats:
    """max kappa over |J| <= largest, kappa, with sign (X J - level) >= kappa."""
    n = X.shape[1]
    A = np.hstack([-sign[:, None] * X, np.ones((len(X), 1))])
    limits = [*[(-largest, largest)] * n, (None, None)]
    found = linprog(np.append(np.zeros(n), -1.0), A_ub=A, b_ub=-sign * level, bounds=limits)
    return np.asarray(found.x[:n])


def _check(X: Floats, Y: Floats) -> None:
    if X.shape != Y.shape or not np.isin(np.concatenate([X, Y]), (0.0, 1.0)).all():
        raise DefinitionError(
            f"patterns of {X.shape} and {Y.shape} are no pairs of patterns of 0 and 1",
            symbol="before",
            remedy="give two lists of as many patterns of the same number of units",
        )
    followed: dict[int, int] = {}
    for a, b in zip(code(X).tolist(), code(Y).tolist(), strict=True):
        if followed.setdefault(a, b) != b:
            raise DefinitionError(
                f"the pattern with the code {a} is followed by two patterns",
                symbol="after",
                remedy="a map has one next state; use patterns that differ",
            )


def kept(chain: Chain, states: Sequence[int]) -> float:
    """The stationary probability of being in one of ``states`` (codes)."""
    return float(chain.P[np.unique(states)].sum())


def escape_times(chain: Chain, states: Sequence[int]) -> Floats:
    """Mean number of steps until the network first leaves ``states``, from each of them.

    t = (1 - T_SS)^-1 1, T_SS the transitions inside.
    """
    inside = np.asarray(states)
    on = chain.on[inside]
    after = chain.states[inside]
    T = np.prod(np.where(after[None] > 0, on[:, None, :], 1.0 - on[:, None, :]), axis=2)
    return np.linalg.solve(np.eye(len(inside)) - T, np.ones(len(inside)))
