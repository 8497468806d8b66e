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

Floats = NDArray[np.float64]
ITERATIONS = 8


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

    def correct(self, guess: Floats, tangent: Floats) -> tuple[Floats, int] | None:
        """The point of the curve on the plane through ``guess``, and the iterations it took."""
        z, normal = guess.copy(), tangent / self.scale**2
        for count in range(1, ITERATIONS + 1):
            A = np.vstack([self.DF(z), normal])
            b = np.append(self.F(z), normal @ (z - guess))
            if not (np.isfinite(A).all() and np.isfinite(b).all()):
                return None
            if count > 1 and (np.abs(b) <= 1e-13 * np.abs(A * self.scale).max(axis=1)).all():
                return z, count  # next to a branch point steps are rounding over a small number
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
            step = min(step * 1.3, largest) if count <= 3 else step * 0.5 if count >= 6 else step
            yield z, tangent

    def between(self, a: Floats, b: Floats, share: float) -> Floats | None:
        """The point of the curve next to a + share (b - a)."""
        found = self.correct(a + share * (b - a), b - a)
        return None if found is None else found[0]
