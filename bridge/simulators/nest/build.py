"""Builds a job's network in the NEST kernel of this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .connect import Built, connect, plain
from .connect_plastic import connect_plastic
from .devices import drive_units, inject, parrots, record_spikes, source_devices
from .install import install
from .job import Group, Job, Number

TOLERANCES = ("gsl_abs_error_tol", "gsl_rel_error_tol")


def build(job: Job, nest: Any) -> Built:
    """Reset the kernel and build everything; returns the handles."""
    reset(job, nest)
    for module in job.modules:
        install(module)
    built = Built()
    for index, group in enumerate(job.groups):
        _create(group, index, job, built, nest)
    sources = {s.name: s for s in job.sources}
    for source in job.sources:
        if source.steps is None and not source.direct:
            built.ids[source.name] = parrots(source, job, nest)
    groups = {g.name: g.node for g in job.groups}
    for index, connections in enumerate(job.connections):
        if connections.plastic is not None:
            connect_plastic(connections, index, groups[connections.post], job, built, nest)
            continue
        if connections.pre not in built.ids:
            # All connections of a device share one synapse model: each projection has its devices.
            ids = source_devices(sources[connections.pre], job, nest)
            built.senders[connections.name] = ids
        connect(connections, index, groups[connections.post], job, built, nest)
    for drive in job.drives:
        drive_units(drive, groups[drive.population], job, built, nest)
    for injection in job.injections:
        inject(injection, groups[injection.population], job, built, nest)
    record_spikes(job, built, nest)
    return built


def reset(job: Job, nest: Any) -> None:
    """A fresh kernel with the job's resolution, seed and threads."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    tics = tics_per_ms(job.dt)
    if tics != 1000:
        nest.set(tics_per_ms=tics, resolution=job.dt)
    nest.set(
        resolution=job.dt,
        local_num_threads=job.threads,
        rng_seed=job.seed % (2**32 - 1) + 1,
        use_wfr=False,  # rate neurons would do every slice again until two are alike, and are alike
        overwrite_files=True,
    )


def tics_per_ms(dt: float) -> int:
    """NEST counts time in tics, 1000 per ms unless ``dt`` is finer."""
    tics = 1000
    while tics < 10**7 and abs(dt * tics - round(dt * tics)) > 1e-9 * dt * tics:
        tics *= 10
    return tics


def _create(group: Group, index: int, job: Job, built: Built, nest: Any) -> None:
    """One value for all goes into the defaults of a copy of the model: 30 times faster."""
    node, model = group.node, f"{group.node.model}_{index}"
    values = {**node.parameters, **node.initial}
    scalars = {n: plain(v) for n, v in values.items() if not np.ndim(v)}
    if node.tolerance is not None:
        known = nest.GetDefaults(node.model)
        scalars |= {n: node.tolerance for n in TOLERANCES if n in known}
    nest.CopyModel(node.model, model, scalars)
    nodes = nest.Create(model, group.size)
    set_values(nodes, {n: v for n, v in values.items() if np.ndim(v)})
    # A NESTML neuron made from a model's defaults forgets these: its copy constructor drops them.
    set_values(nodes, node.traces)
    if node.tables is not None:
        _set_tables(nodes, {**node.tables, "first_step": np.asarray(job.warm)})
    if node.lists:
        set_lists(nodes, node.lists)
    if job.warm:
        nodes.set({"frozen": True})
    built.nodes[group.name] = nodes
    built.first[group.name] = nodes[0].global_id
    built.ids[group.name] = np.arange(group.size, dtype=np.int64) + nodes[0].global_id


def _set_tables(nodes: Any, tables: Mapping[str, Any]) -> None:
    """Values that are vectors: one for all nodes, or a column for each."""
    shared = {n: t.tolist() for n, t in tables.items() if t.ndim < 2}
    nodes.set(shared)
    each = {n: t.T.tolist() for n, t in tables.items() if t.ndim == 2}
    if each:
        nodes.set([dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)])


def set_lists(nodes: Any, lists: Mapping[str, Any]) -> None:
    """Set status values that are a list of its own for each node."""
    columns = {n: [own.tolist() for own in each] for n, each in lists.items()}
    nodes.set([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def set_values(nodes: Any, values: Mapping[str, Number]) -> None:
    """Set status values of nodes, each one number for all or one per node."""
    if not values:
        return
    if not any(np.ndim(v) for v in values.values()):
        nodes.set({n: plain(v) for n, v in values.items()})
        return
    # NEST asks every node whether it is local, 25 us each: in one process all are.
    object.__setattr__(nodes, "local", (True,) * len(nodes))
    columns = {n: np.broadcast_to(np.asarray(v), (len(nodes),)).tolist() for n, v in values.items()}
    nodes.set([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
