"""The connections whose states were recorded: which units they join, and how their delay lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import SpikebridgeError
from ..records import dataclass, replace
from .order import grid_times

if TYPE_CHECKING:
    from ..definition.drawn import DrawnNetwork, DrawnProjection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class ConnectionsError(SpikebridgeError):
    """What was asked for is no recorded projection, or no connection of it."""


@dataclass(frozen=True, eq=False)
class Connections:
    """Connections of one projection, ``source`` -> ``target`` (names of populations or stimuli).

    ``numbers``: their places in the projection; ``pre`` and ``post``: the units they
    join (PyNN's ``presynaptic_index`` and ``postsynaptic_index``); ``axonal`` and ``dendritic``:
    the parts of the delay before and after the synapse, in ms. All have one entry a connection.
    ``stamps``: of a frozen stimulus times (ms) and units of all spikes of the units in ``pre``,
    because a result holds the spikes of populations only.
    """

    source: str
    target: str
    numbers: Ints
    pre: Ints
    post: Ints
    axonal: Floats
    dendritic: Floats
    stamps: tuple[Floats, Ints] | None = None

    def __post_init__(self) -> None:
        for name in ("numbers", "pre", "post", "axonal", "dendritic"):
            kind = np.float64 if name in ("axonal", "dendritic") else np.int64
            array = np.asarray(getattr(self, name), dtype=kind).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
            if array.shape != np.shape(self.numbers):
                raise ConnectionsError(f"connections: {name} {array.shape}", symbol=name)
        if len(np.unique(self.numbers)) < len(self.numbers):
            raise ConnectionsError("connections: a number occurs twice")

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, numbers: ArrayLike) -> Connections:
        """Those with the given numbers, in that order (`ConnectionsError`: not recorded)."""
        wanted = np.asarray(numbers, dtype=np.int64)
        order = np.argsort(self.numbers)
        sought = np.searchsorted(self.numbers, wanted, sorter=order)
        known = sought < len(self)
        known[known] = self.numbers[order[sought[known]]] == wanted[known]
        if not known.all():
            raise ConnectionsError(f"no connection {wanted[~known][0]} was recorded")
        places = order[sought]
        units = (self.pre[places], self.post[places])
        delays = (self.axonal[places], self.dendritic[places])
        return Connections(self.source, self.target, wanted, *units, *delays, self.stamps)

    def shifted(self, by: float) -> Connections:
        """The same on a clock moved by ``by`` ms."""
        if self.stamps is None:
            return self
        return replace(self, stamps=(self.stamps[0] + by, self.stamps[1]))

    def named(self, number: int) -> str:
        """A connection in words: ``connection 12 (E 3 -> I 7)``."""
        one = self.of([number])
        return f"connection {number} ({self.source} {one.pre[0]} -> {self.target} {one.post[0]})"

    def same_as(self, other: Connections, numbers: ArrayLike) -> bool:
        """Whether both join the same units by the connections with these numbers."""
        a, b = self.of(numbers), other.of(numbers)
        return np.array_equal(a.pre, b.pre) and np.array_equal(a.post, b.post)


@dataclass(frozen=True, eq=False)
class Synapses:
    """One recorded state of the synapses of a projection.

    ``values`` is (times, connections), in ``unit``; ``times`` in ms; ``pre`` and ``post`` are the
    units that the connections join, ``numbers`` the connections' places in the projection.
    """

    projection: str
    variable: str
    unit: str
    times: Floats
    numbers: Ints
    pre: Ints
    post: Ints
    values: Floats

    @property
    def final(self) -> Floats:
        """The last sample, one value a connection."""
        found: Floats = self.values[-1]
        return found

    def matrix(self, time: float | None = None) -> Floats:
        """The sample at ``time`` ms (the last one) as a matrix (pre, post), NaN for no connection.

        Raises:
            ConnectionsError: two recorded connections join the same units, or no such sample.
        """
        row = len(self.times) - 1 if time is None else int(np.abs(self.times - time).argmin())
        if time is not None and abs(self.times[row] - time) > 1e-6:
            raise ConnectionsError(f"{self.variable} was not sampled at {time:g} ms")
        shape = (int(self.pre.max(initial=-1)) + 1, int(self.post.max(initial=-1)) + 1)
        if len({*zip(self.pre.tolist(), self.post.tolist(), strict=True)}) < len(self.pre):
            raise ConnectionsError(
                "several connections join the same units",
                symbol=self.projection,
                remedy="take pre, post and values, which list every connection",
            )
        found = np.full(shape, np.nan)
        found[self.pre, self.post] = self.values[row]
        return found


def recorded_connections(network: DrawnNetwork) -> Mapping[str, Connections]:
    """Projection -> the connections that a recording of ``network`` names."""
    numbers: dict[str, Ints] = {}
    for recording in network.synapse_recordings:
        known = numbers.get(recording.projection, np.empty(0, np.int64))
        numbers[recording.projection] = np.union1d(known, recording.units)
    return {n: _chosen(network, network.projections[n], k) for n, k in numbers.items()}


def _chosen(network: DrawnNetwork, projection: DrawnProjection, numbers: Ints) -> Connections:
    dt = network.dt
    assert projection.sources is not None and projection.targets is not None
    axonal = np.asarray(projection.axonal)
    dendritic = np.asarray(projection.delays) - axonal
    return Connections(
        projection.pre,
        projection.post,
        numbers,
        projection.sources[numbers],
        projection.targets[numbers],
        _each(axonal * dt, numbers),
        _each(dendritic * dt, numbers),
        _stamps(network, projection.pre, projection.sources[numbers]),
    )


def _stamps(network: DrawnNetwork, name: str, units: Ints) -> tuple[Floats, Ints] | None:
    """Spikes of a frozen stimulus, of those units."""
    source = network.sources.get(name)
    if source is None or source.steps is None or source.senders is None:
        return None
    chosen = np.isin(source.senders, units)
    return grid_times(source.steps[chosen], network.dt), source.senders[chosen]


def _each(values: NDArray[Any], numbers: Ints) -> Floats:
    found: Floats = values[numbers] if values.ndim else np.full(len(numbers), float(values))
    return found
