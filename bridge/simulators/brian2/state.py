"""Final state and going on from it.

A state is what decides the steps after ``step``, counted from time 0: ``{population}.{state}``,
``{population}.refractory_steps_left`` and ``{population}.{port}.arrivals``, whose row d - 1 holds
the summed weights that arrive d steps later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import Floats, Ints
from ...errors import DefinitionError
from .build import Built
from .names import object_name
from .plan import GroupPlan, PathPlan, Plan

State = dict[str, NDArray[Any]]


def restore_refractory(group: Any, plan: GroupPlan, first: int, dt: float) -> None:
    """Units with l steps left behave as if their spike was R + 1 - l steps ago."""
    if plan.left is None or "lastspike" not in group.variables:
        return
    ago = np.asarray(plan.refractory[0]) + 1 - plan.left
    never = np.asarray(group.variables["lastspike"].get_value())
    group.variables["lastspike"].set_value(
        np.where(plan.left > 0, (first - ago) * (dt / 1000), never)
    )
    group.variables["not_refractory"].set_value(plan.left == 0)


def restore_arrivals(plan: Plan, groups: Mapping[str, Any], clock: Any) -> list[Any]:
    """A generator and synapses per port that bring what was on its way."""
    found: list[Any] = []
    for group in plan.groups:
        for port, ahead in group.arrivals.items():
            if ahead.any():
                found += _bring(plan, group, port, ahead, groups[group.name], clock)
    return found


def _bring(
    plan: Plan, group: GroupPlan, port: str, ahead: Floats, target: Any, clock: Any
) -> list[Any]:
    import brian2

    row, unit = np.nonzero(ahead)
    times = (plan.first + row) * (plan.dt / 1000) * brian2.second
    name = f"{group.name}_{port}_ahead"
    source = brian2.SpikeGeneratorGroup(
        len(row),
        np.arange(len(row)),
        times,
        clock=clock,
        when="before_synapses",  # so that it arrives in the same step
        name=object_name(name),
    )
    synapses = brian2.Synapses(
        source,
        target,
        "weight : 1 (constant)",
        on_pre=group.text.receive[port],
        delay=0 * brian2.second,
        namespace=dict(target.namespace),
        clock=clock,
        name=object_name(name, "synapses"),
    )
    synapses.connect(i=np.arange(len(row)), j=unit)
    synapses.variables["weight"].set_value(ahead[row, unit])
    return [source, synapses]


def final_state(built: Built, plan: Plan, spikes: Mapping[str, tuple[Ints, Ints]]) -> State:
    """The state after the last step; ``spikes`` are (steps, senders) by population."""
    from .plastic_state import final_synapses, on_the_way

    found: State = {"step": np.array(plan.steps)}
    lines = on_the_way(built.plastic, plan)
    for group in plan.groups:
        made = built.groups[group.name]
        whole = {s: np.array(made.variables[own].get_value()) for s, own in group.states.items()}
        whole["refractory_steps_left"] = _left(made, group, plan)
        for port in group.text.receive:
            ahead = _ahead(built, plan, group, port, spikes)
            whole[f"{port}.arrivals"] = _summed(ahead, lines.get((group.name, port)))
        for name, part in plan.parts.items():
            if part.whole == group.name:
                own = slice(part.start, part.stop)
                found |= {f"{name}.{key}": value[..., own] for key, value in whole.items()}
    return found | final_synapses(built.plastic, plan, spikes)


def _summed(ahead: Floats, more: Floats | None) -> Floats:
    """Arrivals row by row; either may know more rows."""
    if more is None:
        return ahead
    found = np.zeros((max(len(ahead), len(more)), ahead.shape[1]))
    found[: len(ahead)] += ahead
    found[: len(more)] += more
    return found


def _left(made: Any, group: GroupPlan, plan: Plan) -> Ints:
    if "lastspike" not in made.variables:
        return np.zeros(group.size, dtype=np.int64)
    last = np.rint(np.asarray(made.variables["lastspike"].get_value()) / (plan.dt / 1000))
    left = np.asarray(group.refractory[-1]) + 1 - (plan.steps - last.astype(np.int64))
    return np.maximum(left, 0).astype(np.int64)


def _ahead(
    built: Built,
    plan: Plan,
    group: GroupPlan,
    port: str,
    spikes: Mapping[str, tuple[Ints, Ints]],
) -> Floats:
    paths = [p for p in plan.paths if p.post == group.name and p.port == port and p.drive is None]
    old = group.arrivals.get(port, np.zeros((0, group.size)))[plan.steps - plan.first :]
    longest = max([int(np.max(p.delays)) for p in paths] + [len(old)], default=0)
    ahead = np.zeros((longest, group.size))
    ahead[: len(old)] += old
    trains = dict(spikes)
    for source in plan.sources:
        if source.steps is not None and source.senders is not None:
            trains[source.name] = (source.steps, source.senders)
    for path in paths:
        if path.pre not in trains:
            raise DefinitionError(
                "spikes of a native Poisson source on their way are not known",
                symbol=path.pre,
                remedy='draw them in the network (draw = "frozen") to continue a run',
            )
        _add(ahead, path, built, plan, trains[path.pre])
    return ahead


def _add(ahead: Floats, path: PathPlan, built: Built, plan: Plan, train: tuple[Ints, Ints]) -> None:
    """What the last spikes of ``train`` send along ``path``."""
    sources, targets, delays = _connections(path, built)
    steps, senders = train
    recent = (steps + int(np.max(path.delays)) > plan.steps) & (steps <= plan.steps)
    recent &= steps > plan.first
    order = np.argsort(sources, kind="stable")
    begin = np.searchsorted(sources[order], senders[recent], side="left")
    end = np.searchsorted(sources[order], senders[recent], side="right")
    for step, a, b in zip(steps[recent], begin, end, strict=True):
        chosen = order[a:b]
        due = int(step) + delays[chosen] - plan.steps
        late = due > 0
        sent = [w for since, w in path.sent if since < step][-1]
        weights = np.broadcast_to(np.asarray(sent), sources.shape)[chosen][late]
        np.add.at(ahead, (due[late] - 1, targets[chosen][late]), weights)


def _connections(path: PathPlan, built: Built) -> tuple[Ints, Ints, Ints]:
    """Sources, targets and delays in steps of a projection, connection by connection."""
    if path.sources is None or path.targets is None:
        made, _ = built.synapses[path.name]
        first, last = (part[0] if part else 0 for part in (path.pre_part, path.post_part))
        sources, targets = np.array(made.i[:]) + first, np.array(made.j[:]) + last
    else:
        sources, targets = path.sources, path.targets
    return sources, targets, np.broadcast_to(np.asarray(path.delays), sources.shape)
