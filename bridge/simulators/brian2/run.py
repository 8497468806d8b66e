"""Running a built network phase by phase, with the build told apart from the run.

In this schedule a spike is sent on in the step after the one that fired it. At the end of a run
Brian2 forgets the spikes of its last step, so those of a phase's last step are kept here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ..base import Progress
from .build import Built, own_clock, set_numbers
from .plan import Plan
from .weights import same, set_weight


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
    if len(ends) > 1:
        _send_last_spikes(built)
    for phase, (begin, end) in enumerate(zip(plan.starts, ends, strict=True)):
        if phase:
            enter_phase(built, plan, phase)
        watch.length, watch.done = end - begin, begin
        duration = (end - begin) * (plan.dt / 1000) * brian2.second
        built.network.run(duration, report=watch.report, report_period=period, namespace={})
        watch.stepping += perf_counter() - watch.began
    for record, monitor in monitors(built, plan):
        if (plan.steps - plan.first) % record.every == 0 or not own_clock(record, plan):
            monitor.record_single_timestep()
    if built.coupling is not None:
        built.coupling.sample(plan.steps)
    return watch.stepping


def monitors(built: Built, plan: Plan) -> Iterator[tuple[Any, Any]]:
    """Recordings of neurons and synapses with their monitors."""
    yield from zip(plan.records, built.records, strict=True)
    for record, sampled in zip(plan.synapse_records, built.synapse_records, strict=True):
        yield from ((record, monitor) for monitor in sampled.monitors)


def queue_phases(built: Built, plan: Plan) -> None:
    """The same for standalone, where nothing runs yet.

    One more step brings the monitors' last sample; its spikes are no part of the result. A run of
    its own would be compiled a second time.
    """
    import brian2

    step = plan.dt / 1000 * brian2.second
    sampled = bool(plan.records or plan.synapse_records)
    ends = (*plan.starts[1:], plan.steps + sampled)
    if len(ends) > 1:
        _keep_last_spikes(built)
    for phase, (begin, end) in enumerate(zip(plan.starts, ends, strict=True)):
        if phase:
            enter_phase(built, plan, phase)
        built.network.run((end - begin) * step, namespace={})


def _send_last_spikes(built: Built) -> None:
    """Synapses take over the last step's spikes when a run ends, before a threshold drops them."""
    import brian2

    for made in built.network.objects:
        for pathway in made._pathways if isinstance(made, brian2.Synapses) else ():  # noqa: SLF001
            if _forgets(pathway.source):
                _send_at_the_end(pathway)


def _send_at_the_end(pathway: Any) -> None:
    finish = pathway.after_run

    def after_run() -> None:
        finish()
        pathway.push_spikes()

    pathway.after_run = after_run


def _keep_last_spikes(built: Built) -> None:
    """The same for standalone: the number of spikes of a run's last step is there in the next."""
    import brian2

    device = brian2.device
    for made in built.network.objects:
        if isinstance(made, brian2.NeuronGroup | brian2.PoissonGroup) and _forgets(made):
            count = f"brian::{device.get_array_name(made.variables['_spikespace'])}[{len(made)}]"
            device.insert_code("before_start", f"static int32_t last_{made.name} = 0;")
            device.insert_code("before_network_run", f"{count} = last_{made.name};")
            device.insert_code("after_network_run", f"last_{made.name} = {count};")


def _forgets(source: Any) -> bool:
    """Whether the end of a run drops the spikes: thresholds do, spike generators do not."""
    return getattr(getattr(source, "source", source), "thresholder", {}) != {}


# A neuron that is clamped stays so for the period that held when it fired; others are free.
SINCE = (
    "int(lastspike > t + dt/2)*(lastspike - refractory_period)"
    " - int(lastspike <= t + dt/2)*10000*second"
)


def enter_phase(built: Built, plan: Plan, phase: int) -> None:
    """The numbers and weights of a phase."""
    for group in plan.groups:
        made = built.groups[group.name]
        moved = "lastspike" in made.variables and not same(
            group.refractory[phase], group.refractory[phase - 1]
        )
        if moved:
            made.lastspike = "lastspike + refractory_period"
        set_numbers(made, group, phase, plan.dt)
        if moved:
            made.lastspike = SINCE
    for path in plan.paths:
        post = built.groups[path.post]
        if path.drive is not None:
            post.namespace[path.drive.weight] = float(np.asarray(path.weights[phase]))
            continue
        synapses, order = built.synapses[path.name]
        synapses.namespace.update(post.namespace)
        set_weight(synapses, path, plan, phase, order)
    for plastic in plan.plastic:
        fixed = built.groups[plastic.post].namespace
        built.plastic[plastic.name].synapses.namespace.update(fixed)
