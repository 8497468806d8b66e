"""What one link and one Poisson input add in a bin, from the outputs sent so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blueprint import Drive, Link

Floats = NDArray[np.float64]


class Path:
    """One link: its matrix, its delays by sender, the outputs of the last steps."""

    def __init__(self, link: Link, post: int, pre: int, rng: np.random.Generator) -> None:
        self.link = link
        d = link.degrees
        scale = np.float32(np.sqrt(d.variance / pre))
        self.columns = rng.standard_normal((pre, post), dtype=np.float32) * scale  # by sender
        self.sums = self.columns.sum(axis=0)
        self.static = np.sqrt(max(d.quenched, 0.0)) * rng.standard_normal(post)
        self.delays = link.delays[rng.choice(len(link.delays), pre, p=link.shares)]

    def amount(self, k: int, past: Past) -> Floats:
        """What arrives in bin ``k``."""
        whole = self.static + self.link.degrees.coupling
        if len(self.link.delays) == 1:
            lag = int(self.link.delays[0])
            mean = past.mean(k - lag)
            return np.asarray(past.product(k - lag, self.columns) + mean * (whole - self.sums))
        total = np.zeros(len(whole))
        for lag, share in zip(self.link.delays.tolist(), self.link.shares, strict=True):
            own = np.flatnonzero(self.delays == lag)
            y = past.values(k - lag)[own] - past.mean(k - lag)
            total += y @ self.columns[own] + share * past.mean(k - lag) * whole
        return total


class Past:
    """The last outputs of one ensemble."""

    def __init__(self, spiking: bool, longest: int, first: Floats) -> None:
        self.spiking, self.rows = spiking, longest + 1
        self.kept = [first] * self.rows
        self.means = [float(first.mean())] * self.rows

    def put(self, k: int, values: Floats) -> None:
        self.kept[k % self.rows], self.means[k % self.rows] = values, float(values.mean())

    def values(self, k: int) -> Floats:
        return self.kept[k % self.rows]

    def mean(self, k: int) -> float:
        return self.means[k % self.rows]

    def product(self, k: int, columns: NDArray[np.float32]) -> Any:
        """The sum over senders; of spikes, over those that spiked."""
        values = self.values(k)
        if self.spiking:
            return columns[np.flatnonzero(values)].sum(axis=0)
        return values.astype(np.float32) @ columns


class Static:
    """Poisson input of one port: white, with what differs between units fixed once."""

    def __init__(self, drives: list[Drive], units: int, rng: np.random.Generator) -> None:
        self.drives, self.units = drives, units
        self.fixed = [rng.standard_normal((2, units)) for _ in drives]

    def amount(self, step: int, dt: float, rng: np.random.Generator) -> Floats:
        total = np.zeros(self.units)
        for drive, (degree, rate) in zip(self.drives, self.fixed, strict=True):
            mean, spread = drive.arriving(step)
            count, d = mean * dt, drive.degrees
            total += d.coupling * count + np.sqrt(d.variance * count) * rng.standard_normal(
                self.units
            )
            total += np.sqrt(d.quenched) * count * degree
            total += np.sqrt(d.variance * spread) * dt * rate
        return total
