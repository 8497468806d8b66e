"""Which modelling choices matter: models ordered by the distance of their predicted activity.

All go through one pipeline; what is compared is dimensionless, so that spikes and rates, mV and pA
stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass
from .populations import Populations
from .report import common_of
from .result import Activity, MeanField
from .stationary import mean_field

Floats = NDArray[np.float64]
BAND = (2.0, 100.0)  # Hz
POINTS = 24  # frequencies, evenly in their logarithm
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Classes:
    """``order``: names such that neighbours are alike; ``distances`` (n, n) in the order of
    ``names``; ``features``: name -> parts -> numbers; ``fields``: the solutions.

    ``groups(k)`` cuts the tree of average linkage into k classes.
    """

    names: tuple[str, ...]
    order: tuple[str, ...]
    distances: Floats
    features: Mapping[str, Mapping[str, Floats]]
    fields: Mapping[str, MeanField]

    def distance(self, a: str, b: str) -> float:
        """Between two models."""
        return float(self.distances[self.names.index(a), self.names.index(b)])

    def groups(self, count: int) -> list[set[str]]:
        """The models in ``count`` classes, the nearest ones together."""
        from scipy.cluster.hierarchy import fcluster

        if len(self.names) == 1:
            return [set(self.names)]
        labels = fcluster(_tree(self.distances), count, "maxclust")
        return [{n for n, k in zip(self.names, labels, strict=True) if k == g}
                for g in sorted(set(labels))]  # fmt: skip


def classify(
    models: Mapping[str, Any] | Sequence[Any],
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **common: Any,
) -> Classes:
    """The mean fields of ``models`` and how far their activities are from each other.

    Of each model's first sending population: the logarithms of the spectrum of one unit and of the
    population average over 2 to 100 Hz, each over its own mean (their shape), of the fluctuation
    relative to Poisson statistics or to the mean, of the amplification 1/|1 - W|, and the share of
    the variance that is quenched. A distance is the root mean square difference over all parts,
    each part counting once.

    Args:
        models: name -> model, or a list of library names.
        settings: name -> what `mean_field` is given for that model besides.
        **common: what it is given for all.

    Raises:
        DefinitionError: fewer than two models.
    """
    named = dict(models) if isinstance(models, Mapping) else {str(m): m for m in models}
    if len(named) < 2:
        raise DefinitionError(
            "there is nothing to order", symbol="models", remedy="give two models or more"
        )
    own = settings or {}
    fields = {n: mean_field(m, **{**common, **own.get(n, {})}) for n, m in named.items()}
    features = {n: features_of(f) for n, f in fields.items()}
    names = tuple(named)
    distances = np.array([[_distance(features[a], features[b]) for b in names] for a in names])
    return Classes(names, _ordered(names, distances), distances, features, fields)


def features_of(found: MeanField) -> dict[str, Floats]:
    """The dimensionless statistics of a mean field, by part."""
    places = found.plan.linked() or [0]
    a = found.activity[found.plan.outputs[places[0]].label]
    grid = np.geomspace(*BAND, POINTS)
    parts = {"shape": _shape(np.interp(grid, a.frequencies, a.spectrum))}
    common = common_of(found)
    if isinstance(common, Populations):
        average = common.spectrum(common.labels[0]).real
        parts["average"] = _shape(np.interp(grid, common.frequencies, average))
        parts["amplification"] = np.log([common.resonance[1]])
    parts["irregularity"] = np.log([max(_irregularity(a), TINY)])
    static = a.quenched / max(_moving(a) + a.quenched, TINY)
    parts["quenched"] = np.array([static])
    return parts


def _irregularity(a: Activity) -> float:
    """Slow spectrum over the rate for spikes (1 for Poisson); variance over mean square else."""
    slow = float(np.interp(BAND[0], a.frequencies, a.spectrum))
    if a.spiking:
        return slow / max(a.mean, TINY)
    return a.variance / (a.variance + a.mean**2 + TINY)


def _moving(a: Activity) -> float:
    """The variance that is not quenched: of spikes in windows of 100 ms, Hz^2."""
    if a.spiking:
        return float(np.interp(BAND[0], a.frequencies, a.spectrum)) * 10.0
    return max(a.variance - a.quenched, 0.0)


def _shape(values: Floats) -> Floats:
    logs = np.log(np.maximum(values, TINY))
    found: Floats = logs - logs.mean()
    return found


def _distance(a: Mapping[str, Floats], b: Mapping[str, Floats]) -> float:
    parts = [n for n in a if n in b]
    squares = [float(np.mean(np.square(a[n] - b[n]))) for n in parts]
    return float(np.sqrt(np.mean(squares)))


def _tree(distances: Floats) -> Any:
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    return linkage(squareform(distances, checks=False), "average", optimal_ordering=True)


def _ordered(names: tuple[str, ...], distances: Floats) -> tuple[str, ...]:
    from scipy.cluster.hierarchy import leaves_list

    return tuple(names[i] for i in leaves_list(_tree(distances)))
