"""Continuous input and noise of one population, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.draw_noise import draw_block
from ...definition.drawn import DrawnCurrent
from ...definition.numbers import stream

BLOCK = 1000  # steps of noise drawn at once; the blocks of definition/draw_noise
Floats = NDArray[np.float64]


class Inputs:
    """Values of continuous ports and of N(0, 1) noise at each step of one population."""

    def __init__(
        self,
        population: str,
        size: int,
        ports: Iterable[str],
        noise: Iterable[str],
        currents: Iterable[DrawnCurrent],
        seed: int,
        dt: float,
    ) -> None:
        own = [c for c in currents if c.population == population]
        self.size, self.dt = size, dt
        self.ports = {p: [c for c in own if c.port == p] for p in (*ports, *noise)}
        driven = {n for n in noise if self.ports[n]}
        self.noise = {n: Noise(population, n, size, seed) for n in noise if n not in driven}
        self.places: dict[str, list[int] | None] = dict.fromkeys(self.ports)
        self.now: dict[str, float | Floats] = {}

    def at(self, k: int, values: dict[str, Any]) -> None:
        """Write the values that act from t_k to t_{k+1}, and t_k, into ``values``."""
        values["t"] = k * self.dt
        for port, currents in self.ports.items():
            places = [int(np.searchsorted(c.steps, k, side="right")) - 1 for c in currents]
            if places != self.places[port]:
                self.places[port] = places
                self.now[port] = self._sum(currents, places)
        values.update(self.now)
        for name, noise in self.noise.items():
            values[name] = noise.at(k)

    def _sum(self, currents: list[DrawnCurrent], places: list[int]) -> float | Floats:
        if not currents:
            return 0.0
        total = np.zeros(self.size)
        for current, place in zip(currents, places, strict=True):
            np.add.at(total, current.units, current.values[place])
        return total


class Noise:
    """Standard normal numbers: those that ``draw(frozen_noise=True)`` draws."""

    def __init__(self, population: str, name: str, size: int, seed: int) -> None:
        self.path, self.size, self.seed = (population, name), size, seed
        self.begin = -1
        self.block = np.empty((0, size))

    def at(self, k: int) -> Floats:
        """One number per unit for the step from t_k on."""
        begin = k - k % BLOCK
        if begin != self.begin:
            rng = stream(self.seed, *self.path, str(begin))
            self.begin, self.block = begin, draw_block(rng, self.path[1], self.size)
        row: Floats = self.block[k - begin]
        return row
