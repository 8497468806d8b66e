"""What a backend is asked to record, and traces from what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnRecording
from ...definition.evaluate import evaluate
from ...definition.expressions import Expression
from ...errors import DefinitionError
from ...passes.numeric import value_of
from ...results.columns import Trace
from ..base import refuse
from .backends import Backend
from .casting import Cast
from .job import Floats, Ints


def asked(network: DrawnNetwork, mine: Cast, backend: Backend) -> tuple[tuple[str, ...], Ints]:
    """The backend's names of all variables that recordings need, and the units concerned.

    Raises:
        DefinitionError: the population has no such quantity.
        Unsupported: the backend does not record a state that is needed.
    """
    names: dict[str, None] = {}
    units: set[int] = set()
    for recording in network.recordings:
        if recording.population == mine.population.name:
            states = _states(recording, mine)
            for state in states:
                names |= dict.fromkeys(_names(mine, state, backend))
            units |= set(np.asarray(recording.units).tolist()) if states else set()
    return tuple(names), np.array(sorted(units), dtype=np.int64)


def _states(recording: DrawnRecording, mine: Cast) -> list[str]:
    needed: set[str] = set()
    for variable in recording.variables:
        needed |= _expression(mine, variable).names
    return [s for s in mine.program.states if s in needed]


def _expression(mine: Cast, variable: str) -> Expression:
    program = mine.program
    if variable in program.recordables:
        return program.recordables[variable]
    if variable not in {*program.states, *program.parameters, *program.currents}:
        raise DefinitionError(
            f"{mine.population.name!r} has no variable {variable!r} to record",
            symbol=variable,
            remedy=f"choose one of {', '.join([*program.states, *program.recordables])}",
        )
    return Expression(variable)


def _names(mine: Cast, state: str, backend: Backend) -> list[str]:
    """What the backend calls the parts of a state."""
    parts = mine.match.states[state].recordables
    if not parts or any(part not in mine.played.records for part in parts):
        raise refuse(
            f"pynn.{backend.name}",
            f"recording {state!r} of {mine.population.name}",
            f"pyNN.{backend.name} does not record it of {mine.cell}",
            "record other states, or run it elsewhere",
        )
    return [mine.played.records[part][0] for part in parts]


def traces_of(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    samples: Mapping[str, Mapping[str, Floats]],
    backend: Backend,
    spikes: Mapping[str, tuple[Ints, Ints]],
) -> dict[str, tuple[Trace, ...]]:
    """Population -> its traces; ``samples[population][name]`` is (steps + 1, asked units)."""
    found: dict[str, list[Trace]] = {}
    for recording in network.recordings:
        mine = casts[recording.population]
        here = samples.get(recording.population, {})
        units = asked(network, mine, backend)[1]
        columns = np.searchsorted(units, recording.units)
        states = {s: _state(mine, s, here, recording, columns) for s in _states(recording, mine)}
        if backend.unreset:
            _reset(mine, states, spikes[recording.population], recording)
        made = _traces(network, recording, mine, states)
        found.setdefault(recording.population, []).extend(made)
    return {name: tuple(traces) for name, traces in found.items()}


def _state(
    mine: Cast,
    state: str,
    samples: Mapping[str, Floats],
    recording: DrawnRecording,
    columns: Ints,
) -> Floats:
    """All samples of a state in the definition's unit; sample 0 is the drawn initial value."""
    entry, population = mine.match.states[state], mine.population
    total: Any = 0.0
    for part in entry.recordables:
        name, factor = mine.played.records[part]
        total = total + samples[name][:, columns] * (factor * mine.scale(part))
    factor = evaluate(entry.factor, population.parameters)
    units = np.asarray(recording.units)
    values: Floats = total * _at(factor, units)
    values[0] = np.broadcast_to(population.initial[state], (population.size,))[units]
    return values


def _reset(
    mine: Cast,
    states: Mapping[str, Floats],
    spikes: tuple[Ints, Ints],
    recording: DrawnRecording,
) -> None:
    """Samples at a unit's own spikes as the contract has them: after the effects."""
    steps, senders = spikes
    units = np.asarray(recording.units)
    inside = np.isin(senders, units)
    steps, columns = steps[inside], np.searchsorted(units, senders[inside])
    values = mine.population.parameters
    chosen = {n: _at(v, senders[inside]) for n, v in values.items()}
    for effect in mine.program.effects:
        # an increment is in the sample already: only what is set anew is missing
        if effect.target in states and not effect.value.names & set(mine.program.states):
            states[effect.target][steps, columns] = value_of(effect.value, chosen)


def _traces(
    network: DrawnNetwork, recording: DrawnRecording, mine: Cast, states: Mapping[str, Floats]
) -> list[Trace]:
    steps = np.arange(network.steps // recording.every + 1) * recording.every
    units = np.asarray(recording.units, dtype=np.int64)
    scope: dict[str, Any] = {n: v[steps] for n, v in states.items()}
    values = mine.population.parameters
    scope |= {n: _at(v, units) for n, v in values.items()}
    scope |= dict.fromkeys(mine.program.currents, 0.0)
    for quantity, course in mine.courses.items():
        course_values = course.at(steps)
        one_for_all = course_values.ndim == 1
        scope[quantity] = course_values[:, None] if one_for_all else course_values[:, units]
    scope["t"] = (steps * network.dt)[:, None]
    times = np.asarray(steps * network.dt, dtype=np.float64)
    shape = (len(steps), len(units))
    return [
        Trace(
            variable,
            _unit(mine, variable),
            times,
            units,
            np.array(np.broadcast_to(value_of(_expression(mine, variable), scope), shape)),
        )
        for variable in recording.variables
    ]


def _at(value: Any, units: Ints) -> Any:
    return value[units] if np.ndim(value) else value


def _unit(mine: Cast, variable: str) -> str:
    neuron = mine.population.neuron
    if variable in neuron.ports:
        return str(neuron.ports[variable].unit)
    return str(neuron.recorded_unit(variable))
