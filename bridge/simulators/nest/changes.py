"""What happens to nodes and weights after step 0: phases, and currents with a course in time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...definition.drawn import DrawnNetwork
from .cast import Cast, phases_of
from .currents import drive_of
from .job import Change, Drive, Number
from .learning import changes_of
from .translate import scaled


def changes_in(
    network: DrawnNetwork, casts: Mapping[str, Cast], lag: int
) -> tuple[list[Change], list[Drive]]:
    """Everything that happens to nodes and weights after step 0."""
    changes = _weight_changes(network, casts)
    drives = []
    for name, cast in casts.items():
        for own in cast.learned:
            changes += changes_of(own, network.populations[name].size)
        changes += _node_changes(network, name, cast, lag)
        first = network.populations[name].parameters
        for quantity, course in cast.courses.items():
            if is_sent(cast, quantity):
                factor = cast.scale_of(quantity, first)
                drives.append(drive_of(course, name, quantity, cast.node, lag, factor))
    return [c for c in changes if c.step < network.steps], drives


def is_sent(cast: Cast, quantity: str) -> bool:
    """Whether devices send the values of ``quantity`` step by step."""
    course = cast.courses[quantity]
    settable = cast.node.drives.get(quantity) is not None
    return quantity in cast.node.drives and (course.dense or (settable and len(course.steps) > 1))


def _node_changes(network: DrawnNetwork, name: str, cast: Cast, lag: int) -> list[Change]:
    """Phases and sparse currents; what devices send acts late, and is set until then."""
    phases = phases_of(network, name)
    steps = {step for step, _ in phases}
    for quantity, course in cast.courses.items():
        sent = is_sent(cast, quantity)
        steps |= {int(k) for k in course.steps if not sent or k <= lag}
        steps |= {lag + 1} if sent else set()
    before: dict[str, Number] = {}
    found = []
    for step in sorted(steps):
        values = next(v for start, v in reversed(phases) if start <= step)
        after = cast.values_of(values, _currents_at(cast, step, lag))
        changed = {n: v for n, v in after.items() if not _same(v, before.get(n))}
        if changed and step > 0:
            found.append(Change(step, "node", name, after if cast.together else changed))
        before |= after
    return found


def _currents_at(cast: Cast, step: int, lag: int) -> dict[str, Number]:
    """Values to be set at ``step``."""
    found: dict[str, Number] = {}
    for quantity, course in cast.courses.items():
        if not is_sent(cast, quantity) or step <= lag:
            found[quantity] = course.at(np.asarray(step))
        elif cast.node.drives[quantity] is None:
            found[quantity] = 0.0
    return found


def _same(new: Number, old: Number | None) -> bool:
    return old is not None and np.array_equal(new, old)


def _weight_changes(network: DrawnNetwork, casts: Mapping[str, Cast]) -> list[Change]:
    """A spike has the weight of the step in which it was emitted.

    NEST hands a slice's spikes on in the first step of the next slice, and a device's at once. A
    graded signal has the weight of the step in which it acts, the first of the next slice.
    """
    found = []
    for change in network.changes:
        if change.kind == "weight" and not network.projections[change.owner].synapse.learns:
            projection = network.projections[change.owner]
            value = scaled(projection, change.value, casts)
            later = projection.pre in casts and not projection.synapse.is_graded
            step = change.step + 1 if later else change.step
            found.append(Change(step, "weight", change.owner, {"weight": value}))
    return found
