"""Sums of c t^n exp(-r t): closed under products and under the solution of linear equations."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..definition.algebra import exprel, symbol
from ..records import dataclass

ELAPSED = symbol("elapsed")
Key = tuple[sympy.Expr, int]  # rate r and power n


@dataclass(frozen=True)
class Exponentials:
    """f(t) = sum over (r, n) of c t^n exp(-r t); ``terms`` maps (r, n) to c."""

    terms: Mapping[Key, sympy.Expr]

    def __add__(self, other: Exponentials) -> Exponentials:
        found = dict(self.terms)
        for key, value in other.terms.items():
            found[key] = found.get(key, sympy.S.Zero) + value
        return Exponentials(found)

    def __mul__(self, other: Exponentials) -> Exponentials:
        found = Exponentials({})
        for (r, n), a in self.terms.items():
            for (s, m), b in other.terms.items():
                found += Exponentials({(sympy.simplify(r + s), n + m): a * b})
        return found

    def times(self, factor: sympy.Expr) -> Exponentials:
        """factor*f(t)."""
        return Exponentials({key: factor * value for key, value in self.terms.items()})

    def value(self) -> sympy.Expr:
        """f(elapsed)."""
        return sympy.Add(
            *(c * ELAPSED**n * sympy.exp(-r * ELAPSED) for (r, n), c in self.terms.items())
        )


ONE = Exponentials({(sympy.S.Zero, 0): sympy.S.One})


def decay(start: sympy.Expr, rate: sympy.Expr) -> Exponentials:
    """start*exp(-rate*t)."""
    return Exponentials({(rate, 0): start})


def driven(rate: sympy.Expr, drive: Exponentials) -> Exponentials:
    """x with dx/dt = -rate*x + drive and x(0) = 0; rates that may be equal only by value divide."""
    found = Exponentials({})
    for (r, n), c in drive.terms.items():
        gap = sympy.simplify(r - rate)
        if gap == 0:
            found += Exponentials({(rate, n + 1): c / (n + 1)})
            continue
        full = sympy.factorial(n) * c
        found += Exponentials({(rate, 0): full / gap ** (n + 1)})
        for j in range(n + 1):
            found += Exponentials({(r, j): -full / (sympy.factorial(j) * gap ** (n + 1 - j))})
    return found


def driven_value(rate: sympy.Expr, drive: Exponentials) -> sympy.Expr:
    """The same x at ``elapsed``, without a division where no power of t drives it.

    The integral of exp(-k (T - t)) exp(-r t) is T exp(-min(k, r) T) exprel(-|k - r| T), which no
    T lets overflow, and T exprel(-k T) where r is 0; (1 - exp(-k T))/k, which is faster, only where
    k cannot be 0.
    """
    found = sympy.S.Zero
    for (r, n), c in drive.terms.items():
        gap = sympy.simplify(rate - r)
        if n or gap == 0:
            found += driven(rate, Exponentials({(r, n): c})).value()
        elif rate == 0 or r == 0:
            found += _filled(c, rate + r)
        else:
            slow = sympy.exp(-sympy.Min(rate, r) * ELAPSED)
            found += c * ELAPSED * slow * exprel(-sympy.Abs(gap) * ELAPSED)
    return found


def _filled(drive: sympy.Expr, rate: sympy.Expr) -> sympy.Expr:
    """x at ``elapsed`` with dx/dt = -rate*x + drive and x(0) = 0."""
    goal = sympy.cancel(sympy.together(drive / rate))
    if _never_zero(sympy.denom(goal), sympy.denom(sympy.together(rate))):
        return goal * (1 - sympy.exp(-rate * ELAPSED))
    return drive * ELAPSED * exprel(-rate * ELAPSED)


def _never_zero(divisor: sympy.Expr, divided_by: sympy.Expr) -> bool:
    """Whether ``divisor`` is a number or a sum of what is divided by anyway: time constants."""
    if not divisor.free_symbols:
        return True
    if not divisor.free_symbols <= divided_by.free_symbols:
        return False
    return all(c > 0 for c in sympy.Poly(divisor, *divisor.free_symbols).coeffs())


def gaps(rate: sympy.Expr, drive: Exponentials) -> tuple[sympy.Expr, ...]:
    """Differences of rates by which `driven` divides."""
    found = []
    for (r, n), c in drive.terms.items():
        gap = sympy.simplify(r - rate)
        if gap != 0 and (n or sympy.denom(c / gap).free_symbols):
            found.append(gap)
    return tuple(found)
