"""What a match says: the built-in, its parameters from the user's, and what departs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from ..definition.algebra import show, symbol
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression, parse
from ..definition.model import Neuron
from ..errors import Unsupported
from .catalog import PREFIX, Entry, Form
from .coefficients import (
    Pair,
    current_of,
    factor_of,
    scale_of,
    threshold_slope,
    threshold_value,
)
from .unknowns import Samples, is_zero, tidy
from .words import shown

Signs = Mapping[str, tuple[int, ...]]
Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class StateMap:
    """user's state = ``factor`` * built-in's state ``name``.

    ``recordables``: the simulator's recordables whose sum is the built-in's state; empty where it
    does not record it. ``settable``: whether its initial value can be set.
    """

    name: str
    factor: Expression
    recordables: tuple[str, ...]
    settable: bool


@dataclass(frozen=True)
class PortMap:
    """weight at receptor ``receptor`` = ``factor`` * weight at the user's port.

    ``sign``: the sign that the weight at the receptor must have (0: any).
    """

    receptor: int
    factor: Expression
    sign: int


@dataclass(frozen=True)
class CurrentMap:
    """current into the built-in (pA) = ``factor`` * value of the user's continuous port.

    A constant one may go to ``parameter``, on top of the value that `Match.parameters` gives it.
    """

    parameter: str
    factor: Expression


@dataclass(frozen=True, eq=False)
class Match:
    """A built-in whose trajectories are the user's, state by state and step by step.

    How to use one: create ``builtin`` with ``parameters(values)`` and ``initial(values, initial)``;
    connect a projection onto port p with weights ``factor * weight`` (``weight_factor``) to
    receptor ``ports[p].receptor``; inject a continuous port times ``currents[p].factor``, or add a
    constant one to ``currents[p].parameter``; multiply samples of a state's recordable by
    ``states[s].factor`` (``recorded``). Ask ``obstacle`` first: it says why numbers forbid it.

    Factors and parameters are expressions of the user's parameters; with one number per unit of a
    parameter they are arrays with one number per unit, which for a weight means per target.

    Attributes:
        label: the user's neuron.
        entry: the catalogue's entry; ``schemes`` and ``exact`` say which of the contract's
            schemes the built-in steps with.
        expressions: the built-in's parameters that depend on the user's.
        fixed: its parameters that must have one value.
        demands: expressions of the user's parameters that must be positive.
        caveats: where it departs from the contract, for the verdict.
        text: one line that explains the match.
    """

    label: str
    entry: Entry
    expressions: Mapping[str, Expression]
    fixed: Mapping[str, Any]
    states: Mapping[str, StateMap]
    ports: Mapping[str, PortMap]
    currents: Mapping[str, CurrentMap]
    demands: tuple[Expression, ...]
    caveats: tuple[str, ...]
    text: str

    @property
    def builtin(self) -> str:
        return self.entry.name

    @property
    def schemes(self) -> tuple[str, ...]:
        return self.entry.schemes

    @property
    def exact(self) -> bool:
        """Whether it equals the contract on the grid, to rounding, under one of ``schemes``."""
        return self.entry.exact

    def parameters(self, values: Numbers) -> dict[str, Any]:
        """Parameters by the built-in's names; ``values``: the user's, one for all or per unit."""
        found = {n: evaluate(e, values) for n, e in self.expressions.items()}
        found |= {n: found[other] for n, other in self.entry.copies.items() if other in found}
        return {**self.fixed, **found}

    def initial(self, values: Numbers, initial: Numbers) -> dict[str, Any]:
        """Initial values by the built-in's names.

        Raises:
            Unsupported: a state that cannot be set does not start at 0.
        """
        found = {}
        for name, state in self.states.items():
            value = initial.get(name, 0.0)
            if state.settable:
                found[state.name] = value / evaluate(state.factor, values)
            elif np.any(np.asarray(value) != 0):
                raise Unsupported(
                    f"the initial value of {state.name} cannot be set in {self.builtin}",
                    model=self.label,
                    symbol=name,
                    remedy="start it at 0, or run without matching",
                )
        return found

    def weight_factor(self, port: str, values: Numbers) -> Any:
        """What weights onto ``port`` are multiplied with; a number, or one per target unit."""
        return evaluate(self.ports[port].factor, values)

    def recorded(self, state: str) -> tuple[str, Expression] | None:
        """The one recordable of ``state`` and the factor that makes it the user's, or None."""
        found = self.states.get(state)
        if found is None or len(found.recordables) != 1:
            return None
        return found.recordables[0], found.factor

    def obstacle(
        self, values: Numbers, initial: Numbers | None = None, signs: Signs | None = None
    ) -> str | None:
        """Why these numbers rule the built-in out; None where they do not.

        Args:
            values: the user's parameters.
            initial: initial values of the user's states.
            signs: spike port -> signs of the weights that arrive there.
        """
        values = {n: np.asarray(v, dtype=float) for n, v in values.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.parameters(values)
            demanded = [evaluate(e, values) for e in self.demands]
        for name, value in found.items():
            if not np.all(np.isfinite(value)):
                return f"{name} of {self.builtin} would not be finite"
        if any(not np.all(value > 0) for value in demanded):
            return f"the threshold of {self.builtin} is passed from below, this one from above"
        scope = {n: v.number for n, v in self.entry.neuron.parameters.items()} | found  # type: ignore[union-attr]
        for limit in self.entry.limits:
            if not np.all(evaluate(limit, scope)):
                return f"{self.builtin} demands {limit}"
        for name in self.entry.positive:
            if not np.all(scope[name] > 0):
                return f"{self.builtin} demands {name} > 0"
        for port, arriving in (signs or {}).items():
            if port in self.ports and not self._allows(port, arriving, values):
                return f"the weights onto {port} have the sign that {self.builtin} uses for another"
        try:
            self.initial(values, initial or {})
        except Unsupported as error:
            return error.problem
        return None

    def _allows(self, port: str, arriving: tuple[int, ...], values: Numbers) -> bool:
        sign = self.ports[port].sign
        factor = self.weight_factor(port, values)
        return sign == 0 or all(bool(np.all(a * factor * sign > 0)) for a in arriving)


@dataclass(frozen=True)
class NoMatch:
    """No built-in fits; ``nearest`` ("": none is near) differs by ``differences``."""

    label: str
    nearest: str
    differences: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        what = "; ".join(self.differences)
        if not self.nearest:
            return f"{self.label} matches no built-in: {what}"
        return f"{self.label} matches no built-in; nearest is {self.nearest}: {what}"


def explain(result: Match | NoMatch) -> str:
    """The match with its caveats, or what differs from the nearest built-in."""
    if isinstance(result, NoMatch):
        return result.text
    return "\n".join([result.text, *(f"  caveat: {c}" for c in result.caveats)])


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
        entry=entry,
        expressions={n: _expression(v) for n, v in solved.items()},
        fixed=dict(form.fixed),
        states=states,
        ports=ports,
        currents=currents,
        demands=_demands(both),
        caveats=(*entry.caveats, *_threshold_caveat(entry, both, samples)),
        text=_text(neuron.label, form, solved, states, ports),
    )


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
    return parse(show(tidy(sympy.sympify(value))))


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
