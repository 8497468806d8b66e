"""Recognise a simulator's built-in neuron by algebra, not by names.

For every one-to-one map of the states that keeps the dependences, both right sides, resets,
thresholds and inputs are written in the same states; equal coefficients of equal terms give
equations for the built-in's parameters, which are solved one by one; at the end both neurons are
compared as a whole at random states and parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import sympy

from ..definition.algebra import symbol
from ..definition.model import Neuron
from ..records import replace
from .alignment import Alignment, alignments, fallback, voltage
from .catalog import PREFIX, Entry
from .coefficients import (
    Pair,
    candidates,
    comparisons,
    current_of,
    factor_of,
    pair,
    scale_of,
    threshold_value,
)
from .conclusion import matched
from .dynamics import Dynamics, dynamics
from .forms import Form, defaults_of, forms_of
from .matched import Match, NoMatch, Signs
from .samples import parameter_samples, same_at_random_states
from .unknowns import Solution, Unknowns, is_zero, solve
from .words import difference, shown


def searched(neuron: Neuron, catalogue: Sequence[Entry], signs: Signs) -> Match | NoMatch:
    """The first built-in of ``catalogue`` with the same trajectories, see `match.find_match`."""
    user = dynamics(neuron)
    early = _never(user)
    if early:
        return NoMatch(neuron.label, "", (early,))
    search = _Search(neuron, user, signs)
    for form in _candidates(catalogue, user):
        for states in search.alignments(form):
            match = search.attempt(form, states)
            if match is not None:
                return match
    return search.nearest(catalogue)


def _never(user: Dynamics) -> str | None:
    """What no built-in has."""
    if user.foreign:
        return f"it reads {', '.join(sorted(user.foreign))}, which no built-in does"
    if not user.condition:
        return "it never spikes"
    if voltage(user) is None:
        return f"its spike condition `{user.condition}` is not a threshold of one state"
    return None


def _candidates(catalogue: Sequence[Entry], user: Dynamics) -> Iterator[Form]:
    """Forms with as many states; one without inputs only where the user has none."""
    for entry in catalogue:
        for form in forms_of(entry):
            fits = len(form.dynamics.states) == len(user.states)
            if fits and bool(form.dynamics.jumps) == bool(user.jumps):
                yield form


class _Search:
    """Attempts for one neuron, and the differences found on the way."""

    def __init__(self, neuron: Neuron, user: Dynamics, signs: Mapping[str, Any]) -> None:
        self.neuron = neuron
        self.user = user
        self.signs = signs
        self.samples = parameter_samples(neuron)
        self.unclipped = _unclipped(user, self.samples)
        self.failures: list[tuple[int, str, tuple[str, ...]]] = []

    def alignments(self, form: Form) -> Iterator[Alignment]:
        """Maps of the states under which the same rates are polynomials."""
        user = self.unclipped if form.entry.clipped else self.user
        curved = user.curved
        for states in alignments(user, form.dynamics):
            if {states[n] for n in curved} == form.dynamics.curved:
                yield states

    def attempt(self, form: Form, states: Alignment) -> Match | None:
        """A match of ``form`` under the map ``states``; else the differences are kept."""
        user = self.unclipped if form.entry.clipped else self.user
        best: tuple[str, ...] | None = None
        for builtin in _substituted(form, user, states, self.samples):
            both = pair(user, builtin[0], states)
            solution = self._solution(form, both)
            values = {**builtin[1], **solution.values}
            found = (*self._rules(form, both), *self._solved(form, both, solution, values))
            if not found:
                return matched(self.neuron, form, both, values, self.samples)
            if best is None or len(found) < len(best):
                best = found
        self._note(form, best or ())
        return None

    def _note(self, form: Form, found: tuple[str, ...]) -> None:
        self.failures.append((len(found), form.entry.name, found))

    def _solution(self, form: Form, both: Pair) -> Solution:
        """The solution with positive time constants and capacitance, if a choice of sign has it."""
        unknowns = _unknowns(form, both)
        compare = form.entry.rule == "threshold"
        equations = list(comparisons(both, self.samples, threshold=compare))
        first = solve(equations, unknowns, self.samples)
        if first.failed or self._positive(form, first.values) is None:
            return first
        for signs in list(product((1, -1), repeat=min(len(first.chosen), 2)))[1:]:
            other = solve(equations, unknowns, self.samples, signs)
            if not other.failed and self._positive(form, other.values) is None:
                return other
        return first

    def _positive(self, form: Form, values: Mapping[Any, Any]) -> str | None:
        """The parameter that would not be positive."""
        for name in form.entry.positive:
            value = values.get(symbol(PREFIX + name))
            if value is not None and any(not _is_positive(value, s) for s in self.samples):
                return name
        return None

    def _solved(
        self, form: Form, both: Pair, solution: Solution, values: Mapping[Any, Any]
    ) -> tuple[str, ...]:
        """Differences of equations, signs, and at last of the whole at random states."""
        name = form.entry.name
        if solution.failed:
            return tuple(dict.fromkeys(difference(c, name, values) for c in solution.failed))
        known = {symbol(n) for n in both.user.parameters}
        foreign = {s for v in values.values() for s in v.free_symbols} - known
        missing = [p for p in both.ports if factor_of(p) not in values]
        if foreign or missing:
            what = f"port {missing[0]}" if missing else shown(min(foreign, key=str))
            return (f"nothing in {name} corresponds to {what}",)
        wrong = self._positive(form, values)
        if wrong is not None:
            return (f"{name} would need a negative {wrong}",)
        problem = self._sign_problem(form, both, values)
        if problem:
            return (problem,)
        differs = same_at_random_states(both, values, self.samples)
        return tuple(f"the equation of {n} differs from {name}'s" for n in differs)

    def _sign_problem(self, form: Form, both: Pair, values: Mapping[Any, Any]) -> str | None:
        for port, target in both.ports.items():
            needed = form.entry.receptors[target].sign
            factor = values[factor_of(port)]
            positive = _is_positive(factor, self.samples[0])
            allowed = {needed if positive else -needed} if needed else {1, -1}
            if not set(self.signs.get(port, ())) <= allowed:
                kind = "positive" if allowed == {1} else "negative"
                return (
                    f"{form.entry.name} tells its inputs apart by the sign of the weight: "
                    f"port {port} may only receive {kind} weights"
                )
        return None

    def _rules(self, form: Form, both: Pair) -> tuple[str, ...]:
        """Differences of threshold, clamp and refractoriness, and of what arrives."""
        user, builtin, name = both.user, both.builtin, form.entry.name
        found = list(both.problems)
        if threshold_value(user, self.samples) is None or user.strict:
            found.append(f"the spike condition is `{user.condition}`, {name} spikes at V >= V_th")
        if builtin.refractory is None and user.refractory not in (None, 0):
            found.append(f"it has a refractory period, {name} has none")
        if builtin.refractory is not None and user.refractory is not None:
            mine = {both.states[n] for n in user.clamp}
            if mine != builtin.clamp:
                found.append(_clamp_text(both, name))
        if form.entry.rule == "peak" and user.refractory is None:
            found.append(f"it has no refractory period, without which {name} cannot be compared")
        if user.refractory is not None and _reads(user.refractory, (*user.states, *user.inputs)):
            found.append("the refractory period depends on the state")
        return tuple(found)

    def nearest(self, catalogue: Sequence[Entry]) -> NoMatch:
        """The form with the fewest differences."""
        if not self.failures:
            for form in _candidates(catalogue, self.user):
                self.attempt(form, fallback(self.user, form.dynamics))
        if not self.failures:
            return NoMatch(self.neuron.label, "", (_counted(self.user),))
        _, name, found = min(self.failures, key=lambda f: f[0])
        return NoMatch(self.neuron.label, name, found)


def _counted(user: Dynamics) -> str:
    states = ", ".join(user.states)
    ports = len(user.jumps)
    return f"no built-in has the {len(user.states)} states {states} and {ports} spike port(s)"


def _clamp_text(both: Pair, name: str) -> str:
    held = ", ".join(sorted(both.user.clamp)) or "nothing"
    theirs = [u for u, b in both.states.items() if b in both.builtin.clamp]
    return f"refractoriness clamps {held}, that of {name} clamps {', '.join(theirs) or 'nothing'}"


def _reads(expression: Any, states: Sequence[str]) -> bool:
    return bool({s.name for s in expression.free_symbols} & set(states))


def _is_positive(value: Any, sample: Mapping[Any, Any]) -> bool:
    number = sympy.N(sympy.sympify(value).xreplace(sample), 15)
    return bool(number.is_Number and number.is_real and number > 0)


def _unclipped(user: Dynamics, samples: Any) -> Dynamics:
    """min(V, x) is V where V >= x is the threshold: between spikes V is below."""
    value, name = threshold_value(user, samples), voltage(user)
    if value is None or name is None:
        return user
    rates = {n: _without_min(r, symbol(name), value, samples) for n, r in user.rates.items()}
    return replace(user, rates=rates)


def _without_min(rate: Any, v: Any, value: Any, samples: Any) -> Any:
    found = {}
    for atom in rate.atoms(sympy.Min):
        others = [a for a in atom.args if a != v]
        if len(others) == 1 and len(atom.args) == 2 and is_zero(others[0] - value, samples):
            found[atom] = v
    return rate.xreplace(found) if found else rate


def _substituted(
    form: Form, user: Dynamics, states: Alignment, samples: Any
) -> Iterator[tuple[Dynamics, dict[Any, Any]]]:
    """The built-in with its nonlinear parameters put in, for every candidate value."""
    inside = [symbol(PREFIX + n) for n in form.entry.nonlinear]
    if not inside:
        yield form.dynamics, {}
        return
    (unknown,) = inside
    values = candidates(pair(user, form.dynamics, states), unknown, samples)
    if not values:
        # nothing to solve it from: its default shows what differs
        values = [defaults_of(form.entry)[unknown]]
    for value in values:
        by = {unknown: value}
        d = form.dynamics
        made = replace(
            d,
            rates={n: r.xreplace(by) for n, r in d.rates.items()},
            threshold=None if d.threshold is None else d.threshold.xreplace(by),
        )
        yield made, by


def _unknowns(form: Form, both: Pair) -> Unknowns:
    entry = form.entry
    first = voltage(both.user)
    scales = [scale_of(n) for n in both.states if n != first]
    currents = [current_of(n) for n in both.user.inputs]
    factors = [factor_of(n) for n in both.user.jumps]
    parameters = [symbol(n) for n in sorted(both.builtin.parameters)]
    nonzero = {*scales, *currents, *factors, *(symbol(PREFIX + n) for n in entry.positive)}
    return Unknowns(
        names=frozenset({*scales, *currents, *factors, *parameters}),
        zeros=tuple(symbol(PREFIX + n) for n in entry.free),
        scales=(*scales, *currents, *factors),
        defaults=defaults_of(entry),
        nonzero=frozenset(nonzero),
    )
