"""How a weight moves on average under Poisson spikes, and where it stays.

The weight moves slowly: traces have their stationary moments at the present weight, and pre- and
postsynaptic spikes are independent. Then d<w>/dt is the mean of its flow plus, for each kind of
spike, its rate times the mean change.

Kempter, Gerstner & van Hemmen (1999) doi:10.1103/PhysRevE.59.4498, equation 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from ...definition.algebra import free_names, show, symbol
from ...errors import DefinitionError
from ...passes.eventdriven import form
from ...records import dataclass
from .process import Open, closed_mean, numeric_mean
from .synapses import POST, PRE, Rules, process_of, rate_numbers, rules_of


@dataclass(frozen=True, eq=False)
class Drift:
    """The drift of ``state``: ``change`` is its mean before the average over traces."""

    rules: Rules
    state: str
    change: sympy.Expr
    traces: tuple[sympy.Symbol, ...]

    @cached_property
    def closed(self) -> sympy.Expr | None:
        """d<w>/dt (per ms) of nu_pre, nu_post (1/ms) and parameters; None where none is found."""
        try:
            return closed_mean(process_of(self.rules, self.traces), self.change)
        except Open:
            return None

    @property
    def text(self) -> str:
        """The closed form as text, or that there is none."""
        if self.closed is None:
            return "no closed form: its moments do not close"
        return show(self.closed)

    @property
    def notes(self) -> tuple[str, ...]:
        found = ["independent Poisson spikes; the weight moves slowly compared with its traces"]
        if self.rules.clipped:
            found.append(f"between the bounds of {self.state}")
        return tuple(found)

    def at(
        self, pre: float, post: float, w: float = 0.0, events: Mapping[str, float] | None = None
    ) -> float:
        """d<w>/dt (1/s, in the unit of w) at rates in Hz and the weight ``w``.

        Of a synapse between rate units the rates are their r_pre and r_post.
        """
        numbers = {**rate_numbers(self.rules, pre, post, events or {}), symbol(self.state): w}
        if self.closed is not None:
            return 1e3 * float(self.closed.subs(numbers))
        process = process_of(self.rules, self.traces).valued(numbers)
        return 1e3 * numeric_mean(process, self.change.subs(numbers))


@dataclass(frozen=True)
class Rest:
    """A weight at which the drift is 0; ``time`` is 1/|slope| (s), stable if the slope is < 0."""

    w: float
    stable: bool
    time: float


def drift(model: Any, state: str = "", **settings: Any) -> Drift:
    """The drift of the weight of a synapse under Poisson spikes.

    Args:
        model: library name, path, dictionary or `Synapse`.
        state: the state that is the weight; where it is left out, the one that is delivered.
        **settings: parameters to replace, and ``variant``.

    Raises:
        DefinitionError: it is no synapse with such a state, or reads what spikes do not decide.
    """
    rules = rules_of(model, **settings)
    name = state or _weight(rules)
    if name not in rules.synapse.states:
        raise DefinitionError(
            f"there is no state {name!r}", model=rules.synapse.label, symbol=name,
            remedy=f"known are {', '.join(rules.synapse.states)}",
        )  # fmt: skip
    w = symbol(name)
    change = rules.flow[w]
    third = [(symbol(f"nu_{n}"), to) for n, to in rules.events.items()]
    for rate, to in [(PRE, rules.pre), (POST, rules.post), *third]:
        change = change + rate * (to.get(w, w) - w)
    change = sympy.expand(change)
    return Drift(rules, name, change, _needed(rules, change, w))


def fixed_points(found: Drift, pre: float, post: float, **events: float) -> tuple[Rest, ...]:
    """Weights that stay, at rates in Hz; empty where the drift does not depend on the weight.

    Raises:
        DefinitionError: the drift has no closed form.
    """
    closed = _closed(found)
    w = symbol(found.state)
    by_w = sympy.expand(closed.subs(rate_numbers(found.rules, pre, post, events)))
    if w not in by_w.free_symbols:
        return ()
    slope = sympy.diff(by_w, w)
    rests = []
    for value in _roots(by_w, w):
        s = float(slope.subs(w, value))
        rests.append(Rest(value, s < 0, 1e-3 / abs(s) if s else np.inf))
    return tuple(sorted(rests, key=lambda r: r.w))


def fixed_point_form(found: Drift) -> str:
    """The weight that stays in closed form, or that there is none."""
    closed, w = found.closed, symbol(found.state)
    if closed is None or w not in closed.free_symbols:
        return "none: the drift does not depend on the weight" if closed is not None else found.text
    try:
        roots = sympy.solve(closed, w)
    except NotImplementedError:
        roots = []
    return "; ".join(show(sympy.factor(r)) for r in roots) or "no closed form"


def balance(found: Drift, pre: float, w: float = 0.0) -> tuple[float, ...]:
    """Postsynaptic rates (Hz, > 0) at which the drift changes sign.

    Raises:
        DefinitionError: the drift has no closed form.
    """
    numbers = {**rate_numbers(found.rules, pre, 0.0, {}), symbol(found.state): w}
    numbers.pop(POST)
    by_rate = sympy.expand(_closed(found).subs(numbers))
    if POST not in by_rate.free_symbols:
        return ()
    return tuple(1e3 * r for r in sorted(_roots(by_rate, POST)) if r > 1e-12)


def _closed(found: Drift) -> sympy.Expr:
    if found.closed is None:
        raise DefinitionError(
            f"the drift of {found.state} has no closed form",
            model=found.rules.synapse.label,
            symbol=found.state,
            remedy="evaluate it: Drift.at",
        )
    return found.closed


def _roots(value: sympy.Expr, x: sympy.Symbol) -> list[float]:
    """Real zeros: of a polynomial all, else those that sympy solves for."""
    numerator = sympy.numer(sympy.together(value))
    if numerator.is_polynomial(x):
        found = np.roots([complex(c) for c in sympy.Poly(numerator, x).all_coeffs()])
    else:
        found = np.array([complex(r) for r in sympy.solve(value, x)])
    real = found[np.abs(found.imag) < 1e-9 * (1 + np.abs(found))].real
    return [float(r) for r in real]


def _weight(rules: Rules) -> str:
    sent = rules.synapse.deliver or rules.synapse.coupling
    names = free_names(form(rules.synapse, sent)) if sent is not None else frozenset()
    among = [s for s in rules.synapse.states if s in names]
    if len(among) == 1:
        return among[0]
    raise DefinitionError(
        f"what it delivers depends on {', '.join(among) or 'no state'}: no one is the weight",
        model=rules.synapse.label,
        remedy='name one: state="w", or ask for its steady state (release)',
    )


def _needed(rules: Rules, change: sympy.Expr, w: sympy.Symbol) -> tuple[sympy.Symbol, ...]:
    """The traces that the change reads, and those that these read."""
    parts = (rules.flow, rules.pre, rules.post, *rules.events.values())
    states, needed = {symbol(s) for s in rules.synapse.states} - {w}, set[sympy.Symbol]()
    new = change.free_symbols & states
    while new:
        needed |= new
        read = {x for s in new for part in parts if s in part for x in part[s].free_symbols}
        new = (read & states) - needed
    return tuple(s for s in map(symbol, rules.synapse.states) if s in needed)
