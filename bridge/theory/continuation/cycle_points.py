"""What happens along a branch of cycles, read from tangents and Floquet multipliers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cycles import Cycle
from .collocation import Collocation, interpolated
from .orbits import Point, located, tangent

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


UPRIGHT = 1e-6  # next to a homoclinic orbit the parameter hardly moves: nothing is located there


@dataclass(frozen=True, eq=False)
class SpecialCycle:
    """A ``"fold of cycles"``, ``"period doubling"``, ``"torus"``, ``"branch point of cycles"`` or
    ``"neutral saddle"`` (no bifurcation) at ``parameter``; ``period`` in ms.
    """

    kind: str
    parameter: float
    period: float
    lowest: Floats
    highest: Floats
    multipliers: Complexes


def orbit(made: Collocation, z: Floats, times: Floats | None = None) -> Cycle:
    """The cycle that z describes on the mesh of ``made``, at its nodes or at scaled ``times``."""
    period, states = float(np.exp(z[-2])), made.nodes(z)
    if times is None:
        times = made.times()
    else:
        states = interpolated(states, made.edges, times)
    return Cycle(period, period * times, states, made.multipliers(z))


def signs(multipliers: Complexes) -> tuple[float, float, float]:
    """Signs of prod (mu - 1), prod (mu + 1) and prod_{i<j} (mu_i mu_j - 1), without the first."""
    rest = multipliers[1:]
    both = (rest[:, None] * rest)[np.triu_indices(len(rest), 1)]
    return _sign(rest - 1.0), _sign(rest + 1.0), _sign(both - 1.0)


def crossed(
    made: Collocation, a: Point, b: Point, before: Complexes, after: Complexes
) -> list[SpecialCycle]:
    """The special points between two neighbours on the mesh of ``made``, by their multipliers."""
    changed = [x != y for x, y in zip(signs(before), signs(after), strict=True)]
    slopes = np.array([a.tangent[-1], b.tangent[-1]]) / made.scale[-1]
    if np.abs(slopes).max() < UPRIGHT:
        return []
    turned = slopes[0] * slopes[1] < 0

    def values(z: Floats) -> Complexes:
        return made.multipliers(z)[1:]

    def turning(z: Floats) -> float:
        along = tangent(made, z, a.tangent)
        return float("nan") if along is None else float(along[-1])

    tests: dict[str, tuple[bool, Callable[[Floats], float]]] = {
        "fold of cycles": (turned, turning),
        "branch point of cycles": (changed[0] and not turned, lambda z: _near(values(z), 1.0)),
        "period doubling": (changed[1], lambda z: _near(values(z), -1.0)),
        "torus": (changed[2], lambda z: float(np.prod(_pair(values(z))).real - 1.0)),
    }
    found = []
    for kind, (flag, test) in tests.items():
        z = located(made, a, b, test) if flag else None
        if z is not None:
            found.append(_special(made, kind, z))
    return found


def _special(made: Collocation, kind: str, z: Floats) -> SpecialCycle:
    here, (lowest, highest) = orbit(made, z), made.extremes(z)
    if kind == "torus":
        pair = _pair(here.multipliers[1:])
        real = np.abs(pair.imag).max() < 1e-9 * np.abs(pair).max()
        kind = "neutral saddle" if real else kind
    return SpecialCycle(kind, float(z[-1]), here.period, lowest, highest, here.multipliers)


def _sign(factors: Complexes) -> float:
    """The sign of a product of real factors and of conjugate pairs."""
    real = factors[np.abs(factors.imag) <= 1e-12 * np.abs(factors)].real
    return float((-1.0) ** int((real < 0).sum()))


def _near(values: Complexes, at: float) -> float:
    """The real multiplier closest to ``at``, minus it."""
    away = np.where(np.abs(values.imag) <= 1e-9 * np.abs(values), np.abs(values - at), np.inf)
    return float(values[int(np.argmin(away))].real - at)


def _pair(values: Complexes) -> Complexes:
    """The two multipliers, real or conjugate, whose product is closest to 1."""
    i, j = np.triu_indices(len(values), 1)
    products = values[i] * values[j]
    products = np.where(np.abs(products.imag) <= 1e-9 * np.abs(products), products, np.inf)
    k = int(np.argmin(np.abs(products - 1.0)))
    return np.array([values[i[k]], values[j[k]]])
