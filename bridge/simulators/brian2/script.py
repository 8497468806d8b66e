"""The plan as a Brian2 script: the texts one after the other, ``network.py`` last, run as they are.

Arrays of up to 1000 numbers are written out; longer ones are read from .npy files of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...records import replace
from .plan import GroupPlan, Plan
from .script_graded import graded_scripts
from .script_network import network_script
from .script_numbers import Shown, own
from .script_paths import block, path_script, repeats_in, source_script, table_text
from .script_plastic import line_script, plastic_script


def scripts(plan: Plan) -> dict[str, str]:
    """One text for each group, source and projection, and ``network.py`` that runs them."""
    return _texts(plan, Shown(keep=False))


def arrays(plan: Plan) -> Mapping[str, Any]:
    """The files that the texts read: name -> array."""
    show = Shown(keep=True)
    _texts(plan, show)
    return show.files or {}


def _texts(plan: Plan, show: Shown) -> dict[str, str]:
    plan = _told_apart(plan)
    sizes = {g.name: g.size for g in plan.groups} | {s.name: s.size for s in plan.sources}
    found = {f"{g.name}.py": _group(g, plan.dt, show) for g in plan.groups}
    nth = repeats_in(plan)
    more = {name: int(n.max(initial=0)) for name, n in nth.items()}
    found |= {f"{s.name}.py": source_script(s, nth.get(s.name), plan, show) for s in plan.sources}
    found |= {f"{p.name}.py": path_script(p, plan, sizes, show) for p in plan.paths}
    for line in plan.lines:
        found[f"{line.post}_{line.port}_line.py"] = line_script(line, sizes[line.post])
    for p in plan.plastic:
        found[f"{p.name}.py"] = plastic_script(p, more.get(p.pre, 0), plan, sizes, show)
    found |= graded_scripts(plan, own, show)
    found["network.py"] = network_script(plan, show)
    return {n: "\n".join(t) + "\n" for n, t in found.items()}


def _told_apart(plan: Plan) -> Plan:
    """Sources that are called as a projection is get another name."""
    known = {own(p.name) for p in plan.paths} | {own(p.name) for p in plan.plastic}
    new = {s.name: f"{s.name}_source" for s in plan.sources if own(s.name) in known}

    def sent(p: Any) -> Any:
        return replace(p, pre=new.get(p.pre, p.pre))

    return replace(
        plan,
        sources=tuple(replace(s, name=new.get(s.name, s.name)) for s in plan.sources),
        paths=tuple(map(sent, plan.paths)),
        plastic=tuple(
            replace(sent(p), events={n: new.get(d, d) for n, d in p.events.items()})
            for p in plan.plastic
        ),
    )


def _group(group: GroupPlan, dt: float, show: Shown) -> Iterable[str]:
    name, text = own(group.name), group.text
    yield "# numbers in ms, mV, pA"
    yield "from brian2 import *"
    yield from block("equations", text.equations)
    if not text.methods:
        yield from block("step", text.code)
    method = repr(text.methods[0]) if text.methods else "lambda *_, step=step: step"
    shared = {n: v for n, v in group.numbers[0].items() if n not in group.per_unit}
    yield f"{name}_space = { ({n: float(np.asarray(v)) for n, v in sorted(shared.items())})!r}"
    for port, table in group.tables.items():
        yield f"{name}_space[{port + '_table'!r}] = {table_text(port, table, dt, show, group.name)}"
    yield f"{name} = NeuronGroup("
    yield f"    {group.size}, equations, method={method}, dt={dt!r}*ms,"
    if text.threshold is not None:
        yield f"    threshold={text.threshold!r}, reset={text.reset!r},"
        yield from _refractory(group, dt)
    yield f"    namespace={name}_space,"
    yield ")"
    per_unit = {n: group.numbers[0][n] for n in sorted(group.per_unit)}
    for variable, value in {**group.initial, **per_unit}.items():
        yield f"{name}.{variable} = {show(value, group.name, variable)}"
    if "refractory_period" in text.equations:
        steps = show(np.asarray(group.refractory[0]) + 1, group.name, "refractory")
        yield f"{name}.refractory_period = {steps}*{dt!r}*ms"
    if text.threshold is not None:
        yield f"{name}_spikes = SpikeMonitor({name})"


def _refractory(group: GroupPlan, dt: float) -> Iterable[str]:
    if "refractory_period" in group.text.equations:
        yield "    refractory='refractory_period',"
    elif np.any(np.asarray(group.refractory[0]) > 0):
        steps = int(group.refractory[0]) + 1
        yield f"    refractory={steps}*{dt!r}*ms,  # one step more than is clamped"
