"""Generators, multimeters, and the spikes that carry a value per step."""

from __future__ import annotations

from typing import Any

import numpy as np

from .connect import Built, connect_arrays, receptor_number
from .job import Drive, Injection, Ints, Job, Meter, NodeModel, Source


def source_devices(source: Source, job: Job, nest: Any) -> Ints:
    """Generators of one projection from ``source``, one per unit; 0 for units without spikes."""
    if source.steps is None:
        return _poisson(source, job, nest)
    assert source.senders is not None
    ids = np.zeros(source.size, dtype=np.int64)
    if not len(source.steps):
        return ids
    small = source.size <= np.iinfo(np.uint16).max  # numpy sorts such integers in linear time
    order = np.argsort(source.senders.astype(np.uint16 if small else np.int64), kind="stable")
    who, when = source.senders[order], source.steps[order]
    fresh = np.ones(len(who), dtype=bool)
    fresh[1:] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    found = np.flatnonzero(fresh)
    counts = np.diff(found, append=len(who))
    senders, starts = np.unique(who[found], return_index=True)
    trains = np.split(job.at(when[found]), starts[1:])
    rows: list[dict[str, Any]] = [{"spike_times": train} for train in trains]
    if counts.max() > 1:  # one event for all spikes of a step
        for row, many in zip(rows, np.split(counts, starts[1:]), strict=True):
            row["spike_multiplicities"] = many
    nodes = nest.Create("spike_generator", len(rows))
    nodes.set(rows)
    ids[senders] = np.arange(len(rows)) + nodes[0].global_id
    return ids


def _poisson(source: Source, job: Job, nest: Any) -> Ints:
    """One generator per distinct course of the rate: each target has its own train."""
    assert source.rates is not None
    assert source.rate_steps is not None
    rates = source.rates if source.rates.ndim == 2 else source.rates[:, None]
    courses, index = np.unique(rates.T, axis=0, return_inverse=True)
    generators = []
    for course in courses * 1000.0:
        if len(course) == 1:
            generators.append(nest.Create("poisson_generator", params={"rate": course[0]}))
        else:
            times = job.at(source.rate_steps + 1)
            params = {"rate_times": times, "rate_values": course}
            generators.append(nest.Create("inhomogeneous_poisson_generator", params=params))
    which = np.broadcast_to(np.ravel(index), (source.size,))
    ids = np.array([g[0].global_id for g in generators], dtype=np.int64)
    return np.asarray(ids[which], dtype=np.int64)


def parrots(source: Source, job: Job, nest: Any) -> Ints:
    """Nodes that pass one Poisson train each on to all their targets."""
    generators = _poisson(source, job, nest)
    parrots = nest.Create("parrot_neuron", source.size)
    ids: Ints = np.arange(source.size, dtype=np.int64) + parrots[0].global_id
    connect_arrays(generators, ids, 1.0, job.lag, 0, "static_synapse", job, nest)
    return ids


def drive_units(drive: Drive, node: NodeModel, job: Job, built: Built, nest: Any) -> None:
    """A value per step: spikes whose weight is the value, or a step_current_generator."""
    times = job.at(drive.steps - job.lag)
    shared = drive.values.ndim == 1
    columns = [drive.values] if shared else list(drive.values.T)
    port = node.drives[drive.quantity]
    if port is None:
        rows = [{"amplitude_times": times, "amplitude_values": c} for c in columns]
        generators = nest.Create("step_current_generator", len(columns))
        receptor = 0
    else:
        rows = [_steps_as_spikes(times, column) for column in columns]
        generators = nest.Create("spike_generator", len(columns))
        receptor = receptor_number(node, port, nest)
    generators.set(rows)
    post = built.ids[drive.population]
    post = post if drive.units is None else post[drive.units]
    pre = np.arange(len(columns), dtype=np.int64) + generators[0].global_id
    pre = np.full(len(post), pre[0]) if shared else pre
    connect_arrays(pre, post, 1.0, job.lag, receptor, "static_synapse", job, nest)


def _steps_as_spikes(times: Any, values: Any) -> dict[str, Any]:
    return {"spike_times": times, "spike_weights": np.ascontiguousarray(values)}


def inject(injection: Injection, node: NodeModel, job: Job, built: Built, nest: Any) -> None:
    """One generator per unit sends what was on its way when the run was cut."""
    units = np.flatnonzero(injection.arrivals.any(axis=0))
    rows = [np.flatnonzero(injection.arrivals[:, u]) for u in units]
    generators = nest.Create("spike_generator", len(units))
    generators.set(
        [
            _steps_as_spikes(job.at(r + 1 - job.lag), injection.arrivals[r, u])
            for r, u in zip(rows, units, strict=True)
        ]
    )
    pre = np.arange(len(units), dtype=np.int64) + generators[0].global_id
    receptor = receptor_number(node, node.receptors[injection.port], nest)
    post = built.ids[injection.population][units]
    connect_arrays(pre, post, 1.0, job.lag, receptor, "static_synapse", job, nest)


def device_delay(job: Job) -> dict[str, Any]:
    """For recorders, whose delay delays nothing but may not be shorter than a slice."""
    return {"weight": 1.0, "delay": job.lag * job.dt}


def record_spikes(job: Job, built: Built, nest: Any) -> None:
    """A recorder for each population that spikes.

    NEST reserves room for 1024 connections per neuron and synapse model: the model with the
    smallest ones takes least time.
    """
    nest.CopyModel("static_synapse_hom_w", "to_recorder", device_delay(job))
    for group in job.groups:
        if group.node.spiking:
            recorder = nest.Create("spike_recorder")
            nest.Connect(
                built.nodes[group.name], recorder, "all_to_all", {"synapse_model": "to_recorder"}
            )
            built.recorders[group.name] = recorder


def add_meters(job: Job, built: Built, nest: Any) -> None:
    """The multimeters; they may only be connected to neurons that move."""
    built.meters = [_meter(meter, job, built, nest) for meter in job.meters]


def _meter(meter: Meter, job: Job, built: Built, nest: Any) -> Any:
    params = {"interval": meter.every * job.dt, "record_from": list(meter.variables)}
    device = nest.Create("multimeter", params=params)
    nodes = built.nodes[meter.population][sorted(set(meter.units.tolist()))]
    nest.Connect(device, nodes, "all_to_all", device_delay(job))
    return device
