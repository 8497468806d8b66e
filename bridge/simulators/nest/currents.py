"""Currents as NEST takes them: a few changes of a parameter, or a value sent at every step."""

from __future__ import annotations

import numpy as np

from ..courses import Course
from .job import Drive, NodeModel, Number


def drive_of(
    course: Course, population: str, quantity: str, node: NodeModel, lag: int, factor: Number = 1.0
) -> Drive:
    """The values of ``course`` times ``factor`` as a device sends them: from step lag + 1 on."""
    first = int(np.searchsorted(course.steps, lag + 1, side="right")) - 1
    steps = course.steps[first:].copy()
    steps[0] = max(steps[0], lag + 1)
    values = course.values[first:]
    if values.ndim == 1 and not np.ndim(factor):
        return Drive(population, quantity, None, steps, values * factor)
    values = (values[:, None] if values.ndim == 1 else values) * factor
    moving = np.flatnonzero((values != 0).any(axis=0))
    if node.drives[quantity] is not None:  # it keeps a value that stays
        moving = np.flatnonzero((course.values != course.values[0]).any(axis=0))
    return Drive(population, quantity, moving, steps, values[:, moving])
