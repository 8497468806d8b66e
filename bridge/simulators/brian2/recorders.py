"""Spikes and states kept by a line of numpy per step, where Brian2 runs step by step.

Brian2's monitors are compiled code of their own: some seconds when they are new, and 7 us per call
where these take 1 to 2. Standalone programs have no Python in their steps, and keep the monitors;
so do subexpressions, which are no arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...definition.drawn import Floats, Ints
from .names import object_name
from .plan import Plan, RecordPlan


class StateRecorder:
    """The states of a recording at the beginning of each of its steps, in place of a monitor."""

    def __init__(
        self, record: RecordPlan, group: Any, clock: Any, plan: Plan, every: int = 1
    ) -> None:
        import brian2

        units = np.asarray(record.chosen)
        samples = (plan.steps - plan.first) // every + 1
        names = dict.fromkeys(record.variables.values())
        self.values: dict[str, Floats] = {n: np.empty((samples, len(units))) for n in names}
        arrays = [(group.variables[n].get_value(), kept) for n, kept in self.values.items()]
        step, self.taken = _step_of(clock), 0

        def record_single_timestep() -> None:
            for array, kept in arrays:
                array.take(units, out=kept[self.taken], mode="clip")  # "raise" makes a copy first
            self.taken += 1

        def run() -> None:
            if not step[0] % every:
                record_single_timestep()

        self.record_single_timestep = record_single_timestep
        self.operation = brian2.NetworkOperation(
            run if every > 1 else record_single_timestep,
            clock=clock,
            when="start",
            name=object_name(record.population, "states"),
        )

    def samples(self, name: str) -> Floats:
        """(samples, units) of one variable."""
        return self.values[name][: self.taken]


class SpikeRecorder:
    """The spikes of a group, in place of a monitor."""

    def __init__(self, group: Any, clock: Any, name: str) -> None:
        import brian2

        space, step = group.variables["_spikespace"].get_value(), _step_of(clock)
        self.kept: list[tuple[int, Ints]] = []
        kept = self.kept

        def run() -> None:
            count = space[-1]
            if count:
                kept.append((int(step[0]), space[:count].copy()))

        self.operation = brian2.NetworkOperation(
            run, clock=clock, when="thresholds", order=1, name=object_name(name, "spikes")
        )

    def spikes(self) -> tuple[Ints, Ints]:
        """Brian2's labels, in steps, and senders."""
        if not self.kept:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        counts = [len(senders) for _, senders in self.kept]
        steps = np.repeat(np.array([k for k, _ in self.kept], dtype=np.int64), counts)
        return steps, np.concatenate([s for _, s in self.kept]).astype(np.int64)


def can_record(record: RecordPlan, group: Any) -> bool:
    """Whether all that is recorded are states: arrays with a number per unit."""
    from brian2.core.variables import ArrayVariable

    found = [group.variables[n] for n in record.variables.values()]
    return all(
        isinstance(v, ArrayVariable) and not v.scalar and v.dtype == np.float64 for v in found
    )


def _step_of(clock: Any) -> Any:
    return clock.variables["timestep"].get_value()
