"""What a match says: the built-in, its parameters from the user's, and what departs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..errors import Unsupported
from ..records import dataclass, field

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
        builtin: the simulator's name of it.
        schemes, exact: the contract's schemes under which it steps as the contract does
            (``exact``: on the grid, to rounding).
        expressions: the built-in's parameters that depend on the user's.
        fixed: its parameters that must have one value; ``copies``: those that equal another.
        defaults: the simulator's own numbers, where a limit reads them.
        limits, positive: what the simulator demands of the parameters.
        demands: expressions of the user's parameters that must be positive.
        caveats: where it departs from the contract, for the verdict.
        text: one line that explains the match.
    """

    label: str
    builtin: str
    schemes: tuple[str, ...]
    exact: bool
    expressions: Mapping[str, Expression]
    fixed: Mapping[str, int | float | bool | str]
    copies: Mapping[str, str]
    defaults: Mapping[str, float]
    limits: tuple[Expression, ...]
    positive: tuple[str, ...]
    states: Mapping[str, StateMap]
    ports: Mapping[str, PortMap]
    currents: Mapping[str, CurrentMap]
    demands: tuple[Expression, ...]
    caveats: tuple[str, ...]
    text: str

    def parameters(self, values: Numbers) -> dict[str, Any]:
        """Parameters by the built-in's names; ``values``: the user's, one for all or per unit."""
        found = {n: evaluate(e, values) for n, e in self.expressions.items()}
        found |= {n: found[other] for n, other in self.copies.items() if other in found}
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
        scope = {**self.defaults, **found}
        for limit in self.limits:
            if not np.all(evaluate(limit, scope)):
                return f"{self.builtin} demands {limit}"
        for name in self.positive:
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
