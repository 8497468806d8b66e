"""Builds a job's network in the NEST kernel of this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .install import install
from .job import Connections, Drive, Group, Injection, Ints, Job, Meter, NodeModel, Number, Source


@dataclass
class Built:
    """The nodes of a network by population, source or projection, and the devices."""

    first: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, Ints] = field(default_factory=dict)  # one node per unit
    senders: dict[str, Ints] = field(default_factory=dict)  # projection -> its devices, 0: none
    recorders: dict[str, Any] = field(default_factory=dict)
    meters: list[Any] = field(default_factory=list)
    synapses: dict[str, str] = field(default_factory=dict)  # projection -> its synapse model

    def ids_of(self, c: Connections) -> Ints:
        """The node of every presynaptic unit of ``c``; 0 for a source unit that never spikes."""
        return self.senders[c.name] if c.name in self.senders else self.ids[c.pre]


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
            built.ids[source.name] = _parrots(source, job, nest)
    groups = {g.name: g.node for g in job.groups}
    for index, connections in enumerate(job.connections):
        if connections.pre not in built.ids:
            # All connections of a device share one synapse model: each projection has its devices.
            ids = _devices(sources[connections.pre], job, nest)
            built.senders[connections.name] = ids
        _connect(connections, index, groups[connections.post], job, built, nest)
    for drive in job.drives:
        _drive(drive, groups[drive.population], job, built, nest)
    for injection in job.injections:
        _inject(injection, groups[injection.population], job, built, nest)
    for group in job.groups:
        if group.node.spiking:
            recorder = nest.Create("spike_recorder")
            nest.Connect(built.nodes[group.name], recorder, "all_to_all", _device(job))
            built.recorders[group.name] = recorder
    return built


def add_meters(job: Job, built: Built, nest: Any) -> None:
    """The multimeters; they may only be connected to neurons that move."""
    built.meters = [_meter(meter, job, built, nest) for meter in job.meters]


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
        overwrite_files=True,
    )


def tics_per_ms(dt: float) -> int:
    """NEST counts time in tics, 1000 per ms unless ``dt`` is finer."""
    tics = 1000
    while tics < 10**7 and abs(dt * tics - round(dt * tics)) > 1e-9 * dt * tics:
        tics *= 10
    return tics


def _device(job: Job) -> dict[str, Any]:
    return {"weight": 1.0, "delay": job.lag * job.dt}


def _create(group: Group, index: int, job: Job, built: Built, nest: Any) -> None:
    """One value for all goes into the defaults of a copy of the model: 30 times faster."""
    node, model = group.node, f"{group.node.model}_{index}"
    values = {**node.parameters, **node.initial}
    scalars = {n: _plain(v) for n, v in values.items() if not np.ndim(v)}
    nest.CopyModel(node.model, model, scalars)
    nodes = nest.Create(model, group.size)
    set_values(nodes, {n: v for n, v in values.items() if np.ndim(v)})
    if job.warm:
        nodes.set({"frozen": True})
    built.nodes[group.name] = nodes
    built.first[group.name] = nodes[0].global_id
    built.ids[group.name] = np.arange(group.size, dtype=np.int64) + nodes[0].global_id


def set_values(nodes: Any, values: Mapping[str, Number]) -> None:
    """Set status values of nodes, each one number for all or one per node."""
    if not values:
        return
    if not any(np.ndim(v) for v in values.values()):
        nodes.set({n: _plain(v) for n, v in values.items()})
        return
    columns = {n: np.broadcast_to(np.asarray(v), (len(nodes),)).tolist() for n, v in values.items()}
    nodes.set([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def _plain(value: Number) -> float | int:
    return np.asarray(value).item()  # type: ignore[no-any-return]


def _devices(source: Source, job: Job, nest: Any) -> Ints:
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


def _parrots(source: Source, job: Job, nest: Any) -> Ints:
    """Nodes that pass one Poisson train each on to all their targets."""
    generators = _poisson(source, job, nest)
    parrots = nest.Create("parrot_neuron", source.size)
    ids: Ints = np.arange(source.size, dtype=np.int64) + parrots[0].global_id
    _connect_arrays(generators, ids, 1.0, job.lag, 0, "static_synapse", job, nest)
    return ids


def _connect(
    connections: Connections, index: int, node: NodeModel, job: Job, built: Built, nest: Any
) -> None:
    c = connections
    synapse = f"static_{index}"
    receptor = receptor_number(node, node.receptors[c.port], nest)
    weights = c.weights
    nest.CopyModel("static_synapse", synapse)
    built.synapses[c.name] = synapse
    if c.rule is not None:
        _connect_by_rule(c, synapse, receptor, weights, job, built, nest)
        return
    pre = built.ids_of(c)[c.sources]
    known = pre > 0  # sources that never spike have no node
    if not known.all():
        pre = pre[known]
        weights = weights[known] if np.ndim(weights) else weights
        delays = c.delays[known] if np.ndim(c.delays) else c.delays
    else:
        delays = c.delays
    post = built.ids[c.post][c.targets][known]
    _connect_arrays(pre, post, weights, delays, receptor, synapse, job, nest)


def receptor_number(node: NodeModel, receptor: int | str, nest: Any) -> int:
    """The number of a receptor that may be given by name."""
    if isinstance(receptor, int):
        return receptor
    return int(nest.GetDefaults(node.model)["receptor_types"][receptor])


def _connect_arrays(
    pre: Ints,
    post: Ints,
    weights: Number,
    delays: Number,
    receptor: int,
    synapse: str,
    job: Job,
    nest: Any,
) -> None:
    """Homogeneous weights and delays are defaults of the projection's own synapse model."""
    if not len(pre):
        return
    spec: dict[str, Any] = {"synapse_model": synapse}
    count = len(pre)
    if np.ndim(weights) or np.ndim(delays) or synapse == "static_synapse":
        spec["weight"] = np.array(np.broadcast_to(weights, (count,)), dtype=float)
        spec["delay"] = np.broadcast_to(delays, (count,)) * job.dt
    else:
        values = {"weight": _plain(weights), "delay": _plain(delays) * job.dt}
        nest.SetDefaults(synapse, values)
    if receptor:
        spec["receptor_type"] = np.full(count, receptor)
    nest.Connect(pre, post, "one_to_one", spec)


def _connect_by_rule(
    c: Connections,
    synapse: str,
    receptor: int,
    weight: Number,
    job: Job,
    built: Built,
    nest: Any,
) -> None:
    spec = {
        "synapse_model": synapse,
        "weight": _plain(weight),
        "delay": _plain(c.delays) * job.dt,
        "receptor_type": receptor,
    }
    post = built.nodes[c.post]
    ids = built.ids_of(c)
    if c.pre in built.nodes:
        nest.Connect(built.nodes[c.pre], post, dict(c.rule or {}), spec)
    elif len(np.unique(ids)) == 1 and len(ids) == len(post):  # one generator for all, one_to_one
        nest.Connect(nest.NodeCollection([int(ids[0])]), post, "all_to_all", spec)
    else:
        nest.Connect(nest.NodeCollection(ids.tolist()), post, dict(c.rule or {}), spec)


def _drive(drive: Drive, node: NodeModel, job: Job, built: Built, nest: Any) -> None:
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
    _connect_arrays(pre, post, 1.0, job.lag, receptor, "static_synapse", job, nest)


def _inject(injection: Injection, node: NodeModel, job: Job, built: Built, nest: Any) -> None:
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
    _connect_arrays(pre, post, 1.0, job.lag, receptor, "static_synapse", job, nest)


def _steps_as_spikes(times: Any, values: Any) -> dict[str, Any]:
    return {"spike_times": times, "spike_weights": np.ascontiguousarray(values)}


def _meter(meter: Meter, job: Job, built: Built, nest: Any) -> Any:
    params = {"interval": meter.every * job.dt, "record_from": list(meter.variables)}
    device = nest.Create("multimeter", params=params)
    nodes = built.nodes[meter.population][np.unique(meter.units).tolist()]
    nest.Connect(device, nodes, "all_to_all", _device(job))
    return device
