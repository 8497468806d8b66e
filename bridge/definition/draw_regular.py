"""Regular spike trains on the grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DefinitionError
from .drawn import DrawnSource, Floats
from .network import Stimulus
from .numbers import Scope, count_of, number_of
from .values import Value


def regular_source(stimulus: Stimulus, scope: Scope, dt: float, steps: int) -> DrawnSource:
    """Unit i spikes at start + k/rate, k = 0, 1, ..., each time rounded to the nearest step.

    A unit of rate 0 is silent; without ``start`` the first spike comes after one interval.

    Raises:
        DefinitionError: a negative rate, a first spike before the first step, a wrong number of
            values.
    """
    assert stimulus.rate is not None and stimulus.size is not None
    size = count_of(number_of(stimulus.size, scope), f"{stimulus.name}.size")
    wide = {**scope, "i": np.arange(size, dtype=float), "N": float(size)}
    rates = _per_unit("rate", stimulus.rate, wide, size)
    if np.any(rates < 0):
        raise _wrong("rate", "a rate is negative", "give 0 Hz or more")
    end = steps * dt
    with np.errstate(divide="ignore"):
        intervals = 1.0 / rates
    first = intervals if stimulus.start is None else _per_unit("start", stimulus.start, wide, size)
    stop = _limit("stop", stimulus.stop, wide, size, end)
    count = _limit("count", stimulus.count, wide, size, np.inf)
    found = [_train(*unit, end + dt) for unit in zip(first, intervals, stop, count, strict=True)]
    at = np.concatenate([np.rint(times / dt).astype(np.int64) for times in found])
    who = np.repeat(np.arange(size), [len(times) for times in found])
    if np.any(at < 1):
        raise _wrong(
            "start",
            f"unit {who[at < 1][0]} spikes before the first step",
            f"let the first spike be at {dt:g} ms or later",
        )
    order = np.lexsort((who, at))
    kept = order[at[order] <= steps]
    return DrawnSource(stimulus.name, size, at[kept], who[kept])


def _train(first: float, interval: float, stop: float, count: float, end: float) -> Floats:
    """Times up to ``stop`` and before ``end``, ``count`` of them at most."""
    last = min(stop + 1e-9 * interval, end) if np.isfinite(interval) else -np.inf
    most = min(np.floor((last - first) / interval) + 1.0, count) if last >= first else 0.0
    number = max(int(most), 0)
    return first + interval * np.arange(number, dtype=float) if number else np.empty(0)


def _limit(key: str, value: Value | None, scope: Scope, size: int, default: float) -> Floats:
    if value is None:
        return np.broadcast_to(np.float64(default), (size,))
    return _per_unit(key, value, scope, size)


def _per_unit(key: str, value: Value, scope: Scope, size: int) -> Floats:
    numbers: Any = number_of(value, scope)
    if np.ndim(numbers) and np.shape(numbers) != (size,):
        raise _wrong(
            key,
            f"there are {np.size(numbers)} values for {size} trains",
            "give one value, or one per train",
        )
    if not np.all(np.isfinite(numbers)):
        raise _wrong(key, "a value is not finite", "check divisions by zero")
    return np.broadcast_to(np.asarray(numbers, dtype=float), (size,))


def _wrong(key: str, problem: str, remedy: str) -> DefinitionError:
    return DefinitionError(problem, symbol=key, remedy=remedy)
