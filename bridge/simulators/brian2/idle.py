"""What has nothing to do in a step is not called: at runtime each call costs microseconds.

Brian2 calls the code of every object in every step, also that of a pathway where no spike arrives.
Here a cheap question comes first; what is called, and in which order, stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .build import Built, own_clock
from .plan import Plan
from .recorders import StateRecorder
from .run import monitors

Run = Callable[[], None]


def skip_idle(built: Built, plan: Plan) -> None:
    """Let pathways, resets, monitors and generators rest when they are idle."""
    from brian2.groups.neurongroup import Resetter
    from brian2.input.spikegeneratorgroup import SpikeGeneratorGroup
    from brian2.monitors.spikemonitor import EventMonitor
    from brian2.synapses.synapses import SynapticPathway

    for made in _all(built.network.objects):
        if isinstance(made, SynapticPathway):
            made.run = _pathway(made)
        elif isinstance(made, Resetter):
            made.run = _at_spikes(made, _space(made.group, made.event))
        elif isinstance(made, EventMonitor):
            made.run = _at_spikes(made, _space(made.source, made.event))
        elif isinstance(made, SpikeGeneratorGroup):
            made.run = _generator(made)
    for record, monitor in monitors(built, plan):
        if own_clock(record, plan) and not isinstance(monitor, StateRecorder):
            monitor.run = _sometimes(monitor, record.every)


def _all(objects: Any) -> Iterator[Any]:
    for made in objects:
        yield made
        yield from _all(made.contained_objects)


def _space(group: Any, event: str) -> Any:
    """The events of a step: units, and their number as the last entry."""
    return group.variables[f"_{event}space"].get_value()


def _steps(made: Any) -> Any:
    return made.clock.variables["timestep"].get_value()


def _at_spikes(made: Any, space: Any) -> Run:
    codes = made.code_objects

    def run() -> None:
        if space[-1]:
            for code in codes:
                code()

    return run


def _sometimes(made: Any, every: int) -> Run:
    """One step in ``every``: a second clock would cost more."""
    codes, clock = made.code_objects, _steps(made)

    def run() -> None:
        if not clock[0] % every:
            for code in codes:
                code()

    return run


def _pathway(made: Any) -> Run:
    space, queue, codes = _space(made.source, made.event), made.queue, made.code_objects

    def run() -> None:
        count = space[-1]
        if count:
            queue.push(space[:count])
        if len(queue.peek()):
            codes[1]()  # the first one only pushes; this one moves the queue on
        else:
            queue.advance()

    return run


def _generator(made: Any) -> Run:
    space, clock, codes = _space(made, "spike"), _steps(made), made.code_objects
    bins, last = made.variables["_timebins"], made.variables["_lastindex"].get_value()

    def run() -> None:
        ahead = bins.get_value()[last[0] : last[0] + 1]
        if space[-1] or (len(ahead) and ahead[0] <= clock[0]):
            for code in codes:
                code()

    return run
