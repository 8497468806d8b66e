"""Second, third, ... spikes of a unit in one step, for synapses with states.

Brian2 refuses two spikes of one unit in one step. Static synapses get them from replicas of the
unit (see `paths`); a synapse with states must meet them itself, one after the other. They come from
generators of their own, whose spikes are further events of the source.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...definition.drawn import DrawnSource
from .names import object_name
from .paths import generator, nth_spikes
from .plan import Plan


def repeats(source: DrawnSource, origin: Any, plan: Plan) -> list[Any]:
    """Generators of the events ``repeat1``, ``repeat2``, ... of ``origin``."""
    if source.native:
        return []
    units, steps = np.asarray(source.senders), np.asarray(source.steps)
    nth = nth_spikes(steps, units)
    found = []
    for n in range(1, int(nth.max(initial=0)) + 1):
        chosen = nth == n
        made = generator(
            units[chosen],
            steps[chosen],
            len(origin),
            plan,
            origin.clock,
            object_name(source.name, f"repeat{n}"),
        )
        # a standalone program calls the length of the space by this name
        made.variables["_spikespace"].name = f"_repeat{n}space"
        origin.events[f"repeat{n}"] = None
        origin.variables.add_reference(f"_repeat{n}space", made, "_spikespace")
        found.append(made)
    return found
