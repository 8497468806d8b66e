"""Spikes and samples of a fixed-step run, and its final state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnNetwork, DrawnRecording
from ...errors import DefinitionError
from ...results.columns import Spikes, Trace
from ...results.order import grid_times
from ..learning import Learning
from ..synapse_traces import synapse_traces
from .fixed import Group
from .plastic import Plastic

Ints = NDArray[np.int64]
State = dict[str, NDArray[Any]]


class Recorder:
    """Keeps what the recordings ask for; step numbers count from ``first``."""

    def __init__(
        self,
        network: DrawnNetwork,
        groups: Mapping[str, Group],
        first: int,
        plastic: Mapping[str, Plastic | Learning],
    ) -> None:
        self.network, self.groups, self.first, self.plastic = network, groups, first, plastic
        self.weights = [
            [np.empty(((network.steps - first) // r.every + 1, len(r.units))) for _ in r.variables]
            for r in network.synapse_recordings
        ]
        self.samples: list[list[NDArray[np.float64]]] = [
            [np.empty(((network.steps - first) // r.every + 1, len(r.units))) for _ in r.variables]
            for r in network.recordings
        ]
        self.steps: dict[str, list[int]] = {name: [] for name in groups}
        self.senders: dict[str, list[Ints]] = {name: [] for name in groups}
        self.sample(first)

    def sample(self, k: int) -> None:
        """Sample the state x_k."""
        since = k - self.first
        if any(since % r.every == 0 for r in self.network.recordings):
            for group in self.groups.values():
                group.couple(k)
        for recording, arrays in zip(self.network.recordings, self.samples, strict=True):
            if since % recording.every == 0:
                for variable, array in zip(recording.variables, arrays, strict=True):
                    value = _value(self.groups[recording.population], variable, k)
                    array[since // recording.every] = value[recording.units]
        for synapses, arrays in zip(self.network.synapse_recordings, self.weights, strict=True):
            if since % synapses.every == 0:
                own = self.plastic[synapses.projection]
                for variable, array in zip(synapses.variables, arrays, strict=True):
                    array[since // synapses.every] = own.value(variable, synapses.units, k)

    def spike(self, k: int, spikes: Mapping[str, Ints]) -> None:
        """Keep the spikes of step k."""
        for name, senders in spikes.items():
            if len(senders):
                self.steps[name].append(k - self.first)
                self.senders[name].append(senders)

    def spikes(self) -> dict[str, Spikes]:
        """All spikes, by population."""
        return {name: self._spikes(name) for name in self.groups}

    def _spikes(self, name: str) -> Spikes:
        size, senders = self.groups[name].size, self.senders[name]
        if not senders:
            return Spikes.empty(size)
        steps = np.repeat(self.steps[name], [len(s) for s in senders])
        return Spikes.from_steps(steps, np.concatenate(senders), size, self.network.dt)

    def traces(self) -> dict[str, tuple[Trace, ...]]:
        """All samples, by population or projection."""
        found: dict[str, tuple[Trace, ...]] = {}
        for recording, arrays in zip(self.network.recordings, self.samples, strict=True):
            new = tuple(
                self._trace(recording, v, a)
                for v, a in zip(recording.variables, arrays, strict=True)
            )
            found[recording.population] = (*found.get(recording.population, ()), *new)
        for synapses, arrays in zip(self.network.synapse_recordings, self.weights, strict=True):
            traces = synapse_traces(self.network, synapses, arrays)
            found[synapses.projection] = (*found.get(synapses.projection, ()), *traces)
        return found

    def _trace(self, recording: DrawnRecording, variable: str, array: Any) -> Trace:
        neuron = self.network.populations[recording.population].neuron
        times = grid_times(np.arange(len(array)) * recording.every, self.network.dt)
        return Trace(variable, neuron.recorded_unit(variable), times, recording.units, array)


def _value(group: Group, variable: str, k: int) -> NDArray[np.float64]:
    if variable in group.states:
        return group.states[variable]
    values = dict(group.values)
    group.inputs.at(k, values)
    for port, amount in group.coupled.items():
        values[port] = values[port] + amount
    value = group.program.recordables[variable]({**values, **group.states})
    return np.broadcast_to(value, group.size)


def final_state(groups: Mapping[str, Group], step: int) -> State:
    """Everything that decides the steps after ``step``: states, refractory counts, arrivals.

    Row d - 1 of the arrivals is what arrives d steps later.
    """
    found: State = {"step": np.array(step)}
    for name, group in groups.items():
        found |= {f"{name}.{s}": np.array(x) for s, x in group.states.items()}
        found[f"{name}.refractory_steps_left"] = group.resting.copy()
        for port, arrivals in group.arrivals.items():
            found[f"{name}.{port}.arrivals"] = arrivals.ahead(step)
    return found


def restore(groups: Mapping[str, Group], state: Any) -> None:
    """Put ``state``, from `final_state` of the same network, into the groups."""
    step = int(state["step"])
    for name, group in groups.items():
        try:
            group.states = {s: np.array(state[f"{name}.{s}"]) for s in group.states}
            group.resting = np.array(state[f"{name}.refractory_steps_left"])
            for port, arrivals in group.arrivals.items():
                arrivals.restore(step, state[f"{name}.{port}.arrivals"])
        except (KeyError, ValueError) as error:
            raise DefinitionError(
                f"the initial state does not belong to this network ({error})",
                symbol=name,
                remedy="use the final_state of a run of the same network on the reference",
            ) from None
