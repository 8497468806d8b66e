"""Connections, weights and delays of a projection, drawn once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import DefinitionError
from . import distributions
from .connectivity import check_size, connect
from .draw_synapses import axonal_steps, draw_initial, draw_parameters
from .drawn import DrawnProjection, Number
from .expressions import Expression
from .grid import random_steps, steps_of
from .network import Projection
from .numbers import Scope, number_of, stream
from .rules import Rule
from .values import Random, Value, read_value


def draw_projection(
    projection: Projection,
    scope: Scope,
    sizes: Mapping[str, int],
    dt: float,
    seed: int,
    label: str,
) -> DrawnProjection:
    """Connections, weights and delays of one projection."""
    name = f"{label}.{projection.name}"
    try:
        rule = _rule(projection, scope)
        n_pre, n_post = sizes[projection.pre], sizes[projection.post]
        same = projection.pre == projection.post
        if projection.native:
            return _native(projection, rule, scope, dt, name)
        check_size(rule, n_pre, n_post, same)
        found = connect(rule, n_pre, n_post, same, stream(seed, projection.name, "connect"))
    except DefinitionError as error:
        raise error.at(model=name) from None
    count = len(found.sources)
    weights = _per_connection(projection, "weight", scope, count, seed, name)
    delays = _delays(projection, scope, count, seed, dt, name)
    parameters = draw_parameters(projection, scope, found, seed, name)
    return DrawnProjection(
        projection.name,
        projection.pre,
        projection.post,
        projection.port,
        projection.synapse,
        rule,
        found.sources,
        found.targets,
        weights,
        delays,
        parameters,
        draw_initial(projection, {**scope, **parameters}, found, seed, name),
        axonal_steps(projection.synapse, delays),
        projection.events,
        dt_w=_interval(projection, scope, dt, name),
    )


def _interval(projection: Projection, scope: Scope, dt: float, name: str) -> int:
    """Steps between two moves of a graded synapse's states; 0 for every step, on any grid."""
    if projection.dt_w is None:
        return 0
    time = number_of(projection.dt_w, scope)
    steps: int = steps_of(time, dt, "dt_w", model=name, least=1)
    return steps


def _rule(projection: Projection, scope: Scope) -> Rule:
    entries: dict[str, Any] = {}
    for key, value in projection.rule.items():
        if key == "kind" or isinstance(value, bool):
            entries[key] = value
        elif key in ("sources", "targets"):
            entries[key] = np.asarray(value, dtype=np.int64)
        else:
            entries[key] = number_of(read_value(value, symbol=key), scope)
    known = {"kind", "p", "indegree", "outdegree", "number", "sources", "targets"}
    for key in set(entries) - known - {"autapses", "multapses"}:
        raise DefinitionError(
            f"the rule has the unknown key {key!r}",
            symbol=key,
            remedy=f"known are {', '.join(sorted(known))}, autapses, multapses",
        )
    return Rule(**entries)


def _native(
    projection: Projection, rule: Rule, scope: Scope, dt: float, name: str
) -> DrawnProjection:
    for symbol in ("weight", "delay"):
        value = getattr(projection, symbol)
        if isinstance(value, Random) or np.ndim(number_of(value, scope)):
            raise DefinitionError(
                f"a native projection has one {symbol}, not one per connection",
                symbol=symbol,
                remedy="give one number, or drop native = true",
            )
    weight, delay = number_of(projection.weight, scope), number_of(projection.delay, scope)
    steps = steps_of(delay, dt, "delay", model=name, least=_least(projection))
    parameters = draw_parameters(projection, scope, None, 0, name)
    return DrawnProjection(
        projection.name,
        projection.pre,
        projection.post,
        projection.port,
        projection.synapse,
        rule,
        None,
        None,
        weight,
        steps,
        parameters,
        draw_initial(projection, {**scope, **parameters}, None, 0, name),
        axonal_steps(projection.synapse, steps),
        projection.events,
    )


def _per_connection(
    projection: Projection, key: str, scope: Scope, count: int, seed: int, name: str
) -> Number:
    value = _named(getattr(projection, key), scope)
    if isinstance(value, Random):
        rng = stream(seed, projection.name, key)
        return distributions.draw(value.distribution, count, rng)
    number: Number = number_of(value, scope)
    if np.ndim(number) and np.shape(number) != (count,):
        raise DefinitionError(
            f"{key} has {np.size(number)} values for {count} connections",
            model=name,
            symbol=key,
            remedy="give one value, or one per connection in the order of (source, target)",
        )
    return number


def _named(value: Value, scope: Scope) -> Value:
    """The distribution that ``value`` names, if it names a random parameter; else ``value``."""
    found = scope.get(value.text) if isinstance(value, Expression) else None
    return found if isinstance(found, Random) else value


def _delays(
    projection: Projection, scope: Scope, count: int, seed: int, dt: float, name: str
) -> Any:
    times = _per_connection(projection, "delay", scope, count, seed, name)
    if isinstance(_named(projection.delay, scope), Random):
        return random_steps(times, dt)
    return steps_of(times, dt, "delay", model=name, least=_least(projection))


def _least(projection: Projection) -> int:
    """Spikes take at least one step; what is passed on continuously may act at once."""
    return 0 if projection.synapse.is_graded else 1
