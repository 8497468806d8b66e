"""What PyNN has recorded, as arrays of the contract's steps, unit indices and values.

Read from PyNN's recorders before they become Neo objects, which takes a Python call a spike train.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .backends import BACKENDS
from .build import Built
from .job import Cells, Floats, Ints, Job

OFF_GRID = 0.01  # steps


def spikes_of(job: Job, built: Built) -> Mapping[str, tuple[Ints, Ints]]:
    """Population -> steps and senders of its spikes up to the last step.

    Raises:
        ValueError: a time lies off the grid.
    """
    return {c.name: _spikes(c, job, built.populations[c.name]) for c in job.cells}


def _spikes(cells: Cells, job: Job, population: Any) -> tuple[Ints, Ints]:
    ids, times = _pairs(population)
    exact = np.asarray(times, dtype=np.float64) / job.dt
    steps = np.rint(exact).astype(np.int64)
    if len(steps) and np.abs(exact - steps).max() > OFF_GRID:
        worst = float(times[int(np.argmax(np.abs(exact - steps)))])
        raise ValueError(
            f"a spike of {cells.name} at {worst!r} ms lies off the grid of {job.dt} ms"
        )
    steps = steps + BACKENDS[job.backend].early
    senders = np.asarray(ids, dtype=np.int64) - int(population.first_id)
    inside = (steps >= 1) & (steps <= job.steps)
    steps, senders = steps[inside], senders[inside]
    if cells.cell == "HH_cond_exp" and job.backend == "brian2":
        return _firsts(steps, senders)
    return steps, senders


def _pairs(population: Any) -> tuple[Any, Any]:
    """Ids and times of all spikes, whichever form the backend has them in."""
    found = population.recorder._get_spiketimes(list(population.all_cells))  # noqa: SLF001
    if not isinstance(found, dict):
        ids, times = found
        return ids, times
    each = [np.full(len(times), int(cell)) for cell, times in found.items()]
    return np.concatenate(each), np.concatenate([np.asarray(t) for t in found.values()])


def _firsts(steps: Ints, senders: Ints) -> tuple[Ints, Ints]:
    """The first of each run of spikes in successive steps: pyNN.brian2 repeats them."""
    order = np.lexsort((steps, senders))
    steps, senders = steps[order], senders[order]
    repeated = np.zeros(len(steps), dtype=bool)
    repeated[1:] = (senders[1:] == senders[:-1]) & (steps[1:] == steps[:-1] + 1)
    return steps[~repeated], senders[~repeated]


def traces_of(job: Job, built: Built) -> Mapping[str, Mapping[str, Floats]]:
    """Population -> variable -> (steps + 1, recorded units); sample 0 is not to be relied on."""
    from pyNN.recording import Variable

    found: dict[str, dict[str, Floats]] = {}
    for cells in job.cells:
        population = built.populations[cells.name]
        ids = [population.all_cells[int(u)] for u in cells.units]
        for name in cells.records:
            variable = Variable(name, None, None)
            values, _ = population.recorder._get_all_signals(variable, ids)  # noqa: SLF001
            rows = np.asarray(values, dtype=np.float64)[: job.steps + 1]
            if rows.shape != (job.steps + 1, len(ids)):
                raise ValueError(f"{name} of {cells.name}: {rows.shape} samples by units")
            found.setdefault(cells.name, {})[name] = rows
    return found
