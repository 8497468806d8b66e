"""Points of codimension two on curves of folds and of Hopf points, by their test functions.

On a fold curve, J v = 0 and J^T u = 0: cusp where <u, B(v, v)> changes its sign, Bogdanov-Takens
where <u, v> does, zero-Hopf where another pair becomes imaginary. On a Hopf curve: Bogdanov-Takens
where kappa = omega^2 falls to 0, generalised Hopf (Bautin) where the first Lyapunov coefficient
does, zero-Hopf where another eigenvalue is 0, double Hopf where another pair is imaginary.

Source: Kuznetsov (2004) Elements of Applied Bifurcation Theory, sections 8.1 and 10.3,
doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .arclength import Curve
from .critical import Critical
from .eigenvalues import closest_pair, sign_of_sums, turns
from .lyapunov import along, first_lyapunov

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Test = Callable[[Floats], float]
DOUBLE = "Bogdanov-Takens"
SLOW = 1e-6  # a frequency below this share of the rates is 0


@dataclass(frozen=True, eq=False)
class Meeting:
    """A ``"cusp"``, ``"Bogdanov-Takens"``, ``"generalised Hopf"``, ``"zero-Hopf"`` or ``"double
    Hopf"`` point at ``parameters`` (2,); ``frequency`` (Hz) of the pair of the Hopf curve.
    """

    kind: str
    parameters: Floats
    state: Floats
    frequency: float | None = None


def meeting(system: Critical, kind: str, z: Floats) -> Meeting:
    """The point z of the curve under its name."""
    x, _, kappa, p = system.parts(z)
    turning = system.hopf and kind != DOUBLE
    frequency = hertz(kappa) if turning else None
    return Meeting(kind, p, x, frequency)


def hertz(kappa: float) -> float:
    """sqrt(kappa)/(2 pi) in Hz."""
    return float(1000.0 * np.sqrt(kappa) / (2.0 * np.pi))


def lyapunov(system: Critical, z: Floats) -> float:
    """The first Lyapunov coefficient at a point of a Hopf curve; nan at omega = 0."""
    key = z.tobytes()
    if key not in system.l1:
        system.l1[key] = _lyapunov(system, z)
    return system.l1[key]


def _lyapunov(system: Critical, z: Floats) -> float:
    x, _, kappa, p = system.parts(z)
    here = system.many.at(*p)
    if kappa <= (SLOW * np.abs(here.jacobian(x)).max()) ** 2:
        return float("nan")
    try:
        return first_lyapunov(here, x, float(np.sqrt(kappa)))
    except np.linalg.LinAlgError:  # exactly at a zero-Hopf point
        return float("inf")


@dataclass(eq=False)
class Watch:
    """Test functions along a curve; the left null vector of a fold keeps its side."""

    system: Critical
    signs: dict[str, float] = field(default_factory=dict)
    left: Floats | None = None

    def step(self, curve: Curve, a: Floats, b: Floats) -> list[Meeting]:
        """The points of codimension two between a and b, the next point of the curve."""
        self.left = None if self.system.hopf else self._left(a)
        tests = self._hopf_tests() if self.system.hopf else self._fold_tests()
        before = self.signs or {kind: sign(a) for kind, (sign, _) in tests.items()}
        self.signs = {kind: sign(b) for kind, (sign, _) in tests.items()}
        found = []
        for kind, (_, value) in tests.items():
            if before[kind] * self.signs[kind] < 0:
                z = curve.root(a, b, value)
                if z is not None and self._is_one(kind, z, abs(before[kind])):
                    found.append(meeting(self.system, kind, z))
        return found

    def _is_one(self, kind: str, z: Floats, before: float) -> bool:
        """Not a pole of a test function, nor a neutral saddle."""
        if kind == "generalised Hopf":
            return abs(lyapunov(self.system, z)) < before
        paired = kind == "double Hopf" or (kind == "zero-Hopf" and not self.system.hopf)
        return turns(closest_pair(self._rest(z))) if paired else True

    def _fold_tests(self) -> dict[str, tuple[Test, Test]]:
        """Name -> (its sign, a function that is 0 there)."""
        tests: dict[str, tuple[Test, Test]] = {
            "cusp": (self._bent, self._bent),
            DOUBLE: (self._double,) * 2,
        }
        if self.system.n >= 3:
            tests["zero-Hopf"] = (self._sums, self._pair)
        return tests

    def _hopf_tests(self) -> dict[str, tuple[Test, Test]]:
        tests: dict[str, tuple[Test, Test]] = {
            "generalised Hopf": (self._l1, lambda z: float(np.arctan(self._l1(z))))
        }
        if self.system.n >= 3:
            tests["zero-Hopf"] = (self._product,) * 2
        if self.system.n >= 4:
            tests["double Hopf"] = (self._sums, self._pair)
        return tests

    def _l1(self, z: Floats) -> float:
        return lyapunov(self.system, z)

    def _bent(self, z: Floats) -> float:
        """<u, B(v, v)>."""
        x, v, _, p = self.system.parts(z)
        bent = along(self.system.many.at(*p), x, v.astype(np.complex128)).real @ v
        return float(self._left(z) @ bent)

    def _double(self, z: Floats) -> float:
        return float(self._left(z) @ self.system.parts(z)[1])

    def _sums(self, z: Floats) -> float:
        return float(sign_of_sums(self._rest(z)))

    def _pair(self, z: Floats) -> float:
        return float(closest_pair(self._rest(z)).sum().real)

    def _product(self, z: Floats) -> float:
        return float(np.prod(self._rest(z)).real)

    def _left(self, z: Floats) -> Floats:
        """u with J^T u = 0, |u| = 1."""
        x, _, _, p = self.system.parts(z)
        u = np.linalg.svd(self.system.many.at(*p).jacobian(x))[0][:, -1]
        return np.asarray(u if self.left is None or u @ self.left >= 0 else -u)

    def _rest(self, z: Floats) -> Complexes:
        """The eigenvalues without those that make the fold or the Hopf point."""
        x, _, kappa, p = self.system.parts(z)
        values = np.linalg.eigvals(self.system.many.at(*p).jacobian(x)).astype(complex)
        for at in (1j, -1j) if self.system.hopf else (0.0,):
            values = np.delete(values, np.argmin(np.abs(values - at * np.emath.sqrt(kappa))))
        return values
