"""Spikes on their way: per port a ring of future steps, per projection the fan-out of a spike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnProjection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Arrivals:
    """Summed weights that arrive at one port: row (k mod rows) holds those of step k."""

    def __init__(self, size: int, longest: int) -> None:
        self.rows = longest + 1
        self.pending = np.zeros((self.rows, size))
        self.any = np.zeros(self.rows, dtype=bool)

    def add(self, steps: int | Ints, targets: Ints, weights: Floats) -> None:
        """Weights that arrive at ``steps`` (one for all, or one per spike)."""
        if not len(targets):
            return
        size = self.pending.shape[1]
        if isinstance(steps, int):
            row = steps % self.rows
            self.pending[row] += np.bincount(targets, weights, minlength=size)
            self.any[row] = True
            return
        rows = steps % self.rows
        np.add.at(self.pending.reshape(-1), rows * size + targets, weights)
        self.any[rows] = True

    def take(self, step: int) -> Floats | None:
        """What arrives at ``step``, and clear it; None where nothing does."""
        row = step % self.rows
        if not self.any[row]:
            return None
        amount: Floats = self.pending[row].copy()
        self.pending[row] = 0.0
        self.any[row] = False
        return amount

    def ahead(self, step: int) -> Floats:
        """What is on its way after ``step``: row d - 1 arrives at ``step + d``."""
        found: Floats = self.pending[(step + 1 + np.arange(self.rows - 1)) % self.rows]
        return found

    def restore(self, step: int, ahead: Floats) -> None:
        """The inverse of `ahead`, which may have further rows in which nothing arrives.

        Raises:
            ValueError: something arrives later than the longest delay.
        """
        if ahead[self.rows - 1 :].any():
            raise ValueError(f"arrivals {len(ahead)} steps ahead, delays of {self.rows - 1}")
        ahead = ahead[: self.rows - 1]
        rows = (step + 1 + np.arange(len(ahead))) % self.rows
        self.pending[rows] = ahead
        self.any[rows] = ahead.any(axis=1)


class Axons:
    """One projection, sorted by source: where the spikes of each unit go."""

    def __init__(self, projection: DrawnProjection, pre_size: int, arrivals: Arrivals) -> None:
        assert projection.sources is not None and projection.targets is not None
        order = np.argsort(projection.sources, kind="stable")
        self.order = order
        self.arrivals = arrivals
        self.targets = projection.targets[order]
        self.first = np.searchsorted(projection.sources[order], np.arange(pre_size + 1))
        self.set_weights(projection.weights)
        delays = np.asarray(projection.delays, dtype=np.int64)
        same = delays.ndim == 0 or (delays.size > 0 and bool((delays == delays.flat[0]).all()))
        self.delays: int | Ints = int(delays.flat[0]) if same else delays[order]

    def set_weights(self, weights: Any) -> None:
        """One weight for all, or one per connection in the order of the projection."""
        full = np.broadcast_to(np.asarray(weights, dtype=float), self.targets.shape)
        self.weights = full[self.order]

    def send(self, senders: Ints, step: int) -> None:
        """``senders`` (a unit may occur twice) spike at ``step``."""
        if not len(senders):
            return
        chosen = ranges(self.first[senders], self.first[senders + 1])
        when = step + (self.delays if isinstance(self.delays, int) else self.delays[chosen])
        self.arrivals.add(when, self.targets[chosen], self.weights[chosen])


def ranges(starts: Ints, stops: Ints) -> Ints:
    """The integers of all ranges [start, stop), one after the other."""
    counts = stops - starts
    offsets = starts - (np.cumsum(counts) - counts)
    found: Ints = np.repeat(offsets, counts) + np.arange(int(counts.sum()))
    return found
