"""The plan as a Brian2 script: the texts one after the other, ``network.py`` last, run as they are.

Arrays of up to 1000 numbers are written out; longer ones are read from .npy files of that name.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnSource
from .build import SCHEDULE
from .paths import expanded, replicas
from .plan import GroupPlan, PathPlan, Plan, mixed
from .script_graded import graded_scripts
from .script_plastic import line_script, plastic_script
from .tables import Table, rate_table

LONGEST = 1000


def scripts(plan: Plan) -> dict[str, str]:
    """One text for each group, source and projection, and ``network.py`` that runs them."""
    found = {f"{g.name}.py": _group(g, plan.dt) for g in plan.groups}
    found |= {f"{s.name}.py": _source(s, plan) for s in plan.sources}
    found |= {f"{p.name}.py": _path(p, plan) for p in plan.paths}
    sizes = {g.name: g.size for g in plan.groups}
    for line in plan.lines:
        found[f"{line.post}_{line.port}_line.py"] = line_script(line, sizes[line.post], _own)
    found |= {f"{p.name}.py": plastic_script(p, plan, _own, _shown) for p in plan.plastic}
    found |= graded_scripts(plan, _own, _shown)
    return {n: "\n".join(t) + "\n" for n, t in {**found, "network.py": _network(plan)}.items()}


def _own(*name: str) -> str:
    """A Python variable; of an area's item V1__E."""
    own = re.sub(r"\W", "_", "_".join(name).replace(".", "__"))
    return own + "_" if keyword.iskeyword(own) or not own[0].isalpha() else own


def _block(name: str, text: str) -> list[str]:
    return [f'{name} = """', *text.splitlines(), '"""']


def _shown(value: Any, *name: str) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(array.item())
    if array.size <= LONGEST:
        return f"np.array({array.tolist()!r})"
    return f"np.load({_own(*name) + '.npy'!r})"


def _table(name: str, table: Table, dt: float, *owner: str) -> str:
    values = _shown(table.values, *owner, name)
    return f"TimedArray({values}, dt={table.every}*{dt!r}*ms)"


def _group(group: GroupPlan, dt: float) -> Iterable[str]:
    own, text = _own(group.name), group.text
    yield "# numbers in ms, mV, pA"
    yield "from brian2 import *"
    yield from _block("equations", text.equations)
    if not text.methods:
        yield from _block("step", text.code)
    method = repr(text.methods[0]) if text.methods else "lambda *_, step=step: step"
    shared = {n: v for n, v in group.numbers[0].items() if n not in group.per_unit}
    yield f"{own}_space = { ({n: float(np.asarray(v)) for n, v in sorted(shared.items())})!r}"
    for name, table in group.tables.items():
        yield f"{own}_space[{name + '_table'!r}] = {_table(name, table, dt, group.name)}"
    yield f"{own} = NeuronGroup("
    yield f"    {group.size}, equations, method={method}, dt={dt!r}*ms,"
    if text.threshold is not None:
        yield f"    threshold={text.threshold!r}, reset={text.reset!r},"
        yield from _refractory(group, dt)
    yield f"    namespace={own}_space,"
    yield ")"
    per_unit = {n: group.numbers[0][n] for n in sorted(group.per_unit)}
    for name, value in {**group.initial, **per_unit}.items():
        yield f"{own}.{name} = {_shown(value, group.name, name)}"
    if "refractory_period" in text.equations:
        steps = _shown(np.asarray(group.refractory[0]) + 1, group.name, "refractory")
        yield f"{own}.refractory_period = {steps}*{dt!r}*ms"
    if text.threshold is not None:
        yield f"{own}_spikes = SpikeMonitor({own})"


def _refractory(group: GroupPlan, dt: float) -> Iterable[str]:
    if "refractory_period" in group.text.equations:
        yield "    refractory='refractory_period',"
    elif np.any(np.asarray(group.refractory[0]) > 0):
        steps = int(group.refractory[0]) + 1
        yield f"    refractory={steps}*{dt!r}*ms,  # one step more than is clamped"


def _source(source: DrawnSource, plan: Plan) -> Iterable[str]:
    own = _own(source.name)
    if source.rates is not None and source.rate_steps is not None:
        rates = rate_table(source.rate_steps, source.rates, plan.steps)
        if isinstance(rates, Table):
            yield f"{own}_rate = {_table('rate', rates, plan.dt, source.name)}"
            rate = f"'{own}_rate(t{', i' if rates.values.ndim == 2 else ''})*kHz'"
        else:
            rate = f"{_shown(rates, source.name, 'rate')}*kHz"
        yield f"{own} = PoissonGroup({source.size}, {rate}, dt={plan.dt!r}*ms)"
        return
    if len(np.asarray(source.steps)) > LONGEST:
        units, size = np.asarray(source.senders), f"len(np.load('{own}_kinds.npy'))"
    else:
        units, (stands_for, _) = replicas(source)
        size = str(len(stands_for))
    kept = np.asarray(source.steps) <= plan.steps
    labels = _shown(np.asarray(source.steps)[kept] - 1, source.name, "steps")
    yield "# a second spike in a step comes from a replica; spikes are labelled one dt earlier"
    yield f"{own} = SpikeGeneratorGroup("
    yield f"    {size}, {_shown(units[kept], source.name, 'units')},"
    yield f"    {labels}*{plan.dt!r}*ms, dt={plan.dt!r}*ms,"
    yield ")"


def _path(path: PathPlan, plan: Plan) -> Iterable[str]:
    own, post = _own(path.name), _own(path.post)
    if path.drive is not None:
        yield from _drive(path, plan)
        return
    model = "weight : 1 (constant)" if np.ndim(path.weights[0]) else ""
    yield from _block("on_pre", path.on_pre)
    one = None if mixed(path.delays) else f"{int(np.max(path.delays)) - 1}*{plan.dt!r}*ms"
    space = f"{{**{post}_space"
    if not model:
        space += f", 'weight': {float(np.asarray(path.weights[0]))!r}"
    ends = f"{_part(_own(path.pre), path.pre_part)}, {_part(post, path.post_part)}"
    yield f"{own} = Synapses({ends}, {model!r}, on_pre=on_pre,"
    yield f"    delay={one}, namespace={space}}}, dt={plan.dt!r}*ms)"
    yield from _connect(own, path, plan)
    if one is None:
        steps = _shown(_in_order(path, plan, path.delays), path.name, "delays")
        yield f"{own}.delay = ({steps} - 1)*{plan.dt!r}*ms"
    if model:
        weights = _shown(_in_order(path, plan, path.weights[0]), path.name, "weights")
        yield f"{own}.weight = {weights}"


def _in_order(path: PathPlan, plan: Plan, values: Any) -> Any:
    array = np.asarray(values)
    if array.ndim == 0 or array.size > LONGEST:
        return array
    return array[expanded(path, _source_of(path, plan))[2]]


def _source_of(path: PathPlan, plan: Plan) -> DrawnSource | None:
    return {s.name: s for s in plan.sources}.get(path.pre)


def _part(own: str, part: tuple[int, int] | None) -> str:
    return own if part is None else f"{own}[{part[0]}:{part[1]}]"


_CALLS: Mapping[str, str] = {"all_to_all": "", "one_to_one": "j='i'"}


def _connect(own: str, path: PathPlan, plan: Plan) -> Iterable[str]:
    if path.sources is not None:
        i, j = path.sources, path.targets
        if len(i) <= LONGEST:
            i, j, _ = expanded(path, _source_of(path, plan))
        listed = f"i={_shown(i, path.name, 'sources')}, j={_shown(j, path.name, 'targets')}"
        yield f"{own}.connect({listed})"
        return
    rule = path.rule
    call = f"p={rule.p!r}" if rule.kind == "fixed_probability" else _CALLS.get(rule.kind)
    if call is None or not rule.autapses:
        yield f"# spikebridge draws the connections: {rule.kind} {rule.parameters()}"
        call = f"i=np.load('{own}_sources.npy'), j=np.load('{own}_targets.npy')"
    yield f"{own}.connect({call})"


def _drive(path: PathPlan, plan: Plan) -> Iterable[str]:
    """In words of Brian2 alone; spikebridge itself uses a faster Poisson number."""
    drive, own, post = path.drive, _own(path.name), _own(path.post)
    assert drive is not None and drive.source.rate_steps is not None
    assert drive.source.rates is not None
    rates = rate_table(drive.source.rate_steps, drive.source.rates, plan.steps)
    if not isinstance(rates, Table) and np.ndim(rates):
        rates = Table(np.asarray(rates)[None], plan.steps)
    yield f"{post}_space[{drive.weight!r}] = {float(np.asarray(path.weights[0]))!r}"
    if isinstance(rates, Table):
        yield f"{post}_space['{own}_rate'] = {_table('rate', rates, plan.dt, path.name)}"
        rate = f"{own}_rate(t{', i' if rates.values.ndim == 2 else ''})"
    else:
        rate = repr(float(rates))
    mean = f"{rate}*{plan.dt!r}*int(t_in_timesteps >= {int(np.max(path.delays)) - 1})"
    code = f"{drive.state} += ({drive.amount})*poisson({mean})"
    yield f"{own} = {post}.run_regularly({code!r}, when='synapses', dt={plan.dt!r}*ms)"


def _network(plan: Plan) -> Iterable[str]:
    yield "# input arrives before the threshold test; Brian2's spike time + dt is the contract's"
    yield "network = Network(collect())"
    yield f"network.schedule = {SCHEDULE!r}"
    for start in plan.starts[1:]:
        yield f"# other numbers hold from step {start} on"
    yield f"network.run({plan.steps}*{plan.dt!r}*ms)"
