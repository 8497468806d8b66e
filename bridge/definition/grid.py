"""Times on the grid of the time-step contract."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import DefinitionError

_TOLERANCE = 1e-6  # of a step: what decimal fractions of dt lose in floats


def steps_of(time: Any, dt: float, what: str, *, model: str, least: int = 0) -> Any:
    """``time`` (ms; number or array) as whole steps of ``dt``.

    Raises:
        DefinitionError: not a multiple of dt, or fewer than ``least`` steps; it names the two
            nearest legal values.
    """
    ratio = np.asarray(time, dtype=float) / dt
    steps = np.rint(ratio)
    wrong = (np.abs(ratio - steps) > _TOLERANCE * np.maximum(1.0, np.abs(steps))) | (steps < least)
    if np.any(wrong):
        value = float(np.asarray(time, dtype=float)[wrong].flat[0])
        raise DefinitionError(
            f"{what} = {value:g} ms is not {'a positive ' if least else 'a '}multiple of "
            f"dt = {dt:g} ms",
            model=model,
            symbol=what,
            remedy=f"nearest are {_nearest(value, dt, least)}",
        )
    return steps.astype(np.int64) if steps.ndim else int(steps)


def _nearest(value: float, dt: float, least: int) -> str:
    low = max(math.floor(value / dt), least)
    return f"{low * dt:g} ms and {(low + 1) * dt:g} ms"


def random_steps(times: Any, dt: float) -> Any:
    """Random times rounded to the nearest positive multiple of ``dt``, in steps."""
    return np.maximum(np.rint(np.asarray(times) / dt), 1.0).astype(np.int64)
