"""The course of a population's continuous input: all its currents summed, by breakpoints."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnCurrent, DrawnNetwork
from ..records import dataclass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# More breakpoints than these, and sending values to the units is faster than stopping NEST.
FEW_SHARED = 50
FEW_PER_UNIT = 5


@dataclass(frozen=True, eq=False)
class Course:
    """A quantity of a population: ``values[k]`` from step ``steps[k]`` on; ``steps[0]`` is 0.

    ``values`` is (breakpoints,) where all units share it, else (breakpoints, size).
    """

    steps: Ints
    values: Floats

    @property
    def dense(self) -> bool:
        """Whether the values are sent step by step."""
        return len(self.steps) > (FEW_SHARED if self.values.ndim == 1 else FEW_PER_UNIT)

    def at(self, steps: Ints) -> Floats:
        """The values in force at ``steps``."""
        found: Floats = self.values[np.searchsorted(self.steps, steps, side="right") - 1]
        return found


def courses(network: DrawnNetwork, population: str) -> Mapping[str, Course]:
    """Port (or frozen noise) -> the sum of all currents of ``population`` on it."""
    ports: dict[str, list[DrawnCurrent]] = {}
    for current in network.currents:
        if current.population == population:
            ports.setdefault(current.port, []).append(current)
    size = network.populations[population].size
    return {port: _sum(currents, size) for port, currents in ports.items()}


def _sum(currents: list[DrawnCurrent], size: int) -> Course:
    steps = np.unique(np.concatenate([np.asarray(c.steps, dtype=np.int64) for c in currents]))
    shared = all(c.values.ndim == 1 and len(c.units) == size for c in currents)
    total: Floats = np.zeros(len(steps) if shared else (len(steps), size))
    for current in currents:
        values = Course(current.steps, current.values).at(steps)
        if shared:
            total += values
        else:
            total[:, current.units] += values if values.ndim == 2 else values[:, None]
    rows = np.ones(len(steps), dtype=bool)
    rows[1:] = total[1:] != total[:-1] if shared else (total[1:] != total[:-1]).any(axis=1)
    return Course(steps[rows], total[rows])
