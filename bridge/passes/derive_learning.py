"""Graded synapse with states -> Rule, by computer algebra."""

from __future__ import annotations

from typing import Any

import sympy

from ..definition.algebra import exprel, free_names, symbol, written
from ..definition.check_synapse import POST, PRE, post_names, pre_names
from ..definition.equations import Equation, Statement
from ..definition.expressions import Expression
from ..definition.model import Neuron, Synapse
from ..definition.parts import Port
from ..errors import DefinitionError
from ..records import replace
from . import runge_kutta
from .exponential import rate_of
from .learning import WEIGHT, Rule
from .program import Assign, Constants
from .steps import H, Step, assign, live, writes
from .substitute import inlined, rename
from .system import System

_WEIGHT = "weight_of_projection"  # no equation of a neuron may be called weight
_STEP = "on_step"


def derived(synapse: Synapse, pre: Neuron, post: Neuron, unit: str) -> Rule:
    """The rule of ``synapse`` onto a port with ``unit``, see `learning.rule_of`."""
    system = System(_as_neuron(synapse, pre, post, synapse.unit or unit))
    after = system.statements(system.neuron.ports[_STEP].receive) if synapse.on_step else ()
    found = _exponential(system)
    scheme = "exponential_euler" if found else "rk4"
    step = found or runge_kutta.rk4(system, frozenset())
    statements = tuple(_own(a) for a in step.statements)
    after = tuple(_own(a) for a in after)
    efficacy, passed = _factors(synapse)
    used = {n for a in (*statements, *after) for n in a.reads} | efficacy.names | passed.names
    constants = {n: _named(e) for n, e in step.constants.formulas.items()}
    used |= {n for e in constants.values() for n in e.names}
    declared = [*synapse.parameters, *(e.name for e in synapse.of_kind("parameter"))]
    return Rule(
        label=synapse.label,
        scheme=scheme,
        states=synapse.states,
        parameters=tuple(n for n in dict.fromkeys(declared) if n in used),
        constants=tuple(n for n in constants if n in used),
        derived=Constants(constants),
        pre={f"{n}{PRE}": _of_unit(pre, n) for n in pre_names(synapse)},
        post={f"{n}{POST}": _of_unit(post, n) for n in post_names(synapse)},
        step=statements,
        after=after,
        efficacy=efficacy,
        passed=passed,
    )


def _as_neuron(synapse: Synapse, pre: Neuron, post: Neuron, unit: str) -> Neuron:
    """The synapse as a unit whose continuous inputs are the variables that it reads."""
    equations = [str(_renamed(e)) for e in synapse.all_equations]
    read = {f"{n}{PRE}": pre.unit_of(n) for n in pre_names(synapse)}
    read |= {f"{n}{POST}": post.unit_of(n) for n in post_names(synapse)}
    ports = {n: Port(n, own, "continuous") for n, own in read.items()}
    if synapse.on_step:
        statements = tuple(
            Statement(s.target, s.op, rename(s.expression, {WEIGHT: _WEIGHT}))
            for s in synapse.on_step
        )
        ports[_STEP] = Port(_STEP, "1", "spikes", statements)
    return Neuron(
        equations="\n".join([*equations, f"{_WEIGHT} : {unit}"]),
        parameters=synapse.parameters,
        ports=ports,
        name=synapse.label,
    )


def _renamed(equation: Equation) -> Equation:
    parts = {"expression": equation.expression, "factor": equation.factor}
    changed = {n: rename(e, {WEIGHT: _WEIGHT}) for n, e in parts.items() if e is not None}
    return replace(equation, **changed)  # type: ignore[arg-type]


def _named(expression: Expression) -> Expression:
    return rename(expression, {_WEIGHT: WEIGHT}) if _WEIGHT in expression.names else expression


def _own(statement: Assign) -> Assign:
    return Assign(statement.target, _named(statement.value), statement.temporary)


def _exponential(system: System) -> Step | None:
    """One step of exponential Euler; None where a state is not linear in itself.

    dx/dt = a x + b with a and b held: x exp(a h) + b h exprel(a h), also where a is 0, as with
    Oja's rule as long as the receiver is silent.
    """
    constants: dict[str, sympy.Expr] = {}
    statements: list[Assign] = []
    updates: dict[str, sympy.Expr] = {}
    varying = {*system.neuron.states, *system.neuron.continuous_ports}
    for state, slope in system.drift.items():
        rate = rate_of(state, slope)
        if rate is None:
            return None
        rest = slope.subs(symbol(state), 0)
        if rate == 0:
            updates[state] = symbol(state) + H * rest
            continue
        factors = {f"decay_{state}": sympy.exp(rate * H), f"gain_{state}": H * exprel(rate * H)}
        if free_names(rate) & varying:
            statements += [assign(n, e, temporary=True) for n, e in factors.items()]
        else:
            constants |= factors
        decay, gain = (symbol(n) for n in factors)
        updates[state] = decay * symbol(state) + gain * rest
    constants["dt_ms"] = H
    formulas = {n: written(e) for n, e in constants.items()}
    return Step(live([*statements, *writes(updates)]), Constants(formulas))


def _of_unit(neuron: Neuron, name: str) -> Expression:
    return written(System(neuron).expand(Expression(name)))


def _factors(synapse: Synapse) -> tuple[Expression, Expression]:
    """The coupling as efficacy (states, weight, parameters) times what of the sender is passed."""
    assert synapse.coupling is not None
    names = {*synapse.states, *synapse.parameters, WEIGHT}
    names |= {e.name for e in synapse.of_kind("parameter")}
    read = {f"{n}{PRE}" for n in pre_names(synapse)}
    posts = {f"{n}{POST}" for n in post_names(synapse)}
    value: Any = sympy.factor_terms(inlined(synapse, synapse.coupling).sympy(names | read | posts))
    efficacy, passed = value.as_independent(*(symbol(n) for n in read), as_Add=False)
    if free_names(efficacy) & posts:
        raise _refused(synapse, f"it reads {min(free_names(efficacy) & posts)}")
    mixed = free_names(passed) & {*synapse.states, WEIGHT, *posts}
    if mixed or not free_names(passed) & read:
        raise _refused(synapse, "it is no product of what the synapse and what the sender has")
    return written(efficacy), written(passed)


def _refused(synapse: Synapse, why: str) -> DefinitionError:
    return DefinitionError(
        f"the coupling of {synapse.label} cannot be summed: {why}",
        model=synapse.label,
        line=f"coupling = {synapse.coupling}",
        symbol="coupling",
        remedy="write e.g. weight*w*r_pre, or weight*w*f(r_pre)",
    )
