"""DrawnNetwork -> job: populations, sources and projections in NEST's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection, DrawnSource
from ...definition.evaluate import evaluate
from ...definition.network import STATIC
from ...records import replace
from ..base import refuse
from .cast import Cast
from .job import Connections, Group, Number, Source
from .learning import places
from .plastic import Codes, dendritic, plastic_of

RULES = {
    "all_to_all": ("all_to_all", {}),
    "one_to_one": ("one_to_one", {}),
    "fixed_probability": ("pairwise_bernoulli", {"p": "p"}),
    "fixed_indegree": ("fixed_indegree", {"indegree": "indegree"}),
    "fixed_outdegree": ("fixed_outdegree", {"outdegree": "outdegree"}),
    "fixed_total_number": ("fixed_total_number", {"number": "N"}),
}


def group_of(cast: Cast, population: DrawnPopulation) -> Group:
    """The population as the job has it."""
    return Group(population.name, population.size, cast.node)


def source_of(source: DrawnSource, network: DrawnNetwork) -> Source:
    """A spike source; a native one needs no parrots if no unit of it has two targets."""
    return Source(
        source.name,
        source.size,
        source.steps,
        source.senders,
        source.rate_steps,
        source.rates,
        source.native and _at_most_one_target(source, network),
    )


def _at_most_one_target(source: DrawnSource, network: DrawnNetwork) -> bool:
    mine = [p for p in network.projections.values() if p.pre == source.name]
    if any(source.name in p.events.values() for p in network.projections.values()):
        return False
    if any(p.native for p in mine):
        return len(mine) == 1 and mine[0].rule.kind == "one_to_one"
    lists = [p.sources for p in mine if p.sources is not None]
    # not np.unique, which imports numpy.ma
    return not lists or bool((np.bincount(np.concatenate(lists)) <= 1).all())


def static_network(network: DrawnNetwork) -> DrawnNetwork:
    """The network with what its synapses deliver as their weights.

    Raises:
        Unsupported: a synapse has dynamics of its own.
    """
    varied = {
        n: p
        for n, p in network.projections.items()
        if not (p.synapse.is_static or p.synapse.is_dynamic or p.synapse.is_graded)
    }
    if not varied:
        return network
    for p in varied.values():
        if p.synapse.states or p.synapse.on_pre or p.synapse.on_post or p.synapse.deliver is None:
            raise refuse(
                "nest",
                f"the synapse {p.synapse.label!r} of projection {p.name!r}",
                "it has states or statements per synapse that cannot be moved into the neuron",
                "use a static synapse, or run on brian2",
            )
    projections = {
        n: replace(p, weights=_delivered(p, p.weights), synapse=STATIC) for n, p in varied.items()
    }
    changes = tuple(
        replace(c, value=_delivered(varied[c.owner], c.value))
        if c.kind == "weight" and c.owner in varied
        else c
        for c in network.changes
    )
    return replace(network, projections={**network.projections, **projections}, changes=changes)


def _delivered(projection: DrawnProjection, weights: Number) -> Number:
    assert projection.synapse.deliver is not None
    return evaluate(projection.synapse.deliver, {**projection.parameters, "weight": weights})


def connections_of(
    projection: DrawnProjection,
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    codes: Codes,
) -> Connections:
    """The projection as the job has it."""
    p = projection
    own = next((q for q in casts[p.post].learned if q.projection.name == p.name), None)
    if own is not None:  # its weight is its place in the node that holds it
        place = places(p).astype(float)
        ends = (p.pre, p.post, own.code.prefix, p.sources, p.targets)
        return Connections(p.name, *ends, place, dendritic(p), model="rate_connection_delayed")
    plastic = plastic_of(p, network, codes[p.name]) if p.name in codes else None
    weights = scaled(p, p.weights, casts)
    changes = any(c.kind == "weight" and c.owner == p.name for c in network.changes)
    rule = _native_rule(p) if p.native else None
    return Connections(
        p.name,
        p.pre,
        p.post,
        p.port,
        p.sources,
        p.targets,
        weights,
        delays_of(p, casts),
        rule,
        changes,
        casts[p.pre].link if p.synapse.is_graded else "static_synapse",
        plastic,
    )


def delays_of(projection: DrawnProjection, casts: Mapping[str, Cast]) -> Number:
    """The delays of NEST's connections in steps."""
    sender = casts.get(projection.pre)  # none: a source
    return dendritic(projection, 0 if sender is not None and sender.sends_before else 1)


def _native_rule(projection: DrawnProjection) -> dict[str, Any]:
    rule = projection.rule
    if rule.kind not in RULES:
        raise refuse(
            "nest", f"the rule {rule.kind!r} natively", "it lists its pairs", "leave `native` off"
        )
    kind, names = RULES[rule.kind]
    found = {"rule": kind, **{theirs: getattr(rule, ours) for ours, theirs in names.items()}}
    return {**found, "allow_autapses": rule.autapses, "allow_multapses": rule.multapses}


def scaled(projection: DrawnProjection, weights: Number, casts: Mapping[str, Cast]) -> Number:
    """Weights as NEST's model takes them; factors may differ between targets."""
    if projection.synapse.is_graded:
        sent = casts[projection.pre].sends.get(projection.name, 1.0)
        weights = weights if np.ndim(sent) == 0 and sent == 1.0 else weights * sent
    factor = casts[projection.post].factors[projection.port]
    if not np.ndim(factor):
        return weights if factor == 1.0 else weights * factor
    return weights * factor[projection.targets]
