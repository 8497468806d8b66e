"""PyNN's spike sources on spikebridge: trains that are given, and Poisson trains."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels import StandardCellType, cells

from ..definition.drawn import DrawnSource, Floats, Ints
from ..definition.numbers import stream
from .standard import absent, same_names

if TYPE_CHECKING:
    from .populations import Population
    from .simulator import State

BLOCK = 1000  # steps drawn from one stream: a longer run begins with the shorter one
HERTZ = 1e-3  # kHz
SLACK = 1e-6  # of a step, within which a time is on the grid


class ScriptSource(StandardCellType):  # type: ignore[misc]
    """A source of a script: `source` says its spikes."""

    always_local = False

    @staticmethod
    def check(values: Mapping[str, Any], dt: float) -> None:
        """Raise PyNN's error for parameters that no source can have."""
        del values, dt

    @staticmethod
    @abstractmethod
    def source(population: Population, state: State) -> DrawnSource:
        """The spikes of a population up to the present."""


class SpikeSourceArray(cells.SpikeSourceArray, ScriptSource):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = same_names("spike_times")

    @staticmethod
    def check(values: Mapping[str, Any], dt: float) -> None:
        """Times increase and are positive."""
        _gridded(values["spike_times"], dt)

    @staticmethod
    def source(population: Population, state: State) -> DrawnSource:
        """Given times, rounded up to the grid as NEST does; each set of them from when it was set
        on.
        """
        found: list[tuple[Ints, Ints]] = []
        pieces = [*population.courses(), (state.step, {})]
        for (begin, values), (end, _) in pairwise(pieces):
            steps, senders = _gridded(values["spike_times"], state.dt)
            inside = (steps > begin) & (steps <= end)
            found.append((steps[inside], senders[inside]))
        steps, senders = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((senders, steps))
        return DrawnSource(population.key, population.size, steps[order], senders[order])


def _gridded(trains: Any, dt: float) -> tuple[Ints, Ints]:
    """All spikes as steps and senders.

    Raises:
        InvalidParameterValueError: a time is not positive, or one follows a later one.
    """
    times = [np.asarray(train.value, dtype=float) for train in trains]
    if any(np.any(np.diff(t) < 0) for t in times):
        raise errors.InvalidParameterValueError(
            "Spike times given to SpikeSourceArray must be in increasing order"
        )
    steps = np.ceil(np.concatenate(times) / dt - SLACK).astype(np.int64)
    if len(steps) and steps.min() < 1:
        raise errors.InvalidParameterValueError(
            f"Spike times given to SpikeSourceArray must be positive: {min(map(_first, times))} ms"
        )
    return steps, np.repeat(np.arange(len(times)), [len(t) for t in times])


def _first(times: Floats) -> float:
    return float(times[0]) if len(times) else float("inf")


class SpikeSourcePoisson(cells.SpikeSourcePoisson, ScriptSource):  # type: ignore[misc]
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same_names("rate", "start", "duration")

    @staticmethod
    def source(population: Population, state: State) -> DrawnSource:
        """Drawn here where they are recorded or the simulator cannot draw; else left to it."""
        steps, rates = _rates(population, state)
        if state.draws and not population.recorder.recorded:
            return DrawnSource(population.key, population.size, None, None, steps, rates)
        trains = [
            _drawn(population, state, begin, steps, rates)
            for begin in range(0, max(state.step, 1), BLOCK)
        ]
        at, who = (np.concatenate(part) for part in zip(*trains, strict=True))
        return DrawnSource(population.key, population.size, at, who)


def _rates(population: Population, state: State) -> tuple[Ints, Floats]:
    """Rates (kHz) of all units from each step on."""
    size, dt = population.size, state.dt
    edges = {0}
    pieces = []
    for begin, values in population.courses():
        start = np.rint(np.broadcast_to(values["start"], size) / dt)
        stop = np.rint((np.broadcast_to(values["start"] + values["duration"], size)) / dt)
        pieces.append((begin, start, stop, np.broadcast_to(values["rate"], size) * HERTZ))
        inside = np.concatenate([start, stop])
        edges |= {begin} | {int(s) for s in inside if begin < s < state.step}
    steps = np.array(sorted(edges), dtype=np.int64)
    rates = np.zeros((len(steps), size))
    for begin, start, stop, rate in pieces:
        for row in np.flatnonzero(steps >= begin):
            rates[row] = np.where((steps[row] >= start) & (steps[row] < stop), rate, 0.0)
    return steps, rates


def _drawn(
    population: Population, state: State, begin: int, starts: Ints, rates: Floats
) -> tuple[Ints, Ints]:
    """Spikes of one block of steps, by step and unit."""
    rng = stream(state.seed, population.key, str(state.segment_counter), str(begin))
    rows = np.searchsorted(starts, np.arange(begin, begin + BLOCK), side="right") - 1
    counts = rng.poisson(rates[rows] * state.dt)
    step, unit = np.nonzero(counts)
    step, unit = (np.repeat(x, counts[step, unit]) for x in (step, unit))
    inside = begin + 1 + step <= state.step
    return (begin + 1 + step)[inside], unit[inside]


SpikeSourcePoissonRefractory = absent("SpikeSourcePoissonRefractory")
SpikeSourceGamma = absent("SpikeSourceGamma")
SpikeSourceInhGamma = absent("SpikeSourceInhGamma")
