"""Synapses with states as text of a Brian2 script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from .factors import from_synapse
from .per_neuron_text import SideText, since
from .plan import LinePlan, Plan, PlasticPlan
from .plastic import native_connections
from .plastic_words import AHEAD, UPDATED
from .plastic_words import own as own_name
from .script_numbers import LONGEST, Shown, own


def plastic_script(
    p: PlasticPlan, repeats: int, plan: Plan, sizes: dict[str, int], show: Shown
) -> list[str]:
    """The ``Synapses`` of one projection, its pathways in their order.

    ``repeats``: how many further spikes of an input it may meet in a step.
    """
    name, post, step = own(p.name), own(p.post), f"{plan.dt!r}*ms"
    events = {"pre": "spike"} | {f"pre{n}": f"repeat{n}" for n in range(1, repeats + 1)}
    pathways = [*events]
    text = [f'model = """\n{p.text.model}\n"""', f'on_pre = """\n{p.text.pre}\n"""']
    text += [f'on_post = """\n{p.text.post}\n"""'] if p.text.post else []
    shared = {n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)}
    line = f"'sb_later': {own(p.post, p.port)}_later, " if p.placing.rows else ""
    on_pre, on_event = "on_pre", ""
    if len(pathways) > 1:
        on_pre = f"dict.fromkeys({pathways!r}, on_pre)"
        on_event = f"on_event={ ({**events, 'post': 'spike'})!r}, "
    text += [
        f"{name} = Synapses({own(p.pre)}, {post}, model, on_pre={on_pre},",
        f"    {'on_post=on_post, ' if p.text.post else ''}{on_event}dt={step},",
        f"    namespace={{**{post}_space, {line}**{shared!r}}})",
    ]
    text += _connections(p, name, plan, sizes, show)
    axonal = show(np.asarray(p.axonal) - int(p.placing.at_soma), p.name, "axonal")
    text += [f"{name}.{pathway}.delay = ({axonal})*{step}" for pathway in pathways]
    if p.text.post:
        text.append(f"{name}.post.delay = ({show(p.dendritic, p.name, 'dendritic')})*{step}")
    moved = {own_name(s) for side in p.text.sides for s in side.states}
    wide = {n: v for n, v in p.numbers.items() if np.ndim(v)}
    kept = {n: v for n, v in p.initial.items() if n not in moved}
    if AHEAD + " :" in p.text.model:
        kept = {**kept, AHEAD: np.asarray(p.dendritic) - p.placing.sooner}
    for variable, value in {**wide, **kept}.items():
        text.append(f"{name}.{variable} = {show(value, p.name, variable)}")
    if f"{UPDATED} :" in p.text.model and plan.first:
        text.append(f"{name}.{UPDATED} = {2 * plan.first}")
    for side in p.text.sides:
        text += _side(side, p, events, plan)
    text += [f"# {s} stays in the synapse: {why}" for s, why in p.reasons.items()]
    return [*text, *_order(p, name, pathways, plan)]


def _side(side: SideText, p: PlasticPlan, pre: Mapping[str, str], plan: Plan) -> list[str]:
    """The states that live once per neuron, as synapses of each neuron with itself."""
    name, states, step = own(p.name), own(p.name, side.side, "states"), f"{plan.dt!r}*ms"
    units = own(p.pre if side.side == "pre" else p.post)
    events = pre if side.side == "pre" else {"post": "spike"}
    parts = {"ahead": side.ahead, "spike": side.spike}
    code = {f"{e}_{n}": (t, event) for e, event in events.items() for n, t in parts.items() if t}
    pathways = ", ".join(f'{n!r}: """\n{t}\n"""' for n, (t, _) in code.items())
    on_event = {n: event for n, (_, event) in code.items()}
    space = {n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)}
    steps = p.dendritic if side.side == "post" else p.axonal - int(p.placing.at_soma)
    index = "_presynaptic_idx" if side.side == "pre" else "_postsynaptic_idx"
    text = [
        f"# the same in all synapses of a {side.side}synaptic neuron: {', '.join(side.states)}",
        f'{states} = Synapses({units}, {units}, """\n{side.model}\n""", on_pre={{{pathways}}},',
        f"    on_event={on_event!r}, dt={step}, namespace={space!r})",
        f"{states}.connect(j='i')",
        *(f"{states}.{n}.delay = {steps}*{step}" for n in code),
    ]
    begin = {n: float(np.asarray(p.initial[n]).flat[0]) for n in map(own_name, side.states)}
    text += [f"{states}.{n} = {value!r}" for n, value in begin.items()]
    text += [f"{states}.{since(side.side)} = {plan.first}"] if plan.first else []
    if side.every is not None and side.every < plan.steps:
        often = f"dt={side.every}*{step}, when='end', order=1000"
        text.append(f'{states}.run_regularly("""\n{side.move}\n""", {often})')
    for n in side.shared:
        where = "0" if side.every is not None and n == since(side.side) else index
        text.append(f"{name}.variables.add_reference({n!r}, {states}, {n!r}, index={where!r})")
    return text


def _connections(
    p: PlasticPlan, name: str, plan: Plan, sizes: dict[str, int], show: Shown
) -> Iterable[str]:
    i, j = p.sources, p.targets
    if i is None or j is None:
        yield f"# spikebridge draws the connections: {p.rule.kind} {p.rule.parameters()}"
        i = j = np.empty(LONGEST + 1, dtype=np.int64)  # long, whatever will be drawn
        if show.files is not None:
            i, j = native_connections(p, plan.seed, sizes[p.pre], sizes[p.post])
    yield f"{name}.connect(i={show(i, p.name, 'sources')}, j={show(j, p.name, 'targets')})"


def _order(p: PlasticPlan, name: str, pathways: list[str], plan: Plan) -> Iterable[str]:
    """Slots and orders, one after the other as in `plastic`."""
    when, position = "before_groups" if p.text.early else "synapses", 0
    for side in p.text.order:
        if side == "events":
            for event in sorted(p.events):
                yield from _factor(p, name, event, when, position, plan)
                position += 1
        if side == "step" and p.text.step:
            code = f'"""\n{p.text.step}\n"""'
            yield f"{name}.run_regularly({code}, when={when!r}, order={position})"
            position += 1
        for pathway in _in_order(p, name, side, pathways):
            yield f"{pathway}.when, {pathway}.order = {when!r}, {position}"
            position += 1


def _in_order(p: PlasticPlan, name: str, side: str, pre: list[str]) -> Iterable[str]:
    """The pathways of one side: states of neurons around the synapses' own."""
    late = next((s for s in p.text.sides if s.late), None)
    names = {"pre": pre, "post": ["post"]}.get(side, [])
    own_side, states = p.text.side(side), own(p.name, side, "states")
    for pathway in names:
        if own_side is not None and own_side.ahead:
            yield f"{states}.{pathway}_ahead"
        if side == "pre" or p.text.post:
            yield f"{name}.{pathway}"
        if own_side is not None and own_side is not late:
            yield f"{states}.{pathway}_spike"
    if side == "pre" and late is not None:
        yield f"{own(p.name, late.side, 'states')}.post_spike"


def _factor(
    p: PlasticPlan, name: str, event: str, when: str, position: int, plan: Plan
) -> Iterable[str]:
    """Synapses from what drives a third factor onto the synapses."""
    words = {line.split(" :")[0] for line in p.text.model.splitlines()}
    words |= {n for side in p.text.sides for n in side.shared}
    driver, made = own(p.events[event]), own(p.name, event, "factor")
    yield f"# all synapses run this at each spike of {driver}"
    yield f'{made} = Synapses({driver}, {name}, on_pre="""'
    yield from_synapse(p.text.events[event], words)
    yield f'""", delay=0*ms, dt={plan.dt!r}*ms, namespace=dict({name}.namespace))'
    yield f"{made}.connect()"
    yield f"{made}.pre.when, {made}.pre.order = {when!r}, {position}"


def line_script(line: LinePlan, size: int) -> list[str]:
    """The line of one port, and what takes the amplitudes of each step from it."""
    name, post = own(line.post, line.port), own(line.post)
    code = f"weight = {name}_due(t_in_timesteps % {line.rows}, i)\n{line.code}"
    return [
        "from brian2.core.functions import Function",
        f"# what synapses with states send arrives at {line.post}.{line.port} some steps later",
        *functions_text(name, line.rows, size),
        f"{post}_space['{name}_due'] = {name}_due",
        f'{post}.run_regularly("""\n{code}\n""", when="synapses", order=1000)',
    ]


def functions_text(name: str, rows: int, size: int) -> list[str]:
    """The two functions of a line, for Brian2's target numpy."""
    arguments = "return_unit=1, stateless=False)"
    return [
        'prefs.codegen.target = "numpy"  # spikebridge has these functions compiled',
        f"{name}_line = np.zeros(({rows}, {size}))",
        f"def {name}_add(row, unit, amount):",
        f"    np.add.at({name}_line, (row, unit), amount)",
        "    return amount",
        f"def {name}_take(row, unit):",
        f"    amount = {name}_line[row, unit]",
        f"    {name}_line[row, unit] = 0",
        "    return amount",
        f"{name}_later = Function({name}_add, arg_units=[1, 1, 1], {arguments}",
        f"{name}_due = Function({name}_take, arg_units=[1, 1], {arguments}",
    ]
