"""Projections of a merged network: indices moved, equal ones joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.drawn import DrawnNetwork, DrawnProjection
from ..records import replace

if TYPE_CHECKING:
    from .merge import Part

_FEW = 10**6  # connections up to which a step costs more than a weight for each connection
_BY_TARGET = ("all_to_all", "fixed_probability", "fixed_indegree")  # rules that act on each target


def merge_projections(
    network: DrawnNetwork, parts: Mapping[str, Part]
) -> dict[str, DrawnProjection]:
    """Projections between merged populations; those of one kind become one.

    So do those that differ in their weight alone, where a weight per connection costs little: a
    simulator pays for every projection in every step.
    """
    changed = {c.owner for c in network.changes if c.kind == "weight"}
    found: dict[Any, DrawnProjection] = {}
    for name, projection in network.projections.items():
        moved = _moved(projection, parts)
        alone = name in changed or projection.synapse.is_dynamic or projection.synapse.learns
        key: Any = name if alone else _key(moved)
        while key in found and (joined := _joined(found[key], moved)) is None:
            key = (key, name)  # of the same kind, but not to be joined
        found[key] = joined if key in found else moved  # type: ignore[assignment]
    merged = {p.name: p for p in found.values()}
    return _with_weights(merged, changed)


def _with_weights(
    projections: Mapping[str, DrawnProjection], changed: set[str]
) -> dict[str, DrawnProjection]:
    """Projections that only differ in their weight as one with a weight per connection."""
    groups: dict[Any, list[DrawnProjection]] = {}
    for name, p in projections.items():
        listed = p.sources is not None and p.synapse.is_static and not np.ndim(p.delays)
        alone = name in changed or not listed
        key: Any = name if alone else (p.pre, p.post, p.port, p.synapse.hash, int(p.delays))
        groups.setdefault(key, []).append(p)
    found: dict[str, DrawnProjection] = {}
    for group in groups.values():
        size = sum(len(p.sources) for p in group if p.sources is not None)
        if len(group) == 1 or size > _FEW:
            found |= {p.name: p for p in group}
            continue
        first, *others = (_spread(p) for p in group)
        for other in others:
            first = _joined(first, other) or first
        found[first.name] = first
    return found


def _spread(p: DrawnProjection) -> DrawnProjection:
    assert p.sources is not None
    return replace(p, weights=np.array(np.broadcast_to(p.weights, p.sources.shape)))


def _moved(projection: DrawnProjection, parts: Mapping[str, Part]) -> DrawnProjection:
    pre, post = parts[projection.pre], parts[projection.post]
    if projection.sources is None or projection.targets is None:
        return replace(
            projection,
            pre=pre.whole,
            post=post.whole,
            pre_part=(pre.start, pre.stop),
            post_part=(post.start, post.stop),
        )
    return replace(
        projection,
        pre=pre.whole,
        post=post.whole,
        sources=projection.sources + pre.start,
        targets=projection.targets + post.start,
    )


def _key(p: DrawnProjection) -> Any:
    weights = "many" if np.ndim(p.weights) else float(p.weights)
    delays = "many" if np.ndim(p.delays) else int(p.delays)
    numbers = tuple((n, np.asarray(v).tobytes()) for n, v in sorted(p.parameters.items()))
    key = (p.pre, p.post, p.port, p.synapse.hash, numbers, weights, delays, p.native)
    return (*key, p.pre_part, p.rule.content()) if p.native else key


def _joined(a: DrawnProjection, b: DrawnProjection) -> DrawnProjection | None:
    if a.native:
        return _joined_native(a, b)
    sources = np.concatenate([np.asarray(a.sources), np.asarray(b.sources)])
    targets = np.concatenate([np.asarray(a.targets), np.asarray(b.targets)])
    joined = replace(a, sources=sources, targets=targets)
    if np.ndim(a.weights):
        joined = replace(joined, weights=np.concatenate([a.weights, b.weights]))
    if np.ndim(a.delays):
        joined = replace(joined, delays=np.concatenate([a.delays, b.delays]))
    return joined


def _joined_native(a: DrawnProjection, b: DrawnProjection) -> DrawnProjection | None:
    """One rule for both targets, where the rule acts on each target alone."""
    assert a.post_part is not None and b.post_part is not None
    if a.rule.kind not in _BY_TARGET or a.post_part[1] != b.post_part[0]:
        return None
    return replace(a, post_part=(a.post_part[0], b.post_part[1]))
