"""Synapse -> SynapseProgram, by computer algebra."""

from __future__ import annotations

import sympy

from ..definition.algebra import free_names, symbol, written
from ..definition.check_synapse import POST
from ..definition.equations import Statement
from ..definition.model import Synapse
from .eventdriven import Closed, closed_form, foreign, form, right_sides
from .program import Assign
from .steps import assign, shared, writes
from .synapse_program import AMPLITUDE, BEFORE, SynapseProgram


def derived(synapse: Synapse) -> SynapseProgram:
    """The program of ``synapse``, see `synapse_program.synapse_program`."""
    closed = closed_form(synapse)
    pre, post = _statements(synapse, synapse.before), _statements(synapse, synapse.on_post)
    kept_by_post, pre_apart = _apart(synapse, synapse.before, post)
    kept_by_pre, post_apart = _apart(synapse, synapse.on_post, pre)
    events = {n: _statements(synapse, s) for n, s in synapse.events.items()}
    advance, step = _between(closed, synapse)
    every = [*advance, *(step or ()), *pre, *post, *(a for e in events.values() for a in e)]
    used = {n for a in every for n in a.reads}
    declared = [*synapse.parameters, *(e.name for e in synapse.of_kind("parameter"))]
    no_form = isinstance(closed, str)
    return SynapseProgram(
        label=synapse.label,
        states=synapse.states,
        parameters=tuple(n for n in dict.fromkeys(declared) if n in used),
        advance=advance,
        step=step,
        pre=pre,
        post=post,
        events=events,
        pre_first=synapse.coincident == "pre first",
        pre_apart=pre_apart,
        post_apart=post_apart,
        kept_by_post=kept_by_post,
        kept_by_pre=kept_by_pre,
        post_reads=tuple(sorted(n.removesuffix(POST) for n in used & foreign(synapse))),
        obstacle=closed if isinstance(closed, str) else None,
        gaps=() if no_form else tuple((s, written(g)) for s, g in closed.gaps),  # type: ignore[union-attr]
    )


def _between(
    closed: Closed | str, synapse: Synapse
) -> tuple[tuple[Assign, ...], tuple[Assign, ...] | None]:
    if isinstance(closed, str):
        return (), _rk4(synapse)
    moving = {n: closed.values[n] for n in closed.order if closed.values[n] != symbol(n)}
    temporaries, values = shared(moving, "part_")
    return (*temporaries, *writes(values)), None


def _rk4(synapse: Synapse) -> tuple[Assign, ...]:
    """One classical Runge-Kutta step; what is read of the neuron stays as at the step's start."""
    h, rhs = symbol("dt_ms"), right_sides(synapse)
    states = [symbol(n) for n in rhs]
    slopes: list[dict[sympy.Symbol, sympy.Symbol]] = []
    statements: list[Assign] = []
    for stage, part in enumerate((0, sympy.Rational(1, 2), sympy.Rational(1, 2), 1), 1):
        place = {s: s + part * h * slopes[-1][s] for s in states} if slopes else {}
        slopes.append({s: symbol(f"slope_{stage}_{s.name}") for s in states})
        for s in states:
            value = rhs[s.name].subs(place, simultaneous=True)
            statements.append(assign(slopes[-1][s].name, value, temporary=True))
    first, second, third, fourth = slopes
    for s in states:
        mean = (first[s] + 2 * second[s] + 2 * third[s] + fourth[s]) / 6
        statements.append(assign(s.name, s + h * mean))
    return tuple(statements)


def _statements(synapse: Synapse, statements: tuple[Statement, ...]) -> tuple[Assign, ...]:
    return tuple(_assign(s, _value(synapse, s)) for s in statements)


def _assign(statement: Statement, value: sympy.Expr) -> Assign:
    if statement.delivers:
        return assign(AMPLITUDE, value, temporary=True)
    return assign(statement.target, value)


def _value(synapse: Synapse, statement: Statement) -> sympy.Expr:
    """What the target becomes, or what is delivered."""
    value, target = form(synapse, statement.expression), symbol(statement.target)
    match statement.op:
        case "+=":
            return target + value
        case "-=":
            return target - value
        case "*=":
            return target * value
        case "/=":
            return target / value
    return value


def _apart(
    synapse: Synapse, statements: tuple[Statement, ...], first: tuple[Assign, ...]
) -> tuple[tuple[str, ...], tuple[Assign, ...]]:
    """``statements`` where the other side's spike of the same step, ``first``, has come before.

    A statement sees its own state as it is, and other states as they were before that spike; unless
    the synapse is "simultaneous" nothing differs.
    """
    apart = synapse.coincident == "simultaneous"
    changed = {a.target for a in first if apart and not a.temporary}
    found: list[Assign] = []
    remembered: dict[str, None] = {}
    for statement in statements:
        value, old = _value(synapse, statement), frozenset[str]()
        if not statement.delivers:
            old = free_names(value) & (changed - {statement.target})
        remembered.update(dict.fromkeys(sorted(old)))
        by = {symbol(n): symbol(f"{BEFORE}{n}") for n in old}
        found.append(_assign(statement, value.xreplace(by)))
    return tuple(remembered), tuple(found)
