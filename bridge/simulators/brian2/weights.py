"""Weights of synapses: a constant, one per connection, or one that depends on when a spike left.

A spike carries the weight of the step at which it was fired. Brian2 runs ``on_pre`` when it
arrives: with one delay for all a change is therefore made one delay later (see `plan`), with
different delays each synapse knows from which step on its arrivals have the new weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...definition.drawn import Ints, Number
from ...errors import Unsupported
from .plan import PathPlan, Plan, mixed

_SWITCH_MODEL = """
weight_before : 1 (constant)
weight_after : 1 (constant)
changed_at : integer (constant)
"""
_SWITCH = (
    "weight = weight_before*int(t_in_timesteps < changed_at)"
    " + weight_after*int(t_in_timesteps >= changed_at)\n"
)


def switches(path: PathPlan) -> bool:
    """Whether spikes on their way must keep their old weight, connection by connection."""
    return mixed(path.delays) and any(not same(w, path.weights[0]) for w in path.weights)


def model_of(path: PathPlan) -> tuple[str, str]:
    """The synapses' variables and their ``on_pre``."""
    if switches(path):
        return _SWITCH_MODEL, _SWITCH + path.on_pre
    return "weight : 1 (constant)" if _varied(path) else "", path.on_pre


def set_weight(synapses: Any, path: PathPlan, plan: Plan, phase: int, order: Ints) -> None:
    """The weights of a phase; ``order`` is that in which the connections were made."""
    for name, value in values_of(path, plan, phase).items():
        if name in synapses.variables:
            _set(synapses, name, value, order)
        else:
            synapses.namespace[name] = float(np.asarray(value))


def values_of(path: PathPlan, plan: Plan, phase: int) -> dict[str, Number]:
    """What the synapses' variables, or the one weight in their namespace, are in a phase.

    Raises:
        Unsupported: two changes lie too near for some delay.
    """
    if switches(path):
        return _switch(path, plan, phase)
    return {"weight": path.weights[phase]}


def _varied(path: PathPlan) -> bool:
    return any(np.ndim(w) for w in path.weights)


def same(a: Number, b: Number) -> bool:
    """Whether two values, or two arrays of them, are the same."""
    return np.shape(a) == np.shape(b) and np.array_equal(a, b)


def _set(synapses: Any, name: str, value: Any, order: Ints) -> None:
    values = np.asarray(value)
    values = values[order] if values.ndim else np.full(len(order), values)
    synapses.variables[name].set_value(values)


def _switch(path: PathPlan, plan: Plan, phase: int) -> dict[str, Number]:
    changed = [k for k in range(1, phase + 1) if not same(path.weights[k], path.weights[k - 1])]
    delays = np.asarray(path.delays)
    steps = [plan.starts[k] for k in changed]
    if len(steps) > 1 and steps[-1] - steps[-2] < delays.max():
        raise Unsupported(
            f"two changes of the weight lie {steps[-1] - steps[-2]} steps apart, less than the "
            f"longest delay of {delays.max()} steps",
            symbol=path.name,
            remedy="put them further apart, or give the projection one delay",
        )
    return {
        "weight_before": path.weights[changed[-1] - 1] if changed else path.weights[0],
        "weight_after": path.weights[phase],
        "changed_at": (steps[-1] if steps else 0) + delays,
    }
