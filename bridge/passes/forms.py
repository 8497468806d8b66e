"""The forms of a built-in: as it is, and with unused ports and states left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.values import Quantity
from ..records import dataclass, replace
from .catalog import PREFIX, Entry
from .dynamics import Dynamics, dynamics, rational


@dataclass(frozen=True, eq=False)
class Form:
    """A built-in whose unused ports and states are left out, with parameters set to that end."""

    entry: Entry
    dynamics: Dynamics
    fixed: Mapping[str, Any]


def defaults_of(entry: Entry) -> Mapping[Any, Any]:
    """The simulator's own value of every parameter, exactly."""
    numbers = {n: v for n, v in entry.neuron.parameters.items() if isinstance(v, Quantity)}
    return {symbol(PREFIX + n): rational(v.number) for n, v in numbers.items()}


@lru_cache(maxsize=64)
def forms_of(entry: Entry) -> tuple[Form, ...]:
    """The built-in itself, then with states that stay 0 left out."""
    return tuple(_forms(entry))


def _forms(entry: Entry) -> Iterator[Form]:
    """Largest first; at least one spike port stays, or none where all go."""
    whole = Form(entry, dynamics(entry.neuron, PREFIX), dict(entry.fixed))
    bases = [whole, *(_reduced(whole, r) for r in entry.reductions)]
    ports = tuple(whole.dynamics.jumps)
    for count in range(len(ports), -1, -1):
        for kept in combinations(ports, count):
            yield from (_with_ports(base, kept) for base in bases)


def _reduced(form: Form, reduction: Mapping[str, Any]) -> Form:
    values = {symbol(PREFIX + n): rational(v) for n, v in reduction["set"].items()}
    made = _without(form.dynamics, {PREFIX + n for n in reduction["drop"]}, values)
    return replace(form, dynamics=made, fixed={**form.fixed, **reduction["set"]})


def _with_ports(form: Form, kept: Sequence[str]) -> Form:
    """Without the other ports, and without the states that are then 0 for ever."""
    d = form.dynamics
    jumps = {n: j for n, j in d.jumps.items() if n in kept}
    made = replace(d, jumps=jumps)
    lost = {n for port, j in d.jumps.items() if port not in kept for n in j or ()}
    # what only they drive is 0 as well; V itself is not
    driven = {n for n in d.states if n not in lost and _driven_only_by(d, n, lost)}
    return replace(form, dynamics=_without(made, {n for n in lost | driven if _dies(d, n)}, {}))


def _dies(d: Dynamics, state: str) -> bool:
    """Whether a state that no spike, input or constant drives stays 0."""
    chain = [symbol(n) for n in d.states if n != _voltage(d)]
    return state != _voltage(d) and d.rates[state].xreplace(dict.fromkeys(chain, sympy.S.Zero)) == 0


def _driven_only_by(d: Dynamics, state: str, others: set[str]) -> bool:
    sources = {s.name for s in d.rates[state].free_symbols} & set(d.states)
    return bool(sources & others) and sources <= others | {state}


def _voltage(d: Dynamics) -> str:
    """The state that the threshold tests."""
    free = set() if d.threshold is None else d.threshold.free_symbols
    found = {s.name for s in free} & set(d.states)
    return min(found, default="")


def _without(d: Dynamics, states: set[str], values: Mapping[Any, Any]) -> Dynamics:
    values = {**values, **{symbol(n): sympy.S.Zero for n in states}}
    kept = tuple(n for n in d.states if n not in states)
    jumps = {p: j and {n: v for n, v in j.items() if n in kept} for p, j in d.jumps.items()}
    return replace(
        d,
        states=kept,
        rates={n: d.rates[n].xreplace(values) for n in kept},
        after={n: d.after[n].xreplace(values) for n in kept},
        jumps={p: j for p, j in jumps.items() if j},
    )
