"""Newton's method for f(x) = 0 from many starts at once, led away from points that are known.

Deflation: Newton on M(x) f(x), M(x) = prod_k (1/|x - x_k|^2 + 1), which has no zero at the x_k
(Farrell, Birkisson, Funke 2015, SIAM J. Sci. Comput. 37:A2026, doi 10.1137/140984798).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .field import Field

Floats = NDArray[np.float64]
ENTRIES = 4_000_000  # of all Jacobians that are held at once


def newton(field: Field, starts: Floats, away: Sequence[Floats] = (), steps: int = 40) -> Floats:
    """Zeros of f reached from ``starts`` (number, dimension); those that reach none are left out.

    ``away``: points x_k of the deflation. A step is halved, up to ten times, while |M f| grows.
    """
    chunk = max(1, ENTRIES // field.dimension**2)
    parts = [starts[k : k + chunk] for k in range(0, len(starts), chunk)]
    known = np.reshape(away, (-1, field.dimension))
    found = [_run(field, np.array(part, dtype=float), known, steps) for part in parts]
    return np.concatenate(found) if found else np.empty((0, field.dimension))


def _run(field: Field, x: Floats, away: Floats, steps: int) -> Floats:
    f = field.rates(x)
    done: list[Floats] = []
    for _ in range(steps):
        fine: NDArray[np.bool_] = np.all(np.isfinite(f) & (np.abs(x) < 1e50), axis=1)
        x, f = x[fine], f[fine]
        if not len(x):
            break
        J = field.jacobian(x)
        size = np.abs(J).max(axis=(1, 2)) * (1.0 + np.abs(x).max(axis=1))
        step = _steps(J + f[:, :, None] * _pull(x, away)[:, None, :], f)
        after, g = _walk(field, x, f, step, away)
        still = np.linalg.norm(after - x, axis=1) <= 1e-12 * (1.0 + np.linalg.norm(x, axis=1))
        zero = still & (np.linalg.norm(g, axis=1) <= 1e-11 * size)
        done += list(after[zero])
        x, f = after[~still], g[~still]
    return np.reshape(done, (-1, field.dimension))


def _steps(A: Floats, f: Floats) -> Floats:
    """A^-1 f; where A is singular the shortest step that comes closest."""
    usable: NDArray[np.bool_] = np.all(np.isfinite(A), axis=(1, 2))
    A = np.where(usable[:, None, None], A, 0.0)
    try:
        found = np.linalg.solve(A, f[:, :, None])
    except np.linalg.LinAlgError:
        found = np.linalg.pinv(A) @ f[:, :, None]
    steps: Floats = np.nan_to_num(found[:, :, 0], posinf=0.0, neginf=0.0)
    return steps


def _walk(field: Field, x: Floats, f: Floats, step: Floats, away: Floats) -> tuple[Floats, Floats]:
    """The point after the longest share of the step that does not raise |M f|, and f there."""
    share = np.ones(len(x))
    least = _weight(x, away) * np.linalg.norm(f, axis=1)
    for _ in range(10):
        after = x - share[:, None] * step
        g = field.rates(after)
        with np.errstate(all="ignore"):
            grown = ~(_weight(after, away) * np.linalg.norm(g, axis=1) <= least)
        if not grown.any():
            break
        share[grown] *= 0.5
    return after, g


def _pull(x: Floats, away: Floats) -> Floats:
    """The gradient of ln M at each x."""
    total = np.zeros_like(x)
    for known in away:
        d = x - known
        q = np.maximum((d**2).sum(axis=1), 1e-200)[:, None]
        total -= 2.0 * d / (q * (1.0 + q))
    return total


def _weight(x: Floats, away: Floats) -> Floats:
    total = np.ones(len(x))
    with np.errstate(all="ignore"):
        for known in away:
            total *= 1.0 / np.maximum(((x - known) ** 2).sum(axis=1), 1e-200) + 1.0
    return total
