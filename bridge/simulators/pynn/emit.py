"""The network as a PyNN script for people to read; what runs is built from the same job."""

from __future__ import annotations

from typing import Any

import numpy as np

from .backends import BACKENDS
from .job import Cells, Job, Trains, Wires


def script_of(job: Job) -> str:
    """A PyNN script in outline: long arrays are shown by their length and range."""
    early = BACKENDS[job.backend].early
    lines = [
        f"import {BACKENDS[job.backend].module} as sim",
        "import numpy as np",
        "",
        f"sim.setup(timestep={job.dt!r}, min_delay={job.dt!r})",
        *(line for cells in job.cells for line in _cells(cells)),
        *(_trains(trains, job.dt, early) for trains in job.trains),
        *(_wires(wires) for wires in job.wires),
    ]
    for steps in job.currents:
        times, values = _shown(steps.steps * job.dt), _shown(steps.amplitudes)
        into = "" if steps.units is None else f"[{_shown(steps.units)}]"
        lines.append(
            f"sim.StepCurrentSource(times={times}, amplitudes={values})"
            f".inject_into({steps.population}{into})"
        )
    return "\n".join([*lines, f"sim.run({job.steps * job.dt!r})", ""])


def _cells(cells: Cells) -> list[str]:
    values = ", ".join(f"{n}={_shown(v)}" for n, v in cells.parameters.items())
    start = ", ".join(f"{n}={_shown(v)}" for n, v in cells.initial.items())
    lines = [f"{cells.name} = sim.Population({cells.size}, sim.{cells.cell}({values}))"]
    if start:
        lines.append(f"{cells.name}.initialize({start})")
    lines.append(f"{cells.name}.record('spikes')")
    if cells.records:
        lines.append(f"{cells.name}[{_shown(cells.units)}].record({list(cells.records)!r})")
    return lines


def _trains(trains: Trains, dt: float, early: int) -> str:
    count = f"{len(trains.steps)} spikes of {trains.size} units"
    shift = (trains.late - early) * dt
    moved = f", moved by {shift:g} ms" if shift else ""
    return (
        f"{trains.name} = sim.Population({trains.size}, "
        f"sim.SpikeSourceArray(spike_times=...))  # {count}{moved}"
    )


def _wires(wires: Wires) -> str:
    rows = ", ".join(_shown(x) for x in (wires.sources, wires.targets, wires.weights, wires.delays))
    return (
        f"sim.Projection({wires.pre}, {wires.post}, "
        f"sim.FromListConnector(np.column_stack([{rows}])), "
        f"sim.StaticSynapse(), receptor_type={wires.receptor!r})"
    )


def _shown(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(array.item())
    if array.size <= 8:
        return repr(array.tolist())
    return f"np.array(...{array.size} from {array.min():g} to {array.max():g})"
