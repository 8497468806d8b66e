"""Job -> PyNN's objects, in the PyNN process. Nothing here imports the rest of spikebridge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .backends import BACKENDS, Backend
from .job import Cells, Job, Steps, Trains, Wires
from .plasticity import synapse_type

# PyNN forgets to say what NEST calls the potential of this cell: without it `v` can neither be
# recorded nor set.
FORGOTTEN = {("nest", "IF_curr_delta"): {"variable_map": {"v": "V_m"}, "scale_factors": {"v": 1}}}


@dataclass(frozen=True, eq=False)
class Built:
    """PyNN's module and its objects by the job's names; ``kept`` must live through the run.

    ``projections``: those whose weights are read.
    """

    sim: Any
    populations: Mapping[str, Any]
    projections: Mapping[str, Any]
    kept: tuple[Any, ...]


def build(job: Job, sim: Any) -> Built:
    """Everything but the run."""
    backend = BACKENDS[job.backend]
    sim.setup(timestep=job.dt, **_settings(job))
    populations = {c.name: _population(c, sim, job) for c in job.cells}
    kept: list[Any] = [_starter(job, populations)]
    populations |= {t.name: _source(t, sim, job, backend) for t in job.trains}
    wired = [_connect(w, populations, sim, job) for w in job.wires]
    read = {w.name: p for w, p in zip(job.wires, wired, strict=True) if w.every}
    kept += [*wired, *(_inject(s, populations, sim, job) for s in job.currents)]
    return Built(sim, populations, read, tuple(kept))


def _settings(job: Job) -> dict[str, Any]:
    """What `setup` is told besides the step."""
    if job.backend != "nest":
        return {"min_delay": job.dt}
    delays = [float(w.delays.max()) for w in job.wires]
    return {
        "min_delay": job.dt,
        "max_delay": max([2 * job.dt, *delays]),
        "spike_precision": "on_grid",
        "threads": job.options["threads"],
        "rng_seed": job.seed % (2**31 - 2) + 1,
    }


def _population(cells: Cells, sim: Any, job: Job) -> Any:
    cell = getattr(sim, cells.cell)(**cells.parameters)
    # PyNN lists less than what it can record: the synaptic currents, gates.
    cell.recordable = [*cell.recordable, *cells.records]
    if job.backend == "brian2":
        from .arrays import recordable

        recordable(cell)
    for name, value in FORGOTTEN.get((job.backend, cells.cell), {}).items():
        setattr(cell, name, value)
    population = sim.Population(cells.size, cell, label=cells.name)
    population.initialize(**_initial(cells, cell))
    population.record("spikes")
    if cells.records:
        population[[int(u) for u in cells.units]].record(list(cells.records))
    return population


def _initial(cells: Cells, cell: Any) -> dict[str, Any]:
    """Initial values as PyNN passes them on: on NEST it forgets their units."""
    scales = getattr(cell, "scale_factors", {})
    known = {n: v for n, v in cells.initial.items() if n in cell.default_initial_values}
    return {n: v / scales.get(n, 1) for n, v in known.items()}


def _starter(job: Job, populations: Mapping[str, Any]) -> Any:
    """Initial values of synapses and gates in NEURON, which PyNN leaves at 0."""
    if job.backend != "neuron":
        return None
    from .starts import starter

    return starter([(populations[c.name], c.initial) for c in job.cells])


def _source(trains: Trains, sim: Any, job: Job, backend: Backend) -> Any:
    times = (trains.steps + trains.late - backend.early) * job.dt - backend.nudge
    order = np.argsort(trains.senders, kind="stable")
    # pyNN.brian2 does not take one train alone: a unit that never spikes stands beside it
    size = max(trains.size, 2) if backend.name == "brian2" else trains.size
    ends = np.searchsorted(trains.senders[order], np.arange(size + 1))
    each = [_sequence(times[order[a:b]]) for a, b in pairwise(ends)]
    return sim.Population(size, sim.SpikeSourceArray(spike_times=each), label=trains.name)


def _sequence(times: Any) -> Any:
    from pyNN.parameters import Sequence

    return Sequence(times)


def _connect(wires: Wires, populations: Mapping[str, Any], sim: Any, job: Job) -> Any:
    pre, post = populations[wires.pre], populations[wires.post]
    columns = {"weight": wires.weights, "delay": wires.delays}
    synapse = sim.StaticSynapse(weight=0.0, delay=job.dt)
    if wires.dynamics is not None:
        synapse, more = synapse_type(wires.dynamics, len(wires.weights), sim, job)
        columns |= more
    if job.backend != "brian2":
        rows = np.column_stack([wires.sources, wires.targets, *columns.values()])
        connector = sim.FromListConnector(rows, column_names=tuple(columns))
        return sim.Projection(pre, post, connector, synapse, receptor_type=wires.receptor)
    from .arrays import connected, connects

    nothing = sim.FromListConnector([])
    made = connects(sim)(pre, post, nothing, synapse, receptor_type=wires.receptor)
    return connected(made, wires)


def _inject(steps: Steps, populations: Mapping[str, Any], sim: Any, job: Job) -> Any:
    source = sim.StepCurrentSource(times=steps.steps * job.dt, amplitudes=steps.amplitudes)
    into = populations[steps.population]
    source.inject_into(into if steps.units is None else into[[int(u) for u in steps.units]])
    return source
