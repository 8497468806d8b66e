"""Sources and projections of a plan as Brian2 objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.connectivity import connect as draw_connections
from ...definition.drawn import DrawnSource, Ints
from ...definition.numbers import stream
from ...definition.rules import Rule
from ...errors import Unsupported
from .names import object_name
from .plan import PathPlan, Plan, mixed
from .tables import Table, rate_table
from .weights import model_of, set_weight

Replicas = tuple[Ints, Ints]  # of every generator unit: source unit, which of its spikes in a step


def build_sources(plan: Plan, clock: Any) -> dict[str, Any]:
    """A generator for every frozen source, a PoissonGroup for every native one."""
    return {
        s.name: _poisson_group(s, plan, clock) if s.native else _generator(s, plan, clock)
        for s in plan.sources
    }


def replicas(source: DrawnSource) -> tuple[Ints, Replicas]:
    """Generator unit of every spike, and what each generator unit stands for.

    Brian2 refuses two spikes of one unit in one step, so the second, third, ... spike of a unit in
    a step come from replicas of the unit.
    """
    nth = nth_spikes(np.asarray(source.steps), np.asarray(source.senders))
    code = nth * source.size + np.asarray(source.senders)
    extra = np.unique(code[nth > 0])
    codes = np.concatenate([np.arange(source.size), extra])
    return np.searchsorted(codes, code), (codes % source.size, codes // source.size)


def nth_spikes(steps: Ints, senders: Ints) -> Ints:
    """Of every spike, how many its unit has before it in the same step."""
    key = steps * (int(senders.max(initial=0)) + 1) + senders
    ordered = np.sort(key)
    if not (ordered[1:] == ordered[:-1]).any():  # to sort is faster than to find the order
        return np.zeros(len(key), dtype=np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]
    begin = np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
    nth = np.empty(len(key), dtype=np.int64)
    nth[order] = np.arange(len(key)) - begin
    return nth


def _generator(source: DrawnSource, plan: Plan, clock: Any) -> Any:
    units, (stands_for, _) = replicas(source)
    steps, name = np.asarray(source.steps), object_name(source.name)
    return generator(units, steps, len(stands_for), plan, clock, name)


def generator(units: Ints, steps: Ints, size: int, plan: Plan, clock: Any, name: str) -> Any:
    """A ``SpikeGeneratorGroup`` of ``size`` units for those steps that are run."""
    import brian2

    kept = (steps > plan.first) & (steps <= plan.steps)
    times = (steps[kept] - 1) * (plan.dt / 1000)
    order = np.lexsort((units[kept], steps[kept]))
    return brian2.SpikeGeneratorGroup(
        size,
        units[kept][order],
        times[order] * brian2.second,
        clock=clock,
        sorted=True,
        name=name,
    )


def _poisson_group(source: DrawnSource, plan: Plan, clock: Any) -> Any:
    import brian2

    from .build import timed_array

    assert source.rates is not None and source.rate_steps is not None
    largest = float(source.rates.max()) * plan.dt
    if largest > 0.1:
        raise Unsupported(
            f"brian2's PoissonGroup emits at most one spike per step and unit, but {largest:g} are "
            "expected",
            symbol=source.name,
            remedy='draw the trains in the network (draw = "frozen"), or use a smaller dt',
        )
    rates = rate_table(source.rate_steps, source.rates, plan.steps)
    name = object_name(source.name)
    if isinstance(rates, Table):
        table = timed_array(Table(rates.values * 1000, rates.every), plan.dt, source.name, "rate")
        text = "rate_table(t, i)*Hz" if rates.values.ndim == 2 else "rate_table(t)*Hz"
        space = {"rate_table": table}
        return brian2.PoissonGroup(source.size, text, clock=clock, namespace=space, name=name)
    return brian2.PoissonGroup(source.size, np.asarray(rates) * brian2.kHz, clock=clock, name=name)


def build_synapses(
    plan: Plan, groups: Mapping[str, Any], origins: Mapping[str, Any]
) -> tuple[dict[str, tuple[Any, Ints]], list[Any]]:
    """Synapses by projection with the order of their connections, and the Poisson inputs."""
    from .poisson import poisson_drive

    sources = {s.name: s for s in plan.sources}
    synapses: dict[str, tuple[Any, Ints]] = {}
    drives: list[Any] = []
    for path in plan.paths:
        if path.drive is not None:
            drives.append(poisson_drive(path, plan, groups[path.post]))
            continue
        pre, post = origins[path.pre], groups[path.post]
        synapses[path.name] = _synapses(path, plan, pre, post, sources)
    return synapses, drives


def _synapses(
    path: PathPlan, plan: Plan, pre: Any, post: Any, sources: Mapping[str, DrawnSource]
) -> tuple[Any, Ints]:
    import brian2

    step = plan.dt / 1000
    pre, post = _part(pre, path.pre_part), _part(post, path.post_part)
    model, on_pre = model_of(path)
    delay = None if mixed(path.delays) else (int(np.max(path.delays)) - 1) * step * brian2.second
    synapses = brian2.Synapses(
        pre,
        post,
        model,
        on_pre=on_pre,
        delay=delay,
        namespace={**post.namespace, "inf": np.inf},
        clock=post.clock,
        name=object_name(path.name),
    )
    source = sources.get(path.pre)
    if path.sources is None:
        connect(synapses, path, plan.seed)
        order = np.empty(0, dtype=np.int64)
    else:
        i, j, order = expanded(path, source)
        connect_listed(synapses, i, j)
    if delay is None:
        delays = (np.asarray(path.delays)[order] - 1) * step
        synapses.delay = delays * brian2.second
    set_weight(synapses, path, plan, 0, order)
    return synapses, order


def expanded(path: PathPlan, source: DrawnSource | None) -> tuple[Ints, Ints, Ints]:
    """Connections sorted by source, with those of replicas; the third array says of which one."""
    i, j = np.asarray(path.sources), np.asarray(path.targets)
    order = np.arange(len(i))
    if source is not None and source.steps is not None:
        _, (stands_for, nth) = replicas(source)
        unit = np.flatnonzero(nth > 0)
        by_source = np.argsort(i, kind="stable")
        begin = np.searchsorted(i[by_source], stands_for[unit], side="left")
        count = np.searchsorted(i[by_source], stands_for[unit], side="right") - begin
        inner = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        order = np.concatenate([order, by_source[np.repeat(begin, count) + inner]])
        i = np.concatenate([i, np.repeat(unit, count)])
        j = j[order]
    if len(i) and np.any(np.diff(i) < 0):
        arranged = np.lexsort((j, i))
        i, j, order = i[arranged], j[arranged], order[arranged]
    return i, j, order


def _part(group: Any, part: tuple[int, int] | None) -> Any:
    """The subgroup, or the group where it is the whole."""
    if part is None or part == (0, len(group)):
        return group
    return group[part[0] : part[1]]


def connect(synapses: Any, path: PathPlan, seed: int) -> None:
    """Connections that are not frozen: Brian2's own where it has the rule.

    The other rules are drawn here, from the run's seed and the projection's name.
    """
    rule = path.rule
    if rule.kind == "all_to_all":
        synapses.connect(condition=condition(path))
    elif rule.kind == "one_to_one":
        synapses.connect(j="i")
    elif rule.kind == "fixed_probability":
        synapses.connect(condition=condition(path), p=rule.number_of("p"))
    else:
        i, j = native(path, len(synapses.source), len(synapses.target), seed)
        connect_listed(synapses, i, j)


def condition(path: PathPlan) -> str | None:
    """What leaves autapses out, in Brian2's words, where the rule has none."""
    if path.pre != path.post or path.rule.autapses:
        return None
    first, last = (part[0] if part else 0 for part in (path.pre_part, path.post_part))
    return f"i + {first} != j + {last}"


def native(path: PathPlan, n_pre: int, n_post: int, seed: int) -> tuple[Ints, Ints]:
    """Connections of a rule that Brian2 does not know."""
    first, last = (part[0] if part else 0 for part in (path.pre_part, path.post_part))
    loops = condition(path) is not None
    rng = stream(seed, path.name, "native")
    i, j = drawn(path.rule, n_pre, n_post, last - first, loops, rng)
    # By source, so that a spike's synapses lie together; 16 bits are sorted in linear time.
    order = np.argsort(i.astype(np.min_scalar_type(n_pre)), kind="stable")
    return i[order], j[order]


def connect_listed(synapses: Any, i: Ints, j: Ints) -> None:
    """The listed connections, made by numpy: as fast as compiled code, and nothing to compile."""
    import brian2

    before = brian2.prefs["codegen.target"]
    brian2.prefs["codegen.target"] = "numpy"
    try:
        synapses.connect(i=i, j=j)
    finally:
        brian2.prefs["codegen.target"] = before


def drawn(
    rule: Rule, n_pre: int, n_post: int, offset: int, loops: bool, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Connections of parts; target k is source k + ``offset`` where it is one of the sources.

    Without autapses the targets among the sources are drawn apart from the others.
    """
    begin, end = max(-offset, 0), min(n_pre - offset, n_post)
    if not loops or begin >= end:
        found = draw_connections(rule, n_pre, n_post, False, rng)
        return found.sources, found.targets
    if (begin, end, offset) == (0, n_post, 0) and n_pre == n_post:
        found = draw_connections(rule, n_pre, n_post, True, rng)
        return found.sources, found.targets
    return _drawn_among(rule, n_pre, n_post, (begin, end, offset), rng)


def _drawn_among(
    rule: Rule, n_pre: int, n_post: int, among: tuple[int, int, int], rng: np.random.Generator
) -> tuple[Ints, Ints]:
    begin, end, offset = among
    if rule.kind != "fixed_indegree" or end - begin != n_pre:
        raise Unsupported(
            f"brian2 cannot draw {rule.kind} without autapses between overlapping populations",
            symbol="brian2",
            remedy="drop native = true, or allow autapses",
        )
    inside = draw_connections(rule, n_pre, n_pre, True, rng)
    others = np.setdiff1d(np.arange(n_post), np.arange(begin, end))
    outside = draw_connections(rule, n_pre, len(others), False, rng)
    sources = np.concatenate([inside.sources, outside.sources])
    targets = np.concatenate([inside.targets - offset, others[outside.targets]])
    return sources, targets
