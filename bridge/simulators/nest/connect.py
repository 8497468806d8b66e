"""Connections of a job in the NEST kernel of this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .job import Connections, Ints, Job, NodeModel, Number


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
    shared: dict[Any, str] = field(default_factory=dict)  # (weight, delay) -> synapse model
    ends: dict[str, tuple[Ints, Ints]] = field(default_factory=dict)  # nodes of untagged synapses

    def ids_of(self, c: Connections) -> Ints:
        """The node of every presynaptic unit of ``c``; 0 for a source unit that never spikes."""
        return self.senders[c.name] if c.name in self.senders else self.ids[c.pre]


def connect(
    connections: Connections, index: int, node: NodeModel, job: Job, built: Built, nest: Any
) -> None:
    """A projection, with the synapse model of its weight and delay."""
    c = connections
    receptor = receptor_number(node, node.receptors[c.port], nest)
    weights = c.weights
    synapse = _synapse_model(c, index, job, built, nest)
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
    connect_arrays(pre, post, weights, delays, receptor, synapse, job, nest)


def _synapse_model(c: Connections, index: int, job: Job, built: Built, nest: Any) -> str:
    """A model of its own, shared by projections with one and the same weight and delay.

    NEST keeps the connections of one neuron and one model together, so that fewer models deliver
    spikes faster. A projection whose weight changes later must be found again by its model. A
    weight that is one number belongs to the model, not to every connection: a tenth less to build.
    """
    changes = any(change.kind == "weight" and change.owner == c.name for change in job.changes)
    kind, name = c.model, f"static_{index}"
    if not changes and not np.ndim(c.weights) and not np.ndim(c.delays):
        kind = "static_synapse_hom_w" if c.model == "static_synapse" else c.model
        key = (plain(c.weights), plain(c.delays), c.model)
        name = built.shared.setdefault(key, name)
    if name not in built.synapses.values():
        nest.CopyModel(kind, name)
    return name


def connect_arrays(
    pre: Ints,
    post: Ints,
    weights: Number,
    delays: Number,
    receptor: int,
    synapse: str,
    job: Job,
    nest: Any,
) -> None:
    """Homogeneous weights and delays are defaults of the synapse model."""
    if not len(pre):
        return
    spec: dict[str, Any] = {"synapse_model": synapse}
    count = len(pre)
    if np.ndim(weights) or np.ndim(delays) or synapse == "static_synapse":
        spec["weight"] = np.array(np.broadcast_to(weights, (count,)), dtype=float)
        spec["delay"] = np.broadcast_to(delays, (count,)) * job.dt
    else:
        values = {"weight": plain(weights), "delay": plain(delays) * job.dt}
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
    """Weight and delay are the model's defaults: given per connection they cost a third more."""
    nest.SetDefaults(synapse, {"weight": plain(weight), "delay": plain(c.delays) * job.dt})
    spec: dict[str, Any] = {"synapse_model": synapse}
    if receptor:
        spec["receptor_type"] = receptor
    post = built.nodes[c.post]
    ids = built.ids_of(c)
    if c.pre in built.nodes:
        nest.Connect(built.nodes[c.pre], post, dict(c.rule or {}), spec)
    elif len(ids) == len(post) and (ids == ids[0]).all():  # one generator for all, one_to_one
        nest.Connect(nest.NodeCollection([int(ids[0])]), post, "all_to_all", spec)
    else:
        nest.Connect(nest.NodeCollection(ids.tolist()), post, dict(c.rule or {}), spec)


def receptor_number(node: NodeModel, receptor: int | str, nest: Any) -> int:
    """The number of a receptor that may be given by name."""
    if isinstance(receptor, int):
        return receptor
    return int(nest.GetDefaults(node.model)["receptor_types"][receptor])


def plain(value: Number) -> float | int:
    """A number that NEST takes for a Python one."""
    return np.asarray(value).item()  # type: ignore[no-any-return]
