"""Curves F(z) = 0 with one equation less than unknowns, followed by pseudo-arclength.

Predictor z + ds t along the tangent t, corrector Newton's method on {F = 0, t.(z - z_pred) = 0};
the step grows by 1.3 after at most three iterations and is halved after six or where none
converges.

Source: Keller (1977), in Applications of Bifurcation Theory, 359-384; Kuznetsov (2004), section
10.2, doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ..fixedpoints import NoConvergence

Floats = NDArray[np.float64]
ITERATIONS = 8
PATIENT = 60  # next to a branch point, where Newton's steps only halve


def paced(step: float, count: int, largest: float) -> float:
    """The next step after ``count`` iterations."""
    return min(step * 1.3, largest) if count <= 3 else step * 0.5 if count >= 6 else step


@dataclass(frozen=True, eq=False)
class Curve:
    """F and its derivative (m, m + 1); lengths are measured in units of ``scale``."""

    F: Callable[[Floats], Floats]
    DF: Callable[[Floats], Floats]
    scale: Floats

    def tangent(self, z: Floats, along: Floats) -> Floats:
        """The unit tangent at z that points as ``along``."""
        A = self.DF(z) * self.scale
        found = np.linalg.svd(A)[2][-1] * 1.0
        return np.asarray(found if found @ (along / self.scale) >= 0 else -found) * self.scale

    def correct(
        self, guess: Floats, tangent: Floats, iterations: int = ITERATIONS
    ) -> tuple[Floats, int] | None:
        """The point of the curve on the plane through ``guess``, and the iterations it took."""
        z, normal, size = guess.copy(), tangent / self.scale**2, np.zeros(len(guess))
        for count in range(1, iterations + 1):
            b = np.append(self.F(z), normal @ (z - guess))
            if count > 1 and (np.abs(b) <= 1e-13 * size).all():
                return z, count  # next to a branch point steps are rounding over a small number
            A = np.vstack([self.DF(z), normal])
            if not (np.isfinite(A).all() and np.isfinite(b).all()):
                return None
            size = np.abs(A * self.scale).max(axis=1)
            z = z - (step := np.linalg.lstsq(A, b, rcond=1e-10)[0])
            if np.abs(step / self.scale).max() < 1e-11:
                return z, count
        return None

    def follow(
        self, z: Floats, along: Floats, *, step: float, largest: float, most: int
    ) -> Iterator[tuple[Floats, Floats]]:
        """Points and tangents from z on, at most ``most``; ends early where no step converges."""
        tangent = self.tangent(z, along)
        yield z, tangent
        for _ in range(most):
            while (found := self.correct(z + step * tangent, tangent)) is None:
                step *= 0.5
                if step < 1e-7 * largest:
                    return
            z, count = found
            tangent = self.tangent(z, tangent)
            step = paced(step, count, largest)
            yield z, tangent

    def between(self, a: Floats, b: Floats, share: float) -> Floats | None:
        """The point of the curve next to a + share (b - a)."""
        guess = a + share * (b - a)
        found = self.correct(guess, b - a, PATIENT)
        return None if found is None else found[0]

    def root(self, a: Floats, b: Floats, g: Callable[[Floats], float]) -> Floats | None:
        """The point between a and b of the curve at which g is 0; None where its sign stays."""

        def at(share: float) -> float:
            z = self.between(a, b, share)
            return float("nan") if z is None else g(z)

        if not (g(a) * g(b) <= 0 and at(0.0) * at(1.0) <= 0):
            return None
        try:
            share = float(brentq(at, 0.0, 1.0, xtol=1e-14, rtol=1e-14))
        except ValueError:  # nan
            raise NoConvergence(
                "a special point between two points of a branch cannot be located",
                remedy="give more steps, so that neighbours are closer",
            ) from None
        return self.between(a, b, share)
