"""Two synapses in the same states: what must be equal, term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import sympy

from ..definition.algebra import symbol
from .catalog import PREFIX
from .synapse_catalog import SynapseEntry
from .synapse_maps import Maps, bounded
from .unknowns import Comparison, Unknowns

Alignment = Mapping[str, str]  # user's state -> built-in's state


def comparisons(
    mine: Maps, theirs: Maps, states: Alignment, scales: Mapping[str, Any], final: bool
) -> Iterator[Comparison]:
    """What must be equal; powers of products are taken apart once no unknown is in them."""
    names = [symbol(s) for s in states]

    def terms(where: str, one: Any, other: Any) -> Iterator[Comparison]:
        first, second = (_collected(e, names, final) for e in (one, other))
        for term in dict.fromkeys([*first, *second]):
            zero = sympy.S.Zero
            yield Comparison(where, str(term), first.get(term, zero), second.get(term, zero))

    sent = [bounded(m.amplitude, mine.states).inner for m in (mine, theirs)]
    yield from terms("what is delivered", *sent)
    for (s, b), kind in product(states.items(), ("pre", "post")):
        if kind == "pre":
            yield from terms(f"d{s}/dt", mine.rates[s], theirs.rates[b] / scales[s])
        where = f"{s} after a {kind}synaptic spike"
        one, other = getattr(mine, kind)[s], getattr(theirs, kind)[b] / scales[s]
        first, second = bounded(one, mine.states), bounded(other, mine.states)
        for side, bound in second.bounds.items():
            yield Comparison(f"the {side} bound of {where}", "1", first.bounds[side], bound)
        yield from terms(where, first.inner, second.inner)


def _collected(expression: Any, states: list[Any], apart: bool) -> dict[Any, Any]:
    """Product of states -> its coefficient."""
    found: dict[Any, Any] = {}
    expression = sympy.expand(expression)
    if apart:
        expression = sympy.expand_power_base(expression, force=True)
    for term in sympy.Add.make_args(expression):
        coefficient, dependent = term.as_independent(*states, as_Add=False)
        found[dependent] = found.get(dependent, sympy.S.Zero) + coefficient
    return found


def unbounded(mine: Maps, theirs: Maps, states: Alignment, name: str) -> tuple[str, ...]:
    """Bounds that only the built-in has."""
    found = []
    for (s, b), kind in product(states.items(), ("pre", "post")):
        own = bounded(getattr(mine, kind)[s], mine.states).bounds
        sides = bounded(getattr(theirs, kind)[b], mine.states).bounds
        event = f"at a {kind}synaptic spike"
        found += [f"{s} has no {x} bound {event}, in {name} it has" for x in sides if x not in own]
    return tuple(found)


def still_open(c: Comparison, known: Mapping[Any, Any], unknowns: Unknowns) -> bool:
    """Whether more has to be known before it can fail."""
    return bool((c.mine - c.theirs).xreplace(known).free_symbols & unknowns.names)


def settled(c: Comparison, unknowns: Unknowns) -> bool:
    """Whether both sides have the term, and it holds nothing that is still to be found."""
    names = {str(u) for u in unknowns.names}
    return c.mine != 0 and c.theirs != 0 and not any(name in c.term for name in names)


def unknowns_of(entry: SynapseEntry, scales: Mapping[str, Any], final: bool) -> Unknowns:
    """What is to be found; a scale that the equations leave open becomes 1 at the end."""
    parameters = [symbol(PREFIX + p) for p in entry.synapse.parameters]
    kept = {*scales.values(), *parameters}
    return Unknowns(
        names=frozenset(kept),
        zeros=(),
        scales=tuple(scales.values()) if final else (),
        defaults={},
        nonzero=frozenset(scales.values()),
    )
