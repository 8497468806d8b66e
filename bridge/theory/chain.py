"""The exact Markov chain of a binary network: 2^N states, their probabilities and moments.

p_i(s) = P(A_i(t+1) = 1 | s) = erfc((theta_i - h_i(s))/(sqrt(2) sigma_i))/2 with h(s) = K A(s) +
I, and T(s -> s') = prod_i p_i^A_i' (1 - p_i)^(1 - A_i'). T is a product over units, so that T f
and P T are one matrix product of 2^(N/2) columns each: 4^N operations, without T itself. Noise is
independent between units.

Source: Fasoli, Panzeri (2019), doi 10.3934/mbe.2019400; the form with two halves is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigs
from scipy.special import ndtr

from ..errors import DefinitionError, SpikebridgeError
from .binary import Binary, binary

Floats = NDArray[np.float64]
DENSE = 12  # units up to which T is a matrix (2^12 squared: 134 MB)
LARGEST = 16  # units; one product takes 4^16 operations


@dataclass(frozen=True, eq=False)
class Chain:
    """``states`` (2^N, N) of 0 and 1, ``h`` their mean potentials, ``on`` the p_i; ``P`` (2^N,)."""

    network: Binary
    states: Floats
    h: Floats
    on: Floats
    P: Floats

    def forward(self, P: Floats) -> Floats:
        """The distribution one step later, P T."""
        left, right = self._halves
        return ((left * P[:, None]).T @ right).T.ravel()

    def expected(self, f: Floats) -> Floats:
        """(T f)(s) = E[f(A(t+1)) | A(t) = s]; f is (2^N,)."""
        left, right = self._halves
        return averaged(left, right, f)

    @cached_property
    def _halves(self) -> tuple[Floats, Floats]:
        return halves(self.on, 1.0 - self.on)

    @cached_property
    def matrix(self) -> Floats:
        """T (2^N, 2^N), [from, to], up to N = 12."""
        if self.network.size > DENSE:
            raise too_large(self.network, DENSE)
        left, right = self._halves
        return np.asarray((right[:, :, None] * left[:, None, :]).reshape(len(left), -1))

    @cached_property
    def second(self) -> float:
        """|lambda_2|: correlations decay as its powers."""
        return second_eigenvalue(self)


def halves(on: Floats, off: Floats) -> tuple[Floats, Floats]:
    """prod over the lower and the upper half of the units, for each of their next states."""
    middle = (on.shape[1] + 1) // 2
    return products(on[:, :middle], off[:, :middle]), products(on[:, middle:], off[:, middle:])


def products(on: Floats, off: Floats) -> Floats:
    """prod_i on_i^A_i off_i^(1 - A_i) for each state A of the units, (rows, 2^units)."""
    found = np.ones((len(on), 1))
    for i in range(on.shape[1]):
        found = np.concatenate([found * off[:, i : i + 1], found * on[:, i : i + 1]], axis=1)
    return found


def averaged(left: Floats, right: Floats, f: Floats) -> Floats:
    """sum_s' left right f(s') for each row."""
    grid = f.reshape(right.shape[1], left.shape[1])
    return np.asarray(((right @ grid) * left).sum(axis=1))


def all_states(n: int) -> Floats:
    """(2^n, n): row s holds the bits of s, unit 0 the lowest."""
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) & 1, dtype=float)


def chain(model: Any, **parameters: Any) -> Chain:
    """States, transitions and stationary distribution of a network of N <= 16 noisy units.

    Args:
        model: what `binary` takes.
        parameters: values to replace, and ``variant``.

    Up to N = 12 by solving P T = P, above by Arnoldi iteration of T itself.

    Raises:
        DefinitionError: 2^N states are too many, or a unit has no noise.
    """
    network = binary(model, **parameters)
    if network.size > LARGEST:
        raise too_large(network, LARGEST)
    if not (network.sigma > 0).all():
        raise DefinitionError(
            "a unit without noise has no unique stationary distribution",
            model=network.label,
            symbol="sigma",
            remedy="give it sigma > 0, or ask for the attractors of the map",
        )
    states = all_states(network.size)
    h = states @ network.coupling.T + network.inputs
    on = ndtr((h - network.theta) / network.sigma)
    empty = Chain(network, states, h, on, np.empty(0))
    return Chain(network, states, h, on, stationary(empty))


def stationary(found: Chain) -> Floats:
    """P with P T = P and sum 1."""
    n = len(found.states)
    if found.network.size <= DENSE:
        equations = found.matrix.T - np.eye(n)
        equations[0] = 1.0
        P = np.linalg.solve(equations, np.eye(n)[0])
    else:
        operator = LinearOperator((n, n), matvec=lambda v: found.forward(np.ravel(v)), dtype=float)
        vectors = eigs(operator, k=1, which="LM", v0=np.full(n, 1.0 / n), tol=1e-13)[1]
        P = vectors[:, 0].real / vectors[:, 0].real.sum()
    error = np.abs(found.forward(P) - P).max()
    if not error < 1e-9:
        raise SpikebridgeError(
            f"P T = P holds only to {error:.1e}",
            model=found.network.label,
            symbol="sigma",
            remedy="the noise is so small that attractors hardly mix; raise sigma",
        )
    P = np.maximum(P, 0.0)
    return np.asarray(P / P.sum())


def second_eigenvalue(found: Chain) -> float:
    """The second largest modulus of the eigenvalues of T."""
    n = len(found.states)
    if found.network.size <= 8:
        values = np.linalg.eigvals(found.matrix)
    else:
        operator = LinearOperator((n, n), matvec=lambda v: found.forward(np.ravel(v)), dtype=float)
        values = eigs(operator, k=2, which="LM", v0=found.P + 1.0 / n, return_eigenvectors=False)
    return float(np.sort(np.abs(values))[-2])


def too_large(network: Binary, most: int) -> DefinitionError:
    """The error for 2^N states that do not fit."""
    return DefinitionError(
        f"{network.size} units have 2^{network.size} states; this works up to 2^{most}",
        model=network.label,
        symbol="size",
        remedy="lump homogeneous populations, take a smaller network (fewer copies), or simulate",
    )
