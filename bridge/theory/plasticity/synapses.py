"""A synapse definition as a process: what flows between spikes, what jumps at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ...definition.algebra import clip, free_names, symbol
from ...definition.equations import Statement
from ...definition.evaluate import evaluate
from ...definition.expressions import Expression
from ...definition.library import load
from ...definition.model import Synapse
from ...definition.values import Quantity
from ...errors import DefinitionError
from ...passes.eventdriven import form, right_sides
from ...records import dataclass
from .process import Process

PRE, POST = symbol("nu_pre"), symbol("nu_post")
_RATES = {symbol("r_pre"): PRE, symbol("r_post"): POST}


@dataclass(frozen=True, eq=False)
class Rules:
    """``flow``: state -> dx/dt; ``pre``, ``post``, ``events``: state -> value after such a spike;
    ``delivered``: what a presynaptic spike sends, for weight 1; ``numbers``: parameter -> value.

    ``clipped``: whether bounds of a state were left out.
    """

    synapse: Synapse
    flow: Mapping[sympy.Symbol, sympy.Expr]
    pre: Mapping[sympy.Symbol, sympy.Expr]
    post: Mapping[sympy.Symbol, sympy.Expr]
    events: Mapping[str, Mapping[sympy.Symbol, sympy.Expr]]
    delivered: sympy.Expr | None
    numbers: Mapping[sympy.Symbol, float]
    clipped: bool


def rules_of(model: Any, **settings: Any) -> Rules:
    """The rules of a synapse: library name, path, dictionary or `Synapse`.

    Raises:
        DefinitionError: it is no synapse with states, or reads more than rates of the neurons.
    """
    synapse = load(model, **settings)
    if not isinstance(synapse, Synapse) or not synapse.states:
        raise DefinitionError(
            f"{synapse.label} is no synapse with states",
            model=synapse.label,
            remedy="ask for a plastic or dynamic synapse",
        )
    own = {*synapse.states, *synapse.parameters}
    rates = {s: to for s, to in _RATES.items() if s.name not in own}
    flow = {symbol(s): f.xreplace(rates) for s, f in right_sides(synapse).items()}
    pre, delivered = _run(synapse, synapse.before)
    post, _ = _run(synapse, synapse.on_post)
    events = {n: _run(synapse, s)[0] for n, s in synapse.events.items()}
    if synapse.is_graded and synapse.coupling is not None:
        delivered = form(synapse, synapse.coupling).xreplace(rates)
    found = (flow, pre, post, *events.values())
    named = _written_out(synapse)
    bare = [{s: _unbounded(v).subs(named) for s, v in part.items()} for part in found]
    rules = Rules(
        synapse,
        bare[0],
        bare[1],
        bare[2],
        dict(zip(events, bare[3:], strict=True)),
        None if delivered is None else delivered.subs(symbol("weight"), 1).subs(named),
        _numbers(synapse),
        bool(synapse.on_step) or any(v.has(clip) for part in found for v in part.values()),
    )
    _check(rules)
    return rules


def process_of(rules: Rules, moving: tuple[sympy.Symbol, ...]) -> Process:
    """The process of the states ``moving``; the others are held."""
    jumps = [(PRE, rules.pre), (POST, rules.post)]
    jumps += [(symbol(f"nu_{n}"), to) for n, to in rules.events.items()]
    kept = [(r, {s: v for s, v in to.items() if s in moving}) for r, to in jumps]
    return Process(
        rules.synapse.label,
        moving,
        {s: rules.flow[s] for s in moving},
        tuple((r, to) for r, to in kept if to),
    )


def rate_numbers(rules: Rules, pre: float, post: float, events: Mapping[str, float]) -> Any:
    """Symbols of rates -> 1/ms, from Hz; of a graded synapse r_pre and r_post as they are.

    Raises:
        DefinitionError: a third factor that the synapse does not have.
    """
    for name in events:
        if name not in rules.events:
            raise DefinitionError(
                f"there is no third factor {name!r}", model=rules.synapse.label, symbol=name,
                remedy=f"known are {', '.join(rules.events) or '(none)'}",
            )  # fmt: skip
    third = {symbol(f"nu_{n}"): events.get(n, 0.0) / 1e3 for n in rules.events}
    scale = 1.0 if rules.synapse.is_graded else 1e3
    return {**rules.numbers, PRE: pre / scale, POST: post / scale, **third}


def _run(
    synapse: Synapse, statements: tuple[Statement, ...]
) -> tuple[dict[sympy.Symbol, sympy.Expr], sympy.Expr | None]:
    """States after ``statements``, one after the other, and what they deliver."""
    now: dict[sympy.Symbol, sympy.Expr] = {}
    delivered: sympy.Expr | None = None
    for s in statements:
        value, target = form(synapse, s.expression).subs(now, simultaneous=True), symbol(s.target)
        old = now.get(target, target)
        if s.delivers:
            delivered = value if delivered is None else delivered + value
            continue
        changes = {"=": value, "+=": old + value, "-=": old - value, "*=": old * value}
        now[target] = changes.get(s.op, old / value)
    return now, delivered


def _unbounded(value: sympy.Expr) -> sympy.Expr:
    """``value`` between its bounds: clip(x, low, high) as x."""
    return value.replace(clip, lambda x, low, high: x)


def _written_out(synapse: Synapse) -> dict[sympy.Symbol, sympy.Expr]:
    """Parameters that are 0 or 1, or defined by others, as what they are: forms become shorter."""
    found: dict[sympy.Symbol, sympy.Expr] = {}
    for name, value in synapse.parameters.items():
        if isinstance(value, Expression):
            found[symbol(name)] = form(synapse, value)
        elif isinstance(value, Quantity) and value.dimension.is_one and value.number in (0.0, 1.0):
            found[symbol(name)] = sympy.Integer(round(value.number))
    for _ in found:
        found = {s: v.subs(found) for s, v in found.items()}
    return found


def _numbers(synapse: Synapse) -> dict[sympy.Symbol, float]:
    found: dict[str, float] = {}
    left = dict(synapse.parameters)
    while left:
        ready = {
            n: v
            for n, v in left.items()
            if not isinstance(v, Expression) or not v.names & set(left)
        }
        for name, value in ready.items():
            left.pop(name)
            given = evaluate(value, found) if isinstance(value, Expression) else _single(value)
            if given is not None:
                found[name] = float(given)
    return {symbol(n): v for n, v in found.items()}


def _single(value: Any) -> float | None:
    number = getattr(value, "number", None)
    return None if number is None else float(number)


def _check(rules: Rules) -> None:
    known = {s.name for s in rules.numbers} | set(rules.synapse.states) | {PRE.name, POST.name}
    for part in (rules.flow, rules.pre, rules.post, *rules.events.values()):
        for state, value in part.items():
            for name in sorted(free_names(value) - known - {"weight"}):
                raise DefinitionError(
                    f"{state} is moved by {name}, which no Poisson spike decides",
                    model=rules.synapse.label,
                    symbol=name,
                    remedy="theory knows spikes and rates; simulate what reads V",
                )
