"""Traces from samples: states as NEST recorded them, subexpressions evaluated afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnRecording
from ...definition.expressions import Expression
from ...errors import DefinitionError
from ...passes.numeric import value_of
from ...passes.program import Program
from ...results.columns import Trace
from ..base import refuse
from ..courses import Course
from .cast import Cast, phases_of
from .decode import states_from
from .job import Floats, Ints, Meter


def meters_of(network: DrawnNetwork, casts: Mapping[str, Cast]) -> list[Meter | None]:
    """A meter per recording; None where it needs no state.

    Raises:
        DefinitionError: the population has no such quantity.
        Unsupported: the value is drawn in NEST and lost.
    """
    meters: list[Meter | None] = []
    for recording in network.recordings:
        cast = casts[recording.population]
        states = _states(recording, cast)
        if cast.coded:  # the spike_recorder has it all
            states = []
        names = dict.fromkeys(n for s in states for n in cast.node.recordables[s][0])
        nest = tuple(names)
        none = not nest or not len(recording.units)
        meters.append(
            None if none else Meter(recording.population, recording.units, recording.every, nest)
        )
    return meters


def states_needed(network: DrawnNetwork, population: str, program: Program) -> set[str]:
    """States of ``population`` that recordings need."""
    names: set[str] = set()
    for recording in network.recordings:
        if recording.population == population:
            for variable in recording.variables:
                names |= expression_of(program, variable, population).names
    return names & set(program.states)


def _states(recording: DrawnRecording, cast: Cast) -> list[str]:
    """The states that the recorded variables need."""
    program = cast.program
    needed: set[str] = set()
    for variable in recording.variables:
        names = expression_of(program, variable, recording.population).names
        lost = sorted(names & ((set(program.noise) - set(cast.courses)) | cast.hidden))
        if lost:
            raise refuse(
                "nest",
                f"recording {variable!r}",
                f"{lost[0]} is known inside NEST only",
                "record states, or freeze the noise",
            )
        needed |= names & set(program.states)
        missing = sorted(needed - set(cast.node.recordables))
        if missing:
            raise refuse(
                "nest",
                f"recording {missing[0]!r}",
                f"{cast.node.model} does not record it",
                'run with {"match": False}',
            )
    return [s for s in program.states if s in needed]


def expression_of(program: Program, variable: str, population: str) -> Expression:
    """The recorded variable as an expression of the program's names."""
    if variable in program.recordables:
        return program.recordables[variable]
    known = {*program.states, *program.parameters, *program.currents, *program.noise}
    if variable not in known:
        raise DefinitionError(
            f"{population!r} has no variable {variable!r} to record",
            symbol=variable,
            remedy=f"choose one of {', '.join([*program.states, *program.recordables])}",
        )
    return Expression(variable)


def traces_of(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    recordings: Mapping[int, Mapping[str, Floats]],
    spikes: Mapping[str, tuple[Ints, Ints]],
) -> Mapping[str, tuple[Trace, ...]]:
    """Population -> its traces.

    ``recordings[index]`` holds what the meter of a recording gave; ``spikes`` those that code the
    states of binary neurons.
    """
    found: dict[str, list[Trace]] = {}
    for index, recording in enumerate(network.recordings):
        samples = recordings.get(index, {})
        name = recording.population
        traces = _traces(recording, samples, network, casts[name], spikes.get(name))
        found.setdefault(recording.population, []).extend(traces)
    return {name: tuple(traces) for name, traces in found.items()}


def _traces(
    recording: DrawnRecording,
    samples: Mapping[str, Floats],
    network: DrawnNetwork,
    cast: Cast,
    spikes: tuple[Ints, Ints] | None,
) -> list[Trace]:
    population = network.populations[recording.population]
    units = np.asarray(recording.units, dtype=np.int64)
    steps = np.arange(network.steps // recording.every + 1) * recording.every
    states: dict[str, Any] = {}
    for state in _states(recording, cast):
        if cast.coded and spikes is not None:
            states[state] = states_from(*spikes, units, recording.every, len(steps))
            continue
        names, scale = cast.node.recordables[state]
        first = np.broadcast_to(population.initial[state], (population.size,))[units]
        values = np.zeros((len(steps) - 1, len(units)))
        for name in names if samples else ():
            values = values + samples[name]
        factor = scale[units] if np.ndim(scale) else scale
        states[state] = np.vstack([first[None, :], values * factor])
    scope = {**states, **_currents(cast.courses, cast.program, steps, units)}
    scope["t"] = (steps * network.dt)[:, None]
    return [
        Trace(
            variable,
            _unit(population.neuron, variable),
            np.asarray(steps * network.dt, dtype=np.float64),
            units,
            _evaluate(variable, recording, network, cast, scope, steps),
        )
        for variable in recording.variables
    ]


def _unit(neuron: Any, variable: str) -> str:
    if variable in neuron.ports:
        return str(neuron.ports[variable].unit)
    return str(neuron.recorded_unit(variable))


def _currents(
    courses: Mapping[str, Course], program: Program, steps: Ints, units: Ints
) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(program.currents, 0.0)
    for name, course in courses.items():
        values = course.at(steps)
        found[name] = values[:, None] if values.ndim == 1 else values[:, units]
    return found


def _evaluate(
    variable: str,
    recording: DrawnRecording,
    network: DrawnNetwork,
    cast: Cast,
    scope: Mapping[str, Any],
    steps: Ints,
) -> Floats:
    """The samples of one variable, phase by phase: a parameter change holds from its step on."""
    if variable in cast.program.states:
        return np.asarray(scope[variable])
    expression = expression_of(cast.program, variable, recording.population)
    result = np.empty((len(steps), len(recording.units)))
    phases = phases_of(network, recording.population)
    starts = [step for step, _ in phases]
    for (start, values), stop in zip(phases, [*starts[1:], None], strict=True):
        rows = (steps >= start) & (steps < stop if stop is not None else True)
        here = {n: v[rows] if np.ndim(v) == 2 else v for n, v in scope.items()}
        numbers = {**values, **cast.program.constants_of(values, network.dt)}
        mine = {n: v[recording.units] if np.ndim(v) else v for n, v in numbers.items()}
        result[rows] = value_of(expression, {**mine, **here})
    return result
