"""Eigenvalues of a random connectivity against the circular law.

A matrix whose entries have mean m_ab and variance v_ab between groups a and b of N_a units has, for
N large, eigenvalues that fill a disc of radius^2 = rho(N_b v_ab), the largest eigenvalue of the
matrix of group variances, and outliers at the eigenvalues of N_b m_ab that lie outside of the disc.
For one group: radius g where the variance is g^2/N. For two with columns of their own:
radius^2 = N (f s_E^2 + (1 - f) s_I^2), outlier N (f m_E + (1 - f) m_I).

Source: Girko (1985) Theory Probab. Appl. 29:694, doi 10.1137/1129095; Rajan, Abbott (2006) Phys.
Rev. Lett. 97:188104, doi 10.1103/PhysRevLett.97.188104; Aljadeff, Stern, Sharpee (2015) Phys. Rev.
Lett. 114:088101, doi 10.1103/PhysRevLett.114.088101.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .field import Field

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True)
class Spectrum:
    """``eigenvalues`` of the matrix; ``radius`` and ``outliers`` are predicted."""

    eigenvalues: Complexes
    radius: float
    outliers: Complexes

    def inside(self, share: float) -> float:
        """The part of all eigenvalues within ``share`` of the radius; share^2 by the law."""
        return float((np.abs(self.eigenvalues) < share * self.radius).mean())


def spectrum(matrix: Floats, sizes: Sequence[int] | None = None) -> Spectrum:
    """Eigenvalues of ``matrix`` (N, N), entry [to, from], and what its moments predict.

    ``sizes`` are those of groups of units in their order (one group where None); means and
    variances are measured over each block, without the diagonal where it is all 0.

    Raises:
        DefinitionError: the sizes do not add up to N.
    """
    sizes = [len(matrix)] if sizes is None else list(sizes)
    if sum(sizes) != len(matrix) or matrix.shape[0] != matrix.shape[1]:
        raise DefinitionError(
            f"groups of {sizes} units do not make a matrix of {matrix.shape}",
            symbol="sizes",
            remedy="give sizes that add up to the number of rows and columns",
        )
    ends = np.concatenate([[0], np.cumsum(sizes)])
    parts = [slice(a, b) for a, b in pairwise(ends)]
    means = np.array([[matrix[a, b].mean() for b in parts] for a in parts])
    variances = np.array([[matrix[a, b].var() for b in parts] for a in parts])
    radius = float(np.sqrt(np.abs(np.linalg.eigvals(variances * sizes)).max()))
    lone = np.linalg.eigvals(means * sizes).astype(complex)
    return Spectrum(np.linalg.eigvals(matrix).astype(complex), radius, lone[np.abs(lone) > radius])


def connectivity(field: Field, x: Floats | None = None) -> Floats:
    """A = diag(F'(u)) W at ``x`` (the origin where None): J = diag(1/tau)(-1 + A).

    With equal tau the point is stable where every eigenvalue of A has a real part below 1.

    Raises:
        DefinitionError: a unit has more than one state, or none that decays.
    """
    x = np.zeros(field.dimension) if x is None else np.asarray(x, dtype=float)
    many = [b.name for b in field.blocks.values() if len(b.states) > 1]
    scopes = field.scopes(x)
    decay = np.zeros(field.dimension)
    for (row, _), value in field.local(scopes, x):
        decay[row] = -value
    if many or not (decay > 0).all():
        raise DefinitionError(
            "its Jacobian has not the form (-1 + A)/tau",
            model=field.label,
            symbol=many[0] if many else field.names[int(np.argmin(decay))],
            remedy="look at the eigenvalues of its fixed points instead",
        )
    J = field.jacobian(x)
    return np.asarray(np.eye(len(x)) + J / decay[:, None])
