"""Which NEST model plays a population, and how its numbers follow from the definition's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...definition.drawn import DrawnNetwork
from ...passes.program import Program
from ...records import dataclass, field
from ..courses import Course
from .job import NodeModel, Number
from .learning import Learned

Values = Mapping[str, Number]


@dataclass(frozen=True, eq=False)
class Cast:
    """Who plays a population: ``node``, and how NEST's values follow from the definition's.

    ``values_of(parameters, currents)`` gives NEST's parameters; ``currents`` holds the value of
    each quantity that is not sent step by step. ``factors[port]`` turns weights into NEST's (one
    number, or one per target unit). ``text`` is the NESTML text, ``cpp`` the C++ of a rate unit,
    both empty for a built-in; ``match`` says what runs and why, ``explanation`` at length.
    ``hidden``: quantities that only NEST knows. ``learned``: synapses that its nodes hold.
    ``coded``: the state whose changes the spikes of a binary neuron code. ``sends``: projection ->
    what weights of graded synapses from it are multiplied with; ``link``: their connection model.
    ``sends_before``: what it sends in a step is its value before that step, and NEST may not stop
    within a slice. ``together``: one name of NEST stands for two of its values, so that all are set
    whenever one changes.
    """

    program: Program
    node: NodeModel
    values_of: Callable[[Values, Values], dict[str, Number]]
    factors: Mapping[str, Number]
    courses: Mapping[str, Course]
    match: Mapping[str, Any]
    text: str = ""
    explanation: str = ""
    scale_of: Callable[[str, Values], Number] = lambda quantity, values: 1.0
    cpp: str = ""
    hidden: frozenset[str] = frozenset()
    learned: tuple[Learned, ...] = ()
    coded: str = ""
    sends: Mapping[str, Number] = field(default_factory=dict)
    link: str = "rate_connection_delayed"
    sends_before: bool = False
    together: bool = False


def phases_of(network: DrawnNetwork, population: str) -> list[tuple[int, Values]]:
    """(step, all parameter values from there on), beginning with step 0."""
    values: dict[str, Number] = dict(network.populations[population].parameters)
    found: dict[int, Values] = {0: dict(values)}
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.kind == "parameter" and change.owner == population:
            values[change.key] = change.value
            found[change.step] = dict(values)
    return list(found.items())
