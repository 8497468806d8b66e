"""States that live once per neuron as Brian2 objects: one connection of each unit with itself.

Its pathways have the delay of the synapses' own, so that they run at the steps in which the unit's
spikes are at the synapses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import Ints
from ...records import dataclass
from .names import object_name
from .paths import connect_listed
from .per_neuron_text import SideText, since
from .plastic_words import own

if TYPE_CHECKING:
    from .plan import PlasticPlan, Steps


@dataclass(frozen=True)
class NeuronStates:
    """``made`` has the states of unit k at k."""

    text: SideText
    made: Any

    def pathway(self, part: str, event: str) -> Any:
        """The pathway that runs before (``ahead``) or after (``spike``) the synapses; or None."""
        name = f"{event}_{part}"
        return getattr(self.made, name) if getattr(self.text, part) else None


def neuron_states(
    text: SideText,
    p: PlasticPlan,
    plan: Steps,
    origin: Any,
    events: Mapping[str, str],
    order: Ints,
    ends: Ints | None,
) -> NeuronStates:
    """The states of the units of ``origin``; ``events``: name of a pathway -> Brian2's event.

    ``ends``: the unit of each connection, as made in ``order``, where states go on from a run.
    """
    import brian2

    step = plan.dt / 1000 * brian2.second
    steps = p.dendritic if text.side == "post" else int(p.axonal) - int(p.placing.at_soma)
    parts = {"ahead": text.ahead, "spike": text.spike}
    code = {f"{e}_{part}": c for e in events for part, c in parts.items() if c}
    made = brian2.Synapses(
        origin,
        origin,
        text.model,
        on_pre=code,
        on_event={n: events[n.rsplit("_", 1)[0]] for n in code},
        delay={n: int(steps) * step for n in code},
        namespace={n: float(np.asarray(v)) for n, v in p.numbers.items() if not np.ndim(v)},
        clock=origin.clock,
        name=object_name(p.name, text.side, "states"),
    )
    units = np.arange(len(origin))
    connect_listed(made, units, units)
    for state in text.states:
        value = float(np.asarray(p.initial[own(state)]).flat[0])
        values = np.full(len(units), value)
        if ends is not None:
            values[ends] = p.kept[state][order]
        made.variables[own(state)].set_value(values)
    first = plan.first if text.every is not None else np.full(len(units), plan.first)
    made.variables[since(text.side)].set_value(first)
    if text.every is not None and text.every < plan.steps:
        made.run_regularly(text.move, dt=text.every * step, when="end", order=1000)
    return NeuronStates(text, made)


def refer(synapses: Any, states: NeuronStates) -> None:
    """Let ``synapses`` read the states of their neurons."""
    index = {"pre": "_presynaptic_idx", "post": "_postsynaptic_idx"}[states.text.side]
    for name in states.text.shared:
        one = states.made.variables[name].scalar
        synapses.variables.add_reference(name, states.made, name, index="0" if one else index)
