"""The first Lyapunov coefficient of a Hopf point: does a stable or an unstable cycle appear?

l_1 = Re(<p, C(q,q,q*)> - 2 <p, B(q, J^-1 B(q,q*))> + <p, B(q*, (2 i w - J)^-1 B(q,q))>)/(2 w),
J q = i w q, J^T p = -i w p, |q| = 1, <p,q> = 1; B and C are the second and third derivatives of f,
here differences of the exact J. Below 0 the bifurcation is supercritical.

Source: Kuznetsov (2004), equation 5.39 (there over w), doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..field import Field
from ..newton import ENTRIES

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
STEP = 2e-3  # of x, relative to 1 + |x|
POINTS = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))  # fourth-order difference


def first_lyapunov(field: Field, x: Floats, omega: float | None = None) -> float:
    """l_1 of the Hopf point ``x``; 1/ms. Of its pair +- i ``omega``, where None of the pair
    closest to the imaginary axis.
    """
    J = field.jacobian(x)
    q, omega = imaginary(J, omega)
    p, _ = imaginary(J.T, omega)
    if abs(p @ q) > abs(p.conj() @ q):  # the eigenvector of -i w
        p = p.conj()
    p = p / np.conj(p.conj() @ q)

    def B(u: Complexes, v: Complexes) -> Complexes:
        return along(field, x, u) @ v

    def C(u: Complexes, v: Complexes, w: Complexes) -> Complexes:
        return along(field, x, u, v) @ w

    conjugate = q.conj()
    still = np.asarray(np.linalg.solve(J, B(q, conjugate)), dtype=np.complex128)
    shifted = 2j * omega * np.eye(len(x)) - J
    twice = np.asarray(np.linalg.solve(shifted, B(q, q)), dtype=np.complex128)
    total = C(q, q, conjugate) - 2.0 * B(q, still) + B(conjugate, twice)
    return float((p.conj() @ total).real / (2.0 * omega))


def imaginary(J: Floats, omega: float | None = None) -> tuple[Complexes, float]:
    """Unit eigenvector and frequency of the eigenvalue closest to i ``omega``, or, where None, of
    the one with a positive frequency that is closest to the imaginary axis.
    """
    values, vectors = np.linalg.eig(J)
    away = np.abs(values.real) if omega is None else np.abs(values - 1j * omega)
    k = int(np.argmin(np.where(values.imag > 0, away, np.inf)))
    q = vectors[:, k].astype(complex)
    return q / np.linalg.norm(q), float(values[k].imag)


def along(field: Field, x: Floats, *directions: Complexes) -> Complexes:
    """The derivative of J at x along one or more complex directions, in each of which it is
    linear, (n, n).
    """
    step = STEP * (1.0 + float(np.abs(x).max()))
    weights, offsets = np.ones(1, dtype=complex), np.zeros((1, len(x)))
    for u in directions:
        parts = [(u.real, 1.0), (u.imag, 1j)]
        terms = [
            (c * w / step, k * step * part) for part, c in parts if part.any() for k, w in POINTS
        ]
        by, moved = np.array([w for w, _ in terms]), np.array([d for _, d in terms])
        weights = (weights[:, None] * by).ravel()
        offsets = (offsets[:, None] + moved).reshape(-1, len(x))
    chunk = max(1, ENTRIES // len(x) ** 2)
    total = np.zeros((len(x), len(x)), dtype=complex)
    for k in range(0, len(weights), chunk):
        some = slice(k, k + chunk)
        total += np.tensordot(weights[some], field.jacobian(x + offsets[some]), 1)
    return total
