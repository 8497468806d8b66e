"""A simulator's built-in models in the definition language, as its catalogue file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.expressions import Expression, parse
from ..definition.model import Neuron
from ..definition.values import Quantity
from .dynamics import Dynamics, dynamics, rational

PREFIX = "$"  # no user's name starts with it


@dataclass(frozen=True)
class Receptor:
    """Where a port of a built-in sits, and the sign that its weight must have there (0: any)."""

    number: int
    sign: int


@dataclass(frozen=True, eq=False)
class Entry:
    """One form of one built-in model; names are the simulator's own, see the catalogue file.

    ``schemes``: the schemes of the contract under which a step of the built-in is the contract's
    step (``exact``), or "native" where the simulator's own solver integrates it.
    """

    name: str
    neuron: Neuron
    receptors: Mapping[str, Receptor]
    recordables: Mapping[str, str]
    settable: frozenset[str]
    current: Mapping[str, str]
    schemes: tuple[str, ...]
    exact: bool
    caveats: tuple[str, ...]
    free: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    limits: tuple[Expression, ...] = ()
    nonlinear: tuple[str, ...] = ()
    clipped: bool = False
    rule: str = "threshold"
    fixed: Mapping[str, Any] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    reductions: tuple[Mapping[str, Any], ...] = ()
    form: str = ""

    @cached_property
    def dynamics(self) -> Dynamics:
        return dynamics(self.neuron, PREFIX)

    @cached_property
    def defaults(self) -> Mapping[Any, Any]:
        """The simulator's own value of every parameter, exactly."""
        numbers = {n: v for n, v in self.neuron.parameters.items() if isinstance(v, Quantity)}
        return {symbol(PREFIX + n): rational(v.number) for n, v in numbers.items()}

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The built-in itself, then with states that stay 0 left out."""
        return tuple(_forms(self))


@dataclass(frozen=True, eq=False)
class Form:
    """A built-in whose unused ports and states are left out, with parameters set to that end."""

    entry: Entry
    dynamics: Dynamics
    fixed: Mapping[str, Any]


def read_catalogue(data: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Entries of a catalogue as read from TOML; order is kept.

    Raises:
        DefinitionError: an entry's definition is wrong.
    """
    return tuple(_entry(dict(item)) for item in data["builtin"])


def _entry(item: dict[str, Any]) -> Entry:
    ports: dict[str, Any] = {n: dict(p) for n, p in item.pop("ports").items()}
    receptors = {
        n: Receptor(p.pop("receptor"), p.pop("sign")) for n, p in ports.items() if "receptor" in p
    }
    name = item.pop("name")
    neuron = Neuron(
        name=f"nest/{name}",
        equations=item.pop("equations"),
        parameters=item.pop("parameters"),
        ports=ports,
        spike=item.pop("spike"),
    )
    return Entry(
        name=name,
        neuron=neuron,
        receptors=receptors,
        settable=frozenset(item.pop("settable")),
        limits=tuple(parse(text) for text in item.pop("limits")),
        schemes=tuple(item.pop("schemes")),
        caveats=tuple(item.pop("caveats")),
        free=tuple(item.pop("free")),
        positive=tuple(item.pop("positive")),
        nonlinear=tuple(item.pop("nonlinear", ())),
        reductions=tuple(item.pop("reductions", ())),
        **item,
    )


def _forms(entry: Entry) -> Iterator[Form]:
    """Largest first; at least one spike port stays, or none where all go."""
    whole = Form(entry, entry.dynamics, dict(entry.fixed))
    bases = [whole, *(_reduced(whole, r) for r in entry.reductions)]
    ports = tuple(entry.dynamics.jumps)
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
