"""Projections of a script on spikebridge: lists of connections, made by PyNN's own connectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.space import Space

from ..definition.drawn import Floats, Ints
from ..errors import Unsupported
from . import simulator
from .synapses import Place, ScriptSynapse, StaticSynapse

ADDRESS = ("presynaptic_index", "postsynaptic_index")


class Connection(common.Connection):  # type: ignore[misc]
    """One connection: its two indices, and its attributes."""

    def __init__(self, projection: Projection, place: int) -> None:
        object.__setattr__(self, "_projection", projection)
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> Any:
        if name not in (*ADDRESS, *self._projection.names):
            raise AttributeError(name)
        return self._projection.column(name)[self._place]

    def __setattr__(self, name: str, value: Any) -> None:
        values = np.array(self._projection.column(name), dtype=float)
        values[self._place] = value
        self._projection.set_column(name, values)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Some of them."""
        return tuple(getattr(self, n) for n in names)


class Projection(common.Projection):  # type: ignore[misc]
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            space or Space(),
            label,
        )
        simulator.state.check_new(f"the projection {self.label}")
        if not isinstance(self.synapse_type, ScriptSynapse):
            raise Unsupported(
                f"{type(self.synapse_type).__name__} is no synapse type of this module",
                symbol=self.label,
                remedy="take sim.StaticSynapse, sim.TsodyksMarkramSynapse or sim.STDPMechanism",
            )
        self.start: dict[str, Any] = {}
        self._parts: list[tuple[Ints, int, dict[str, Any]]] = []
        connector.connect(self)
        self.pre_index, self.post_index, self._begin = self._joined()
        self._later: list[tuple[int, dict[str, Any]]] = []
        simulator.state.projections.append(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the attributes."""
        return tuple(self._begin)

    @property
    def delays(self) -> Any:
        """Of the connections, ms."""
        return self._begin["delay"]

    def _convergent_connect(
        self,
        presynaptic_indices: Ints,
        postsynaptic_index: int,
        location_selector: Any = None,
        **connection_parameters: Any,
    ) -> None:
        if location_selector is not None:
            raise Unsupported("a location on a cell", symbol=self.label, remedy="use point neurons")
        self._parts.append((presynaptic_indices, postsynaptic_index, connection_parameters))

    def _joined(self) -> tuple[Ints, Ints, dict[str, Any]]:
        """All connections, by presynaptic and then by postsynaptic index."""
        parts, self._parts = self._parts, []
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return none, none, dict.fromkeys(self.synapse_type.default_parameters, 0.0)
        pre = np.concatenate([np.asarray(p, dtype=np.int64) for p, _, _ in parts])
        counts = [len(p) for p, _, _ in parts]
        post = np.repeat(np.array([j for _, j, _ in parts], dtype=np.int64), counts)
        order = np.lexsort((post, pre))
        found = {}
        for name in parts[0][2]:
            values = [p[name] for _, _, p in parts]
            if all(np.ndim(v) == 0 for v in values) and len(set(values)) == 1:
                found[name] = float(values[0])
                continue
            each = [np.broadcast_to(v, n) for v, n in zip(values, counts, strict=True)]
            found[name] = np.concatenate(each)[order].astype(float)
        found["delay"] = self._on_grid(found["delay"])
        return pre[order], post[order], found

    def _on_grid(self, delays: Any) -> Any:
        """Delays, rounded to the grid as PyNN's simulators do.

        Raises:
            ConnectionError: PyNN's, for a delay below one step.
        """
        dt = simulator.state.dt
        steps = np.rint(np.asarray(delays, dtype=float) / dt)
        if np.any(steps < 1):
            raise errors.ConnectionError(
                f"{self.label}: a delay of {np.min(delays):g} ms is below the time step {dt:g} ms"
            )
        return steps * dt if steps.ndim else float(steps * dt)

    def __len__(self) -> int:
        return len(self.pre_index)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [Connection(self, k) for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"{i} > {len(self) - 1}")
        return Connection(self, i % len(self))

    @property
    def connections(self) -> Iterator[Connection]:
        """All of them, one by one."""
        return (Connection(self, k) for k in range(len(self)))

    def courses(self) -> list[tuple[int, dict[str, Any]]]:
        """All attributes, from each step on at which they were set."""
        return [(0, self._begin), *self._later]

    def rewind(self) -> None:
        """Begin with the attributes that hold now."""
        self._begin = self.courses()[-1][1]
        self._later = []

    def column(self, name: str) -> Any:
        """One attribute (or address) of every connection, now."""
        if name in ADDRESS:
            return self.pre_index if name == ADDRESS[0] else self.post_index
        state = simulator.state
        if name in self.synapse_type.moving and state.step:
            return self._moved(name)
        value = self.courses()[-1][1].get(name)
        if value is None:  # a state, before the first run
            begin = self.synapse_type.translated(self._begin, Place(1.0, np.nan, self.start))
            value = begin.initial[name]
        return np.broadcast_to(value, len(self))

    def _moved(self, name: str) -> Floats:
        """An attribute that changes by itself, at the end of the run so far."""
        variable, whole = self.synapse_type.moving[name]
        found = np.empty(len(self))
        results = simulator.state.results()
        for part, chosen in parts_of(self, simulator.state):
            synapses = results.synapses(part, variable)
            found[chosen[synapses.numbers]] = synapses.values[-1]
        return found * np.asarray(self.courses()[-1][1][whole]) if whole else found

    def set_column(self, name: str, values: Any) -> None:
        """One attribute from now on.

        Raises:
            Unsupported: the network has run, and the attribute is fixed or moves by itself.
        """
        state = simulator.state
        values = self._on_grid(values) if name == "delay" else values
        now = {**self.courses()[-1][1], name: values}
        if state.step == 0:
            self._begin = now
        elif name != "weight" or self.synapse_type.moving or self.synapse_type.states:
            raise Unsupported(
                f"{name} of {type(self.synapse_type).__name__} set after a run",
                symbol=self.label,
                remedy="set it before the first run, or after reset()",
            )
        else:
            self._later = [e for e in self._later if e[0] < state.step] + [(state.step, now)]
        state.changed()

    def _set_attributes(self, parameter_space: Any) -> None:
        parameter_space.evaluate(simplify=False)
        for name, values in parameter_space.as_dict().items():
            self.set_column(name, values[self.pre_index, self.post_index])

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        if variable not in self.synapse_type.states:
            raise Unsupported(
                f"{variable!r} is no state of {type(self.synapse_type).__name__} that can be set",
                symbol=self.label,
                remedy=f"choose from {', '.join(self.synapse_type.states) or '(none)'}",
            )
        self.start[variable] = value.evaluate(simplify=True)
        simulator.state.changed()

    def _get_attributes_as_list(self, names: Any) -> list[tuple[Any, ...]]:
        columns = [self.column(n).tolist() for n in names]
        return list(zip(*columns, strict=True))

    def _get_attributes_as_arrays(self, names: Any, multiple_synapses: str = "sum") -> list[Floats]:
        found = []
        for name in names:
            table = np.full(self.shape, np.nan)
            _fill(table, self.pre_index, self.post_index, self.column(name), multiple_synapses)
            found.append(table)
        return found


def parts_of(projection: Projection, state: Any) -> Iterator[tuple[str, Ints]]:
    """The name in the network, and the connections, between each pair of populations."""
    if not len(projection):
        return
    pre, post = placed(projection, state)[::2]
    number, count = state.projections.index(projection), len(state.populations)
    pairs = pre * count + post
    for pair in np.unique(pairs).tolist():
        source, target = state.populations[pair // count], state.populations[pair % count]
        yield f"{source.key}_{target.key}_{number}", np.flatnonzero(pairs == pair)


def placed(projection: Projection, state: Any) -> tuple[Ints, Ints, Ints, Ints]:
    """Of every connection: population and unit before it, population and unit after it."""
    firsts = np.array([int(p.first_id) for p in state.populations])
    found: list[Ints] = []
    for group, index in (
        (projection.pre, projection.pre_index),
        (projection.post, projection.post_index),
    ):
        ids = np.fromiter(group.all_cells, dtype=np.int64)[index]
        place = np.searchsorted(firsts, ids, side="right") - 1
        found += [place, ids - firsts[place]]
    return found[0], found[1], found[2], found[3]


def _fill(table: Floats, rows: Ints, columns: Ints, values: Any, how: str) -> None:
    """Several connections of one pair by PyNN's rule."""
    at = (rows, columns)
    if how in ("last", "first"):
        step = 1 if how == "last" else -1
        table[rows[::step], columns[::step]] = np.asarray(values)[::step]
        return
    begin = {"sum": 0.0, "min": np.inf, "max": -np.inf}[how]
    join = {"sum": np.add, "min": np.minimum, "max": np.maximum}[how]
    table[at] = begin
    join.at(table, at, values)
