"""The plan as a Brian2 script that a person can read; arrays are named where they are data."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .build import SCHEDULE
from .plan import GroupPlan, PathPlan, Plan


def scripts(plan: Plan) -> dict[str, str]:
    """One script for each population and each projection, and ``network.py`` that runs them."""
    found = {f"{g.name}.py": "\n".join(_group(g, plan.dt)) + "\n" for g in plan.groups}
    found |= {f"{p.name}.py": "\n".join(_path(p, plan.dt)) + "\n" for p in plan.paths}
    return {**found, "network.py": "\n".join(_network(plan)) + "\n"}


def _block(name: str, text: str) -> list[str]:
    return [f'{name} = """', *text.splitlines(), '"""']


def _group(group: GroupPlan, dt: float) -> Iterable[str]:
    yield "# numbers in ms, mV, pA"
    yield "from brian2 import *"
    yield from _block("equations", group.text.equations)
    yield from _block("step", group.text.code)
    shared = {n: v for n, v in group.numbers[0].items() if n not in group.per_unit}
    yield f"constants = { ({n: float(np.asarray(v)) for n, v in sorted(shared.items())})!r}"
    yield f"{group.name} = NeuronGroup("
    yield f"    {group.size}, equations, method=lambda *_: step, namespace=constants, dt={dt!r}*ms,"
    if group.text.threshold is not None:
        yield f"    threshold={group.text.threshold!r}, reset={group.text.reset!r},"
        if np.any(np.asarray(group.refractory[0]) > 0):
            yield f"    refractory={_period(group)}*{dt!r}*ms,  # one step more than is clamped"
    yield ")"
    for name, value in group.initial.items():
        yield f"{group.name}.{name} = {_number(value)}"


def _period(group: GroupPlan) -> str:
    steps = np.asarray(group.refractory[0])
    return str(int(steps) + 1) if steps.ndim == 0 else "refractory_steps"


def _number(value: object) -> str:
    array = np.asarray(value)
    return repr(float(array)) if array.ndim == 0 else f"...  # {array.size} values"


def _path(path: PathPlan, dt: float) -> Iterable[str]:
    delays = np.asarray(path.delays)
    if path.drive is not None:
        yield f"# every unit draws its own Poisson number of arrivals at {path.post}"
        yield f"{path.post}.run_regularly({path.on_pre!r}, when='synapses')"
        return
    yield from _block("on_pre", path.on_pre)
    delay = f"{int(delays) - 1}*{dt!r}*ms" if delays.ndim == 0 else "None"
    yield f"weight = {_number(path.weights[0])}"
    yield f"{path.name} = Synapses({path.pre}, {path.post}, on_pre=on_pre, delay={delay})"
    if path.sources is None:
        yield f"# connected by {path.rule.kind} {path.rule.parameters()}"
    else:
        yield f"{path.name}.connect(i=sources, j=targets)  # {len(path.sources)} connections"
    if delays.ndim:
        yield f"{path.name}.delay = (delays - 1)*{dt!r}*ms  # delays in steps"


def _network(plan: Plan) -> Iterable[str]:
    yield "# input arrives before the threshold test; Brian2's spike time + dt is the contract's"
    yield "network = Network(collect())"
    yield f"network.schedule = {SCHEDULE!r}"
    yield f"network.run({plan.steps}*{plan.dt!r}*ms)"
