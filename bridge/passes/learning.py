"""Graded synapses with states: what one step of their weights is, and what they pass on.

dw_ij/dt = eta (r_i r_j - alpha w_ij) reads a variable of either side. Over a step both are held at
the values that the synapse has at its beginning: r_i(t_k), and r_j(t_k - d_ij), which arrives then.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..definition.expressions import Expression
from ..definition.model import Neuron, Synapse
from ..records import dataclass
from .codec import Name
from .kept import kept
from .program import Assign, Constants, Numbers

WEIGHT = "weight"


@dataclass(frozen=True, eq=False)
class Rule:
    """One step of the states of a graded synapse, for one kind of sender and of receiver.

    ``pre`` and ``post``: a name that the synapse reads, e.g. ``r_pre``, as an expression of the
    unit's states and parameters. ``step``: statements that integrate; ``after``: those of
    ``on_step``; both of ``states``, ``parameters``, `WEIGHT`, ``constants`` and the names of
    ``pre`` and ``post``. The port gets ``efficacy`` (of the synapse's names) times ``passed`` (of
    the synapse's parameters and the names of ``pre``).
    """

    label: str
    scheme: str
    states: tuple[Name, ...]
    parameters: tuple[Name, ...]
    constants: tuple[Name, ...]
    derived: Constants
    pre: Mapping[str, Expression]
    post: Mapping[str, Expression]
    step: tuple[Assign, ...]
    after: tuple[Assign, ...]
    efficacy: Expression
    passed: Expression

    def constants_of(self, values: Numbers, dt: float) -> Numbers:
        """The numbers of ``constants``; ``dt`` in ms is the time between two steps."""
        found = self.derived.of(values, dt)
        return {n: v for n, v in found.items() if n in self.constants}

    def numbers_of(self, values: Numbers, weight: Any, dt: float) -> dict[str, Any]:
        """Every number in the statements: one, or one per connection."""
        own = {n: values[n] for n in self.parameters} | {WEIGHT: weight}
        return own | dict(self.constants_of(own, dt))


def rule_of(synapse: Synapse, pre: Neuron, post: Neuron, port: str) -> Rule:
    """The rule of a graded synapse with states, from units of ``pre`` to ``port`` of ``post``.

    Each state is solved exactly for what it is linear in, with everything else held over the step
    (exponential Euler); where one of them is not linear in itself all take a Runge-Kutta step.

    Raises:
        DefinitionError: the coupling is no product of what the synapse and what the sender has.
    """
    return _rule(_Asked(synapse, pre, post, port))


class _Asked:
    """Hashes the three definitions once."""

    def __init__(self, synapse: Synapse, pre: Neuron, post: Neuron, port: str) -> None:
        self.synapse, self.pre, self.post = synapse, pre, post
        self.unit = post.ports[port].unit
        names = (x for d in (synapse, pre, post) for x in (d.hash, d.label))
        self.key = (*names, self.unit)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


@lru_cache(maxsize=64)
def _rule(asked: _Asked) -> Rule:
    def derive() -> Rule:
        from .derive_learning import derived

        return derived(asked.synapse, asked.pre, asked.post, asked.unit)

    return kept("rule", asked.key, Rule, derive)
