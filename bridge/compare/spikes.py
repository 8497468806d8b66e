"""Spikes of two results, population by population: how many differ and where that begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Spikes
from .align import Alignment, keys, surplus
from .distances import spike_distances

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FirstSpike:
    """The earliest spike that one result has and the other has not; ``time`` in ms."""

    population: str
    neuron: int
    time: float
    in_base: bool


@dataclass(frozen=True)
class SpikeComparison:
    """Spikes of one population in two results.

    ``only_base`` and ``only_other`` count the spikes without a partner; their sum is
    ``differing``. ``largest_gap`` (ms) is the largest distance between partners, 0 on a grid.
    ``distances`` holds dimensionless or counted spike-train distances (see `distances`).
    """

    population: str
    size: int
    count_base: int
    count_other: int
    only_base: int
    only_other: int
    first: FirstSpike | None
    largest_gap: float
    distances: Mapping[str, float]

    @property
    def differing(self) -> int:
        """Spikes of either result without a partner in the other."""
        return self.only_base + self.only_other

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        first = self.first
        return {
            "base": self.count_base,
            "other": self.count_other,
            "differing": self.differing,
            "only_base": self.only_base,
            "only_other": self.only_other,
            "first": None if first is None else {"neuron": first.neuron, "time": first.time},
            "largest_gap": self.largest_gap,
            "distances": dict(self.distances),
        }


def compare_spikes(
    population: str,
    base: Spikes,
    other: Spikes,
    aligned: Alignment,
    duration: float,
    *,
    distances: bool = True,
) -> SpikeComparison:
    """Compare one population's spikes on the grid, or within the alignment's tolerance.

    ``duration`` in ms; ``distances`` adds spike-train distances where spikes differ.
    """
    lone_base, lone_other, gap = _apart(base, other, aligned)
    units = np.concatenate([lone_base[1], lone_other[1]])
    return SpikeComparison(
        population=population,
        size=max(base.size, other.size),
        count_base=len(base),
        count_other=len(other),
        only_base=len(lone_base[0]),
        only_other=len(lone_other[0]),
        first=_first(population, lone_base, lone_other),
        largest_gap=gap,
        distances=spike_distances(base, other, units, duration) if distances else {},
    )


Lone = tuple[Floats, Ints]  # times (ms) and senders of spikes without a partner, ordered by time


def lone_spikes(base: Spikes, other: Spikes, aligned: Alignment) -> tuple[Lone, Lone]:
    """Times (ms) and senders of the spikes of either result that have no partner."""
    return _apart(base, other, aligned)[:2]


def _apart(base: Spikes, other: Spikes, aligned: Alignment) -> tuple[Lone, Lone, float]:
    if aligned.rule == "grid":
        return (*_apart_on_grid(base, other, aligned.dt), 0.0)
    return _apart_in_time(base, other, aligned.tolerance)


def _apart_on_grid(base: Spikes, other: Spikes, dt: float) -> tuple[Lone, Lone]:
    size = max(base.size, other.size, 1)
    only_base, only_other = surplus(keys(base, dt, size), keys(other, dt, size))
    return _unpacked(only_base, size, dt), _unpacked(only_other, size, dt)


def _unpacked(key: Ints, size: int, dt: float) -> Lone:
    return np.asarray((key // size) * dt, dtype=np.float64), key % size


def _apart_in_time(base: Spikes, other: Spikes, tolerance: float) -> tuple[Lone, Lone, float]:
    """Partners are neighbours of the same neuron, one from each result, within the tolerance.

    All spikes are laid in one row ordered by neuron and time. In a run of candidate pairs that
    share spikes every second pair is taken, which leaves the fewest spikes alone.
    """
    times = np.concatenate([base.times, other.times])
    senders = np.concatenate([base.senders, other.senders])
    from_base = np.arange(len(times)) < len(base)
    # spikes of one neuron at one time are laid alternately, so that each finds its partner
    twin = np.concatenate([_repeats(base), _repeats(other)])
    order = np.lexsort((twin, times, senders))
    t, s, mine = times[order], senders[order], from_base[order]
    gap = np.diff(t)
    slack = tolerance * (1 + 1e-9)
    candidate = (np.diff(s) == 0) & (mine[1:] != mine[:-1]) & (gap <= slack)
    taken = _every_second(candidate)
    alone = np.ones(len(t), dtype=bool)
    alone[:-1][taken] = False
    alone[1:][taken] = False
    widest = float(gap[taken].max()) if taken.any() else 0.0
    return _by_time(t, s, alone & mine), _by_time(t, s, alone & ~mine), widest


def _repeats(spikes: Spikes) -> Ints:
    """How many equal spikes come before each one."""
    place = np.arange(len(spikes))
    fresh = np.ones(len(spikes), dtype=bool)
    fresh[1:] = (np.diff(spikes.times) != 0) | (np.diff(spikes.senders) != 0)
    earlier: Ints = place - np.maximum.accumulate(np.where(fresh, place, 0))
    return earlier


def _every_second(candidate: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """First, third, fifth ... of every run of True."""
    position = np.arange(len(candidate))
    before = np.maximum.accumulate(np.where(candidate, -1, position))
    taken: NDArray[np.bool_] = candidate & ((position - before) % 2 == 1)
    return taken


def _by_time(times: Floats, senders: Ints, chosen: NDArray[np.bool_]) -> Lone:
    t, s = times[chosen], senders[chosen]
    order = np.lexsort((s, t))
    return t[order], s[order]


def _first(population: str, lone_base: Lone, lone_other: Lone) -> FirstSpike | None:
    found = [
        FirstSpike(population, int(senders[0]), float(times[0]), in_base)
        for (times, senders), in_base in ((lone_base, True), (lone_other, False))
        if len(times)
    ]
    return min(found, key=lambda first: (first.time, first.neuron), default=None)
