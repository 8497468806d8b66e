"""States that flow and jump, and their stationary moments.

For states z with dz/dt = f(z), jumps z -> h_k(z) at the times of independent Poisson processes of
rate nu_k, and white noise g, the mean of any monomial m obeys

    d<m>/dt = <f dm/dz> + sum_k nu_k (<m(h_k(z))> - <m>) + <g g' d2m/dz2>/2.

Where f and h_k are polynomials these are linear equations among moments. Where they close, so that
each moment needs finitely many others, sympy solves them; else they are cut at a high power.

Gardiner (2009) Stochastic Methods, Springer, section 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from ...errors import DefinitionError
from ...records import dataclass

Powers = tuple[int, ...]
Poly = dict[Powers, Any]  # powers of the states -> coefficient
_DEGREE = 8  # of a moment, up to which equations are looked for that close
_CUT = 40  # power of one state at which an open hierarchy is cut
_MOST = 4000  # moments of an open hierarchy


class Open(Exception):
    """The equations of the moments do not close."""


@dataclass(frozen=True, eq=False)
class Process:
    """``states``; ``flow[state]``; ``jumps``: (rate, state -> value after); ``noise``: of each
    white noise state -> factor. All are sympy expressions; ``label`` is what errors call it.
    """

    label: str
    states: tuple[sympy.Symbol, ...]
    flow: Mapping[sympy.Symbol, sympy.Expr]
    jumps: tuple[tuple[sympy.Expr, Mapping[sympy.Symbol, sympy.Expr]], ...]
    noise: tuple[Mapping[sympy.Symbol, sympy.Expr], ...] = ()

    def valued(self, numbers: Mapping[Any, float]) -> Process:
        """The same with numbers in place of symbols."""
        by = dict(numbers)
        return Process(
            self.label,
            self.states,
            {s: f.subs(by) for s, f in self.flow.items()},
            tuple((r.subs(by), {s: h.subs(by) for s, h in to.items()}) for r, to in self.jumps),
            tuple({s: g.subs(by) for s, g in n.items()} for n in self.noise),
        )


def closed_mean(process: Process, value: sympy.Expr) -> sympy.Expr:
    """The stationary mean of a polynomial in the states, in closed form.

    Raises:
        Open: the moments do not close.
        DefinitionError: something is no polynomial, or has no stationary mean.
    """
    system = _System(process, numeric=False)
    polynomial = system.poly(value)
    rows = system.needed(polynomial)
    known: dict[Powers, Any] = {_zero(process): sympy.S.One}
    active: set[Powers] = set()

    def mean(m: Powers) -> sympy.Expr:
        if m in known:
            return known[m]
        if m in active:
            raise Open
        active.add(m)
        terms = dict(rows[m])
        own = sympy.cancel(terms.pop(m, sympy.S.Zero))
        if own == 0:
            raise _drifting(process, m)
        rest = sum((c * mean(k) for k, c in terms.items()), sympy.S.Zero)
        known[m] = sympy.cancel(sympy.together(-rest / own))
        active.discard(m)
        return known[m]

    return sympy.factor(sum((c * mean(m) for m, c in polynomial.items()), sympy.S.Zero))


def numeric_mean(process: Process, value: sympy.Expr) -> float:
    """The stationary mean of a polynomial, numbers given (`Process.valued`), by a hierarchy that is
    cut: the power `_CUT` of a state stands for higher ones, which is good for states in [0, 1].

    Raises:
        DefinitionError: a symbol has no number, or the hierarchy is too large.
    """
    system = _System(process, numeric=True)
    target = system.poly(value)
    rows: dict[Powers, Poly] = {}
    waiting = [m for m in target if any(m)]
    while waiting:
        m = waiting.pop()
        if m in rows:
            continue
        row: Poly = {}
        for k, c in system.generator(m).items():
            cut = tuple(min(p, _CUT) for p in k)
            row[cut] = row.get(cut, 0.0) + c
        rows[m] = row
        waiting += [k for k in row if any(k) and k not in rows]
        if len(rows) > _MOST:
            raise DefinitionError(
                "its moments do not close, and too many are needed",
                model=process.label,
                remedy="simulate it",
            )
    place = {m: i for i, m in enumerate(rows)}
    A, b = np.zeros((len(rows), len(rows))), np.zeros(len(rows))
    for m, row in rows.items():
        for k, c in row.items():
            if any(k):
                A[place[m], place[k]] += c
            else:
                b[place[m]] -= c
    found = np.linalg.solve(A, b) if rows else b
    return float(sum(c * (found[place[m]] if any(m) else 1.0) for m, c in target.items()))


class _System:
    """The polynomials of a process, with sympy or with floating-point coefficients."""

    def __init__(self, process: Process, *, numeric: bool) -> None:
        self.process, self.numeric = process, numeric
        self.flow = [self.poly(process.flow.get(s, sympy.S.Zero)) for s in process.states]
        self.jumps = [
            (self._coefficient(rate), [self.poly(to.get(s, s)) for s in process.states])
            for rate, to in process.jumps
        ]
        self.noise = [
            [self.poly(n.get(s, sympy.S.Zero)) for s in process.states] for n in process.noise
        ]

    def poly(self, value: sympy.Expr) -> Poly:
        """``value`` as a polynomial in the states."""
        states = self.process.states
        if not states:
            return {(): self._coefficient(value)}
        try:
            found = sympy.Poly(sympy.expand(value), *states)
        except sympy.PolynomialError:
            found = None
        if found is None or any(c.free_symbols & set(states) for c in found.coeffs()):
            raise DefinitionError(
                f"`{value}` is no polynomial in its states, so that its mean has no equation",
                model=self.process.label,
                remedy="theory needs polynomials; simulate it",
            )
        return {m: self._coefficient(c) for m, c in found.terms() if c != 0}

    def _coefficient(self, value: sympy.Expr) -> Any:
        if not self.numeric:
            return value
        if value.free_symbols:
            name = min(s.name for s in value.free_symbols)
            raise DefinitionError(
                f"{name} has no number", model=self.process.label, symbol=name,
                remedy=f"give {name}",
            )  # fmt: skip
        return float(value)

    def generator(self, m: Powers) -> Poly:
        """d<m>/dt in terms of moments."""
        found: Poly = {}
        for i, f in enumerate(self.flow):
            if m[i]:
                _add(found, _times(f, {_less(m, i): m[i]}))
        for rate, images in self.jumps:
            moved: Poly = {_zero(self.process): 1}
            for image, power in zip(images, m, strict=True):
                for _ in range(power):
                    moved = _times(moved, image)
            _add(found, {k: rate * c for k, c in moved.items()})
            _add(found, {m: -rate})
        for g in self.noise:
            self._diffuse(found, g, m)
        return {k: c for k, c in found.items() if c != 0}

    def needed(self, target: Poly) -> dict[Powers, Poly]:
        """The equation of every moment that ``target`` needs.

        Raises:
            Open: they go on to ever higher powers.
        """
        rows: dict[Powers, Poly] = {}
        waiting = [m for m in target if any(m)]
        while waiting:
            m = waiting.pop()
            if m in rows:
                continue
            if sum(m) > _DEGREE:
                raise Open
            rows[m] = self.generator(m)
            waiting += [k for k in rows[m] if any(k)]
        return rows

    def _diffuse(self, found: Poly, g: list[Poly], m: Powers) -> None:
        for i in range(len(m)):
            for j in range(len(m)):
                first = _less(m, i) if m[i] else None
                if first is None or not first[j]:
                    continue
                half = (
                    sympy.Rational(m[i] * first[j], 2) if not self.numeric else m[i] * first[j] / 2
                )
                _add(found, _times(_times(g[i], g[j]), {_less(first, j): half}))


def _add(to: Poly, other: Poly) -> None:
    for k, c in other.items():
        to[k] = to.get(k, 0) + c


def _times(a: Poly, b: Poly) -> Poly:
    found: Poly = {}
    for k, c in a.items():
        for n, d in b.items():
            powers = tuple(x + y for x, y in zip(k, n, strict=True))
            found[powers] = found.get(powers, 0) + c * d
    return found


def _less(m: Powers, i: int) -> Powers:
    return tuple(p - (j == i) for j, p in enumerate(m))


def _zero(process: Process) -> Powers:
    return (0,) * len(process.states)


def _drifting(process: Process, m: Powers) -> DefinitionError:
    shown = sympy.Mul(*(s**p for s, p in zip(process.states, m, strict=True)))
    return DefinitionError(
        f"{shown} has no stationary mean: nothing brings it back",
        model=process.label,
        symbol=str(shown),
        remedy="ask for its drift instead",
    )
