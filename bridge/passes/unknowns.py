"""Solve equations between coefficients one unknown at a time, and note those that fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy

from ..records import dataclass

Samples = Sequence[Mapping[Any, Any]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """``mine`` (the user's) must equal ``theirs`` (the built-in's).

    ``where`` and ``term`` say what is compared: the coefficient of ``term`` in ``where``.
    """

    where: str
    term: str
    mine: sympy.Expr
    theirs: sympy.Expr


@dataclass(frozen=True, eq=False)
class Solution:
    """``values``: unknown -> expression of known symbols. ``failed``: comparisons without one."""

    values: Mapping[Any, Any]
    failed: tuple[Comparison, ...]
    chosen: tuple[Any, ...]  # scales that the equations left open and that were set to +-1


@dataclass(frozen=True, eq=False)
class Unknowns:
    """What is to be found.

    ``scales`` are set to 1 (or -1), then ``zeros`` to 0, then ``defaults`` to their numbers, each
    only where the equations leave them open. ``nonzero``: a factor of these can be divided out.
    """

    names: frozenset[Any]
    zeros: tuple[Any, ...]
    scales: tuple[Any, ...]
    defaults: Mapping[Any, Any]
    nonzero: frozenset[Any]


def solve(
    comparisons: Iterable[Comparison],
    unknowns: Unknowns,
    samples: Samples,
    signs: Sequence[int] = (),
) -> Solution:
    """Solve what has one unknown, substitute, repeat; where all have more, fix an open one.

    Args:
        comparisons: the equations.
        unknowns: what to solve for.
        samples: numbers for the known symbols, to decide whether an expression is 0.
        signs: signs of the open scales, in the order in which they are met; 1 where it ends.
    """
    return _Solver(unknowns, samples, tuple(signs)).run(list(comparisons))


def numerator(expression: sympy.Expr, nonzero: Iterable[Any]) -> Any:
    """The numerator of ``expression`` over one denominator, without factors that are not 0."""
    if expression == 0:
        return sympy.S.Zero
    top = sympy.fraction(sympy.together(expression))[0]
    top = sympy.factor_terms(sympy.expand(top))
    kept = [f for f in sympy.Mul.make_args(top) if not _harmless(f, set(nonzero))]
    return sympy.Mul(*kept)


def _harmless(factor: Any, nonzero: set[Any]) -> bool:
    base = factor.base if factor.is_Pow else factor
    return base in nonzero or (factor.is_Number and factor != 0) or isinstance(factor, sympy.exp)


def is_zero(expression: Any, samples: Samples) -> bool:
    """Whether ``expression`` is 0 at every sample, exactly or to 25 digits."""
    if expression == 0:
        return True
    if expression.is_Number:
        return False
    return all(_small(expression, sample) for sample in samples)


def _small(expression: Any, sample: Mapping[Any, Any]) -> bool:
    value = expression.xreplace(sample)
    if value.is_Rational:
        return bool(value == 0)
    scale = sum(abs(sympy.N(a.xreplace(sample), 30)) for a in sympy.Add.make_args(expression))
    try:
        return bool(abs(sympy.N(value, 40, maxn=200)) <= scale * sympy.Float("1e-25", 30))
    except TypeError:  # not a number: a complex infinity has no order
        return False


def isolate(expression: sympy.Expr, unknown: Any) -> Any:
    """The value of ``unknown`` where ``expression`` is 0; None where it is not found."""
    inside = [e for e in expression.atoms(sympy.exp) if e.has(unknown)]
    if len(inside) == 1:
        return _from_exponential(expression, inside[0], unknown)
    try:
        polynomial = sympy.Poly(expression, unknown)
    except sympy.PolynomialError:
        return None
    if polynomial.degree() != 1:
        return None
    slope, constant = polynomial.all_coeffs()
    return tidy(-constant / slope)


def _from_exponential(expression: sympy.Expr, exponential: Any, unknown: Any) -> Any:
    """A*exp(x) + B = 0 -> x = log(-B/A)."""
    stand_in = sympy.Dummy("e", positive=True)
    outer = expression.xreplace({exponential: stand_in})
    if outer.has(unknown):
        return None
    value = isolate(outer, stand_in)
    if value is None:
        return None
    return isolate(sympy.expand(exponential.args[0]) - _log(value), unknown)


def _log(value: Any) -> Any:
    """log of a product of exponentials and a rest, with the exponentials taken out."""
    parts = sympy.Mul.make_args(value)
    outside = [p for p in parts if isinstance(p, sympy.exp)]
    rest = sympy.Mul(*(p for p in parts if not isinstance(p, sympy.exp)))
    total = sum((p.args[0] for p in outside), sympy.S.Zero)
    return total + (sympy.log(rest) if rest != 1 else 0)


def tidy(value: sympy.Expr) -> Any:
    """A rational expression in lowest terms: the fewest roundings when it is evaluated."""
    return sympy.factor_terms(sympy.cancel(value)) if value.free_symbols else value


class _Solver:
    def __init__(self, unknowns: Unknowns, samples: Samples, signs: tuple[int, ...]) -> None:
        self.unknowns = unknowns
        self.samples = samples
        self.signs = signs
        self.values: dict[Any, Any] = {}
        self.chosen: list[Any] = []
        self.failed: list[Comparison] = []

    def run(self, comparisons: list[Comparison]) -> Solution:
        todo = [(c, numerator(c.mine - c.theirs, self.unknowns.nonzero)) for c in comparisons]
        while todo:
            todo = self._settle(todo)
            if todo and not self._solve_one(todo) and not self._fix_one(todo):
                self.failed += [c for c, _ in todo]
                break
            todo = [(c, self._insert(e)) for c, e in todo]
        return Solution(self.values, tuple(self.failed), tuple(self.chosen))

    def _open(self, expression: Any) -> set[Any]:
        return set(expression.free_symbols & self.unknowns.names)

    def _settle(self, todo: list[tuple[Comparison, Any]]) -> list[tuple[Comparison, Any]]:
        """Drop what has no unknown; what is then not 0 has failed."""
        left = []
        for comparison, expression in todo:
            if self._open(expression):
                left.append((comparison, expression))
            elif not is_zero(expression, self.samples):
                self.failed.append(comparison)
        return left

    def _solve_one(self, todo: list[tuple[Comparison, Any]]) -> bool:
        for comparison, expression in list(todo):
            unknown = self._open(expression)
            if len(unknown) != 1:
                continue
            value = isolate(expression, min(unknown, key=str))
            if value is None:
                self.failed.append(comparison)
                todo.remove((comparison, expression))
            else:
                self.values[min(unknown, key=str)] = value
            return True
        return False

    def _fix_one(self, todo: list[tuple[Comparison, Any]]) -> bool:
        """Set the first open unknown: which one is a choice of units, the trajectories agree."""
        there: set[Any] = set().union(*(self._open(e) for _, e in todo))
        for name in self.unknowns.scales:
            if name in there:
                number = len(self.chosen)
                sign = self.signs[number] if number < len(self.signs) else 1
                self.values[name] = sympy.Integer(sign)
                self.chosen.append(name)
                return True
        zeros = dict.fromkeys(self.unknowns.zeros, sympy.S.Zero)
        for name, value in {**zeros, **self.unknowns.defaults}.items():
            if name in there:
                self.values[name] = value
                return True
        return False

    def _insert(self, expression: Any) -> Any:
        found = {s: self.values[s] for s in self._open(expression) if s in self.values}
        if not found:
            return expression
        return numerator(expression.xreplace(found), self.unknowns.nonzero)
