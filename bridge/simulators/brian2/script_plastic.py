"""Synapses with states as text of a Brian2 script."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from .plan import LinePlan, Plan, PlasticPlan
from .plastic_text import UPDATED

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
    wide = {n: v for n, v in p.numbers.items() if np.ndim(v)}
    for variable, value in {**wide, **p.initial}.items():
        text.append(f"{name}.{variable} = {show(value, p.name, variable)}")
    if f"{UPDATED} :" in p.text.model and plan.first:
        text.append(f"{name}.{UPDATED} = {2 * plan.first}")
    return [*text, *_order(p, name, own)]


def _connections(p: PlasticPlan, name: str, show: Shown) -> Iterable[str]:
    if p.sources is None:
        yield f"# spikebridge draws the connections: {p.rule.kind} {p.rule.parameters()}"
        yield f"{name}.connect(i=np.load('{name}_sources.npy'), j=np.load('{name}_targets.npy'))"
        return
    i, j = show(p.sources, p.name, "sources"), show(p.targets, p.name, "targets")
    yield f"{name}.connect(i={i}, j={j})"


def _order(p: PlasticPlan, name: str, own: Callable[..., str]) -> Iterable[str]:
    when = "before_groups" if p.text.early else "synapses"
    for k, side in enumerate(p.text.order):
        if side == "pre" or (side == "post" and p.text.post):
            yield f"{name}.{side}.when, {name}.{side}.order = {when!r}, {10 * k}"
        if side == "step" and p.text.step:
            code = f'"""\n{p.text.step}\n"""'
            yield f"{name}.run_regularly({code}, when={when!r}, order={10 * k})"
        for n, event in enumerate(sorted(p.events)) if side == "events" else ():
            driver = own(p.events[event])
            yield f"# all synapses run this at each spike of {driver}, in order {10 * k + n}"
            yield f'{name}_{event} = """\n{p.text.events[event]}\n"""'


def line_script(line: LinePlan, size: int, own: Callable[..., str]) -> list[str]:
    """The line of one port, and what takes the amplitudes of each step from it."""
    name, post = own(line.post, line.port), own(line.post)
    code = f"weight = sb_due(t_in_timesteps % {line.rows}, i)\n{line.code}"
    return [
        "from brian2.core.functions import Function",
        f"# what synapses with states send arrives at {line.post}.{line.port} some steps later",
        *functions_text(name, line.rows, size),
        f"{post}_space['sb_due'] = {name}_due",
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
