"""Currents as NEST takes them: a few changes of a parameter, or a value sent at every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...definition.drawn import DrawnCurrent, DrawnNetwork
from .job import Change, Drive, Floats, Ints, NodeModel

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
    total = np.zeros(len(steps) if shared else (len(steps), size))
    for current in currents:
        values = Course(current.steps, current.values).at(steps)
        if shared:
            total += values
        else:
            total[:, current.units] += values if values.ndim == 2 else values[:, None]
    return Course(steps, total)


def changes_of(
    course: Course, population: str, key: str, quantity: str, node: NodeModel, lag: int
) -> tuple[list[Change], Drive | None]:
    """How NEST gets ``course`` from step 1 on; step 0 is the initial value of ``key``.

    What a device sends first takes effect at step lag + 1: until then the values are set.
    """
    if not course.dense:
        return [_set(population, key, course, k) for k in range(1, len(course.steps))], None
    early = np.flatnonzero((course.steps > 0) & (course.steps <= lag))
    changes = [_set(population, key, course, int(k)) for k in early]
    first = np.searchsorted(course.steps, lag + 1, side="right") - 1
    steps, values = course.steps[first:].copy(), course.values[first:]
    steps[0] = max(steps[0], lag + 1)
    if node.drives[quantity] is None:
        changes.append(Change(lag + 1, "node", population, {key: 0.0}))
    if values.ndim == 1:
        return changes, Drive(population, quantity, None, steps, values)
    moving = np.flatnonzero((course.values != course.values[0]).any(axis=0))
    if node.drives[quantity] is None:  # the others would lose their constant current
        moving = np.arange(course.values.shape[1])
    return changes, Drive(population, quantity, moving, steps, values[:, moving])


def _set(population: str, key: str, course: Course, k: int) -> Change:
    return Change(int(course.steps[k]), "node", population, {key: course.values[k]})
