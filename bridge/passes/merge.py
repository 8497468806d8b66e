"""Populations of one neuron with equal parameters become one; so do their inputs.

What a simulator pays per object and step then does not depend on how finely the author divided the
network. The numbers stay those that were drawn: only indices move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..definition.drawn import DrawnNetwork, DrawnPopulation, DrawnSource, Number
from ..records import dataclass, replace
from .merge_projections import merge_projections


@dataclass(frozen=True)
class Part:
    """Where the units of a population or source are now: ``start``..``stop`` of ``whole``."""

    whole: str
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Merged:
    """The merged network, and where each population of the original one is.

    ``owners``: of each recording, the population in the original network.
    """

    network: DrawnNetwork
    parts: Mapping[str, Part]
    owners: tuple[str, ...]


def merge(network: DrawnNetwork) -> Merged:
    """Merge what can be merged; the trajectories are those of ``network``."""
    groups = _groups(network)
    source_groups = _source_groups(network, groups)
    parts = _parts(groups, network.populations, network) | _parts(
        source_groups, network.sources, network
    )
    populations = {
        (whole := parts[names[0]].whole): replace(
            _population([network.populations[n] for n in names]), name=whole
        )
        for names in groups
    }
    sources: dict[str, list[DrawnSource]] = {}
    for name, source in network.sources.items():
        sources.setdefault(parts[name].whole, []).append(source)
    merged = replace(
        network,
        populations=populations,
        sources={n: replace(_source(group), name=n) for n, group in sources.items()},
        projections=merge_projections(network, parts),
        currents=tuple(
            replace(
                c, population=parts[c.population].whole, units=c.units + parts[c.population].start
            )
            for c in network.currents
        ),
        recordings=tuple(
            replace(
                r, population=parts[r.population].whole, units=r.units + parts[r.population].start
            )
            for r in network.recordings
        ),
        changes=tuple(
            replace(c, owner=parts[c.owner].whole) if c.kind == "parameter" else c
            for c in network.changes
        ),
    )
    owners = tuple(r.population for r in network.recordings)
    return Merged(merged, {n: parts[n] for n in network.populations}, owners)


def _groups(network: DrawnNetwork) -> list[list[str]]:
    """Names of populations that become one."""
    changed = {c.owner for c in network.changes if c.kind == "parameter"} | _drivers(network)
    groups: dict[Any, list[str]] = {}
    for name, population in network.populations.items():
        alone = name in changed or not population.size
        key = name if alone else (population.neuron.hash, _same(population), _drives(network, name))
        groups.setdefault(key, []).append(name)
    return list(groups.values())


def _drivers(network: DrawnNetwork) -> set[str]:
    """What drives third factors, unit by unit: it stays as it is."""
    return {driver for p in network.projections.values() for driver in p.events.values()}


def _same(population: DrawnPopulation) -> Any:
    """What must be equal: the numbers, and which parameters have one per unit."""
    return tuple(
        (n, "per unit" if np.ndim(v) else float(v))
        for n, v in sorted(population.parameters.items())
    )


def _drives(network: DrawnNetwork, name: str) -> Any:
    """Native Poisson input must be the same for all, as a simulator draws it for all at once."""
    found = []
    for projection in network.projections_to(name):
        source = network.sources.get(projection.pre)
        if source is not None and source.native:
            assert source.rates is not None and source.rate_steps is not None
            same = projection.rule.kind == "one_to_one" and source.rates.ndim == 1
            same = same and not projection.synapse.is_dynamic
            key = (projection.port, _number(projection.weights), source.rates.tobytes())
            key = (*key, source.rate_steps.tobytes(), _number(projection.delays))  # type: ignore[assignment]
            found.append(key if same else (projection.name,))
    return tuple(sorted(found, key=str))


def _number(value: Number | int | Any) -> Any:
    return "many" if np.ndim(value) else float(value)


def _source_groups(network: DrawnNetwork, groups: list[list[str]]) -> list[list[str]]:
    """Sources that reach the parts of one merged population one to one become one."""
    whole = {name: names[0] for names in groups for name in names}
    found: dict[Any, list[str]] = {}
    drivers = _drivers(network)
    for name, source in network.sources.items():
        paths = [p for p in network.projections.values() if p.pre == name]
        single = len(paths) == 1 and paths[0].rule.kind == "one_to_one"
        key: Any = name
        if single and name not in drivers and not paths[0].synapse.is_dynamic:
            path = paths[0]
            key = (whole[path.post], path.port, source.native, _number(path.weights))
            key = (*key, _number(path.delays), "many" in key)
            alone = source.size != network.populations[path.post].size or "many" in key
            key = name if alone or _changed(network, path.name) else key
        found.setdefault(key, []).append(name)
    return [_in_order(names, network, groups) for names in found.values()]


def _changed(network: DrawnNetwork, projection: str) -> bool:
    return any(c.kind == "weight" and c.owner == projection for c in network.changes)


def _in_order(names: list[str], network: DrawnNetwork, groups: list[list[str]]) -> list[str]:
    """In the order of their targets, so that unit k of the whole still drives unit k."""
    if len(names) == 1:
        return names
    order = [name for group in groups for name in group]
    post = {p.pre: p.post for p in network.projections.values()}
    targets = [post[n] for n in names]
    members = next(g for g in groups if targets[0] in g)
    if sorted(targets) != sorted(members):
        return names
    return sorted(names, key=lambda n: order.index(post[n]))


def _parts(
    groups: Iterable[list[str]], items: Mapping[str, Any], network: DrawnNetwork
) -> dict[str, Part]:
    parts = {}
    for names in groups:
        start = 0
        joined = "_".join(names)
        taken = len(names) > 1 and (joined in network.populations or joined in network.sources)
        whole = names[0] if taken or len(joined) > 60 else joined
        for name in names:
            parts[name] = Part(whole, start, start + items[name].size)
            start += items[name].size
    return parts


def _population(members: list[DrawnPopulation]) -> DrawnPopulation:
    first = members[0]
    if len(members) == 1:
        return first
    return replace(
        first,
        size=sum(m.size for m in members),
        parameters={n: _joined(n, "parameters", members) for n in first.parameters},
        initial={n: _joined(n, "initial", members) for n in first.initial},
    )


def _joined(name: str, table: str, members: list[DrawnPopulation]) -> Number:
    values = [getattr(m, table)[name] for m in members]
    if not any(np.ndim(v) for v in values) and len(set(values)) == 1:
        return float(values[0])
    wide = [np.broadcast_to(v, (m.size,)) for v, m in zip(values, members, strict=True)]
    joined: Number = np.concatenate(wide)
    return joined


def _source(members: list[DrawnSource]) -> DrawnSource:
    first = members[0]
    if len(members) == 1:
        return first
    size = sum(m.size for m in members)
    if first.native:
        return replace(first, size=size)
    starts = np.cumsum([0, *(m.size for m in members[:-1])])
    steps = np.concatenate([np.asarray(m.steps) for m in members])
    senders = np.concatenate(
        [np.asarray(m.senders) + s for m, s in zip(members, starts, strict=True)]
    )
    steps, senders = np.divmod(np.sort(steps * size + senders), size)
    return replace(first, size=size, steps=steps, senders=senders)
