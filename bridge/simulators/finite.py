"""States that have left the numbers, as under a scheme whose step is too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import SimulationFailed
from .graded import not_finite


def broken_unit(values: Any) -> int | None:
    """The first unit whose value is infinite or no number."""
    finite = np.isfinite(values)
    return None if finite.all() else int(np.flatnonzero(~np.atleast_1d(finite))[0])


def check_finite(
    population: str, states: Mapping[str, Any], *, label: str, dt: float, graded: bool = False
) -> None:
    """Look at a population's states at the end of a run; a state that broke stays broken.

    ``graded``: units drive each other without spikes, so that their functions may be the cause.

    Raises:
        SimulationFailed: with the population, the state and the unit.
    """
    for state, values in states.items():
        unit = broken_unit(values)
        if unit is None:
            continue
        if graded:
            raise not_finite(f"{label}.{population}", state, unit, "at the end of the run")
        raise left_numbers(label, population, state, unit, dt)


def left_numbers(label: str, population: str, state: str, unit: int, dt: float) -> SimulationFailed:
    """The error for a state that left the numbers under a scheme of ours."""
    return SimulationFailed(
        f"{population}.{state} of unit {unit} is not finite",
        model=label,
        symbol=state,
        remedy=f"use a step smaller than {dt:g} ms, or another scheme",
    )
