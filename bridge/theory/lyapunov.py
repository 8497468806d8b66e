"""The first Lyapunov coefficient of a Hopf point: does a stable or an unstable cycle appear?

l_1 = Re(<p, C(q,q,q*)> - 2 <p, B(q, J^-1 B(q,q*))> + <p, B(q*, (2 i w - J)^-1 B(q,q))>)/(2 w),
J q = i w q, J^T p = -i w p, |q| = 1, <p,q> = 1; B and C are the second and third derivatives of f,
here differences of the exact J. Below 0 the bifurcation is supercritical.

Source: Kuznetsov (2004), equation 5.39 (there over w), doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .field import Field

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
STEP = 2e-3  # of x, relative to 1 + |x|
POINTS = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))  # fourth-order difference


def first_lyapunov(field: Field, x: Floats) -> float:
    """l_1 of the Hopf point ``x``, the pair closest to the imaginary axis; 1/ms."""
    J = field.jacobian(x)
    q, omega = _imaginary(J)
    p, _ = _imaginary(J.T)
    if abs(p @ q) > abs(p.conj() @ q):  # the eigenvector of -i w
        p = p.conj()
    p = p / np.conj(p.conj() @ q)

    def B(u: Complexes, v: Complexes) -> Complexes:
        return _directional(lambda y: field.jacobian(y) @ v, x, u)

    def C(u: Complexes, v: Complexes, w: Complexes) -> Complexes:
        return _directional(lambda y: _directional(lambda z: field.jacobian(z) @ w, y, v), x, u)

    conjugate = q.conj()
    still = np.asarray(np.linalg.solve(J, B(q, conjugate)), dtype=np.complex128)
    shifted = 2j * omega * np.eye(len(x)) - J
    twice = np.asarray(np.linalg.solve(shifted, B(q, q)), dtype=np.complex128)
    total = C(q, q, conjugate) - 2.0 * B(q, still) + B(conjugate, twice)
    return float((p.conj() @ total).real / (2.0 * omega))


def _imaginary(J: Floats) -> tuple[Complexes, float]:
    """Unit eigenvector and frequency of the eigenvalue i w closest to the imaginary axis, w > 0."""
    values, vectors = np.linalg.eig(J)
    turning = np.where(values.imag > 0, np.abs(values.real), np.inf)
    k = int(np.argmin(turning))
    q = vectors[:, k].astype(complex)
    return q / np.linalg.norm(q), float(values[k].imag)


def _directional(g: Callable[[Floats], Complexes], x: Floats, u: Complexes) -> Complexes:
    """d g(x + s u)/ds at s = 0 for a complex direction u, linear in u."""
    step = STEP * (1.0 + float(np.abs(x).max()))
    total = np.zeros(len(x), dtype=complex)
    for part, factor in ((u.real, 1.0), (u.imag, 1j)):
        for k, weight in POINTS if np.any(part) else ():
            total = total + factor * weight / step * g(x + k * step * part)
    return total
