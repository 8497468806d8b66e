"""Names and units of a synapse; what only a projection knows is checked in the network.

That is the unit of ``weight`` where the synapse names none, and the postsynaptic neuron's
variables, which a synapse reads as ``V_post``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import Dimension
from .check_equations import check_equation, check_statement, no_circle
from .equations import Statement
from .expressions import Expression
from .scope import dimension

if TYPE_CHECKING:
    from .model import Synapse

COINCIDENT = ("post first", "pre first", "simultaneous")
POST = "_post"
PRE = "_pre"


def post_names(synapse: Synapse) -> tuple[str, ...]:
    """Names of the postsynaptic neuron's variables that the synapse reads, without ``_post``."""
    own = {*synapse.parameters, *(e.name for e in synapse.all_equations)}
    used = {n for e in _expressions(synapse) for n in e.names} - own
    return tuple(sorted(n.removesuffix(POST) for n in used if n.endswith(POST)))


def pre_names(synapse: Synapse) -> tuple[str, ...]:
    """Names of the presynaptic unit's variables that a coupled synapse reads, without ``_pre``."""
    if synapse.coupling is None:
        return ()
    own = {*synapse.parameters, *(e.name for e in synapse.all_equations)}
    names = {n for e in _expressions(synapse) for n in e.names} - own
    return tuple(sorted(n.removesuffix(PRE) for n in names if n.endswith(PRE)))


def check_parts(
    synapse: Synapse, scope: dict[str, Dimension], given: Mapping[str, Dimension] | None = None
) -> None:
    """Units of equations and statements, and the rules of events.

    ``given``: dimensions of ``weight``, ``V_post``, ``r_pre``, ...; None: what reads them is left
    out.

    Raises:
        DefinitionError, ExpressionError, UnitError: with model, line, symbol and remedy.
    """
    waits = {f"{n}{POST}" for n in post_names(synapse)} | ({"weight"} - set(scope))
    waits |= {f"{n}{PRE}" for n in pre_names(synapse)}
    known = {**scope, **(given or {})}
    for equation in synapse.all_equations:
        parts = [e for e in (equation.expression, equation.factor) if e is not None]
        if equation.expression is not None and all(_ready(e, waits, given) for e in parts):
            check_equation(synapse, equation, known)
    no_circle(synapse)
    for statement in _statements(synapse):
        if not statement.delivers and _ready(statement.expression, waits, given):
            check_statement(synapse, statement, known)
    if given is None:
        _check_rules(synapse)
        for equation in synapse.of_kind("map"):
            raise DefinitionError(
                "a synapse cannot be a map: it acts at spikes, not at steps",
                model=synapse.label,
                line=str(equation),
                symbol=equation.name,
                remedy="write a differential equation, or statements in on_pre",
            )


def check_delivery(
    synapse: Synapse, scope: Mapping[str, Dimension], wanted: Dimension, port: str
) -> None:
    """What is delivered must have the unit of the port."""
    for statement in synapse.before:
        if statement.delivers:
            found = dimension(synapse, statement.expression, scope, str(statement))
            if found != wanted:
                raise UnitError(
                    f"{statement} has the unit {found}, but the port {port} needs {wanted}",
                    model=synapse.label,
                    line=str(statement),
                    symbol=statement.expression.text,
                    remedy="check the unit of the projection's weight",
                )


def _expressions(synapse: Synapse) -> Iterator[Expression]:
    for equation in synapse.all_equations:
        yield from (e for e in (equation.expression, equation.factor) if e is not None)
    yield from (s.expression for s in _statements(synapse))
    if synapse.coupling is not None:
        yield synapse.coupling


def _statements(synapse: Synapse) -> tuple[Statement, ...]:
    third = (s for statements in synapse.events.values() for s in statements)
    return (*synapse.before, *synapse.on_post, *synapse.on_step, *third)


def _ready(expression: Expression, waits: Iterable[str], given: object) -> bool:
    return given is not None or not expression.names & set(waits)


def _check_rules(synapse: Synapse) -> None:
    deliveries = [s for s in synapse.before if s.delivers]
    if not deliveries and synapse.coupling is None:
        raise DefinitionError(
            "the synapse delivers nothing", model=synapse.label, remedy='add deliver = "weight"'
        )
    if len(deliveries) > 1:
        raise DefinitionError(
            "the synapse delivers twice at one spike",
            model=synapse.label,
            line=str(deliveries[1]),
            symbol="deliver",
            remedy="deliver the sum, once",
        )
    third = (s for e in synapse.events.values() for s in e)
    for statement in (*synapse.on_post, *synapse.on_step, *third):
        if statement.delivers:
            raise DefinitionError(
                "only a presynaptic spike can deliver an event",
                model=synapse.label,
                line=str(statement),
                symbol="deliver",
                remedy="move it to on_pre",
            )
    each = (synapse.before, synapse.on_post, synapse.on_step, *synapse.events.values())
    for statements in each:
        _check_overwritten(synapse, statements)
    _check_delay(synapse)
    _check_coincidence(synapse)
    if synapse.is_dynamic or synapse.learns:
        _check_between(synapse)
    _check_steps(synapse)


def _check_steps(synapse: Synapse) -> None:
    """The delay of what moves step by step lies before it; only such a synapse has on_step."""
    if synapse.learns and not isinstance(synapse.delay_at, str):
        raise DefinitionError(
            f"delay_at is {synapse.delay_at!r}, but the delay of a graded synapse lies before it",
            model=synapse.label,
            symbol="delay_at",
            remedy="leave delay_at out",
        )
    if synapse.on_step and not synapse.learns:
        raise DefinitionError(
            "on_step is for states that move with the units' variables, and there are none",
            model=synapse.label,
            line=str(synapse.on_step[0]),
            symbol="on_step",
            remedy="write the statement into on_pre or on_post, or a coupling that reads r_pre",
        )


def _check_between(synapse: Synapse) -> None:
    """Between events a synapse knows how long it waited: neither the time nor noise."""
    parts = [(str(s), s.expression.names) for s in _statements(synapse)]
    parts += [(str(e), e.expression.names) for e in synapse.all_equations if e.expression]
    for line, names in parts:
        for name in sorted(names):
            if name in ("t", "xi") or name.startswith("xi_"):
                what = "the time t" if name == "t" else f"the noise {name}"
                raise DefinitionError(
                    f"a synapse with states cannot read {what}",
                    model=synapse.label,
                    line=line,
                    symbol=name,
                    remedy="put it into the neuron; let a third factor (events) tell the synapse",
                )


def _check_overwritten(synapse: Synapse, statements: tuple[Statement, ...]) -> None:
    """Two rules at one event that both set a state: the first would be lost."""
    waiting: dict[str, Statement] = {}
    for statement in statements:
        lost = waiting.pop(statement.target, None)
        if lost and statement.op == "=" and statement.target not in statement.expression.names:
            raise DefinitionError(
                f"{statement.target} is written twice at one event, and `{lost}` is lost",
                model=synapse.label,
                line=str(statement),
                symbol=statement.target,
                remedy="write one statement, or let the second read what the first wrote",
            )
        for name in statement.expression.names:
            waiting.pop(name, None)
        if not statement.delivers:
            waiting[statement.target] = statement


def _check_delay(synapse: Synapse) -> None:
    share = synapse.delay_at
    if isinstance(share, str):
        good = share in ("axonal", "dendritic")
    else:
        good = isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    if not good:
        raise DefinitionError(
            f"delay_at is {share!r}",
            model=synapse.label,
            symbol="delay_at",
            remedy='write "axonal", "dendritic", or the axonal share, a number from 0 to 1',
        )


def _check_coincidence(synapse: Synapse) -> None:
    if synapse.coincident not in ("", *COINCIDENT):
        raise DefinitionError(
            f"coincident is {synapse.coincident!r}",
            model=synapse.label,
            symbol="coincident",
            remedy=f"write {', '.join(repr(c) for c in COINCIDENT)}",
        )
    if synapse.axonal_share == 1 and synapse.on_post and synapse.coincident == "post first":
        raise DefinitionError(
            "with an axonal delay the arriving spike acts before the postsynaptic one of its step",
            model=synapse.label,
            symbol="coincident",
            remedy='write coincident = "pre first" or "simultaneous"',
        )
