"""What is read off a function of the input: its weights of the ports, tangents in exponentials."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from ..definition.algebra import free_names, symbol, truth


class NoForm(Exception):
    """Why there is no normal form."""


def affine(value: sympy.Expr, names: Sequence[str]) -> tuple[dict[str, sympy.Expr], sympy.Expr]:
    """name -> its factor in ``value``, and ``value``; the factors read none of the names."""
    slopes = {n: sympy.diff(value, symbol(n)) for n in names}
    steps = value.atoms(truth, sympy.floor, sympy.ceiling, sympy.sign)
    read = set().union(*(free_names(s) for s in (*slopes.values(), *steps))) & set(names)
    if read:
        raise NoForm(f"its input is not a weighted sum of {', '.join(sorted(names))}")
    return {n: sympy.cancel(s) for n, s in slopes.items() if s != 0}, value


def with_tanh(g: sympy.Expr) -> sympy.Expr:
    """exp(y) = (1 + tanh(y/2))/(1 - tanh(y/2)), where all exponents are y or -y."""
    exponents = sorted((a.args[0] for a in g.atoms(sympy.exp)), key=str)
    bend = sympy.Dummy("bend", real=True)
    for exponent in exponents:
        value = (1 + bend) / (1 - bend)
        if sympy.expand(exponent + exponents[0]) == 0:
            value = 1 / value
        elif sympy.expand(exponent - exponents[0]) != 0:
            return g
        g = g.subs(sympy.exp(exponent), value)
    if not exponents:
        return g
    return sympy.cancel(sympy.together(g)).subs(bend, sympy.tanh(exponents[0] / 2))
