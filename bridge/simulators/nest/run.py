"""Runs a built network to its end, with the changes that a job asks for on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np

from .build import build, set_lists, set_values
from .collect import broken_in, collect, states_of
from .connect import Built
from .connect_plastic import SynapseReader
from .devices import add_meters
from .job import Change, Job, Result

REPORTS = 50  # progress reports per run


def simulate(job: Job, nest: Any, report: Callable[[float], None] | None = None) -> Result:
    """Build, run and collect ``job`` in the kernel of this process, which is reset first."""
    start = time.perf_counter()
    built = build(job, nest)
    warm_up(job, built, nest)
    ready = time.perf_counter()
    now, changes = 0, by_step(job)
    reader = SynapseReader(job, built, nest)
    for step in sorted({*changes, *reader.steps, job.steps}):
        _advance(now, step, job, nest, report)
        now = step
        reader.read(step)
        for change in changes.get(step, ()):
            apply_change(change, built, job, nest)
    done = time.perf_counter()
    states = states_of(job, built) if job.resume else {}
    broken = broken_in(job, built)
    if job.meters:  # what a multimeter has seen reaches it a slice later
        nest.Simulate(job.lag * job.dt)
    spikes, traces = collect(job, built)
    seconds = {
        "build": ready - start,
        "run": done - ready,
        "collect": time.perf_counter() - done,
    }
    about = {"connections": int(nest.num_connections), "threads": job.threads}
    return Result(spikes, traces, seconds, about, states, broken, reader.samples())


def by_step(job: Job) -> dict[int, list[Change]]:
    ordered = sorted(job.changes, key=lambda c: c.step)
    return {step: list(group) for step, group in groupby(ordered, key=lambda c: c.step)}


def warm_up(job: Job, built: Built, nest: Any) -> None:
    """Let devices send what arrives in the first steps, while the neurons stand still.

    A multimeter would take its first sample at once from a neuron that has just been released.
    """
    if job.warm:
        nest.Simulate(job.warm * job.dt)
        for nodes in built.nodes.values():
            nodes.set({"frozen": False})
    add_meters(job, built, nest)


def _advance(
    begin: int, end: int, job: Job, nest: Any, report: Callable[[float], None] | None
) -> None:
    if report is None:
        if end > begin:
            nest.Simulate((end - begin) * job.dt)
        return
    # Pieces of whole slices: cutting a slice would cost time.
    piece = max(1, -(-job.steps // (REPORTS * job.lag))) * job.lag
    while begin < end:
        here = min(end, begin + piece)
        nest.Simulate((here - begin) * job.dt)
        begin = here
        report(begin / job.steps)


def apply_change(change: Change, built: Built, job: Job, nest: Any) -> None:
    if change.kind == "node":
        set_values(built.nodes[change.owner], change.values)
        return
    if change.kind == "lists":
        set_lists(built.nodes[change.owner], change.values)
        return
    new = change.values["weight"]
    found = nest.GetConnections(synapse_model=built.synapses[change.owner])
    if not len(found):
        return
    if not np.ndim(new):
        found.set({"weight": float(new)})
        return
    found.weight = _in_order(change.owner, np.asarray(new, dtype=float), found, built, job).tolist()


def _in_order(owner: str, new: Any, found: Any, built: Built, job: Job) -> Any:
    """``new``, one per connection of the job, in NEST's order of the connections.

    Connections of equal source, target and delay are interchangeable.
    """
    c = next(c for c in job.connections if c.name == owner)
    ids = built.ids_of(c)[c.sources]
    known = ids > 0
    delays = np.broadcast_to(np.rint(np.asarray(c.delays)), ids.shape)[known]
    ours = np.lexsort((delays, built.ids[c.post][c.targets][known], ids[known]))
    theirs = found.get(["source", "target", "delay"])
    steps = np.rint(np.atleast_1d(theirs["delay"]) / job.dt)
    order = np.lexsort((steps, np.atleast_1d(theirs["target"]), np.atleast_1d(theirs["source"])))
    result = np.empty(len(order))
    result[order] = new[known][ours]
    return result
