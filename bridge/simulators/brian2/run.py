"""Running a built network phase by phase, with the build told apart from the run."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ..base import Progress
from .build import Built, own_clock, set_numbers
from .plan import Plan
from .weights import set_weight


@dataclass
class Stopwatch:
    """Brian2 compiles inside ``run``; its first report tells when the steps begin."""

    plan: Plan
    progress: Progress | None
    stepping: float = 0.0
    began: float = 0.0
    done: int = 0
    length: int = 0

    def report(self, elapsed: Any, completed: float, start: Any, duration: Any) -> None:
        if completed == 0.0:
            self.began = perf_counter()
        if self.progress is not None:
            plan = self.plan
            done = self.done - plan.first + completed * self.length
            self.progress(done / (plan.steps - plan.first))


def run_phases(built: Built, plan: Plan, progress: Progress | None) -> float:
    """Simulate all steps; returns the seconds spent stepping.

    A last sample is taken after the last step, as a monitor samples at the start of steps.
    """
    import brian2

    watch = Stopwatch(plan, progress)
    period = (0.2 if progress else 1e6) * brian2.second
    ends = (*plan.starts[1:], plan.steps)
    for phase, (begin, end) in enumerate(zip(plan.starts, ends, strict=True)):
        if phase:
            enter_phase(built, plan, phase)
        watch.length, watch.done = end - begin, begin
        duration = (end - begin) * (plan.dt / 1000) * brian2.second
        built.network.run(duration, report=watch.report, report_period=period, namespace={})
        watch.stepping += perf_counter() - watch.began
    for record, monitor in zip(plan.records, built.records, strict=True):
        if (plan.steps - plan.first) % record.every == 0 or not own_clock(record, plan):
            monitor.record_single_timestep()
    return watch.stepping


def queue_phases(built: Built, plan: Plan) -> None:
    """The same for standalone, where nothing runs yet.

    One more step brings the monitors' last sample; its spikes are no part of the result.
    """
    import brian2

    step = plan.dt / 1000 * brian2.second
    ends = (*plan.starts[1:], plan.steps)
    for phase, (begin, end) in enumerate(zip(plan.starts, ends, strict=True)):
        if phase:
            enter_phase(built, plan, phase)
        built.network.run((end - begin) * step, namespace={})
    if plan.records:
        built.network.run(step, namespace={})


def enter_phase(built: Built, plan: Plan, phase: int) -> None:
    """The numbers and weights of a phase."""
    for group in plan.groups:
        set_numbers(built.groups[group.name], group, phase, plan.dt)
    for path in plan.paths:
        post = built.groups[path.post]
        if path.drive is not None:
            post.namespace[path.drive.weight] = float(np.asarray(path.weights[phase]))
            continue
        synapses, order = built.synapses[path.name]
        synapses.namespace.update(post.namespace)
        set_weight(synapses, path, plan, phase, order)
