"""What the devices have recorded, as arrays of steps, unit indices and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..finite import broken_unit
from .connect import Built
from .job import Floats, Ints, Job, Meter


def collect(
    job: Job, built: Built
) -> tuple[Mapping[str, tuple[Ints, Ints]], tuple[Mapping[str, Floats], ...]]:
    """Spikes up to the last step, in any order, and the samples of every meter."""
    spikes = {}
    for name, recorder in built.recorders.items():
        events = recorder.get("events")
        steps = np.rint(np.asarray(events["times"]) / job.dt).astype(np.int64) - job.warm
        senders = np.asarray(events["senders"], dtype=np.int64) - built.first[name]
        inside = steps <= job.steps
        if not inside.all():
            steps, senders = steps[inside], senders[inside]
        spikes[name] = (steps, senders)
    return spikes, tuple(
        _samples(m, d, job, built) for m, d in zip(job.meters, built.meters, strict=True)
    )


def _samples(meter: Meter, device: Any, job: Job, built: Built) -> Mapping[str, Floats]:
    """Recordable -> (samples, units) at the steps every, 2 every, ..."""
    events = device.get("events")
    steps = np.rint(np.asarray(events["times"]) / job.dt).astype(np.int64) - job.warm
    column = np.zeros(int(meter.units.max()) + 1, dtype=np.int64)
    column[meter.units] = np.arange(len(meter.units))
    senders = np.asarray(events["senders"], dtype=np.int64) - built.first[meter.population]
    inside = steps <= job.steps
    row, col = steps[inside] // meter.every - 1, column[senders[inside]]
    found = {}
    for name in meter.variables:
        values = np.full((job.steps // meter.every, len(meter.units)), np.nan)
        values[row, col] = np.asarray(events[name])[inside]
        found[name] = values
    return found


def broken_in(job: Job, built: Built) -> tuple[str, str, int] | None:
    """The first state that is no number: population, state, unit.

    An explicit scheme may run away, and NESTML's propagators divide by zero where two time
    constants are equal. What a built-in does is exact, and asking each of its nodes takes time.
    """
    for group in job.groups:
        if not (group.node.checked and group.size):
            continue
        names = {n: s for s, (own, _) in group.node.recordables.items() for n in own}
        values = built.nodes[group.name].get(list(names))
        for name, value in values.items():
            unit = broken_unit(value)
            if unit is not None:
                return group.name, names[name], unit
    return None


def states_of(job: Job, built: Built) -> Mapping[str, Mapping[str, Floats]]:
    """Every value that makes up the state of each population's units."""
    states = {}
    for group in job.groups:
        names = list(group.node.resume or ())
        values = built.nodes[group.name].get(names) if names else {}
        states[group.name] = {
            n: np.atleast_1d(np.asarray(v, dtype=float)) for n, v in values.items()
        }
    return states
