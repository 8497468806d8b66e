"""PyNN's current sources on spikebridge: each is a course of amplitudes on the grid."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from pyNN.core import is_listlike
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

from ..definition.drawn import DrawnCurrent, Floats, Ints
from ..definition.numbers import stream
from ..results.order import grid_times
from . import simulator
from .standard import same_names

NANO = 1000.0  # pA
Values = dict[str, Any]


class CurrentSource(StandardCurrentSource):  # type: ignore[misc]
    """A source of a script; `course_of` says its course."""

    def __init__(self, **parameters: Any) -> None:
        state = simulator.state
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        space.evaluate(simplify=True)
        own = self.checked({n: _plain(v) for n, v in space.as_dict().items()})
        for name, value in {
            "begin": own,
            "later": [],
            "cells": [],
            "number": len(state.current_sources),
        }.items():
            object.__setattr__(self, name, value)
        state.current_sources.append(self)

    def courses(self) -> list[tuple[int, Values]]:
        """All parameters, from each step on at which they were set."""
        return [(0, self.begin), *self.later]

    def rewind(self) -> None:
        """Begin with the parameters that hold now."""
        object.__setattr__(self, "begin", self.courses()[-1][1])
        object.__setattr__(self, "later", [])
        object.__setattr__(self, "cells", [(cell, 0) for cell, _ in self.cells])

    def inject_into(self, cells: Any) -> None:
        """Inject the current into a Population, PopulationView, Assembly or list of cells."""
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        self.cells.extend((cell, simulator.state.step) for cell in cells)
        simulator.state.changed()

    def get_native_parameters(self) -> ParameterSpace:
        """What it has now."""
        return ParameterSpace(dict(self.courses()[-1][1]))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """From now on."""
        parameters.evaluate(simplify=True)
        given = {n: _plain(v) for n, v in parameters.as_dict().items()}
        now = self.checked({**self.courses()[-1][1], **given})
        step = simulator.state.step
        if step == 0:
            object.__setattr__(self, "begin", now)
        else:
            kept = [e for e in self.later if e[0] < step]
            object.__setattr__(self, "later", [*kept, (step, now)])
        simulator.state.changed()

    def record(self) -> None:
        """Nothing to do: the current is known without a simulation; `get_data` has it."""

    def _get_data(self) -> tuple[Floats, Floats]:
        """Times from 0 to the present (ms), and the current of the step that begins then (nA)."""
        state = simulator.state
        steps, values = self._course(state.step + 1)
        place = np.searchsorted(steps, np.arange(state.step + 1), side="right") - 1
        return grid_times(np.arange(state.step + 1), state.dt), values[place]

    def checked(self, values: Values) -> Values:
        """Parameters as they are kept.

        Raises:
            ValueError: they are none that the source can have.
        """
        return values

    @abstractmethod
    def course_of(self, values: Values) -> tuple[Ints, Floats]:
        """nA from each step on."""

    def currents(self) -> list[DrawnCurrent]:
        """The current into each population concerned."""
        steps, values = self._course(simulator.state.step)
        together: dict[Any, list[int]] = {}
        for cell, since in self.cells:
            key = (cell.parent, since)
            together.setdefault(key, []).append(cell.parent.id_to_index(cell))
        found = []
        for (population, since), units in together.items():
            name = f"current_{self.number}_{population.key}_{since}"
            own = _from(since, steps, values * NANO)
            found += [
                DrawnCurrent(name, population.key, population.celltype.current, some, *own)
                for some in _without_repeats(units)
            ]
        return found

    def _course(self, until: int) -> tuple[Ints, Floats]:
        """The pieces of all sets of parameters; from step 0, which comes first."""
        course = {0: 0.0}
        pieces = self.courses()
        ends = [*(begin for begin, _ in pieces[1:]), max(until, 1)]
        for (begin, values), end in zip(pieces, ends, strict=True):
            steps, amplitudes = self.course_of(values)
            before = np.flatnonzero(steps <= begin)
            course[begin] = float(amplitudes[before[-1]]) if len(before) else 0.0
            inside = (steps > begin) & (steps < end)
            course |= dict(zip(steps[inside].tolist(), amplitudes[inside].tolist(), strict=True))
        steps = np.array(sorted(course), dtype=np.int64)
        return steps, np.array([course[int(s)] for s in steps])


def _plain(value: Any) -> Any:
    if isinstance(value, Sequence):
        return np.asarray(value.value, dtype=float)
    if is_listlike(value):
        return _plain(value[0])
    return value


def _from(since: int, steps: Ints, values: Floats) -> tuple[Ints, Floats]:
    """The course of what is injected at step ``since`` only."""
    if since == 0:
        return steps, values
    first = int(np.searchsorted(steps, since, side="right")) - 1
    begin = np.array([0, since]), np.array([0.0, values[first]])
    return np.append(begin[0], steps[first + 1 :]), np.append(begin[1], values[first + 1 :])


def _without_repeats(units: list[int]) -> list[Ints]:
    """A unit into which a source was injected twice gets the current twice."""
    found: list[Ints] = []
    rest = np.array(units, dtype=np.int64)
    while len(rest):
        own, first = np.unique(rest, return_index=True)
        found.append(own)
        rest = np.delete(rest, first)
    return found


def _step(time: float) -> int:
    """The step from which a current acts that is said to begin at ``time``."""
    return round(min(time, 1e12) / simulator.state.dt)


class DCSource(CurrentSource, electrodes.DCSource):  # type: ignore[misc]
    __doc__ = electrodes.DCSource.__doc__
    translations = same_names("amplitude", "start", "stop")

    def course_of(self, values: Values) -> tuple[Ints, Floats]:
        """One pulse."""
        steps = np.array([_step(values["start"]), _step(values["stop"])])
        return steps, np.array([values["amplitude"], 0.0])


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = same_names("amplitudes", "times")

    def checked(self, values: Values) -> Values:
        """On the grid; of what falls on one step the last holds, as in PyNN's backends."""
        times, found = (np.asarray(values[n], dtype=float) for n in ("times", "amplitudes"))
        if len(times) and times.min() < 0:
            raise ValueError("Step current cannot accept negative timestamps.")
        if len(times) > 1 and np.diff(times).min() <= 0:
            raise ValueError("Step current timestamps should be monotonically increasing.")
        if len(times) != len(found):  # one is set after the other
            return values
        steps = np.array([_step(t) for t in times], dtype=np.int64)
        last = np.append(np.diff(steps) > 0, True)[: len(steps)]
        return {"times": grid_times(steps[last], simulator.state.dt), "amplitudes": found[last]}

    def course_of(self, values: Values) -> tuple[Ints, Floats]:
        """As given."""
        steps = np.array([_step(t) for t in values["times"]], dtype=np.int64)
        return steps, np.asarray(values["amplitudes"], dtype=float)


class ACSource(CurrentSource, electrodes.ACSource):  # type: ignore[misc]
    __doc__ = electrodes.ACSource.__doc__
    translations = same_names("amplitude", "start", "stop", "frequency", "offset", "phase")

    def course_of(self, values: Values) -> tuple[Ints, Floats]:
        """The sine at the beginning of each step."""
        begin, dt = _step(values["start"]), simulator.state.dt
        steps = np.arange(begin, min(_step(values["stop"]), simulator.state.step) + 1)
        angle = 2e-3 * np.pi * values["frequency"] * (steps - begin) * dt
        sine = np.sin(angle + np.deg2rad(values["phase"]))
        found = values["offset"] + values["amplitude"] * sine
        if len(found) and steps[-1] == _step(values["stop"]):
            found[-1] = 0.0
        return steps, found


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):  # type: ignore[misc]
    __doc__ = electrodes.NoisyCurrentSource.__doc__
    translations = same_names("mean", "stdev", "start", "stop", "dt")

    def __init__(self, **parameters: Any) -> None:
        parameters.pop("rng", None)
        super().__init__(**{"dt": simulator.state.dt, **parameters})

    def course_of(self, values: Values) -> tuple[Ints, Floats]:
        """A normal number per interval."""
        state = simulator.state
        every = max(_step(values["dt"]), 1)
        begin, stop = _step(values["start"]), _step(values["stop"])
        steps = np.arange(begin, min(stop, state.step) + 1, every)
        rng = stream(state.seed, f"noise {self.number}", str(state.segment_counter))
        found = values["mean"] + values["stdev"] * rng.standard_normal(len(steps))
        if stop <= state.step:
            steps, found = np.append(steps[steps < stop], stop), np.append(found[steps < stop], 0.0)
        return steps, found
