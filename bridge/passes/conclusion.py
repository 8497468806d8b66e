"""The match that a solution makes: sympy's values as expressions of the user's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ..definition.algebra import symbol, written
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..definition.values import Quantity
from .catalog import PREFIX, Entry
from .coefficients import (
    Pair,
    current_of,
    factor_of,
    scale_of,
    threshold_slope,
    threshold_value,
)
from .forms import Form
from .matched import CurrentMap, Match, PortMap, StateMap
from .unknowns import Samples, is_zero, tidy
from .words import shown


def matched(
    neuron: Neuron, form: Form, both: Pair, values: Mapping[Any, Any], samples: Samples
) -> Match:
    """The match that a solution without failures makes."""
    entry = form.entry
    parameters = {n: values.get(symbol(PREFIX + n)) for n in entry.neuron.parameters}
    solved = {n: tidy(v) for n, v in parameters.items() if v is not None}
    states = {u: _state(entry, u, b, values) for u, b in both.states.items()}
    ports = {
        p: PortMap(
            entry.receptors[target].number,
            _expression(values[factor_of(p)]),
            entry.receptors[target].sign,
        )
        for p, target in both.ports.items()
    }
    parameter = next(iter(entry.current.values()), "")
    currents = {
        p: CurrentMap(parameter, _expression(values[current_of(p)]))
        for p in both.user.inputs
        if current_of(p) in values
    }
    return Match(
        label=neuron.label,
        builtin=entry.name,
        schemes=entry.schemes,
        exact=entry.exact,
        expressions={n: _expression(v) for n, v in solved.items()},
        fixed=dict(form.fixed),
        copies=entry.copies,
        defaults=_defaults(entry),
        limits=entry.limits,
        positive=entry.positive,
        states=states,
        ports=ports,
        currents=currents,
        demands=_demands(both),
        caveats=(*entry.caveats, *_threshold_caveat(entry, both, samples)),
        text=_text(neuron.label, form, solved, states, ports),
    )


def _defaults(entry: Entry) -> dict[str, float]:
    numbers = entry.neuron.parameters.items()
    return {n: v.number for n, v in numbers if isinstance(v, Quantity)}


def _state(entry: Entry, user: str, builtin: str, values: Mapping[Any, Any]) -> StateMap:
    name = builtin.removeprefix(PREFIX)
    scale = values.get(scale_of(user), sympy.S.One)
    recordables = entry.recordables.get(name, "")
    names = tuple(r.strip() for r in recordables.split("+")) if recordables else ()
    return StateMap(name, _expression(1 / scale), names, name in entry.settable)


def _demands(both: Pair) -> tuple[Expression, ...]:
    """The threshold is one from below only while the coefficient of V is positive."""
    slope = threshold_slope(both.user)
    return (_expression(slope),) if slope.free_symbols else ()


def _expression(value: Any) -> Expression:
    return written(tidy(sympy.sympify(value)))


def _threshold_caveat(entry: Entry, both: Pair, samples: Samples) -> tuple[str, ...]:
    """Where the built-in spikes at the peak, the threshold decides only whether it spikes."""
    if entry.rule != "peak":
        return ()
    mine, theirs = threshold_value(both.user, samples), threshold_value(both.builtin, ())
    back = {symbol(PREFIX + n): symbol(n) for n in entry.neuron.parameters}
    if theirs is None or is_zero(mine - theirs, samples):
        return ()
    there = shown(theirs.xreplace(back))
    what = "a depolarisation that passes only one of them differs"
    return (f"the threshold is {shown(mine)}, that of {entry.name} is {there}: {what}",)


def _text(
    label: str,
    form: Form,
    solved: Mapping[str, Any],
    states: Mapping[str, StateMap],
    ports: Mapping[str, PortMap],
) -> str:
    parts = [f"{n} = {shown(v)}" for n, v in solved.items()]
    parts += [f"{n} = {shown(sympy.sympify(v))}" for n, v in form.fixed.items()]
    parts += [f"{n} = {other}" for n, other in form.entry.copies.items() if other in solved]
    for name, state in states.items():
        scale = "" if state.factor.text in ("1", "1.0") else f"{state.factor}*"
        parts.append(f"{name} = {scale}{state.name}")
    for name, port in ports.items():
        if port.factor.text not in ("1", "1.0"):
            parts.append(f"weights at {name} times {port.factor}")
    return f"{label} == {form.entry.name} with {', '.join(parts)}"
