"""The right sides of a neuron as sympy, and what is linear in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import sympy

from ..definition.algebra import clip, free_names, symbol, truth
from ..definition.draw_noise import noise_names
from ..definition.equations import Statement
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..errors import DefinitionError
from ..records import dataclass
from .program import Assign
from .steps import assign

STEPPED = (truth, clip, sympy.floor, sympy.ceiling, sympy.sign, sympy.Mod, sympy.Min, sympy.Max)


@dataclass(frozen=True, eq=False)
class System:
    """dx/dt = rhs(x, parameters, currents, t) + noise; subexpressions are written out."""

    neuron: Neuron

    @cached_property
    def declared(self) -> frozenset[str]:
        """Every name of the neuron; other names in its expressions are units."""
        neuron = self.neuron
        equations = (e.name for e in neuron.all_equations)
        return frozenset(
            {*equations, *neuron.parameters, *neuron.continuous_ports, *self.noise, "t", "weight"}
        )

    @cached_property
    def noise(self) -> tuple[str, ...]:
        """Names of the white noises."""
        return noise_names(self.neuron)

    @cached_property
    def subexpressions(self) -> Mapping[str, sympy.Expr]:
        """Every subexpression in terms of states, parameters and currents."""
        raw = {
            e.name: e.expression.sympy(self.declared)
            for e in self.neuron.of_kind("subexpression")
            if e.expression is not None
        }
        done: dict[str, sympy.Expr] = {}
        while len(done) < len(raw):
            for name, value in raw.items():
                if name not in done and not (free_names(value) & set(raw)) - set(done):
                    done[name] = value.subs({symbol(n): v for n, v in done.items()})
        return done

    def expand(self, expression: Expression) -> sympy.Expr:
        """``expression`` with subexpressions written out."""
        value = expression.sympy(self.declared)
        return value.subs({symbol(n): v for n, v in self.subexpressions.items()})

    @cached_property
    def rhs(self) -> Mapping[str, sympy.Expr]:
        """State -> right side, the factor before the derivative divided out."""
        found = {}
        for equation in self.neuron.of_kind("differential"):
            assert equation.expression is not None
            value = self.expand(equation.expression)
            if equation.factor is not None:
                value = value / self.expand(equation.factor)
            found[equation.name] = value
        return found

    @cached_property
    def maps(self) -> Mapping[str, sympy.Expr]:
        """State -> its value a step later, for states that are maps."""
        found = {}
        for equation in self.neuron.of_kind("map"):
            assert equation.expression is not None
            found[equation.name] = self.expand(equation.expression)
        return found

    @cached_property
    def drift(self) -> Mapping[str, sympy.Expr]:
        """The right sides without their noise terms."""
        zero = {symbol(n): 0 for n in self.noise}
        return {s: f.subs(zero) if zero else f for s, f in self.rhs.items()}

    @cached_property
    def diffusion(self) -> Mapping[str, Mapping[str, sympy.Expr]]:
        """State -> noise -> its factor; a noise must enter linearly."""
        found: dict[str, dict[str, sympy.Expr]] = {}
        for state, value in self.rhs.items():
            terms = {n: sympy.diff(value, symbol(n)) for n in self.noise}
            terms = {n: tidy(g) for n, g in terms.items() if g != 0}
            if any(free_names(g) & set(self.noise) for g in terms.values()):
                raise DefinitionError(
                    f"the noise in the equation of {state} does not enter linearly",
                    model=self.neuron.label,
                    symbol=state,
                    remedy="write it as factor*xi",
                )
            if terms:
                found[state] = terms
        return found

    @cached_property
    def coefficients(self) -> Mapping[str, Mapping[str, sympy.Expr]]:
        """State -> state -> d rhs/d state where the equation is linear in all states."""
        states = set(self.neuron.states)
        found = {}
        for state, value in self.drift.items():
            # Their derivatives vanish, or do not exist: steps are not linear.
            if any(free_names(a) & states for a in value.atoms(*STEPPED)):
                continue
            row = {s: sympy.diff(value, symbol(s)) for s in states & free_names(value)}
            row = {s: without(a, states | self._inputs) for s, a in row.items()}
            if not any(free_names(a) & (states | self._inputs) for a in row.values()):
                found[state] = {s: a for s, a in row.items() if a != 0}
        return found

    @cached_property
    def _inputs(self) -> set[str]:
        return {*self.neuron.continuous_ports, "t"}

    @cached_property
    def decays(self) -> Mapping[str, sympy.Expr]:
        """States with dx/dt = a*x and nothing else -> a."""
        return {
            state: row[state]
            for state, row in self.coefficients.items()
            if set(row) == {state}
            and sympy.expand(self.drift[state] - row[state] * symbol(state)) == 0
        }

    @cached_property
    def nonlinear(self) -> tuple[str, ...]:
        """States whose equation is not linear, or depends on time or on products with inputs."""
        return tuple(s for s in self.neuron.states if s not in self.coefficients or self._driven(s))

    def _driven(self, state: str) -> bool:
        rest = self.remainder(state)
        ports = [symbol(p) for p in self.neuron.continuous_ports]
        curved = any(free_names(sympy.diff(rest, p)) & self._inputs for p in ports)
        return "t" in free_names(rest) or curved

    def remainder(self, state: str) -> sympy.Expr:
        """The right side without its linear terms in the states."""
        return self.drift[state].subs({symbol(s): 0 for s in self.neuron.states})

    def statements(self, statements: tuple[Statement, ...]) -> tuple[Assign, ...]:
        """Statements as assignments: ``x += e`` becomes ``x = x + e``."""
        return tuple(self._assign(s) for s in statements)

    def _assign(self, statement: Statement) -> Assign:
        target, value = symbol(statement.target), self.expand(statement.expression)
        combined = {
            "=": value,
            "+=": target + value,
            "-=": target - value,
            "*=": target * value,
            "/=": target / value,
        }[statement.op]
        return assign(statement.target, combined)


def tidy(value: sympy.Expr) -> sympy.Expr:
    """The value without what cancels. `sympy.simplify` first imports all physical units (0.2 s)."""
    return sympy.cancel(sympy.powsimp(value))


def without(value: sympy.Expr, names: set[str]) -> sympy.Expr:
    """``value`` without ``names`` where it does not depend on them, else as it is.

    Only what has no functions is simplified: the derivative of a rate such as x/(exp(x) - 1)
    would take minutes.
    """
    if free_names(value) & names:
        value = sympy.expand(value)
    if free_names(value) & names and value.is_rational_function():
        value = sympy.cancel(value)
    if free_names(value) & names or not value.is_rational_function():
        return value
    return tidy(value)
