"""A neuron as exact sympy expressions: what matching compares.

Decimal numbers become fractions, so that equality of two expressions can be decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy

from ..definition.algebra import exprel, symbol
from ..definition.equations import Statement
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..records import dataclass, field
from .substitute import inlined

WEIGHT = symbol("weight")


@dataclass(frozen=True, eq=False)
class Dynamics:
    """One neuron without subexpressions.

    ``rates``: state -> d state/dt. ``jumps``: spike port -> {state: what an event adds}; None where
    an event does something else. ``threshold``: f of the condition f >= 0, or None; ``condition``
    is its text. ``after``: state -> value after a spike. ``inputs``: continuous ports.
    """

    states: tuple[str, ...]
    parameters: frozenset[str]
    inputs: tuple[str, ...]
    rates: Mapping[str, sympy.Expr]
    jumps: Mapping[str, Mapping[str, sympy.Expr] | None]
    threshold: sympy.Expr | None
    strict: bool
    condition: str
    after: Mapping[str, sympy.Expr]
    refractory: sympy.Expr | None
    clamp: frozenset[str]
    foreign: frozenset[str] = field(default=frozenset())  # t, dt, xi: no built-in has them

    @cached_property
    def curved(self) -> frozenset[str]:
        """States whose rates are no polynomials of the states."""
        states = [symbol(n) for n in self.states]
        return frozenset(n for n in self.states if not self.rates[n].is_polynomial(*states))


def dynamics(neuron: Neuron, prefix: str = "") -> Dynamics:
    """The dynamics of ``neuron``; every name gets ``prefix``, so that two neurons can be mixed."""
    return _Reader(neuron, prefix).read()


def exact(expression: sympy.Expr) -> Any:
    """``expression`` with decimal numbers as fractions and exprel written out."""
    numbers = {f: rational(f) for f in expression.atoms(sympy.Float)}
    if numbers:
        expression = expression.xreplace(numbers)
    return expression.replace(exprel, lambda x: (sympy.exp(x) - 1) / x)


def rational(number: float) -> Any:
    """The fraction that the decimal digits of ``number`` say."""
    value = Fraction(repr(float(number)))
    return sympy.Rational(value.numerator, value.denominator)


class _Reader:
    def __init__(self, neuron: Neuron, prefix: str) -> None:
        self.neuron = neuron
        self.prefix = prefix
        declared = [e.name for e in neuron.of_kind("parameter")]
        self.parameters = {*neuron.parameters, *declared}
        self.known = {*self.parameters, *neuron.states, *neuron.continuous_ports}
        self.names = {symbol(n): symbol(prefix + n) for n in self.known}
        self.foreign: set[str] = set()

    def read(self) -> Dynamics:
        neuron, spike = self.neuron, self.neuron.spike
        threshold, strict = self._threshold()
        refractory = spike and spike.refractory
        rates = {self.named(e.name): self._rate(e) for e in neuron.of_kind("differential")}
        jumps = {n: self._jumps(neuron.ports[n].receive) for n in neuron.spike_ports}
        after = self._run(spike.effects if spike else ())
        period = self.form(refractory) if refractory else None
        return Dynamics(
            states=tuple(self.named(n) for n in neuron.states),
            parameters=frozenset(self.named(n) for n in self.parameters),
            inputs=tuple(self.named(n) for n in neuron.continuous_ports),
            rates=rates,
            jumps=jumps,
            threshold=threshold,
            strict=strict,
            condition=spike.condition.text if spike else "",
            after=after,
            refractory=period,
            clamp=frozenset(self.named(n) for n in (spike.clamp if spike else ())),
            foreign=frozenset(self.foreign),
        )

    def named(self, name: str) -> str:
        return self.prefix + name

    def form(self, expression: Expression) -> Any:
        """Exact, without subexpressions, in the prefixed names."""
        found = exact(inlined(self.neuron, expression).sympy(self.known | {"weight"}))
        self.foreign |= {s.name for s in found.free_symbols} - self.known - {"weight"}
        return found.xreplace(self.names)

    def _rate(self, equation: Any) -> Any:
        rate = self.form(equation.expression)
        return rate / self.form(equation.factor) if equation.factor else rate

    def _run(self, statements: tuple[Statement, ...]) -> dict[str, Any]:
        """State -> value after the statements, as functions of the states before."""
        now = {self.named(n): symbol(self.named(n)) for n in self.neuron.states}
        for statement in statements:
            value = self.form(statement.expression)
            value = value.xreplace({symbol(n): v for n, v in now.items()})
            target = self.named(statement.target)
            now[target] = _assigned(now[target], statement.op, value)
        return now

    def _jumps(self, statements: tuple[Statement, ...]) -> dict[str, Any] | None:
        """What an event adds to each state; None where it does not only add."""
        added = {n: v - symbol(n) for n, v in self._run(statements).items()}
        added = {n: sympy.expand(v) for n, v in added.items()}
        added = {n: v for n, v in added.items() if v != 0}
        free = {s.name for v in added.values() for s in v.free_symbols}
        moving = (*self.neuron.states, *self.neuron.continuous_ports)
        return None if free & {self.named(n) for n in moving} else added

    def _threshold(self) -> tuple[Any, bool]:
        """f of f >= 0 (or f > 0: strict); None where the condition has another form."""
        if self.neuron.spike is None:
            return None, False
        found = self.form(self.neuron.spike.condition)
        if isinstance(found, sympy.GreaterThan | sympy.StrictGreaterThan):
            return found.lhs - found.rhs, isinstance(found, sympy.StrictGreaterThan)
        if isinstance(found, sympy.LessThan | sympy.StrictLessThan):
            return found.rhs - found.lhs, isinstance(found, sympy.StrictLessThan)
        return None, False


def _assigned(old: Any, op: str, value: Any) -> Any:
    match op:
        case "+=":
            return old + value
        case "-=":
            return old - value
        case "*=":
            return old * value
        case "/=":
            return old / value
    return value
