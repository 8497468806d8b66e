"""Connections with states in the NEST kernel of this process, and reading them.

Every presynaptic spike comes from a neuron or a parrot, never from a device: a device's spike
reaches a connection within its own step, a neuron's one step later, when all earlier postsynaptic
spikes are known. An axonal delay is spent in a parrot, one per source and delay.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .connect import Built, connect_arrays, plain, receptor_number
from .devices import source_devices
from .job import Connections, Floats, Ints, Job, NodeModel, Number, Plastic, Source, SynapseMeter


def connect_plastic(
    c: Connections, index: int, node: NodeModel, job: Job, built: Built, nest: Any
) -> None:
    """A projection with a copy of its connection model."""
    p, synapse = c.plastic, f"plastic_{index}"
    assert p is not None
    factors = {f"{key}_steps": (steps + job.warm).tolist() for key, steps in p.factors.items()}
    factors |= {f"{key}_nodes": built.ids[driver].tolist() for key, driver in p.drivers.items()}
    ours = {"dt": job.dt, "soma": int(p.soma), "updated": job.warm}
    fixed = {**({} if p.builtin else ours), **p.common, **factors}
    if p.begin:
        fixed[p.begin] = job.warm * job.dt
    nest.CopyModel(p.model, synapse, {**fixed, **_scalars(p)})
    built.synapses[c.name] = synapse
    receptor = receptor_number(node, node.receptors[c.port], nest)
    if c.rule is not None:
        _by_rule(c, synapse, receptor, job, built, nest)
        return
    assert c.targets is not None
    count = len(c.targets)
    if not count:
        return
    spec: dict[str, Any] = {
        "synapse_model": synapse,
        "weight": _each(c.weights, count),
        "delay": np.broadcast_to(c.delays, (count,)) * job.dt,
        **{n: _each(v, count) for n, v in p.each.items() if np.ndim(v)},
    }
    if receptor:
        spec["receptor_type"] = np.full(count, receptor)
    pre, post = _relays(c, p, job, built, nest), built.ids[c.post][c.targets]
    if p.builtin:
        built.ends[c.name] = (pre, post)
    else:
        spec["tag"] = np.arange(count)
    nest.Connect(pre, post, "one_to_one", spec)


class SynapseReader:
    """Reads connections at the steps that the job's synapse meters ask for."""

    def __init__(self, job: Job, built: Built, nest: Any) -> None:
        self.meters, self.built, self.nest = job.synapse_meters, built, nest
        live = (m for m in self.meters if not m.held)
        self.steps = {k for m in live for k in range(0, job.steps + 1, m.every)}
        self.found: dict[int, Any] = {}  # meter -> its connections
        self.values: list[list[dict[str, Floats]]] = [[] for _ in self.meters]

    def read(self, step: int) -> None:
        """The present values, where a meter wants those of ``step``."""
        for place, meter in enumerate(self.meters):
            if not meter.held and step % meter.every == 0:
                self.values[place].append(self._now(meter, place))

    def samples(self) -> tuple[dict[str, Floats], ...]:
        """Per meter variable -> (samples, connections); what nodes hold as one array for each."""
        return tuple(
            self._held(meter)
            if meter.held
            else {v: np.array([row[v] for row in rows]) for v in meter.variables}
            for meter, rows in zip(self.meters, self.values, strict=True)
        )

    def _held(self, meter: SynapseMeter) -> dict[str, Any]:
        nodes = self.built.nodes[meter.held]
        found = nodes.get(list(meter.variables))
        if len(nodes) == 1:  # NEST then leaves the list of nodes out
            found = {v: [x] for v, x in found.items()}
        return {v: tuple(np.asarray(x, dtype=float) for x in found[v]) for v in meter.variables}

    def _now(self, meter: SynapseMeter, place: int) -> dict[str, Floats]:
        if place not in self.found:
            self.found[place] = self._chosen(meter)
        own = self.found[place]
        if not len(own):
            return {v: np.empty(0) for v in meter.variables}
        values = own.get(list(meter.variables))
        return {v: np.atleast_1d(values[v]) for v in meter.variables}

    def _chosen(self, meter: SynapseMeter) -> Any:
        """The meter's connections in its order; NEST would be asked for all others at each read."""
        own = self.nest.GetConnections(synapse_model=self.built.synapses[meter.projection])
        if not len(own):
            return own
        place = self._order(meter.projection, own)[meter.units]
        every = own._datum  # noqa: SLF001 - a SynapseCollection takes no list of places
        return type(own)([every[k] for k in place])

    def _order(self, projection: str, own: Any) -> Ints:
        """The place of every connection of the projection among NEST's."""
        if not len(own):
            return np.empty(0, np.int64)
        ends = self.built.ends.get(projection)
        if ends is None:
            return np.argsort(np.atleast_1d(own.get("tag")))
        found = own.get(["source", "target"])
        theirs = np.lexsort((np.atleast_1d(found["target"]), np.atleast_1d(found["source"])))
        place = np.empty(len(theirs), np.int64)
        place[np.lexsort((ends[1], ends[0]))] = theirs
        return place


def _scalars(p: Plastic) -> dict[str, float]:
    return {n: plain(v) for n, v in p.each.items() if not np.ndim(v)}


def _each(value: Number, count: int) -> Floats:
    return np.array(np.broadcast_to(value, (count,)), dtype=float)


def _by_rule(
    c: Connections, synapse: str, receptor: int, job: Job, built: Built, nest: Any
) -> None:
    values = {"weight": plain(c.weights), "delay": plain(c.delays) * job.dt}
    nest.SetDefaults(synapse, values)
    spec: dict[str, Any] = {"synapse_model": synapse}
    if receptor:
        spec["receptor_type"] = receptor
    pre = built.nodes.get(c.pre)
    if pre is None:
        source = next((s for s in job.sources if s.name == c.pre and s.steps is not None), None)
        ids = built.ids[c.pre] if source is None else _from_device(source, job, nest)
        pre = nest.NodeCollection(ids.tolist())
    nest.Connect(pre, built.nodes[c.post], dict(c.rule or {}), spec)


def _relays(c: Connections, p: Plastic, job: Job, built: Built, nest: Any) -> Any:
    """For every connection the node whose spikes reach it, the axonal delay spent."""
    assert c.sources is not None
    waits = np.broadcast_to(np.asarray(p.axonal), c.sources.shape)
    pairs, which = np.unique(np.stack([c.sources, waits]), axis=1, return_inverse=True)
    which = np.ravel(which)
    frozen = next((s for s in job.sources if s.name == c.pre and s.steps is not None), None)
    if frozen is not None:
        return _from_device(_delayed(frozen, pairs, job), job, nest)[which]
    units, steps = pairs
    ids = built.ids[c.pre][units]
    late = np.flatnonzero(steps)
    if len(late):
        parrots = _parrots(len(late), nest)
        connect_arrays(ids[late], parrots, 1.0, steps[late], 0, "static_synapse", job, nest)
        ids = ids.copy()
        ids[late] = parrots
    return ids[which]


def _delayed(source: Source, pairs: Ints, job: Job) -> Source:
    """A source with one unit per pair of (unit, delay), whose spikes come that much later."""
    assert source.steps is not None and source.senders is not None
    steps, senders = [], []
    for wait in np.unique(pairs[1]):
        column = np.full(source.size, -1)
        mine = np.flatnonzero(pairs[1] == wait)
        column[pairs[0][mine]] = mine
        kept = (column[source.senders] >= 0) & (source.steps + wait <= job.steps)
        steps.append(source.steps[kept] + wait)
        senders.append(column[source.senders[kept]])
    when, who = np.concatenate(steps), np.concatenate(senders)
    order = np.lexsort((who, when))
    return Source(source.name, pairs.shape[1], when[order], who[order], None, None)


def _from_device(source: Source, job: Job, nest: Any) -> Ints:
    """Parrots, one per unit, that spike when the units of the frozen ``source`` do."""
    assert source.steps is not None
    early = Source(source.name, source.size, source.steps - job.lag, source.senders, None, None)
    generators, parrots = source_devices(early, job, nest), _parrots(source.size, nest)
    used = generators > 0
    connect_arrays(generators[used], parrots[used], 1.0, job.lag, 0, "static_synapse", job, nest)
    return parrots


def _parrots(count: int, nest: Any) -> Ints:
    made = nest.Create("parrot_neuron", count)
    ids: Ints = np.arange(count, dtype=np.int64) + made[0].global_id
    return ids
