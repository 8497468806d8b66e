"""What was recorded, cut out of the results for PyNN's own Recorder, which makes the Neo Block."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from ..definition.drawn import DrawnRecording, Floats, Ints
from ..errors import DefinitionError
from . import simulator


class Recorder(recording.Recorder):  # type: ignore[misc]
    """Data of one population."""

    _simulator = simulator

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        state = simulator.state
        if variable.name != "spikes":
            self.sampling_interval = sampling_interval or state.dt
            self.every()
        if new_ids:
            state.changed()

    def every(self) -> int:
        """Steps between two samples.

        Raises:
            DefinitionError: the sampling interval is no multiple of the time step.
        """
        dt = simulator.state.dt
        found = round(self.sampling_interval / dt)
        if found < 1 or abs(found * dt - self.sampling_interval) > 1e-6 * dt:
            raise DefinitionError(
                f"the sampling interval {self.sampling_interval:g} ms is no multiple of {dt:g} ms",
                symbol="sampling_interval",
                remedy=f"give {max(found, 1) * dt:g} ms",
            )
        return found

    def recordings(self) -> list[DrawnRecording]:
        """What the network has to record."""
        key = self.population.key
        return [
            DrawnRecording(f"{key}.{v.name}", key, (v.name,), self._indices(ids), self.every())
            for v, ids in self.recorded.items()
            if v.name != "spikes" and ids
        ]

    def _indices(self, ids: Any) -> Ints:
        found: Ints = np.sort(np.fromiter(ids, dtype=np.int64)) - int(self.population.first_id)
        return found

    def _since(self) -> float:
        return float(self._recording_start_time.rescale("ms").magnitude)

    def _spikes(self) -> tuple[Floats, Ints]:
        """Times and indices since the last time that data were cleared."""
        times, senders = simulator.state.spikes_of(self.population)
        first = int(np.searchsorted(times, self._since(), side="right")) if self._since() else 0
        return times[first:], senders[first:]

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[Ints, Floats]:
        del clear
        times, senders = self._spikes()
        if len(ids) < self.population.size:
            chosen = np.isin(senders, self._indices(ids))
            times, senders = times[chosen], senders[chosen]
        return senders + int(self.population.first_id), np.array(times)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Floats, None]:
        del clear
        trace = simulator.state.results().trace(self.population.key, variable.name)
        first = int(np.searchsorted(trace.times, self._since() - 1e-9))
        columns = np.searchsorted(trace.units, self._indices(ids))
        unit = self.population.celltype.unit_of(variable.name)
        return trace.values[first:, columns] / unit, None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        _, senders = self._spikes()
        counts = np.bincount(senders, minlength=self.population.size)
        chosen = sorted(self.filter_recorded(variable, filter_ids))
        first = int(self.population.first_id)
        return {int(cell): int(counts[int(cell) - first]) for cell in chosen}

    def _clear_simulator(self) -> None:
        """Nothing: what lies before the start of the recording is left out."""

    def _reset(self) -> None:
        simulator.state.changed()
