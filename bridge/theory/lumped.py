"""The chain of homogeneous populations: the numbers of active units are enough.

With N_a equal units in population a, equally coupled (no unit to itself), the state is
(k_1, k_2, ...), prod_a (N_a + 1) states instead of 2^N. The next k_a is the sum of two binomial
numbers: of the k_a units that are active now and of the N_a - k_a that are not, whose inputs differ
because a unit does not drive itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import binom

from ..errors import DefinitionError
from .binary import Binary, binary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST = 6000  # states; the matrix then takes 288 MB


@dataclass(frozen=True, eq=False)
class Lumped:
    """``counts`` (states, populations), ``matrix`` T [from, to], the stationary ``P``.

    ``names`` and ``sizes`` are those of the populations.
    """

    names: tuple[str, ...]
    sizes: Ints
    counts: Ints
    matrix: Floats
    P: Floats

    @property
    def mean(self) -> Floats:
        """E A of a unit of each population."""
        return np.asarray(self.P @ self.counts / self.sizes)

    def pairs(self) -> Floats:
        """Cov(A_i, A_j) of two different units, one of each population."""
        k, n = self.counts.astype(float), self.sizes.astype(float)
        both = np.einsum("s,sa,sb->ab", self.P, k, k)
        single = np.diag(self.P @ k)
        count = np.outer(n, n) - np.diag(n)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (both - single) / count
        return np.asarray(found - np.outer(self.mean, self.mean))


def lump(model: Any, **parameters: Any) -> Lumped:
    """The chain over numbers of active units per population.

    Args:
        model: what `binary` takes, of homogeneous populations.
        parameters: values to replace, and ``variant``.

    Raises:
        DefinitionError: a population is not homogeneous, has no noise, or there are too many
            states.
    """
    network = binary(model, **parameters)
    names, sizes = tuple(network.groups), np.array([len(g) for g in network.groups.values()])
    count = int(np.prod(sizes + 1))
    if count > MOST:
        raise DefinitionError(
            f"{count} lumped states are too many; this works up to {MOST}",
            model=network.label,
            symbol="size",
            remedy="take smaller populations, or simulate",
        )
    coupling, own, inputs, theta, sigma = _blocks(network)
    counts = np.stack(
        [g.ravel() for g in np.meshgrid(*(np.arange(n + 1) for n in sizes), indexing="ij")], axis=1
    )
    T = np.ones((count, 1))
    for a, size in enumerate(sizes):
        h = counts @ coupling[a] + inputs[a]
        shift = own[a] - coupling[a, a]  # what a unit's own activity adds is its diagonal entry
        on, off = (ndtr((x - theta[a]) / sigma[a]) for x in (h + shift, h))
        part = _next(counts[:, a], int(size), on, off)
        T = (T[:, :, None] * part[:, None, :]).reshape(count, -1)
    equations = T.T - np.eye(count)
    equations[0] = 1.0
    P = np.maximum(np.linalg.solve(equations, np.eye(count)[0]), 0.0)
    return Lumped(names, sizes, counts, T, P / P.sum())


def _next(k: Ints, size: int, on: Floats, off: Floats) -> Floats:
    """The distribution of the next number of active units, (states, size + 1).

    k of them stay with ``on``, size - k come with ``off``: a convolution of two binomials.
    """
    numbers = np.arange(size + 1)
    stay = binom.pmf(numbers, k[:, None], on[:, None])
    come = binom.pmf(numbers, size - k[:, None], off[:, None])
    found = np.zeros((len(k), size + 1))
    for j in numbers:
        found[:, j:] += stay[:, j : j + 1] * come[:, : size + 1 - j]
    return found


def _blocks(network: Binary) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """One number per pair of populations and per population.

    Raises:
        DefinitionError: units of a population differ.
    """
    groups = list(network.groups.values())
    K = network.coupling
    blocks = np.empty((len(groups), len(groups)))
    own = np.empty(len(groups))
    for a, rows in enumerate(groups):
        for b, columns in enumerate(groups):
            part = K[np.ix_(rows, columns)]
            off = part[~np.eye(len(part), dtype=bool)] if a == b else part.ravel()
            blocks[a, b] = _single(network, a, off) if off.size else 0.0
        own[a] = _single(network, a, K[rows, rows])
    values = (network.inputs, network.theta, network.sigma)
    per = [np.array([_single(network, a, v[g]) for a, g in enumerate(groups)]) for v in values]
    if not (per[2] > 0).all():
        raise DefinitionError(
            "a population without noise has no unique stationary distribution",
            model=network.label,
            symbol="sigma",
            remedy="give it sigma > 0, or ask for the attractors of the map",
        )
    return blocks, own, per[0], per[1], per[2]


def _single(network: Binary, group: int, values: Floats) -> float:
    if np.ptp(values) > 1e-12 * (1.0 + np.abs(values).max()):
        name = list(network.groups)[group]
        raise DefinitionError(
            f"the units of {name} are not equal",
            model=f"{network.label}.{name}",
            symbol=name,
            remedy="lumping needs one weight per pair of populations and equal units; "
            "the exact chain takes any network",
        )
    return float(values[0])
