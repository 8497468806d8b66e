"""``network.py``: the phases of a Brian2 script, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .build import SCHEDULE
from .plan import GroupPlan, Plan
from .run import SINCE
from .script_numbers import Shown, own
from .script_paths import weights_script
from .weights import same

_KEEP_SPIKES = """
# The end of a run drops the spikes of its last step: synapses take them over before.
for made in network.objects:
    for pathway in getattr(made, '_pathways', ()):
        if getattr(getattr(pathway.source, 'source', pathway.source), 'thresholder', {}):
            def after_run(pathway=pathway, finish=pathway.after_run):
                finish()
                pathway.push_spikes()
            pathway.after_run = after_run
"""


def network_script(plan: Plan, show: Shown) -> Iterable[str]:
    """Make the network, run each phase with its numbers."""
    step = f"{plan.dt!r}*ms"
    yield "# input arrives before the threshold test; Brian2's spike time + dt is the contract's"
    yield "network = Network(collect())"
    yield f"network.schedule = {SCHEDULE!r}"
    if len(plan.starts) > 1:
        yield from _KEEP_SPIKES.strip().splitlines()
    if plan.first:
        yield f"# the run goes on from step {plan.first}; what was on its way is not in this text"
        yield f"network.t_ = {plan.first * (plan.dt / 1000)!r}"
    ends = (*plan.starts[1:], plan.steps)
    for phase, (begin, end) in enumerate(zip(plan.starts, ends, strict=True)):
        if phase:
            yield from _phase(plan, phase, show)
        yield f"network.run({end - begin}*{step})"


def _phase(plan: Plan, phase: int, show: Shown) -> Iterable[str]:
    yield f"# from step {plan.starts[phase]} on"
    for group in plan.groups:
        yield from _numbers(group, phase, plan.dt, show)
    for path in plan.paths:
        post = own(path.post)
        if path.drive is not None:
            weight = float(np.asarray(path.weights[phase]))
            yield f"{post}.namespace[{path.drive.weight!r}] = {weight!r}"
            continue
        yield f"{own(path.name)}.namespace.update({post}.namespace)"
        yield from weights_script(path, plan, phase, show)
    for plastic in plan.plastic:
        yield f"{own(plastic.name)}.namespace.update({own(plastic.post)}.namespace)"


def _numbers(group: GroupPlan, phase: int, dt: float, show: Shown) -> Iterable[str]:
    name, now, before = own(group.name), group.numbers[phase], group.numbers[phase - 1]
    period, old = (np.asarray(group.refractory[k]) for k in (phase, phase - 1))
    moved = "refractory_period" in group.text.equations and not same(period, old)
    if moved:
        yield f"{name}.lastspike = 'lastspike + refractory_period'"
    for number, value in sorted(now.items()):
        if not same(value, before[number]):
            yield _set(group, number, value, phase, show)
    if moved:
        steps = show(period + 1, group.name, "refractory", str(phase))
        yield f"{name}.refractory_period = {steps}*{dt!r}*ms"
        yield f"{name}.lastspike = {SINCE!r}"


def _set(group: GroupPlan, number: str, value: Any, phase: int, show: Shown) -> str:
    name = own(group.name)
    if number in group.per_unit:
        return f"{name}.{number} = {show(value, group.name, number, str(phase))}"
    return f"{name}.namespace[{number!r}] = {float(np.asarray(value))!r}"
