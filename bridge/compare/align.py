"""What two results have in common before they are compared, and shifts that are only reported.

The time-step contract needs no alignment: a label t means the same instant in every simulator.
So nothing is ever shifted here. Where one result is the other one moved by a step or two, that
is said as the likely cause of a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Columns, Spikes, Trace
from ..results.order import on_grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH = 2  # steps: a wrong label or a wrong delay rule is off by one, rarely by two
WINDOW = 400  # spikes looked at after the first difference: later ones have diverged anyway
PER_MS = 1_000_000  # labels are compared as whole picoseconds: exact for any dt NEST can count


@dataclass(frozen=True)
class Shift:
    """One result would agree (better) with the other if it came ``steps`` steps earlier.

    ``steps`` > 0: the other result is late. ``before`` and ``after`` are the differing spikes
    (or the largest trace difference) without and with the shift, in the stretch looked at.
    """

    population: str
    what: str  # "spikes" or the variable's name
    steps: int
    before: float
    after: float


@dataclass(frozen=True)
class Alignment:
    """How two results were laid over one another; ``steps`` is 0, always."""

    rule: str  # "grid" or "tolerance"
    dt: float  # ms
    tolerance: float  # ms; 0 on the grid
    steps: int = 0

    def __str__(self) -> str:
        if self.rule == "grid":
            return f"grid of {self.dt:g} ms, shift {self.steps} steps"
        return f"times within {self.tolerance:g} ms, shift {self.steps} steps"

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "rule": self.rule,
            "steps": self.steps,
            "dt": self.dt,
            "tolerance": self.tolerance,
        }


def alignment(base: Columns, other: Columns, tolerance: float | None = None) -> Alignment:
    """Whole steps where both results lie on one grid, else a tolerance (default one step, ms)."""
    dt = max(base.dt, other.dt)
    same = abs(base.dt - other.dt) <= 1e-9 * dt
    if same and tolerance is None and _all_on_grid(base, dt) and _all_on_grid(other, dt):
        return Alignment("grid", dt, 0.0)
    return Alignment("tolerance", dt, dt if tolerance is None else tolerance)


def _all_on_grid(columns: Columns, dt: float) -> bool:
    return all(on_grid(spikes.times, dt) is not None for spikes in columns.spikes.values())


def keys(spikes: Spikes, dt: float, size: int) -> Ints:
    """Every spike as one integer step * size + sender, ascending."""
    key: Ints = np.rint(spikes.times / dt).astype(np.int64) * size + spikes.senders
    return key


def labels(times: Floats) -> Ints:
    """Times in ms as whole picoseconds, so that equal labels are equal integers."""
    return np.rint(times * PER_MS).astype(np.int64)


def surplus(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """The keys that only ``a`` has and those that only ``b`` has, ascending, counting repeats."""
    if np.array_equal(a, b):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    # one sort of tagged keys: several times faster than np.unique of each and a search
    tagged = np.concatenate([a << 1, (b << 1) | 1])
    tagged.sort()
    key = tagged >> 1
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    balance = np.add.reduceat(1 - 2 * (tagged & 1), starts)
    found = key[starts]
    only_a = np.repeat(found, np.maximum(balance, 0))
    only_b = np.repeat(found, np.maximum(-balance, 0))
    return only_a, only_b


def spike_shift(population: str, base: Spikes, other: Spikes, dt: float) -> Shift | None:
    """The shift of -2..2 steps that explains the differing spikes, or None.

    It explains them where, in the stretch of `WINDOW` spikes that begins with the first differing
    one, at most a tenth remains. Later spikes are not asked: a recurrent network has diverged.
    """
    size = max(base.size, other.size, 1)
    a, b = keys(base, dt, size), keys(other, dt, size)
    only_a, only_b = surplus(a, b)
    firsts = [only[0] for only in (only_a, only_b) if len(only)]
    if not firsts:
        return None
    start = min(firsts) - REACH * size
    a, b = (key[np.searchsorted(key, start) :][:WINDOW] for key in (a, b))
    differing = {k: _differing_within(a, b - k * size) for k in range(-REACH, REACH + 1)}
    best = min(differing, key=lambda k: (differing[k], abs(k)))
    if best == 0 or differing[best] > 0.1 * differing[0]:
        return None
    return Shift(population, "spikes", best, float(differing[0]), float(differing[best]))


def _differing_within(a: Ints, b: Ints) -> int:
    """Differing keys up to where the shorter stretch ends: a cut-off tail is no difference."""
    if not len(a) or not len(b):
        return len(a) + len(b)
    stop = min(a[-1], b[-1])
    only_a, only_b = surplus(a[a <= stop], b[b <= stop])
    return len(only_a) + len(only_b)


def trace_shift(population: str, base: Trace, other: Trace) -> Shift | None:
    """The shift of -2..2 samples after which two traces agree 100 times better, or None."""
    a, b = common_samples(base, other)
    if len(a) <= 4 * REACH or not a.size:
        return None
    error = {}
    for k in range(-REACH, REACH + 1):
        late, early = (b, a) if k >= 0 else (a, b)
        rows = len(a) - abs(k)
        difference = np.abs(late[abs(k) :] - early[:rows])
        error[k] = float(np.nanmax(difference)) if np.isfinite(difference).any() else np.inf
    best = min(error, key=lambda k: (error[k], abs(k)))
    if best == 0 or not error[best] < 0.01 * error[0]:
        return None
    return Shift(population, base.variable, best, error[0], error[best])


def common_samples(base: Trace, other: Trace) -> tuple[Floats, Floats]:
    """Values of both traces at the labels and units they share, each (samples, units)."""
    rows_a, rows_b = common_positions(labels(base.times), labels(other.times))
    cols_a, cols_b = common_positions(base.units, other.units)
    return base.values[rows_a][:, cols_a], other.values[rows_b][:, cols_b]


def common_positions(a: Ints, b: Ints) -> tuple[Any, Any]:
    """Where the values common to both (each without repeats) stand in ``a`` and in ``b``."""
    if np.array_equal(a, b):
        return slice(None), slice(None)
    _, in_a, in_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    return in_a, in_b


def find_shifts(base: Columns, other: Columns, dt: float) -> tuple[Shift, ...]:
    """Every shift that would explain a difference, spikes first."""
    found = [
        spike_shift(name, base.spikes[name], other.spikes[name], dt)
        for name in _shared(base.spikes, other.spikes)
    ]
    for name in _shared(base.traces, other.traces):
        theirs = {trace.variable: trace for trace in reversed(other.traces[name])}
        mine = {trace.variable: trace for trace in reversed(base.traces[name])}
        found += [trace_shift(name, mine[v], theirs[v]) for v in mine if v in theirs]
    return tuple(shift for shift in found if shift is not None)


def _shared(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    return [name for name in a if name in b]
