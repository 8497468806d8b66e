"""Two neurons under one map of their states, compared coefficient by coefficient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..records import dataclass
from .alignment import Alignment, voltage
from .dynamics import WEIGHT, Dynamics
from .unknowns import Comparison, Samples, is_zero, isolate, numerator


def scale_of(state: str) -> Any:
    """The unknown k in: state of the built-in = k * state of the user's neuron."""
    return sympy.Symbol(f"k:{state}", real=True)


def factor_of(port: str) -> Any:
    """The unknown f in: weight at the built-in = f * weight at the user's port."""
    return sympy.Symbol(f"f:{port}", real=True)


def current_of(port: str) -> Any:
    """The unknown c in: current into the built-in = c * value at the user's continuous port."""
    return sympy.Symbol(f"c:{port}", real=True)


@dataclass(frozen=True, eq=False)
class Pair:
    """The user's neuron and a built-in, both written in the built-in's states.

    ``rates``, ``after``, ``jumps``: where -> (mine, theirs). ``ports``: user's spike port -> the
    built-in's. ``problems``: what differs before any coefficient is compared.
    """

    user: Dynamics
    builtin: Dynamics
    states: Alignment
    rates: Mapping[str, tuple[Any, Any]]
    after: Mapping[str, tuple[Any, Any]]
    ports: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def generators(self) -> list[Any]:
        """What coefficients are collected in."""
        return [symbol(n) for n in (*self.builtin.states, *self.user.inputs)]

    @property
    def back(self) -> Mapping[Any, Any]:
        """State of the built-in -> state of the user's, for texts."""
        return {symbol(b): symbol(u) for u, b in self.states.items()}


def pair(user: Dynamics, builtin: Dynamics, states: Alignment) -> Pair:
    """Write both in the built-in's states: state of the user = state of the built-in / k."""
    first = voltage(user)
    scale = {u: sympy.S.One if u == first else scale_of(u) for u in states}
    inside = {symbol(u): symbol(b) / scale[u] for u, b in states.items()}
    currents = sum((current_of(p) * symbol(p) for p in user.inputs), sympy.S.Zero)
    outside = {symbol(n): currents for n in builtin.inputs}
    rates, after = {}, {}
    for u, b in states.items():
        mine = scale[u] * user.rates[u].xreplace(inside)
        rates[u] = (mine, builtin.rates[b].xreplace(outside))
        after[u] = (scale[u] * user.after[u].xreplace(inside), builtin.after[b])
    ports, problems = _ports(user, builtin, states)
    return Pair(user, builtin, states, rates, after, ports, problems)


def _ports(
    user: Dynamics, builtin: Dynamics, states: Alignment
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Each spike port of the user and the built-in's port that moves the same states."""
    found, problems = {}, []
    for port, jumps in user.jumps.items():
        if jumps is None:
            problems.append(f"port {port} does more than add to a state")
            continue
        moved = {states[n] for n in jumps}
        same = [n for n, j in builtin.jumps.items() if j is not None and set(j) == moved]
        if same:
            found[port] = same[0]
        else:
            problems.append(
                f"port {port} moves {', '.join(jumps)}, where the built-in has no input"
            )
    return found, tuple(problems)


def comparisons(both: Pair, samples: Samples, *, threshold: bool) -> Iterator[Comparison]:
    """Every pair of coefficients; what is no polynomial even with exponentials is left out.

    Args:
        both: the two neurons.
        samples: numbers for the user's parameters.
        threshold: whether the value of the threshold is compared.
    """
    for name, (mine, theirs) in both.rates.items():
        yield from _polynomials(f"the equation of {name}", mine, theirs, both)
    for name, (mine, theirs) in both.after.items():
        yield from _polynomials(f"the reset of {name}", mine, theirs, both)
    if threshold:
        yield from _thresholds(both, samples)
    if both.builtin.refractory is not None:
        mine = both.user.refractory
        none = sympy.S.Zero
        theirs = both.builtin.refractory
        yield Comparison("the refractory period", "1", none if mine is None else mine, theirs)
    yield from _jumps(both)


def _jumps(both: Pair) -> Iterator[Comparison]:
    first = voltage(both.user)
    for port, target in both.ports.items():
        jumps, there = both.user.jumps[port] or {}, both.builtin.jumps[target] or {}
        for name, mine in jumps.items():
            scale = sympy.S.One if name == first else scale_of(name)
            theirs = there[both.states[name]].xreplace({WEIGHT: factor_of(port) * WEIGHT})
            where = f"what a spike at {port} adds to {name}"
            yield from _split(where, scale * mine, theirs, [WEIGHT], {})


def _thresholds(both: Pair, samples: Samples) -> Iterator[Comparison]:
    """V >= (value): both divided by the coefficient of V, which must be positive."""
    mine = threshold_value(both.user, samples)
    theirs = threshold_value(both.builtin, ())
    if mine is not None and theirs is not None:
        yield Comparison("the threshold", "1", mine, theirs)


def threshold_value(d: Dynamics, samples: Samples) -> Any:
    """The value x of a threshold V >= x; None where it has another form."""
    name = voltage(d)
    if name is None:
        return None
    top, slope = sympy.expand(d.threshold), threshold_slope(d)
    rest = sympy.expand(top - slope * symbol(name))
    if rest.has(symbol(name)) or any(rest.has(symbol(n)) for n in d.inputs):
        return None
    if any(float(slope.xreplace(sample)) <= 0 for sample in samples):
        return None
    return sympy.cancel(-rest / slope)


def threshold_slope(d: Dynamics) -> Any:
    """The coefficient of V in f of the threshold f >= 0."""
    return sympy.expand(d.threshold).coeff(symbol(voltage(d) or ""), 1)


def _polynomials(where: str, mine: Any, theirs: Any, both: Pair) -> Iterator[Comparison]:
    names: dict[Any, Any] = {}
    forms = [_with_atoms(e, both.generators, names) for e in (mine, theirs)]
    yield from _split(
        where,
        forms[0],
        forms[1],
        [*both.generators, *names.values()],
        {**both.back, **{new: old.xreplace(both.back) for old, new in names.items()}},
    )


def _split(
    where: str, mine: Any, theirs: Any, generators: Sequence[Any], back: Mapping[Any, Any]
) -> Iterator[Comparison]:
    try:
        a, b = (sympy.Poly(e, *generators).as_dict() for e in (mine, theirs))
    except sympy.PolynomialError:
        return
    # high powers first: the constant term has the most unknowns
    for powers in sorted({*a, *b}, key=lambda p: (-sum(p), p)):
        factors = [g**k for g, k in zip(generators, powers, strict=True)]
        term = sympy.Mul(*factors).xreplace(back)
        zero = sympy.S.Zero
        yield Comparison(where, str(term), a.get(powers, zero), b.get(powers, zero))


def _with_atoms(expression: Any, generators: list[Any], names: dict[Any, Any]) -> Any:
    """exp(c*x + d) becomes exp(d) times a new symbol for exp(c*x)."""
    expanded = sympy.expand(expression)
    found = {}
    for atom in expanded.atoms(sympy.exp):
        if atom.has(*generators):
            key = sympy.exp(sympy.cancel(atom.args[0]))
            if key.args[0].free_symbols:
                found[atom] = names.setdefault(key, sympy.Dummy("e", positive=True))
    return expanded.xreplace(found)


def candidates(both: Pair, unknown: Any, samples: Samples) -> list[Any]:
    """Values of a parameter inside exponentials under which two exponentials agree; best first."""
    found: dict[Any, int] = {}
    for mine, theirs in both.rates.values():
        ours = _arguments(mine, both)
        for argument in _arguments(theirs, both):
            if not argument.has(unknown):
                continue
            for value in _agreements(argument, ours, unknown, both, samples):
                found[value] = found.get(value, 0) + 1
    return sorted(found, key=lambda v: -found[v])[:4]


def _arguments(expression: Any, both: Pair) -> list[Any]:
    return [e.args[0] for e in expression.atoms(sympy.exp) if e.has(*both.generators)]


def _agreements(
    theirs: Any, ours: Sequence[Any], unknown: Any, both: Pair, samples: Samples
) -> Iterator[Any]:
    """The unknown in c_b*V + d_b = +-(c_u*V + d_u), from the slopes if it is in them."""
    slopes, constant = _linear(theirs, both.generators)
    for argument in ours:
        for sign in (1, -1):
            other, shift = _linear(sign * argument, both.generators)
            differences = [sympy.cancel(slopes[g] - other[g]) for g in slopes]
            within = [d for d in differences if d.has(unknown)]
            if not within and all(is_zero(d, samples) for d in differences):
                within = [constant - shift]
            value = isolate(numerator(within[0], ()), unknown) if within else None
            if value is not None and (value != 0 or constant.has(unknown)):
                yield value


def _linear(argument: Any, generators: Sequence[Any]) -> tuple[dict[Any, Any], Any]:
    expanded = sympy.expand(argument)
    slopes = {g: expanded.coeff(g, 1) for g in generators}
    return slopes, sympy.expand(expanded - sum(s * g for g, s in slopes.items()))
