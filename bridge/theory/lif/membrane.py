"""A neuron definition read as a one-dimensional integrate-and-fire neuron, by algebra.

One state carries the spike condition; every other state must be a linear synaptic filter that it
does not act on. What is read is kept as expressions: numbers come with a population.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn

import sympy

from ...definition.algebra import free_names, symbol, written
from ...definition.expressions import Expression
from ...definition.model import Neuron
from ...errors import DefinitionError
from ...passes.system import System
from ...records import dataclass


@dataclass(frozen=True, eq=False)
class Membrane:
    """dV/dt = drift + noise_k xi_k; spikes move V or the synaptic states, which decay linearly.

    ``by_state`` is d drift/d state for synaptic states; ``matrix[a][b]`` the rate at which b drives
    a among them; ``jumps[port][state]`` what a spike of weight 1 adds. ``linear`` says whether the
    drift is linear in V with constant factors and the noise additive: a leaky neuron.
    """

    neuron: Neuron
    V: str
    drift: Expression
    slope: Expression
    by_state: Mapping[str, Expression]
    noise: tuple[Expression, ...]
    threshold: Expression
    reset: Expression
    refractory: Expression | None
    matrix: Mapping[str, Mapping[str, Expression]]
    jumps: Mapping[str, Mapping[str, Expression]]
    linear: bool


@lru_cache(maxsize=128)
def membrane_of(neuron: Neuron) -> Membrane:
    """The membrane of a one-dimensional integrate-and-fire neuron.

    Raises:
        DefinitionError: it does not spike, has further states that V acts on, or its threshold or
            reset moves; the error names what stands in the way.
    """
    system = System(neuron)
    if system.maps:
        _refuse(neuron, next(iter(system.maps)), "its states are maps", "ask for a binary network")
    if neuron.spike is None:
        _refuse(neuron, "spike", "it sends no spikes", "ask for the stability of a rate network")
    V, threshold = _threshold(system)
    synaptic = tuple(s for s in neuron.states if s != V)
    matrix = _filters(system, V, synaptic)
    drift = system.drift[V]
    if "t" in free_names(drift):
        _refuse(neuron, V, "its equation reads the time", "give it a constant input")
    by_state = {s: sympy.diff(drift, symbol(s)) for s in synaptic}
    moving = {n for d in by_state.values() for n in free_names(d)} & set(synaptic)
    if moving:
        why = f"synaptic states are multiplied with each other ({', '.join(sorted(moving))})"
        _refuse(neuron, V, why, "write a drift that is linear in each of them")
    noise = _noise(system, V)
    slope = _slope(drift, V)
    varying = {V, *synaptic, *neuron.continuous_ports}
    factors = [slope, *by_state.values(), *noise]
    return Membrane(
        neuron,
        V,
        written(drift),
        written(slope),
        {s: written(d) for s, d in by_state.items() if d != 0},
        tuple(written(g) for g in noise),
        written(threshold),
        written(_reset(system, V)),
        neuron.spike.refractory,
        {a: {b: written(e) for b, e in row.items()} for a, row in matrix.items()},
        {p: _jump(system, p) for p in neuron.spike_ports},
        not any(free_names(f) & varying for f in factors),
    )


def _threshold(system: System) -> tuple[str, sympy.Expr]:
    """The state that the condition ``V >= value`` reads, and the value."""
    neuron = system.neuron
    assert neuron.spike is not None
    condition = system.expand(neuron.spike.condition)
    states = free_names(condition) & set(neuron.states)
    rising = isinstance(condition, sympy.GreaterThan | sympy.StrictGreaterThan)
    falling = isinstance(condition, sympy.LessThan | sympy.StrictLessThan)
    if len(states) == 1 and (rising or falling):
        V = next(iter(states))
        margin = (condition.lhs - condition.rhs) * (1 if rising else -1)
        rest = sympy.expand(margin - symbol(V))
        if V not in free_names(rest) and not free_names(rest) & set(neuron.continuous_ports):
            return V, -rest
    return _refuse(
        neuron,
        "condition",
        f"its condition `{neuron.spike.condition}` is no fixed threshold of one state",
        'write it as "V >= V_th" with a parameter V_th',
    )


def _filters(
    system: System, V: str, synaptic: tuple[str, ...]
) -> Mapping[str, Mapping[str, sympy.Expr]]:
    found = {}
    for state in synaptic:
        row = system.coefficients.get(state)
        if row is None or not set(row) <= set(synaptic) or system.remainder(state) != 0:
            _refuse(
                system.neuron,
                state,
                f"it has more than one dimension: {state} is no linear synaptic filter",
                "ask for a neuron whose only other states are synaptic, or simulate it",
            )
        found[state] = row
    for state, terms in system.diffusion.items():
        if state != V and terms:
            _refuse(system.neuron, state, f"{state} has noise of its own", "move the noise to V")
    return found


def _noise(system: System, V: str) -> tuple[sympy.Expr, ...]:
    terms = tuple(system.diffusion.get(V, {}).values())
    others = set(system.neuron.states) - {V}
    if any(free_names(g) & others for g in terms):
        _refuse(system.neuron, V, "its noise is multiplied with a synaptic state", "separate them")
    return terms


def _slope(drift: sympy.Expr, V: str) -> sympy.Expr:
    """d drift/dV; V itself, which is not constant, where steps leave no derivative."""
    found = sympy.diff(drift, symbol(V))
    if found.has(sympy.Derivative, sympy.Subs, sympy.Heaviside, sympy.DiracDelta):
        return symbol(V)
    return sympy.cancel(found) if found.is_rational_function() else found


def _reset(system: System, V: str) -> sympy.Expr:
    neuron = system.neuron
    assert neuron.spike is not None
    effects = system.statements(neuron.spike.effects)
    for effect in effects:
        if effect.target != V:
            why = f"a spike also changes {effect.target}"
            _refuse(neuron, effect.target, why, "ask for a neuron that a spike only resets")
    if len(effects) != 1 or effects[0].value.names & set(neuron.states):
        _refuse(neuron, V, "a spike does not reset it to a fixed value", 'write "V = V_reset"')
    held = neuron.spike.clamp
    if neuron.spike.refractory is not None and V not in held:
        _refuse(neuron, V, "it is not held while refractory", f'write clamp = ["{V}"]')
    return effects[0].value.sympy(system.declared)


def _jump(system: System, port: str) -> Mapping[str, Expression]:
    """State -> what a spike of weight 1 adds; it must add, in proportion to the weight."""
    found: dict[str, Expression] = {}
    weight = symbol("weight")
    for statement in system.neuron.ports[port].receive:
        value = system.expand(statement.expression)
        value = {"+=": value, "-=": -value}.get(statement.op, sympy.nan)
        per = sympy.diff(value, weight) if value is not sympy.nan else sympy.nan
        ok = value is not sympy.nan and sympy.expand(value - per * weight) == 0
        moving = {"weight", "t", *system.neuron.states, *system.neuron.continuous_ports}
        if not ok or free_names(per) & moving or statement.target in found:
            _refuse(
                system.neuron,
                port,
                f"`{statement}` does not add in proportion to the weight alone",
                'write e.g. "V += weight" or "I += weight"',
            )
        found[statement.target] = written(per)
    return found


def _refuse(neuron: Neuron, place: str, why: str, remedy: str) -> NoReturn:
    raise DefinitionError(
        f"it is no one-dimensional integrate-and-fire neuron: {why}",
        model=neuron.label,
        symbol=place,
        remedy=remedy,
    )
