"""Limit cycles: period, orbit and Floquet multipliers, by single shooting.

Unknown are a point x and the period T: phi_T(x) = x with f(x_0).(x - x_0) = 0. The monodromy matrix
M = d phi_T/dx comes from dM/dt = J(x(t)) M along the orbit; its eigenvalues are the multipliers, of
which one is 1; the cycle is stable where all others lie inside the unit circle.

Source: Kuznetsov (2004) Elements of Applied Bifurcation Theory, sections 1.5 and 10.2,
doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from .field import Field
from .fixedpoints import NoConvergence
from .stability import band

Floats = NDArray[np.float64]
TOLERANCE = {"rtol": 1e-11, "atol": 1e-13}
LEAST = 1e-5  # a swing below this share of the size of x is rest


@dataclass(frozen=True)
class Cycle:
    """``period`` in ms; the orbit is ``times`` (ms), ``states`` (samples, dimension)."""

    period: float
    times: Floats
    states: Floats
    multipliers: NDArray[np.complex128]

    @property
    def frequency(self) -> float:
        """Hz."""
        return 1000.0 / self.period

    @property
    def band(self) -> str:
        return band(self.frequency)

    @property
    def stable(self) -> bool:
        """Whether all multipliers but the one that is 1 lie inside the unit circle."""
        away = np.abs(self.multipliers)
        return bool((np.delete(away, np.argmin(np.abs(self.multipliers - 1))) < 1).all())


def cycle(
    field: Field, start: Floats | None = None, *, settle: float = 1000.0, samples: int = 400
) -> Cycle | None:
    """The limit cycle that the network comes to from ``start``; None where it comes to rest.

    Args:
        field: of n dimensions; n + n^2 equations are integrated over a period.
        start: its initial values where None.
        settle: ms to wait for the transient, again up to ten times.
        samples: along the orbit.

    Raises:
        NoConvergence: it neither rests nor repeats, as in chaos, or very slowly.
    """
    x = np.array(field.start if start is None else start, dtype=float)
    for _ in range(10):
        path = solve_ivp(
            lambda t, y: field.rates(y), (0, settle), x, method="LSODA", rtol=1e-6, atol=1e-9
        )
        late = path.y[:, path.t > 0.5 * settle]
        x = path.y[:, -1]
        if not np.isfinite(x).all():
            break
        if np.ptp(late, axis=1).max() < LEAST * (1.0 + np.abs(x).max()):
            return None
        guess = _return_time(field, x, settle)
        found = None if guess is None else _shoot(field, x, guess)
        if found is not None:
            return _orbit(field, *found, samples)
    raise NoConvergence(
        f"it neither rests nor repeats within {10 * settle:g} ms",
        model=field.label,
        remedy="give a longer settle; chaos has no cycle",
    )


def _return_time(field: Field, x: Floats, limit: float) -> float | None:
    """When the path from ``x`` passes through the plane f(x).(y - x) = 0 near x again."""
    normal = field.rates(x)

    def passing(_: float, y: Floats) -> float:
        return float(normal @ (y - x))

    passing.direction, passing.terminal = 1.0, True  # type: ignore[attr-defined]
    time, y = 0.0, x
    low, high = x, x
    while time < limit:
        path = solve_ivp(
            lambda t, y: field.rates(y), (time, limit), y, method="DOP853", events=passing,
            rtol=1e-8, atol=1e-10, first_step=1e-6 * limit,
        )  # fmt: skip
        low = np.minimum(low, path.y.min(axis=1))
        high = np.maximum(high, path.y.max(axis=1))
        if path.status != 1:
            return None
        time, y = float(path.t[-1]), path.y[:, -1]
        if time > 1e-5 * limit and np.abs(y - x).max() < 0.02 * (high - low).max():
            return time
        time, y = float(path.t[-1]) + 1e-9 * limit, y + 1e-9 * limit * field.rates(y)
    return None


def _flow(field: Field, x: Floats, period: float) -> tuple[Floats, Floats]:
    """phi_T(x) and its derivative by x."""
    n = len(x)

    def both(_: float, y: Floats) -> Floats:
        M = y[n:].reshape(n, n)
        return np.concatenate([field.rates(y[:n]), (field.jacobian(y[:n]) @ M).ravel()])

    start = np.concatenate([x, np.eye(n).ravel()])
    end = solve_ivp(both, (0, period), start, method="DOP853", **TOLERANCE).y[:, -1]
    return end[:n], end[n:].reshape(n, n)


def _shoot(field: Field, x: Floats, period: float) -> tuple[Floats, float, Floats] | None:
    """Newton's method for the point, the period and the monodromy matrix."""
    normal = field.rates(x)
    normal = normal / np.linalg.norm(normal)
    first = period
    for _ in range(12):
        end, M = _flow(field, x, period)
        n = len(x)
        A = np.zeros((n + 1, n + 1))
        A[:n, :n], A[:n, n], A[n, :n] = M - np.eye(n), field.rates(end), normal
        step = np.linalg.lstsq(A, np.append(x - end, 0.0), rcond=None)[0]
        x, period = x + step[:n], period + step[n]
        if not 0.5 * first < period < 2.0 * first:
            return None
        if np.abs(step[:n]).max() < 1e-9 * (1 + np.abs(x).max()) and abs(step[n]) < 1e-8 * period:
            return x, float(period), M
    return None


def _orbit(field: Field, x: Floats, period: float, M: Floats, samples: int) -> Cycle:
    times = np.linspace(0.0, period, samples)
    options: Any = {**TOLERANCE, "t_eval": times, "method": "DOP853"}
    states = solve_ivp(lambda t, y: field.rates(y), (0, period), x, **options).y.T
    return Cycle(period, times, states, np.linalg.eigvals(M).astype(complex))
