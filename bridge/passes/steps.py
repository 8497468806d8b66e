"""Building blocks of a step: ordering of writes, common subexpressions, live statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy

from ..definition.algebra import free_names, symbol, written
from ..records import dataclass
from .program import Assign, Constants

H = symbol("dt_ms")


@dataclass(frozen=True, eq=False)
class Step:
    """Statements of one step, and the constants they use."""

    statements: tuple[Assign, ...]
    constants: Constants
    notes: tuple[str, ...] = ()


def assign(target: str, value: sympy.Expr, *, temporary: bool = False) -> Assign:
    """``target = value``, and whether that only adds something or only scales."""
    added = factor = None
    own = symbol(target)
    if not temporary and own in value.free_symbols:
        rest, scale = value - own, value / own
        if own not in rest.free_symbols:
            added = written(rest)
        elif own not in scale.free_symbols:
            factor = written(scale)
    return Assign(target, written(value), temporary, added, factor)


def writes(updates: Mapping[str, sympy.Expr]) -> tuple[Assign, ...]:
    """Simultaneous updates as statements in order: every right side sees the old states.

    A state is written after those that read it; where two read each other, through temporaries.
    """
    left = {s: e for s, e in updates.items() if e != symbol(s)}
    done: list[Assign] = []
    while left:
        ready = [s for s in left if not any(s in free_names(e) for o, e in left.items() if o != s)]
        if not ready:
            return (*done, *_through_temporaries(left))
        done += [assign(state, left.pop(state)) for state in ready]
    return tuple(done)


def _through_temporaries(updates: Mapping[str, sympy.Expr]) -> Iterable[Assign]:
    yield from (assign(f"new_{s}", e, temporary=True) for s, e in updates.items())
    yield from (assign(s, symbol(f"new_{s}")) for s in updates)


def shared(
    values: Mapping[str, sympy.Expr], prefix: str
) -> tuple[list[Assign], dict[str, sympy.Expr]]:
    """Common subexpressions of ``values`` as temporaries, and the values in terms of them."""
    names = sympy.numbered_symbols(prefix, real=True)
    replaced, reduced = sympy.cse(list(values.values()), symbols=names, order="canonical")
    temporaries = [assign(s.name, e, temporary=True) for s, e in replaced]
    return temporaries, dict(zip(values, reduced, strict=True))


def live(statements: Iterable[Assign]) -> tuple[Assign, ...]:
    """Statements without temporaries that nothing reads."""
    kept: list[Assign] = []
    needed: set[str] = set()
    for statement in reversed(list(statements)):
        if not statement.temporary or statement.target in needed:
            kept.append(statement)
            needed |= statement.reads
    return tuple(reversed(kept))
