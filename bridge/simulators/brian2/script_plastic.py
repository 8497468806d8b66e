"""Synapses with states as text of a Brian2 script."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from .per_neuron_text import SideText, since
from .plan import LinePlan, Plan, PlasticPlan
from .plastic_words import UPDATED
from .plastic_words import own as own_name

Shown = Callable[..., str]  # an array as text


def plastic_script(p: PlasticPlan, plan: Plan, own: Callable[..., str], show: Shown) -> list[str]:
    """The ``Synapses`` of one projection, its pathways in their order."""
    name, post, step = own(p.name), own(p.post), f"{plan.dt!r}*ms"
    text = [f'model = """\n{p.text.model}\n"""', f'on_pre = """\n{p.text.pre}\n"""']
    text += [f'on_post = """\n{p.text.post}\n"""'] if p.text.post else []
    shared = {n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)}
    line = f"'sb_later': {own(p.post, p.port)}_later, " if p.placing.rows else ""
    text += [
        f"{name} = Synapses({own(p.pre)}, {post}, model, on_pre=on_pre,",
        f"    {'on_post=on_post, ' if p.text.post else ''}dt={step},",
        f"    namespace={{**{post}_space, {line}**{shared!r}}})",
    ]
    text += _connections(p, name, show)
    axonal = np.asarray(p.axonal) - int(p.placing.at_soma)
    text.append(f"{name}.pre.delay = ({show(axonal, p.name, 'axonal')})*{step}")
    if p.text.post:
        text.append(f"{name}.post.delay = ({show(p.dendritic, p.name, 'dendritic')})*{step}")
    moved = {own_name(s) for side in p.text.sides for s in side.states}
    wide = {n: v for n, v in p.numbers.items() if np.ndim(v)}
    kept = {n: v for n, v in p.initial.items() if n not in moved}
    for variable, value in {**wide, **kept}.items():
        text.append(f"{name}.{variable} = {show(value, p.name, variable)}")
    if f"{UPDATED} :" in p.text.model and plan.first:
        text.append(f"{name}.{UPDATED} = {2 * plan.first}")
    for side in p.text.sides:
        text += _side(side, p, plan, own)
    text += [f"# {s} stays in the synapse: {why}" for s, why in p.reasons.items()]
    return [*text, *_order(p, name, own)]


def _side(side: SideText, p: PlasticPlan, plan: Plan, own: Callable[..., str]) -> list[str]:
    """The states that live once per neuron, as synapses of each neuron with itself."""
    name, states, step = own(p.name), own(p.name, side.side, "states"), f"{plan.dt!r}*ms"
    units = own(p.pre if side.side == "pre" else p.post)
    code = {n: t for n, t in {"ahead": side.ahead, "spike": side.spike}.items() if t}
    pathways = ", ".join(f'{n!r}: """\n{t}\n"""' for n, t in code.items())
    space = {n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)}
    steps = p.dendritic if side.side == "post" else p.axonal - int(p.placing.at_soma)
    index = "_presynaptic_idx" if side.side == "pre" else "_postsynaptic_idx"
    text = [
        f"# the same in all synapses of a {side.side}synaptic neuron: {', '.join(side.states)}",
        f'{states} = Synapses({units}, {units}, """\n{side.model}\n""", on_pre={{{pathways}}},',
        f"    dt={step}, namespace={space!r})",
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


def _connections(p: PlasticPlan, name: str, show: Shown) -> Iterable[str]:
    if p.sources is None:
        yield f"# spikebridge draws the connections: {p.rule.kind} {p.rule.parameters()}"
        yield f"{name}.connect(i=np.load('{name}_sources.npy'), j=np.load('{name}_targets.npy'))"
        return
    i, j = show(p.sources, p.name, "sources"), show(p.targets, p.name, "targets")
    yield f"{name}.connect(i={i}, j={j})"


def _order(p: PlasticPlan, name: str, own: Callable[..., str]) -> Iterable[str]:
    when = "before_groups" if p.text.early else "synapses"
    late = next((s for s in p.text.sides if s.late), None)
    for k, side in enumerate(p.text.order):
        if side == "pre" or (side == "post" and p.text.post):
            yield f"{name}.{side}.when, {name}.{side}.order = {when!r}, {10 * k}"
        yield from _around(p.text.side(side), own(p.name, side, "states"), when, 10 * k)
        if side == "pre" and late is not None:
            spike = own(p.name, late.side, "states") + ".spike"
            yield f"{spike}.when, {spike}.order = {when!r}, {10 * k + 2}"
        if side == "step" and p.text.step:
            code = f'"""\n{p.text.step}\n"""'
            yield f"{name}.run_regularly({code}, when={when!r}, order={10 * k})"
        for n, event in enumerate(sorted(p.events)) if side == "events" else ():
            driver = own(p.events[event])
            yield f"# all synapses run this at each spike of {driver}, in order {10 * k + n}"
            yield f'{name}_{event} = """\n{p.text.events[event]}\n"""'


def _around(side: SideText | None, states: str, when: str, order: int) -> Iterable[str]:
    """Before and after the synapses' own pathway."""
    if side is None:
        return
    if side.ahead:
        yield f"{states}.ahead.when, {states}.ahead.order = {when!r}, {order - 1}"
    if not side.late:
        yield f"{states}.spike.when, {states}.spike.order = {when!r}, {order + 1}"


def line_script(line: LinePlan, size: int, own: Callable[..., str]) -> list[str]:
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
