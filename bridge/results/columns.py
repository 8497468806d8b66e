"""Columns: what every simulator returns and every comparison reads. All times in ms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import SpikebridgeError
from ..records import dataclass, field, replace
from .connections import Connections, ConnectionsError, Synapses
from .order import (
    PerUnit,
    grid_times,
    in_order,
    on_grid,
    order_on_grid,
    order_pairs,
    split_by_sender,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FinalState = Mapping[str, NDArray[Any]]


class ColumnsError(SpikebridgeError):
    """Arrays of a result do not fit together: the simulator that made them has a defect."""


def _frozen(array: ArrayLike, dtype: Any) -> NDArray[Any]:
    """The array (not copied where the type fits) behind a read-only view."""
    view = np.asarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


def _require(condition: bool, problem: str, *, symbol: str | None = None) -> None:
    if not condition:
        raise ColumnsError(problem, symbol=symbol)


@dataclass(frozen=True, eq=False)
class Spikes:
    """The spikes of one population, ordered by (time, sender).

    ``times`` in ms; ``senders`` are indices 0..size-1 within the population; ``size`` counts the
    silent units too. Both arrays are read-only. Raises `ColumnsError` where they do not fit.
    """

    times: Floats
    senders: Ints
    size: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", _frozen(self.times, np.float64))
        object.__setattr__(self, "senders", _frozen(self.senders, np.int64))
        t, s = self.times, self.senders
        _require(t.ndim == 1 and t.shape == s.shape, f"spikes: times {t.shape}, senders {s.shape}")
        if len(t):
            inside = self.size > 0 and 0 <= s.min() and s.max() < self.size
            _require(bool(inside), f"spikes: a sender lies outside 0..{self.size - 1}")
            _require(bool(np.isfinite(t).all()), "spikes: a time is not finite")
            _require(in_order(t, s), "spikes are not ordered by time and sender: use from_raw")

    @classmethod
    def from_raw(
        cls, times: ArrayLike, senders: ArrayLike, size: int, dt: float | None = None
    ) -> Spikes:
        """Spikes from arrays in any order.

        With ``dt`` (ms) every time must lie on the grid to within 1e-6 steps and is stored as
        exactly k*dt; the order is then found from integers (10^7 spikes in about 1 s). Without
        it the times are kept as they are, for spikes between grid points.
        """
        t, s = np.asarray(times, dtype=np.float64), np.asarray(senders, dtype=np.int64)
        _require(t.ndim == 1 and t.shape == s.shape, f"spikes: times {t.shape}, senders {s.shape}")
        if dt is None:
            return cls(*order_pairs(t, s), size)
        steps = on_grid(t, dt)
        if steps is None:
            raise ColumnsError(f"spikes: a time is not a multiple of dt = {dt} ms")
        return cls._from_steps(steps, s, size, dt, reuse=True)

    @classmethod
    def from_steps(cls, steps: ArrayLike, senders: ArrayLike, size: int, dt: float) -> Spikes:
        """Spikes from step numbers k (time k*dt, ms) in any order."""
        k, s = np.asarray(steps, dtype=np.int64), np.asarray(senders, dtype=np.int64)
        _require(k.ndim == 1 and k.shape == s.shape, f"spikes: steps {k.shape}, senders {s.shape}")
        return cls._from_steps(k, s, size, dt, reuse=False)

    @classmethod
    def _from_steps(cls, steps: Ints, senders: Ints, size: int, dt: float, reuse: bool) -> Spikes:
        if len(senders):
            inside = size > 0 and 0 <= senders.min() and senders.max() < size
            _require(bool(inside), f"spikes: a sender lies outside 0..{size - 1}")
        steps, senders = order_on_grid(steps, senders, size, reuse=reuse)
        return cls(grid_times(steps, dt), senders, size)

    @classmethod
    def empty(cls, size: int) -> Spikes:
        """No spikes from ``size`` units."""
        return cls(np.empty(0), np.empty(0, dtype=np.int64), size)

    def __len__(self) -> int:
        return len(self.times)

    def counts(self) -> Ints:
        """Spikes per unit, shape (size,)."""
        return np.bincount(self.senders, minlength=self.size).astype(np.int64, copy=False)

    def per_unit(self) -> PerUnit:
        """The times unit by unit: ``per_unit()[i]`` are unit i's times in ms, ordered."""
        return split_by_sender(self.times, self.senders, self.size)

    def between(self, start: float, stop: float) -> Spikes:
        """Spikes with start < t <= stop (ms): a spike at a step's end belongs to that step."""
        first, last = np.searchsorted(self.times, [start, stop], side="right")
        return replace(self, times=self.times[first:last], senders=self.senders[first:last])

    def shifted(self, by: float, dt: float) -> Spikes:
        """Every time moved by ``by`` ms; times on the grid of ``dt`` stay exactly on it."""
        return replace(self, times=_moved(self.times, by, dt))


@dataclass(frozen=True, eq=False)
class Trace:
    """One recorded variable of one population, or of the synapses of one projection.

    ``values`` has shape (len(times), len(units)) and is in ``unit`` ("mV", "pA", "1", ...);
    ``times`` in ms, strictly increasing, sample 0 being the initial state; ``units`` are indices
    within the population, or places of connections within the projection. Raises `ColumnsError`
    where they do not fit.
    """

    variable: str
    unit: str
    times: Floats
    units: Ints
    values: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", _frozen(self.times, np.float64))
        object.__setattr__(self, "units", _frozen(self.units, np.int64))
        object.__setattr__(self, "values", _frozen(self.values, np.float64))
        shape, name = (len(self.times), len(self.units)), self.variable
        fits = self.values.shape == shape
        _require(fits, f"trace: values {self.values.shape}, expected {shape}", symbol=name)
        _require(bool((np.diff(self.times) > 0).all()), "trace: times not increasing", symbol=name)
        # not np.unique, which imports numpy.ma
        unique = (self.units >= 0).all() and (np.bincount(self.units) <= 1).all()
        _require(bool(unique), "trace: unit indices repeat or are negative", symbol=name)

    def between(self, start: float, stop: float) -> Trace:
        """Samples with start <= t <= stop (ms)."""
        first = np.searchsorted(self.times, start, side="left")
        last = np.searchsorted(self.times, stop, side="right")
        return replace(self, times=self.times[first:last], values=self.values[first:last])

    def shifted(self, by: float, dt: float) -> Trace:
        """Every sample moved by ``by`` ms; times on the grid of ``dt`` stay exactly on it."""
        return replace(self, times=_moved(self.times, by, dt))


@dataclass(frozen=True, eq=False)
class Columns:
    """The result of one run from 0 to ``duration`` ms with steps of ``dt`` ms.

    ``spikes`` are keyed by population, ``traces`` by population or by a projection whose synapses
    were recorded: ``connections`` names those projections and says which units they join.
    ``manifest`` is JSON-able and says where the result came from; ``final_state`` and ``weights``
    are filled where asked for.
    """

    simulator: str
    dt: float
    duration: float
    spikes: Mapping[str, Spikes]
    traces: Mapping[str, tuple[Trace, ...]]
    manifest: Mapping[str, Any]
    final_state: FinalState | None = None
    weights: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, Connections] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(self.dt > 0 and self.duration >= 0, f"dt {self.dt}, duration {self.duration}")
        slack = 1e-6 * self.dt
        spans = [(name, spikes.times) for name, spikes in self.spikes.items()]
        spans += [(name, trace.times) for name, some in self.traces.items() for trace in some]
        for name, times in spans:
            inside = not len(times) or (-slack <= times[0] and times[-1] <= self.duration + slack)
            _require(bool(inside), f"a time lies outside 0..{self.duration} ms", symbol=name)
        for name, known in self.connections.items():
            both = name in self.spikes
            _require(not both, "a population and a recorded projection of one name", symbol=name)
            for trace in self.traces.get(name, ()):
                known.of(trace.units)  # raises for a connection without units

    @property
    def populations(self) -> tuple[str, ...]:
        """Names of all populations with spikes or traces, in the order given."""
        names = dict.fromkeys([*self.spikes, *self.traces])
        return tuple(name for name in names if name not in self.connections)

    @property
    def projections(self) -> tuple[str, ...]:
        """Names of all projections with recorded synapses."""
        return tuple(self.connections)

    def trace(self, owner: str, variable: str) -> Trace:
        """The trace of one variable of a population or projection; `ColumnsError`: not recorded."""
        for trace in self.traces.get(owner, ()):
            if trace.variable == variable:
                return trace
        raise ColumnsError(
            "not recorded", symbol=f"{owner}.{variable}", remedy="add it to the recordings"
        )

    def synapses(self, projection: str, variable: str | None = None) -> Synapses:
        """A recorded state of the synapses of ``projection``; the only one where none is named.

        Raises:
            ConnectionsError: no recording of the projection, or several states to choose from.
        """
        traces = self.traces.get(projection, ()) if projection in self.connections else ()
        names = list(dict.fromkeys(t.variable for t in traces))
        if not names or variable not in (*names, None) or (variable is None and len(names) > 1):
            known = ", ".join(self.projections) if not names else ", ".join(names)
            what = "projection" if not names else "state"
            raise ConnectionsError(
                "several states were recorded" if variable is None and names else "not recorded",
                symbol=projection if variable is None else f"{projection}.{variable}",
                remedy=f"recorded {what}s are {known or '(none)'}",
            )
        trace = self.trace(projection, variable or names[0])
        own = self.connections[projection].of(trace.units)
        found = (trace.times, own.numbers, own.pre, own.post, trace.values)
        return Synapses(projection, trace.variable, trace.unit, *found)

    def between(self, start: float, stop: float) -> Columns:
        """The part from ``start`` to ``stop`` (ms) on a clock that starts at 0 again."""
        return replace(
            self,
            duration=stop - start,
            spikes={
                name: spikes.between(start, stop).shifted(-start, self.dt)
                for name, spikes in self.spikes.items()
            },
            traces={
                name: tuple(t.between(start, stop).shifted(-start, self.dt) for t in some)
                for name, some in self.traces.items()
            },
            manifest={**self.manifest, "part": [start, stop]},
            connections={n: known.shifted(-start) for n, known in self.connections.items()},
        )


def _moved(times: Floats, by: float, dt: float) -> Floats:
    """times + by, as exact multiples of dt where all of them are multiples of dt."""
    moved = times + by
    steps = on_grid(moved, dt)
    return moved if steps is None else grid_times(steps, dt)
