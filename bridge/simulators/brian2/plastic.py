"""Synapses with states as Brian2 objects: ordered pathways on one ``Synapses`` per projection.

A spike stamped p by the contract is queued so that a pathway with delay D runs in step p + D. Hence
presynaptic pathways have the axonal delay (less one step where nothing of the delay is left after
the synapse), postsynaptic ones the dendritic delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import Ints, Number
from ...definition.numbers import stream
from ...passes.synapse_program import BEFORE
from ...records import dataclass
from .factors import factors
from .lines import Line, arrivals
from .names import object_name
from .paths import connect_listed, drawn
from .per_neuron import NeuronStates, neuron_states, refer
from .plan import Plan, PlasticPlan, Steps
from .plastic_words import AHEAD, UPDATED, own
from .repeats import repeats


@dataclass(frozen=True, eq=False)
class PlasticSynapses:
    """One projection; ``order``: of its connections, as made; ``others`` run beside it.

    ``sides``: states that live once per neuron, which ``synapses`` refer to; ``line``: what takes
    its amplitudes to the neurons, shared with other projections onto the same port.
    """

    synapses: Any
    order: Ints
    sides: tuple[NeuronStates, ...]
    others: tuple[Any, ...]
    line: Line | None = None


def build_plastic(
    plan: Plan, groups: Mapping[str, Any], origins: Mapping[str, Any]
) -> tuple[dict[str, PlasticSynapses], list[Any]]:
    """Projections with states by name, and what brings their amplitudes to the neurons."""
    lines = {(p.post, p.port): Line(p, len(groups[p.post])) for p in plan.lines}
    brought = [arrivals(lines[p.post, p.port], p, groups[p.post]) for p in plan.lines]
    sources = {s.name: s for s in plan.sources}
    later = {
        name: repeats(source, origins[name], plan)
        for name, source in sources.items()
        if any(p.pre == name for p in plan.plastic)
    }
    found = {}
    for p in plan.plastic:
        line = lines.get((p.post, p.port))
        found[p.name] = make_synapses(p, plan, groups, origins, line, len(later.get(p.pre, ())))
        if plan.sent:
            from .plastic_state import send_again

            send_again(found[p.name], p, plan)
    return found, [*brought, *(g for groups in later.values() for g in groups)]


def make_synapses(
    p: PlasticPlan,
    plan: Steps,
    groups: Mapping[str, Any],
    origins: Mapping[str, Any],
    line: Line | None,
    repeated: int = 0,
    name: str | None = None,
) -> PlasticSynapses:
    """One projection; ``line`` takes its amplitudes on, ``repeated``: see `repeats`.

    ``name``: of the Brian2 object, in place of the projection's.
    """
    import brian2

    pre, post = origins[p.pre], groups[p.post]
    space = {**post.namespace, "inf": np.inf}
    space |= {n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)}
    if line is not None:
        space["sb_later"] = line.later
    step, events = plan.dt / 1000 * brian2.second, _events(repeated)
    ahead = {n: np.asarray(p.axonal) - int(p.placing.at_soma) for n in events}
    ahead |= {"post": np.asarray(p.dendritic)} if p.text.post else {}
    synapses = brian2.Synapses(
        pre,
        post,
        p.text.model,
        on_pre=dict.fromkeys(events, p.text.pre),
        on_post={"post": p.text.post} if p.text.post else None,
        on_event={**events, "post": "spike"},
        delay={n: int(d) * step for n, d in ahead.items() if not d.ndim},
        namespace=space,
        clock=post.clock,
        name=name or object_name(p.name),
    )
    order = _connect(synapses, p, plan, pre, post)
    for name, delays in ahead.items():
        if delays.ndim:
            getattr(synapses, name).delay = delays[order] * step
    _set_numbers(synapses, p, plan, order)
    units = {"pre": (pre, events), "post": (post, {"post": "spike"})}
    ends = {"pre": np.asarray(synapses.i), "post": np.asarray(synapses.j)} if p.kept else {}
    sides = tuple(
        neuron_states(text, p, plan, *units[text.side], order, ends.get(text.side))
        for text in p.text.sides
    )
    for side in sides:
        refer(synapses, side)
    others = _schedule(synapses, p, origins, [*events], {s.text.side: s for s in sides})
    return PlasticSynapses(synapses, order, sides, (*(s.made for s in sides), *others), line)


def _events(repeated: int) -> dict[str, str]:
    """Presynaptic pathways: the first spike of a step, the second, ..."""
    return {"pre": "spike"} | {f"pre{n}": f"repeat{n}" for n in range(1, repeated + 1)}


def _schedule(
    synapses: Any,
    p: PlasticPlan,
    origins: Mapping[str, Any],
    events: list[str],
    sides: Mapping[str, NeuronStates],
) -> tuple[Any, ...]:
    """Slots and orders; returns what runs besides the pathways."""
    when = "before_groups" if p.text.early else "synapses"
    position = 0
    others: list[Any] = []
    for side in p.text.order:
        if side == "events":
            others += factors(synapses, p, origins, when, position)
            position += len(p.text.events)
        if side == "step" and p.text.step:
            synapses.run_regularly(p.text.step, when=when, order=position)
            position += 1
        for pathway in _in_order(synapses, p, side, events, sides):
            pathway.when, pathway.order = when, position
            position += 1
    return tuple(others)


def _in_order(
    synapses: Any,
    p: PlasticPlan,
    side: str,
    events: list[str],
    sides: Mapping[str, NeuronStates],
) -> list[Any]:
    """The pathways that run in the place of ``side``: states of neurons around the synapses'."""
    found: list[Any] = []
    late = sides.get("post")
    late = late if late is not None and late.text.late else None
    names = {"pre": events, "post": ["post"]}.get(side, [])
    for name in names:
        states = sides.get(side)
        found.append(states and states.pathway("ahead", name))
        found.append(getattr(synapses, name) if side == "pre" or p.text.post else None)
        found.append(states and states is not late and states.pathway("spike", name))
    if side == "pre" and late is not None:
        found.append(late.pathway("spike", "post"))
    return [f for f in found if f]


def _connect(synapses: Any, p: PlasticPlan, plan: Steps, pre: Any, post: Any) -> Ints:
    i, j = p.sources, p.targets
    if i is None or j is None:
        i, j = native_connections(p, plan.seed, len(pre), len(post))
    order = np.arange(len(i))
    if len(i) and np.any(np.diff(i) < 0):
        order = np.lexsort((j, i))
    connect_listed(synapses, i[order], j[order])
    return order


def native_connections(p: PlasticPlan, seed: int, n_pre: int, n_post: int) -> tuple[Ints, Ints]:
    """Connections that are not frozen, drawn from the run's seed and the projection's name."""
    first, stop = p.pre_part or (0, n_pre)
    begin, end = p.post_part or (0, n_post)
    loops = p.pre == p.post
    rng = stream(seed, p.name, "native")
    i, j = drawn(p.rule, stop - first, end - begin, begin - first, loops, rng)
    return i + first, j + begin


def _set_numbers(synapses: Any, p: PlasticPlan, plan: Steps, order: Ints) -> None:
    wide = {n: v for n, v in p.numbers.items() if np.ndim(v)}
    for name, value in {**wide, **p.start}.items():
        if name in synapses.variables:  # else it lives in the neurons
            _set(synapses, name, value, order)
    if UPDATED in synapses.variables:
        _set(synapses, UPDATED, 2 * plan.first + p.kept.get("apart", np.array(0)), order)
    for name in p.program.kept_by_pre if p.kept else ():
        if own(BEFORE + name) in synapses.variables:
            _set(synapses, own(BEFORE + name), p.kept.get(f"before.{name}", 0.0), order)
    if AHEAD in synapses.variables:
        _set(synapses, AHEAD, np.asarray(p.dendritic) - p.placing.sooner, order)


def _set(synapses: Any, name: str, value: Number | Ints, order: Ints) -> None:
    values = np.asarray(value)
    values = values[order] if values.ndim else np.full(len(order), values)
    synapses.variables[name].set_value(values)
