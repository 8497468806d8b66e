"""Recorded variables of two results, compared sample by sample at the same time label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Trace
from ..results.connections import Connections
from .align import common_positions, common_samples, labels

Floats = NDArray[np.float64]

BOUND = 1e-9  # of the range: design section 9
FLOOR = 1e-3  # a variable that hardly moves is measured against 0.1 % of its size, not its noise


@dataclass(frozen=True)
class FirstSample:
    """Where two traces first differ by more than the bound: sample number and time in ms.

    For a synapse ``population`` is its projection, ``neuron`` the number of the connection, which
    leads from unit ``pre`` to unit ``post``.
    """

    population: str
    variable: str
    neuron: int
    sample: int
    time: float
    difference: float  # in the variable's unit
    before: float  # largest difference of that unit in the sample before; 0 for the first sample
    pre: int | None = None
    post: int | None = None
    place: str = ""  # in words, where it is not a neuron

    @property
    def is_synapse(self) -> bool:
        """Whether it is the state of a synapse."""
        return self.pre is not None

    @property
    def where(self) -> str:
        """Variable and place in words."""
        return f"{self.population}.{self.variable} of {self.place or f'neuron {self.neuron}'}"

    def to_json(self) -> dict[str, Any]:
        """Unit or connection, and time."""
        if self.pre is None:
            return {"neuron": self.neuron, "time": self.time}
        joined = {"pre": self.pre, "post": self.post}
        return {"connection": self.neuron, **joined, "time": self.time}


@dataclass(frozen=True)
class TraceComparison:
    """One variable of one population, or of the synapses of one projection, in two results.

    ``max_abs`` in ``unit``; ``max_relative`` = max_abs / ``span``, where ``span`` is the range of
    the variable over both results, at least 0.1 % of its largest magnitude. A value that is not a
    number in one result only counts as an infinite difference. ``until`` (ms) limits
    ``max_relative_before``, the same figure for samples before the first differing spike.
    """

    population: str
    variable: str
    unit: str
    samples: int
    units: int
    max_abs: float
    max_relative: float
    span: float
    first: FirstSample | None
    until: float | None
    max_relative_before: float

    @property
    def within(self) -> bool:
        """Whether every shared sample agrees to 1e-9 of the range."""
        return self.max_relative <= BOUND

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        first = self.first
        return {
            "unit": self.unit,
            "samples": self.samples,
            "units": self.units,
            "max_abs": self.max_abs,
            "max_relative": self.max_relative,
            "max_relative_before_first_spike_difference": self.max_relative_before,
            "first": None if first is None else first.to_json(),
        }


def compare_trace(
    population: str,
    base: Trace,
    other: Trace,
    until: float | None = None,
    connections: Connections | None = None,
) -> TraceComparison:
    """Compare one variable at the labels and units both results hold.

    ``connections`` of the projection, where it is the state of synapses. The range is that over
    all units together: a weight that never changes is measured on the scale of all weights.
    """
    a, b = common_samples(base, other)
    rows, _ = common_positions(labels(base.times), labels(other.times))
    columns, _ = common_positions(base.units, other.units)
    times, units = base.times[rows], base.units[columns]
    difference = differences(a, b)
    span = variable_span(a, b)
    largest = float(difference.max()) if difference.size else 0.0
    early = difference[: np.searchsorted(times, until)] if until is not None else difference
    return TraceComparison(
        population=population,
        variable=base.variable,
        unit=base.unit,
        samples=len(times),
        units=len(units),
        max_abs=largest,
        max_relative=relative(largest, span),
        span=span,
        first=_first(population, base.variable, times, units, difference, span, connections),
        until=until,
        max_relative_before=relative(float(early.max()) if early.size else 0.0, span),
    )


def differences(a: Floats, b: Floats) -> Floats:
    """|a - b|; infinite where only one of the two is a number, 0 where neither is."""
    with np.errstate(invalid="ignore"):
        difference: Floats = np.abs(a - b)
    odd = np.isnan(difference)
    if odd.any():
        same = (np.isnan(a) & np.isnan(b)) | (a == b)
        difference[odd] = np.where(same[odd], 0.0, np.inf)
    return difference


def variable_span(a: Floats, b: Floats) -> float:
    """Range over both, but at least `FLOOR` of the largest magnitude; in the values' unit."""
    finite = [values[np.isfinite(values)] for values in (a, b)]
    present = [values for values in finite if values.size]
    if not present:
        return 0.0
    low = min(float(values.min()) for values in present)
    high = max(float(values.max()) for values in present)
    return max(high - low, FLOOR * max(abs(low), abs(high)))


def relative(difference: float, span: float) -> float:
    """difference / span, with 0/0 = 0."""
    if difference == 0:
        return 0.0
    return difference / span if span > 0 else float("inf")


def _first(
    population: str,
    variable: str,
    times: Floats,
    units: NDArray[np.int64],
    difference: Floats,
    span: float,
    connections: Connections | None,
) -> FirstSample | None:
    beyond = difference > BOUND * span
    rows = np.flatnonzero(beyond.any(axis=1))
    if not len(rows):
        return None
    row = int(rows[0])
    column = int(np.argmax(difference[row]))
    unit = int(units[column])
    found = FirstSample(
        population,
        variable,
        unit,
        row,
        float(times[row]),
        float(difference[row, column]),
        before=float(difference[row - 1, column]) if row else 0.0,
    )
    if connections is None:
        return found
    own = connections.of([unit])
    place = connections.named(unit)
    return replace(found, pre=int(own.pre[0]), post=int(own.post[0]), place=place)
