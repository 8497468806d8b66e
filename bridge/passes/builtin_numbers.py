"""A matched built-in synapse in numbers, and what of them rules it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..definition.evaluate import evaluate
from ..records import dataclass
from .match_dynamic import DynamicMatch
from .synapse_catalog import SynapseEntry


@dataclass(frozen=True, eq=False)
class BuiltinNumbers:
    """``parameters`` and ``initial`` by the entry's names; ``factors``: user's state -> what makes
    it the built-in's.
    """

    parameters: dict[str, Any]
    initial: dict[str, Any]
    factors: dict[str, Any]


def builtin_numbers(
    match: DynamicMatch, entry: SynapseEntry, values: Mapping[str, Any], initial: Mapping[str, Any]
) -> BuiltinNumbers | str:
    """The numbers of ``entry``, or why it cannot have them.

    Args:
        match: of the user's synapse with the entry.
        entry: the built-in.
        values: the user's parameters and ``weight`` (positive, in the simulator's measure).
        initial: the user's initial values, by state.
    """
    parameters = {n: evaluate(e, values) for n, e in match.parameters.items()}
    factors = {s: evaluate(e, values) for s, e in match.factors.items()}
    start = {b: initial[s] * factors[s] for s, b in match.states.items()}
    if not all(np.all(np.isfinite(v)) for v in (*parameters.values(), *factors.values())):
        return f"parameters of {entry.name} would not be finite"
    for state, rest in entry.rest.items():
        if state in start and not np.allclose(start[state], evaluate(rest, parameters), 1e-12, 0):
            return f"{entry.name} starts with {state} = {rest}"
    for limit in entry.limits:
        if not np.all(evaluate(limit, {**parameters, **start})):
            return f"{entry.name} demands {limit}"
    return BuiltinNumbers(parameters, start, factors)
