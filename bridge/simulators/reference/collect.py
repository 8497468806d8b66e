"""Spikes and samples of a fixed-step run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnNetwork, DrawnRecording
from ...results.columns import Spikes, Trace
from ...results.order import grid_times
from ..learning import Learning
from ..synapse_traces import synapse_traces
from .fixed import Group
from .plastic import Plastic

Ints = NDArray[np.int64]


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
        size, (steps, senders) = self.groups[name].size, self._train(name)
        if not len(senders):
            return Spikes.empty(size)
        return Spikes.from_steps(steps, senders, size, self.network.dt)

    def _train(self, name: str) -> tuple[Ints, Ints]:
        senders = self.senders[name]
        steps = np.repeat(np.array(self.steps[name], dtype=np.int64), [len(s) for s in senders])
        return steps, np.concatenate([np.empty(0, dtype=np.int64), *senders])

    def trains(self) -> dict[str, tuple[Ints, Ints]]:
        """Steps, counted from time 0, and senders of all spikes, by population."""
        found = {name: self._train(name) for name in self.groups}
        return {name: (steps + self.first, senders) for name, (steps, senders) in found.items()}

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
