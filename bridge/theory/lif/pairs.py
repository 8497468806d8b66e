"""Coupling and covariances of all pairs of neurons, for a given matrix of connections.

Dahmen et al. (2019) doi:10.1073/pnas.1818972116.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from .linear import static_coupling
from .working_point import WorkingPoint

Floats = NDArray[np.float64]
_LISTED = 4000  # neurons, at most


def pair_coupling(point: WorkingPoint, connections: Floats, *, variance: bool = True) -> Floats:
    """w_ij = d rate_i/d rate_j, at frequency 0, of neurons, (N, N), to i from j.

    Args:
        point: from `working_point`.
        connections: (N, N) numbers of connections onto i from j, populations one after another.
        variance: whether the variance of the input is modulated too, as in `linear`.

    Raises:
        DefinitionError: the matrix has the wrong size or is too large.
    """
    circuit = point.circuit
    n = sum(circuit.sizes[name] for name in circuit.names)
    if connections.shape != (n, n) or n > _LISTED:
        raise DefinitionError(
            f"connections are {connections.shape} for {n} neurons, of {_LISTED} at most",
            model=circuit.label,
            symbol="connections",
            remedy="give an array (N, N); for large networks ask for `linear`",
        )
    W = static_coupling(point, variance=variance)
    K = np.zeros_like(W)
    for a in circuit.arrivals:
        if a.pre in circuit.cells:
            K[circuit.names.index(a.post), circuit.names.index(a.pre)] += a.K
    each = np.divide(W, K, out=np.zeros_like(W), where=K > 0)
    at = _populations(point)
    return np.asarray(connections * each[at][:, at])


def pair_covariances(point: WorkingPoint, connections: Floats) -> Floats:
    """Covariances of spike counts per time (Hz) of all pairs, over windows that are long.

    C = (1 - w)^-1 D (1 - w)^-T with w from `pair_coupling`, where D is such that the diagonal of C
    is CV^2 rate: Dahmen et al. (2019), equation 3 and methods. Arguments as in `pair_coupling`.

    Raises:
        DefinitionError: the matrix has the wrong size, is too large, or its coupling is unstable.
    """
    w = pair_coupling(point, connections)
    A = np.linalg.inv(np.eye(len(w)) - w)
    own = np.array([u.cv**2 * u.rate for u in point.units.values()])[_populations(point)]
    D = np.linalg.solve(A**2, own)
    if (D < 0).any():
        raise DefinitionError(
            "the coupling is so strong that no noise gives each neuron its own variance",
            model=point.circuit.label,
            remedy="linear theory ends here; weaken the coupling",
        )
    return np.asarray((A * D) @ A.T)


def _populations(point: WorkingPoint) -> NDArray[np.intp]:
    """The population of each neuron."""
    sizes = [point.circuit.sizes[name] for name in point.circuit.names]
    return np.repeat(np.arange(len(sizes)), sizes)
