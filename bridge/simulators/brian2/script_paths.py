"""Sources and static projections as text of a Brian2 script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...definition.drawn import DrawnSource, Ints
from .paths import condition, expanded, native, nth_spikes, replicas
from .plan import PathPlan, Plan, mixed
from .script_numbers import LONGEST, Shown, own
from .tables import Table, rate_table
from .weights import model_of, values_of


def block(name: str, text: str) -> list[str]:
    """A text of several lines as a variable."""
    return [f'{name} = """', *text.splitlines(), '"""']


def table_text(name: str, table: Table, dt: float, show: Shown, *owner: str) -> str:
    """A ``TimedArray``."""
    return f"TimedArray({show(table.values, *owner, name)}, dt={table.every}*{dt!r}*ms)"


def source_script(source: DrawnSource, nth: Ints | None, plan: Plan, show: Shown) -> Iterable[str]:
    """A generator, or a Poisson group where the simulator draws; ``nth``: see `repeats_in`."""
    name = own(source.name)
    if source.rates is not None and source.rate_steps is not None:
        rates = rate_table(source.rate_steps, source.rates, plan.steps)
        if isinstance(rates, Table):
            yield f"{name}_rate = {table_text('rate', rates, plan.dt, show, source.name)}"
            rate = f"'{name}_rate(t{', i' if rates.values.ndim == 2 else ''})*kHz'"
        else:
            rate = f"{show(rates, source.name, 'rate')}*kHz"
        yield f"{name} = PoissonGroup({source.size}, {rate}, dt={plan.dt!r}*ms)"
        return
    steps, units = np.asarray(source.steps), np.asarray(source.senders)
    size = f"max({source.size}, 1 + np.max(np.load('{name}_units.npy')))"
    if show.wants(len(steps)):
        units, (stands_for, _) = replicas(source)
        size = size if len(steps) > LONGEST else str(len(stands_for))
    yield "# a second spike in a step comes from a replica; spikes are labelled one dt earlier"
    yield from _generator(name, size, units, steps, plan, show, source.name)
    if nth is not None:
        yield from _repeats(source, name, nth, plan, show)


def _generator(
    name: str, size: str, units: Ints, steps: Ints, plan: Plan, show: Shown, *key: str
) -> Iterable[str]:
    kept = steps <= plan.steps
    yield f"{name} = SpikeGeneratorGroup("
    yield f"    {size}, {show(units[kept], *key, 'units')},"
    labels = show(steps[kept] - 1, *key, "steps")
    yield f"    {labels}*{plan.dt!r}*ms, dt={plan.dt!r}*ms,"
    yield ")"


def repeats_in(plan: Plan) -> dict[str, Ints]:
    """Of the sources of synapses with states: how many spikes each has before it in its step."""
    used = {p.pre for p in plan.plastic}
    return {
        s.name: nth_spikes(np.asarray(s.steps), np.asarray(s.senders))
        for s in plan.sources
        if s.name in used and not s.native
    }


def _repeats(source: DrawnSource, name: str, nth: Ints, plan: Plan, show: Shown) -> Iterable[str]:
    units = np.asarray(source.senders)
    for n in range(1, int(nth.max(initial=0)) + 1):
        again, some = f"{name}_repeat{n}", nth == n
        yield f"# spike {n + 1} of a unit in a step, for synapses with states"
        key = (source.name, f"repeat{n}")
        steps = np.asarray(source.steps)[some]
        yield from _generator(again, f"len({name})", units[some], steps, plan, show, *key)
        yield f"{again}.variables['_spikespace'].name = '_repeat{n}space'"
        yield f"{name}.events['repeat{n}'] = None"
        yield f"{name}.variables.add_reference('_repeat{n}space', {again}, '_spikespace')"


def path_script(path: PathPlan, plan: Plan, sizes: dict[str, int], show: Shown) -> Iterable[str]:
    """The ``Synapses`` of one projection, or the Poisson input that stands for it."""
    if path.drive is not None:
        yield from _drive(path, plan, show)
        return
    name, post = own(path.name), own(path.post)
    model, on_pre = model_of(path)
    yield from block("on_pre", on_pre)
    one = None if mixed(path.delays) else f"{int(np.max(path.delays)) - 1}*{plan.dt!r}*ms"
    space = f"{{**{post}_space"
    if not model:
        space += f", 'weight': {float(np.asarray(path.weights[0]))!r}"
    ends = f"{_part(own(path.pre), path.pre_part)}, {_part(post, path.post_part)}"
    yield f"{name} = Synapses({ends}, {model.strip()!r}, on_pre=on_pre,"
    yield f"    delay={one}, namespace={space}}}, dt={plan.dt!r}*ms)"
    yield from _connect(name, path, plan, sizes, show)
    if one is None:
        steps = show(_ordered(path, plan, path.delays, show), path.name, "delays")
        yield f"{name}.delay = ({steps} - 1)*{plan.dt!r}*ms"
    yield from weights_script(path, plan, 0, show)


def weights_script(path: PathPlan, plan: Plan, phase: int, show: Shown) -> Iterable[str]:
    """The weights of a phase."""
    name = own(path.name)
    for variable, value in values_of(path, plan, phase).items():
        if variable in model_of(path)[0]:
            ordered = _ordered(path, plan, value, show)
            key = (path.name, f"{variable}s", *([str(phase)] if phase else []))
            yield f"{name}.{variable} = {show(ordered, *key)}"
        elif phase:
            yield f"{name}.namespace[{variable!r}] = {float(np.asarray(value))!r}"


def _ordered(path: PathPlan, plan: Plan, values: Any, show: Shown) -> Any:
    array = np.asarray(values)
    if array.ndim == 0 or not show.wants(array.size):
        return array
    return array[expanded(path, _source_of(path, plan))[2]]


def _source_of(path: PathPlan, plan: Plan) -> DrawnSource | None:
    return {s.name: s for s in plan.sources}.get(path.pre)


def _part(name: str, part: tuple[int, int] | None) -> str:
    return name if part is None else f"{name}[{part[0]}:{part[1]}]"


def _connect(
    name: str, path: PathPlan, plan: Plan, sizes: dict[str, int], show: Shown
) -> Iterable[str]:
    rule, only = path.rule, condition(path)
    if path.sources is not None and path.targets is not None:
        i, j = path.sources, path.targets
        if show.wants(len(i)):
            i, j, _ = expanded(path, _source_of(path, plan))
        call = f"i={show(i, path.name, 'sources')}, j={show(j, path.name, 'targets')}"
    elif rule.kind == "one_to_one":
        call = "j='i'"
    elif rule.kind in ("all_to_all", "fixed_probability"):
        found = [] if only is None else [f"condition={only!r}"]
        found += [f"p={rule.p!r}"] if rule.kind == "fixed_probability" else []
        call = ", ".join(found)
    else:
        yield f"# spikebridge draws the connections: {rule.kind} {rule.parameters()}"
        call = f"i=np.load('{name}_sources.npy'), j=np.load('{name}_targets.npy')"
        if show.files is not None:
            size = [_size(part, sizes[end]) for part, end in _ends(path)]
            i, j = native(path, size[0], size[1], plan.seed)
            show.files |= {f"{name}_sources.npy": i, f"{name}_targets.npy": j}
    yield f"{name}.connect({call})"


def _ends(path: PathPlan) -> tuple[tuple[Any, str], tuple[Any, str]]:
    return (path.pre_part, path.pre), (path.post_part, path.post)


def _size(part: tuple[int, int] | None, whole: int) -> int:
    return whole if part is None else part[1] - part[0]


def _drive(path: PathPlan, plan: Plan, show: Shown) -> Iterable[str]:
    """In words of Brian2 alone; spikebridge itself uses a faster Poisson number."""
    drive, name, post = path.drive, own(path.name), own(path.post)
    assert drive is not None and drive.source.rate_steps is not None
    assert drive.source.rates is not None
    rates = rate_table(drive.source.rate_steps, drive.source.rates, plan.steps)
    if not isinstance(rates, Table) and np.ndim(rates):
        rates = Table(np.asarray(rates)[None], plan.steps)
    yield f"{post}_space[{drive.weight!r}] = {float(np.asarray(path.weights[0]))!r}"
    if isinstance(rates, Table):
        table = table_text("rate", rates, plan.dt, show, path.name)
        yield f"{post}_space['{name}_rate'] = {table}"
        rate = f"{name}_rate(t{', i' if rates.values.ndim == 2 else ''})"
    else:
        rate = repr(float(rates))
    mean = f"{rate}*{plan.dt!r}*int(t_in_timesteps >= {int(np.max(path.delays)) - 1})"
    code = f"{drive.state} += ({drive.amount})*poisson({mean})"
    yield f"{name} = {post}.run_regularly({code!r}, when='synapses', dt={plan.dt!r}*ms)"
