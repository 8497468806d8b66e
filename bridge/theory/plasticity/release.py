"""Steady states of synapses that depress and facilitate: what a spike releases on average.

At Poisson spikes the state before a spike is distributed as at any time (Poisson arrivals see time
averages), so that stationary moments say what is delivered; at regular spikes the state before a
spike is the fixed point of one interval. Tsodyks, Pawelzik & Markram (1998)
doi:10.1162/089976698300017502.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ...definition.algebra import show, symbol
from ...errors import DefinitionError
from ...passes.eventdriven import closed_form
from ...passes.exponentials import ELAPSED
from ...records import dataclass
from .process import Open, closed_mean, numeric_mean
from .synapses import PRE, Rules, process_of, rate_numbers, rules_of


@dataclass(frozen=True, eq=False)
class Release:
    """``amplitude``: mean of what a spike delivers at weight 1; ``states``: means before it.

    ``text`` is the closed form of the amplitude, or says that there is none.
    """

    amplitude: float
    states: Mapping[str, float]
    text: str


def release(model: Any, rate: float, train: str = "poisson", **settings: Any) -> Release:
    """The steady state of a synapse at presynaptic spikes of ``rate`` (Hz).

    Args:
        model: library name, path, dictionary or `Synapse`.
        rate: of the presynaptic spikes, Hz.
        train: ``"poisson"`` or ``"regular"``.
        **settings: parameters to replace, and ``variant``.

    Raises:
        DefinitionError: it delivers nothing at spikes, or has no steady state.
    """
    rules = rules_of(model, **settings)
    if rules.delivered is None or rules.synapse.is_graded:
        raise DefinitionError(
            "it delivers nothing at a spike", model=rules.synapse.label,
            remedy="ask for a synapse that delivers events",
        )  # fmt: skip
    if not rate > 0:
        raise DefinitionError(f"the rate is {rate:g} Hz", symbol="rate", remedy="give rate > 0")
    if train == "poisson":
        return _poisson(rules, rate)
    if train == "regular":
        return _regular(rules, rate)
    raise DefinitionError(f"the train is {train!r}", remedy='give "poisson" or "regular"')


def _poisson(rules: Rules, rate: float) -> Release:
    assert rules.delivered is not None
    states = tuple(symbol(s) for s in rules.synapse.states)
    numbers = rate_numbers(rules, rate, 0.0, {})
    process = process_of(rules, states)
    valued = process.valued(numbers)
    means = {s.name: numeric_mean(valued, s) for s in states}
    amplitude = numeric_mean(valued, sympy.expand(rules.delivered.subs(numbers)))
    try:
        text = show(closed_mean(process, sympy.expand(rules.delivered)))
    except Open:
        text = "no closed form: its moments do not close; a hierarchy of them was solved"
    return Release(amplitude, means, text)


def _regular(rules: Rules, rate: float) -> Release:
    """Fixed point of one interval, state by state, each linear in itself."""
    assert rules.delivered is not None
    between = closed_form(rules.synapse)
    if isinstance(between, str):
        raise DefinitionError(
            f"between spikes it has no closed form: {between}", model=rules.synapse.label,
            remedy='ask for train="poisson"',
        )  # fmt: skip
    left, solved = [symbol(s) for s in between.order], dict[sympy.Symbol, sympy.Expr]()
    after = {symbol(s): rules.pre.get(symbol(s), symbol(s)) for s in between.order}
    interval = {n: v.subs(after, simultaneous=True) for n, v in between.values.items()}
    while left:
        ready = [s for s in left if not interval[s.name].free_symbols & (set(left) - {s})]
        state = ready[0] if ready else left[0]
        value = sympy.expand(interval[state.name].subs(solved) - state)
        slope = sympy.diff(value, state)
        if not ready or state in slope.free_symbols or slope == 0:
            raise DefinitionError(
                f"{state} has no steady state that is found state by state",
                model=rules.synapse.label,
                symbol=state.name,
                remedy='ask for train="poisson", or simulate',
            )
        solved[state] = -value.subs(state, 0) / slope
        left.remove(state)
    form = rules.delivered.subs(solved, simultaneous=True).subs(ELAPSED, 1 / PRE)
    numbers = rate_numbers(rules, rate, 0.0, {})
    means = {s.name: float(v.subs(ELAPSED, 1 / PRE).subs(numbers)) for s, v in solved.items()}
    return Release(float(form.subs(numbers)), means, show(sympy.factor(form)))
