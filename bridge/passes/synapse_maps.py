"""What the events of a synapse do to its states, as one expression per state.

Statements put into each other leave nothing of how they were written: order, temporaries and
subexpressions are gone, so that two synapses can be compared term by term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from ..definition.algebra import clip, free_names, symbol
from ..definition.model import Synapse
from ..records import dataclass
from .dynamics import exact
from .eventdriven import right_sides
from .program import Assign
from .synapse_program import AMPLITUDE, synapse_program

By = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Maps:
    """``rates``: dx/dt; ``pre``, ``post``: state -> its value after that spike.

    ``amplitude``: what a presynaptic spike delivers.
    """

    states: tuple[str, ...]
    rates: Mapping[str, Any]
    pre: Mapping[str, Any]
    post: Mapping[str, Any]
    amplitude: Any

    def replaced(self, by: By) -> Maps:
        """With symbols replaced in every expression."""

        def each(table: Mapping[str, Any]) -> dict[str, Any]:
            return {n: e.xreplace(by) for n, e in table.items()}

        return Maps(
            self.states,
            each(self.rates),
            each(self.pre),
            each(self.post),
            self.amplitude.xreplace(by),
        )

    def role(self, state: str) -> tuple[bool, ...]:
        """What alone decides which states can stand for each other."""
        own = symbol(state)
        rate = self.rates[state]
        return (
            self.pre[state] != own,
            self.post[state] != own,
            rate != 0,
            own in self.amplitude.free_symbols,
            bool(free_names(rate) & set(self.states) - {state}),
        )


def maps_of(synapse: Synapse) -> Maps:
    """The maps of ``synapse``; names are its own."""
    program = synapse_program(synapse)
    states = program.states
    known = {*states, *program.parameters, *synapse.parameters, "weight"}
    pre = _composed(program.pre, known)
    post = _composed(program.post, known)
    rates = {n: exact(f) for n, f in right_sides(synapse).items()}
    return Maps(
        states,
        rates,
        {n: pre.get(symbol(n), symbol(n)) for n in states},
        {n: post.get(symbol(n), symbol(n)) for n in states},
        pre[symbol(AMPLITUDE)],
    )


def _composed(statements: Sequence[Assign], known: set[str]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for a in statements:
        value = a.value.sympy(frozenset(known | {s.name for s in found}))
        found[symbol(a.target)] = _plain(value.xreplace(found))
    return found


def _plain(value: Any) -> Any:
    """Exact numbers, and clip as min and max."""
    return exact(value.replace(clip, lambda x, low, high: sympy.Min(sympy.Max(x, low), high)))


@dataclass(frozen=True, eq=False)
class Bounded:
    """A value without its bounds, and the bounds: ``"upper"`` or ``"lower"`` -> expression."""

    inner: Any
    bounds: Mapping[str, Any]


def bounded(value: Any, states: Sequence[str]) -> Bounded:
    """min(x, limit) as x with the upper bound ``limit``, however many there are."""
    moving = {symbol(s) for s in states}
    bounds: dict[str, Any] = {}
    while True:
        node = next((n for n in sympy.preorder_traversal(value) if _limits(n, moving)), None)
        if node is None:
            return Bounded(value, bounds)
        fixed = [a for a in node.args if not a.free_symbols & moving]
        rest = [a for a in node.args if a.free_symbols & moving]
        kind = "upper" if isinstance(node, sympy.Min) else "lower"
        bounds.setdefault(kind, value.xreplace({node: fixed[0]}))
        value = value.xreplace({node: rest[0]})


def _limits(node: Any, moving: set[Any]) -> bool:
    if not isinstance(node, sympy.Min | sympy.Max) or len(node.args) != 2:
        return False
    return sum(bool(a.free_symbols & moving) for a in node.args) == 1
