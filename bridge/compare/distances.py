"""Spike-train distances between two results of one population, from the field's own packages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Spikes
from ..results.order import split_by_sender

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

UNITS = 50  # differing units asked
FEW = 20  # units and
SHORT = 2000  # spikes up to which the quadratic distances are computed too
TIME_CONSTANT = 10.0  # ms, of the van Rossum kernel; 1 / it is the Victor-Purpura cost


def spike_distances(
    base: Spikes, other: Spikes, units: NDArray[np.int64], duration: float
) -> dict[str, float]:
    """Mean distances over the units that spike in either result.

    ``units`` are those whose trains differ; the others are at distance 0 and are only counted. Up
    to 50 of the differing ones, spread evenly, stand for all of them. ``isi`` and ``spike``
    (pyspike; 0 same, towards 1 unrelated; Kreuz et al. 2007, 2013) always; ``van_rossum`` (time
    constant 10 ms) and ``victor_purpura`` (cost 0.1 per ms, in spikes moved, added or removed) by
    elephant, for small data only: they take quadratic time. A distance whose package (extra
    ``report``) is not installed is left out of the result.
    """
    active = np.union1d(base.senders, other.senders)
    units = np.unique(units)
    if not len(units) or duration <= 0:
        return {}
    chosen = units[np.unique(np.linspace(0, len(units) - 1, UNITS).astype(np.int64))]
    size = max(base.size, other.size)
    mine = split_by_sender(base.times, base.senders, size)
    theirs = split_by_sender(other.times, other.senders, size)
    pairs = [(mine[int(unit)], theirs[int(unit)]) for unit in chosen]
    found = _kreuz(pairs, duration) if _installed("pyspike") else {}
    if len(active) <= FEW and len(base) + len(other) <= SHORT and _installed("elephant"):
        found |= _quadratic(pairs, duration)
    share = len(units) / len(active)
    return {name: share * value for name, value in found.items()}


def _installed(package: str) -> bool:
    return find_spec(package) is not None


def _kreuz(pairs: Sequence[Pair], duration: float) -> dict[str, float]:
    import pyspike

    trains = [
        [pyspike.SpikeTrain(np.unique(times), [0.0, duration]) for times in pair] for pair in pairs
    ]
    return {
        "isi": float(np.mean([pyspike.isi_distance(a, b) for a, b in trains])),
        "spike": float(np.mean([pyspike.spike_distance(a, b) for a, b in trains])),
    }


def _quadratic(pairs: Sequence[Pair], duration: float) -> dict[str, float]:
    import quantities as pq
    from elephant.spike_train_dissimilarity import van_rossum_distance, victor_purpura_distance
    from neo import SpikeTrain

    rossum, purpura = [], []
    for pair in pairs:
        trains = [SpikeTrain(np.array(times), units="ms", t_stop=duration) for times in pair]
        rossum.append(van_rossum_distance(trains, TIME_CONSTANT * pq.ms)[0, 1])
        purpura.append(victor_purpura_distance(trains, 1 / (TIME_CONSTANT * pq.ms))[0, 1])
    return {"van_rossum": float(np.mean(rossum)), "victor_purpura": float(np.mean(purpura))}
