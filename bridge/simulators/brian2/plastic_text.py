"""SynapseProgram -> Brian2's abstract code: what pathways run at events, and between them.

Every synapse keeps the step to which its states are up to date; a pathway first brings them up to
its own step. Names of the synapse begin with ``syn_``, so that none is a name of the neuron.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...definition.expressions import Expression
from ...passes.program import Assign, Program
from ...passes.substitute import rename
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from .emit import statement
from .names import Spelling

PREFIX = "syn_"
UPDATED = "syn_updated"  # the step to which the states are up to date
FIRST = "syn_first"  # the last step at which the side that comes first had a spike
AHEAD = "syn_ahead"  # steps from an event to the step in which its amplitude arrives, less one
NOW = "t_in_timesteps"


_SIDES = {False: ("post", "pre", "events", "step"), True: ("pre", "post", "events", "step")}


@dataclass(frozen=True)
class PlasticText:
    """One synapse in Brian2's language.

    ``model`` declares the states; ``post``, ``pre`` and ``events`` are the code of the pathways,
    which run in the order of ``order``; ``step`` is what runs once a step. ``early``: all of this
    comes before the neurons integrate, as it reads them at the start of the step.
    """

    model: str
    pre: str
    post: str
    events: Mapping[str, str]
    step: str
    order: tuple[str, ...]
    early: bool


@dataclass(frozen=True)
class Placing:
    """How a synapse lies: ``at_soma``: no delay after it; ``rows`` of the line that its amplitudes
    take to the neuron, 0 where they arrive in the step that makes them; ``ahead``: as `AHEAD`.
    """

    at_soma: bool
    rows: int
    ahead: int | None  # None: one per connection


@dataclass(frozen=True)
class _Words:
    """How the names of one synapse are spelled."""

    dt: float
    own: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)

    def lines(self, statements: Iterable[Assign]) -> Iterable[str]:
        spell = Spelling(self.dt, given=self.given)
        for a in statements:
            yield statement(_renamed(a, self.own), spell)


def plastic_text(
    program: SynapseProgram,
    placing: Placing,
    reads: Mapping[str, str],
    receive: str,
    wide: Iterable[str],
    dt: float,
) -> PlasticText:
    """``program`` as text for steps of ``dt`` ms.

    ``reads``: ``V_post`` -> its text; ``receive``: what an arriving ``weight`` does to the neuron;
    ``wide``: parameters that have one value per connection.
    """
    words = _Words(dt, _own_names(program), {**reads, "dt_ms": repr(dt)})
    pre_first, later = program.pre_first or placing.at_soma, int(placing.at_soma)
    kept = program.kept_by_pre if pre_first else program.kept_by_post
    advance = [*_advance(program, words, 0)]
    pre, post = [*_advance(program, words, later)], [*advance]
    if pre_first:
        pre += [*_remember(kept, later), *words.lines(program.pre)]
        post += _apart(program.post_apart, program.post, kept, words)
    else:
        post += [*_remember(kept, 0), *words.lines(program.post)]
        pre += _apart(program.pre_apart, program.pre, kept, words)
    events = {
        n: _text([*advance, *words.lines(statements)]) for n, statements in program.events.items()
    }
    sides = ("post", "events", "step", "pre") if placing.at_soma else _SIDES[program.pre_first]
    return PlasticText(
        model=_text(_model(program, placing, kept, wide)),
        pre=_text([*pre, *_send(placing, receive)]),
        post=_text(post) if program.post else "",
        events=events,
        step="" if program.step is None else _text(words.lines(program.step)),
        order=sides,
        early=early(program),
    )


def early(program: SynapseProgram) -> bool:
    """Whether synapses run before the neurons integrate."""
    return program.step is not None or bool(program.post_reads)


def arriving(program: Program, port: str, dt: float) -> str:
    """What an arriving ``weight`` does, as code of the neurons themselves."""
    spell = Spelling(dt)
    return _text(statement(a, spell) for a in program.receive[port])


def own(name: str) -> str:
    """What a state or parameter of a synapse is called."""
    return Spelling(0.0).name(PREFIX + name)


def _own_names(program: SynapseProgram) -> dict[str, str]:
    every = [*program.advance, *(program.step or ()), *program.pre, *program.post]
    every += [a for statements in program.events.values() for a in statements]
    every += [*program.pre_apart, *program.post_apart]
    names = {*program.states, *program.parameters, "weight", ELAPSED, AMPLITUDE}
    names |= {a.target for a in every}
    names |= {f"{BEFORE}{n}" for n in (*program.kept_by_post, *program.kept_by_pre)}
    return {n: PREFIX + n for n in names}


def _renamed(a: Assign, names: Mapping[str, str]) -> Assign:
    """With other names.

    A bare copy ``y = x`` is written ``y = -(-x)``: in numpy y would be x itself, and change with
    it.
    """
    value = rename(a.value, names)
    if isinstance(value.tree, ast.Name):
        value = Expression(f"-(-{value.text})")
    return Assign(names.get(a.target, a.target), value, a.temporary)


def _model(
    program: SynapseProgram, placing: Placing, kept: tuple[str, ...], wide: Iterable[str]
) -> Iterable[str]:
    for name in program.states:
        yield f"{own(name)} : 1"
    for name in sorted(wide):
        yield f"{own(name)} : 1 (constant)"
    if program.advance:
        yield f"{UPDATED} : integer"
    if kept:
        yield f"{FIRST} : integer"
    for name in kept:
        yield f"{own(BEFORE + name)} : 1"
    if placing.rows and placing.ahead is None:
        yield f"{AHEAD} : integer (constant)"


def _advance(program: SynapseProgram, words: _Words, later: int) -> Iterable[str]:
    """Everything up to the step ``later`` steps after the present one."""
    if not program.advance:
        return
    now = f"({NOW} + {later})" if later else NOW
    yield f"{PREFIX}{ELAPSED} = ({now} - {UPDATED})*{words.dt!r}"
    yield from words.lines(program.advance)
    yield f"{UPDATED} = {now}"


def _remember(kept: tuple[str, ...], later: int) -> Iterable[str]:
    """The states as they are before the first of two spikes of a step."""
    for name in kept:
        yield f"{own(BEFORE + name)} = -(-{own(name)})"
    if kept:
        yield f"{FIRST} = {NOW} + {later}" if later else f"{FIRST} = {NOW}"


def _apart(
    apart: tuple[Assign, ...], usual: tuple[Assign, ...], kept: tuple[str, ...], words: _Words
) -> Iterable[str]:
    """The second of two spikes of a step sees the states of ``kept`` as before the first one."""
    if not kept:
        yield from words.lines(usual)
        return
    yield f"{PREFIX}apart = int({FIRST} == {NOW})"
    seen = {f"{BEFORE}{n}": f"{PREFIX}seen_{n}" for n in kept}
    words = _Words(words.dt, {**words.own, **seen}, words.given)
    for a in apart:
        for name in kept:
            if f"{BEFORE}{name}" in a.reads:
                before, now = own(BEFORE + name), own(name)
                blend = f"{PREFIX}apart*{before} + (1 - {PREFIX}apart)*{now}"
                yield f"{own('seen_' + name)} = {blend}"
        yield from words.lines([a])


def _send(placing: Placing, receive: str) -> Iterable[str]:
    if not placing.rows:
        yield f"weight = {PREFIX}{AMPLITUDE}"
        yield from receive.splitlines()
        return
    ahead = AHEAD if placing.ahead is None else str(placing.ahead)
    yield f"sb_sent = sb_later(({NOW} + {ahead}) % {placing.rows}, j, {PREFIX}{AMPLITUDE})"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)
