"""How the names of a synapse with states are spelled in Brian2's code.

They begin with ``syn_``, so that none is a name of the neuron.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ...definition.expressions import Expression
from ...passes.program import Assign
from ...passes.substitute import rename
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from ...records import dataclass, field
from .emit import statement
from .names import Spelling

PREFIX = "syn_"
UPDATED = "syn_updated"  # twice the step to which the states are up to date; plus one where the
# side that comes first had a spike in that step, which the other side must know
AHEAD = "syn_ahead"  # steps from an event to the step in which its amplitude arrives, less one
NOW = "t_in_timesteps"


@dataclass(frozen=True)
class Words:
    """How the names of one synapse are spelled."""

    dt: float
    own: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)

    def lines(self, statements: Iterable[Assign]) -> Iterable[str]:
        spell = Spelling(self.dt, given=self.given)
        for a in statements:
            yield statement(_renamed(a, self.own), spell)

    def show(self, expression: Expression) -> str:
        return Spelling(self.dt, given=self.given).show(rename(expression, self.own))

    def but(self, names: Mapping[str, str]) -> Words:
        """With other spellings of some names."""
        return Words(self.dt, {**self.own, **names}, self.given)


def own(name: str) -> str:
    """What a state or parameter of a synapse is called."""
    return Spelling(0.0).name(PREFIX + name)


def own_names(program: SynapseProgram) -> dict[str, str]:
    """The names of a program with the prefix; `own` spells them."""
    every = [*program.advance, *(program.step or ()), *program.pre, *program.post]
    every += [a for statements in program.events.values() for a in statements]
    every += [*program.pre_apart, *program.post_apart]
    names = {*program.states, *program.parameters, "weight", ELAPSED, AMPLITUDE}
    names |= {a.target for a in every}
    names |= {f"{BEFORE}{n}" for n in (*program.kept_by_post, *program.kept_by_pre)}
    return {n: PREFIX + n for n in names}


def text_of(lines: Iterable[str]) -> str:
    """Lines as one text."""
    return "\n".join(lines)


def _renamed(a: Assign, names: Mapping[str, str]) -> Assign:
    """With other names.

    A bare copy ``y = x`` is written ``y = -(-x)``: in numpy y would be x itself, and change with
    it.
    """
    value = rename(a.value, names)
    if isinstance(value.tree, ast.Name):
        value = Expression(f"-(-{value.text})")
    return Assign(names.get(a.target, a.target), value, a.temporary)
