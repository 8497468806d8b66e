"""Where folds and Hopf points are: equations of points with a critical eigenvalue.

Fold: {f(x, p) = 0, J v = 0, v.v = 1}. Hopf: {f = 0, (J^2 + kappa) v = 0, v.v = 1, v.w = 0}, with
kappa = omega^2; of the plane of such v the one across w is taken, w being kept close to J v. The
second stays regular at a Bogdanov-Takens point, where kappa passes through 0 into neutral saddles.

Source: Roose, Hlavacek (1985) SIAM J. Appl. Math. 45:879, doi 10.1137/0145053; Kuznetsov (2004),
section 10.3.1, doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..newton import ENTRIES
from .families import STEP, Family
from .lyapunov import imaginary

Floats = NDArray[np.float64]
DIFFERENCE = 1e-5  # of x, relative to 1 + |x|


@dataclass(eq=False)
class Critical:
    """F and DF in z = (x, v, [kappa,] p); ``aside`` is w, None for a fold."""

    many: Family
    n: int
    aside: Floats | None = None
    l1: dict[bytes, float] = field(default_factory=dict)  # z -> first Lyapunov coefficient

    @property
    def hopf(self) -> bool:
        return self.aside is not None

    def parts(self, z: Floats) -> tuple[Floats, Floats, float, Floats]:
        """x, v, kappa (0 for a fold) and p."""
        m = len(self.many.names)
        kappa = float(z[2 * self.n]) if self.hopf else 0.0
        return z[: self.n], z[self.n : 2 * self.n], kappa, z[-m:]

    def point(self, z: Floats) -> Floats:
        """(x, p)."""
        x, _, _, p = self.parts(z)
        return np.append(x, p)

    def F(self, z: Floats) -> Floats:
        x, v, kappa, p = self.parts(z)
        here = self.many.at(*p)
        acted = self._acted(here.jacobian(x), v) + kappa * v
        lengths = [v @ v - 1.0] if self.aside is None else [v @ v - 1.0, v @ self.aside]
        return np.concatenate([here.rates(x), acted, np.array(lengths)])

    def DF(self, z: Floats) -> Floats:
        x, v, kappa, p = self.parts(z)
        n, own = self.n, np.eye(self.n)
        J, by_x = self._by_state(x, v, p)
        left = 2 * n + self.hopf
        A = np.zeros((2 * n + 1 + self.hopf, left + len(p)))
        A[:n, :n], A[n : 2 * n, :n] = J, by_x
        A[: 2 * n, left:] = self._by_parameters(x, v, p, J)
        A[n : 2 * n, n : 2 * n] = J @ J + kappa * own if self.hopf else J
        A[2 * n, n : 2 * n] = 2.0 * v
        if self.aside is not None:
            A[n : 2 * n, 2 * n] = v
            A[2 * n + 1, n : 2 * n] = self.aside
        return A

    def refresh(self, z: Floats) -> None:
        """Bring w to J v across v: z stays where it is, and v keeps its distance from w."""
        if self.aside is None:
            return
        x, v, _, p = self.parts(z)
        J = self.many.at(*p).jacobian(x)
        turned = J @ v
        turned = turned - v * (v @ turned)
        size = float(np.linalg.norm(turned))
        if size > 1e-2 * float(np.abs(J).max()):
            self.aside = turned / size

    def solved(self, z: Floats, steps: int = 12) -> Floats | None:
        """Newton's method for one parameter, where there are as many equations as unknowns."""
        for _ in range(steps):
            A, b = self.DF(z), self.F(z)
            if not (np.isfinite(A).all() and np.isfinite(b).all()):
                return None
            z = z - (step := np.linalg.lstsq(A, b, rcond=1e-12)[0])
            if np.abs(step).max() <= 1e-11 * (1.0 + np.abs(z).max()):
                return z
        return None

    def _acted(self, J: Floats, v: Floats) -> Floats:
        """J v, or J J v."""
        once = J @ v
        return np.asarray((J @ once[..., None])[..., 0] if self.hopf else once)

    def _by_state(self, x: Floats, v: Floats, p: Floats) -> tuple[Floats, Floats]:
        """J and d(J v)/dx, both (n, n), the second by central differences of the exact J."""
        steps, n, here = DIFFERENCE * (1.0 + np.abs(x)), self.n, self.many.at(*p)
        if (2 * n + 1) * n**2 > ENTRIES:  # one by one: all at once would not fit
            rows = [
                (self._acted(here.jacobian(x + d), v) - self._acted(here.jacobian(x - d), v))
                for d in np.diag(steps)
            ]
            return here.jacobian(x), np.array(rows).T / (2.0 * steps)
        moved = np.concatenate([x[None], x + np.diag(steps), x - np.diag(steps)])
        J = here.jacobian(moved)
        acted = self._acted(J[1:], v)
        return J[0], (acted[:n] - acted[n:]).T / (2.0 * steps)

    def _by_parameters(self, x: Floats, v: Floats, p: Floats, J: Floats) -> Floats:
        """d(f, J v)/dp, (2n, m), by forward differences: it only leads Newton's method."""
        here = np.append(self.many.at(*p).rates(x), self._acted(J, v))
        found = []
        for k in range(len(p)):
            step = np.zeros(len(p))
            step[k] = STEP * (1.0 + abs(p[k]))
            there = self.many.at(*(p + step))
            moved = np.append(there.rates(x), self._acted(there.jacobian(x), v))
            found.append((moved - here) / step[k])
        return np.stack(found, axis=-1)


def fold(many: Family, x: Floats, p: Floats) -> tuple[Critical, Floats]:
    """The equations of folds, and z next to the fold (x, p)."""
    v = np.linalg.svd(many.at(*p).jacobian(x))[2][-1]
    return Critical(many, len(x)), np.concatenate([x, v, p])


def hopf(many: Family, x: Floats, p: Floats, omega: float | None = None) -> tuple[Critical, Floats]:
    """The equations of Hopf points, and z next to the one at (x, p) with frequency ``omega``."""
    J = many.at(*p).jacobian(x)
    q, omega = imaginary(J, omega)
    v = q.real / np.linalg.norm(q.real)
    aside = q.imag - v * (v @ q.imag)
    made = Critical(many, len(x), aside / np.linalg.norm(aside))
    return made, np.concatenate([x, v, [omega**2], p])


def double_zero(many: Family, x: Floats, p: Floats) -> tuple[Critical, Floats]:
    """As `hopf` at a Bogdanov-Takens point, where kappa = 0."""
    J = many.at(*p).jacobian(x)
    v, aside = np.linalg.svd(J @ J)[2][[-2, -1]]
    return Critical(many, len(x), aside), np.concatenate([x, v, [0.0], p])
