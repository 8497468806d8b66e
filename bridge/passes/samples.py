"""Random but fixed numbers at which expressions are compared."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..definition.values import Quantity
from .coefficients import Pair
from .unknowns import Samples

_DIGITS = 40
_POINTS = 3


def parameter_samples(neuron: Neuron) -> Samples:
    """Numbers near the defaults for every parameter: signs and orders of magnitude hold.

    Parameters that have no default, or a random one, are taken near 1.
    """
    centres = _defaults(neuron)
    names = {*neuron.parameters, *(e.name for e in neuron.of_kind("parameter"))}
    found = []
    for index in range(_POINTS):
        draw = random.Random(f"{neuron.hash}{index}")
        numbers = {n: _near(centres.get(n, 1.0), draw) for n in sorted(names)}
        found.append({symbol(n): v for n, v in numbers.items()})
    return found


def _near(centre: float, draw: random.Random) -> Any:
    number = centre * draw.uniform(0.9, 1.1) if centre else draw.uniform(0.1, 0.5)
    return sympy.Rational(f"{number:.7g}")


def _defaults(neuron: Neuron) -> dict[str, float]:
    found: dict[str, float] = {}
    waiting: dict[str, Expression] = {}
    for name, value in neuron.parameters.items():
        if isinstance(value, Quantity):
            found[name] = value.number
        elif isinstance(value, Expression):
            waiting[name] = value
    while waiting:
        ready = [n for n, v in waiting.items() if not v.names & set(waiting)]
        if not ready:
            break
        for name in ready:
            value = waiting.pop(name)
            if value.names & set(neuron.parameters) <= set(found):
                found[name] = float(evaluate(value, found))
    return found


def same_at_random_states(
    both: Pair, values: Mapping[Any, Any], samples: Samples
) -> tuple[str, ...]:
    """States whose rate or reset differs, at random states and parameters, in the 12th digit."""
    differs = []
    for name in both.states:
        forms = (both.rates[name], both.after[name])
        if not all(_same(a, b, both, values, samples) for a, b in forms):
            differs.append(name)
    return tuple(differs)


def _same(mine: Any, theirs: Any, both: Pair, values: Mapping[Any, Any], samples: Samples) -> bool:
    draw = random.Random("states")
    first, *others = both.generators
    for sample in samples:
        point = {g: sympy.Rational(draw.randint(1, 999), 1000) for g in others}
        point[first] = sympy.Rational(draw.randint(-75000, -45000), 1000)
        a, b = (
            sympy.N(e.xreplace(values).xreplace(sample).xreplace(point), _DIGITS)
            for e in (mine, theirs)
        )
        if not (a.is_Number and b.is_Number):
            return False
        if abs(a - b) > 1e-12 * max(abs(a), abs(b)):
            return False
    return True
