"""SynapseProgram -> Brian2's abstract code: what pathways run at events, and between them.

Every synapse keeps the step to which its states are up to date; a pathway first brings them up to
its own step. States that live once per neuron have code of their own (`per_neuron_text`), and the
synapses read them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

import numpy as np

from ...definition.expressions import Expression
from ...passes.per_neuron import PerNeuron
from ...passes.program import Assign
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from ...records import dataclass
from .per_neuron_text import SIDES, SideText, common, reading, side_text
from .plastic_words import AHEAD, NOW, PREFIX, UPDATED, Words, own, own_names, text_of

_SIDES = {False: ("post", "pre", "events", "step"), True: ("pre", "post", "events", "step")}


@dataclass(frozen=True)
class PlasticText:
    """One synapse in Brian2's language.

    ``model`` declares the states; ``post``, ``pre`` and ``events`` are the code of the pathways,
    which run in the order of ``order``; ``step`` is what runs once a step. ``early``: all of this
    comes before the neurons integrate, as it reads them at the start of the step. ``sides``: the
    states that live once per neuron.
    """

    model: str
    pre: str
    post: str
    events: Mapping[str, str]
    step: str
    order: tuple[str, ...]
    early: bool
    sides: tuple[SideText, ...] = ()

    def side(self, name: str) -> SideText | None:
        """The states of the neurons on one side."""
        return next((s for s in self.sides if s.side == name), None)


@dataclass(frozen=True)
class Placing:
    """How a synapse lies: ``at_soma``: no delay after it; ``rows`` of the line that its amplitudes
    take to the neuron, 0 where they arrive in the step that makes them; ``ahead``: as `AHEAD`.

    ``sooner``: by how many steps that is less than the dendritic delay. Where synapses run before
    thresholds it is 1, as spikes wait for the next step; with Brian2's own schedule 0.
    """

    at_soma: bool
    rows: int
    ahead: int | None  # None: one per connection
    sooner: int = 1


def plastic_text(
    parts: PerNeuron,
    placing: Placing,
    reads: Mapping[str, str],
    receive: str,
    numbers: Mapping[str, Any],
    dt: float,
) -> PlasticText:
    """A synapse as text for steps of ``dt`` ms.

    ``reads``: ``V_post`` -> its text; ``receive``: what an arriving ``weight`` does to the neuron;
    ``numbers``: the parameters, one number or one per connection.
    """
    wide = [n for n, v in numbers.items() if np.ndim(v)]
    program, later = parts.rest, int(placing.at_soma)
    names = dict.fromkeys(parts.states) | own_names(program)
    words = Words(dt, {n: PREFIX + n for n in names}, {**reads, "dt_ms": repr(dt)})
    memory = _memory(program, placing)
    one = {n: float(v) for n, v in numbers.items() if not np.ndim(v)}
    every = {n: common(s, one, dt) for n in SIDES if (s := getattr(parts, n)).states}
    fixed = {n for n, steps in every.items() if steps is not None}
    pre, post = _pathways(parts, memory, words, later, fixed)
    events = {n: text_of(_up_to_date(program, words, s)) for n, s in program.events.items()}
    sides = (
        side_text(n, getattr(parts, n), words, later * (n == "pre"), every.get(n)) for n in SIDES
    )
    first = ("post", "events", "step", "pre") if placing.at_soma else _SIDES[program.pre_first]
    return PlasticText(
        model=text_of(_model(program, placing, memory, wide)),
        pre=text_of([*pre, *_send(placing, receive)]),
        post=text_of(post) if program.post else "",
        events=events,
        step="" if program.step is None else text_of(words.lines(program.step)),
        order=first,
        early=early(program),
        sides=tuple(s for s in sides if s is not None),
    )


def _pathways(
    parts: PerNeuron, memory: _Memory, words: Words, later: int, fixed: Container[str]
) -> tuple[list[str], list[str]]:
    """The code of a presynaptic and of a postsynaptic spike."""
    program = parts.rest
    pre_apart = bool(memory.names) and not memory.pre_first
    post_apart = bool(memory.names) and memory.pre_first
    pre = program.pre_apart if pre_apart else program.pre
    post = program.post_apart if post_apart else program.post
    before_pre, pre_words = reading(parts, "pre", pre, words, later, fixed)
    before_post, post_words = reading(parts, "post", post, words, 0, fixed)
    if pre_apart:
        pre_lines = [*_advance(program, words), *_second(memory, pre_words, pre)]
        post_lines = [*_advance(program, words), *_first(memory, post_words, post)]
    elif post_apart:
        pre_lines = [*_advance(program, words, later), *_first(memory, pre_words, pre, later)]
        post_lines = [*_advance(program, words), *_second(memory, post_words, post)]
    else:
        pre_lines = _up_to_date(program, pre_words, pre, later)
        post_lines = _up_to_date(program, post_words, post)
    return [*before_pre, *pre_lines], [*before_post, *post_lines]


def early(program: SynapseProgram) -> bool:
    """Whether synapses run before the neurons integrate."""
    return bool(more_than_events(program))


def more_than_events(program: SynapseProgram) -> str:
    """Why what pathways do at spikes is not all; "" where it is."""
    if program.post_reads:
        return f"it reads {program.post_reads[0]}_post"
    if program.step is not None:
        return f"it has no closed form between spikes: {program.obstacle}"
    return ""


def _model(
    program: SynapseProgram, placing: Placing, memory: _Memory, wide: Iterable[str]
) -> Iterable[str]:
    for name in program.states:
        yield f"{own(name)} : 1"
    for name in sorted(wide):
        yield f"{own(name)} : 1 (constant)"
    if program.advance or memory.names:
        yield f"{UPDATED} : integer"
    for name in memory.kept:
        yield f"{own(BEFORE + name)} : 1"
    if placing.rows and placing.ahead is None:
        yield f"{AHEAD} : integer (constant)"


@dataclass(frozen=True)
class _Memory:
    """What the second of two spikes of a step knows of the states before the first one.

    ``kept`` are stored; of a state in ``undone`` the first spike's increment is taken back.
    """

    pre_first: bool
    names: tuple[str, ...]
    undone: Mapping[str, Expression]

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(n for n in self.names if n not in self.undone)


def _memory(program: SynapseProgram, placing: Placing) -> _Memory:
    pre_first = program.pre_first or placing.at_soma
    if pre_first:  # a presynaptic unit may spike twice in a step: two increments
        return _Memory(True, program.kept_by_pre, {})
    undone = {}
    for name in program.kept_by_post:
        found = [a for a in program.post if a.target == name]
        added = found[0].added if len(found) == 1 else None
        alone = added is not None and not added.names - set(program.parameters)
        if alone and name not in {a.target for a in program.pre}:
            undone[name] = added
    return _Memory(False, program.kept_by_post, undone)  # type: ignore[arg-type]


def _advance(program: SynapseProgram, words: Words, later: int = 0) -> Iterable[str]:
    """Everything up to the step ``later`` steps after the present one."""
    if program.advance:
        yield f"{PREFIX}{ELAPSED} = ((2*{NOW} + {2 * later + 1} - {UPDATED})//2)*{words.dt!r}"
        yield from words.lines(program.advance)


def _up_to_date(
    program: SynapseProgram, words: Words, statements: Iterable[Assign], later: int = 0
) -> list[str]:
    """Statements that no other spike of the step must know of."""
    done = [f"{UPDATED} = 2*{NOW} + {2 * later}"] if program.advance else []
    return [*_advance(program, words, later), *done, *words.lines(statements)]


def _first(
    memory: _Memory, words: Words, statements: tuple[Assign, ...], later: int = 0
) -> Iterable[str]:
    """The first of two spikes of a step, and what the second must know."""
    if memory.names:
        yield f"{UPDATED} = 2*{NOW} + {2 * later + 1}"
    for name in memory.kept:
        yield f"{own(BEFORE + name)} = -(-{own(name)})"
    yield from words.lines(statements)


def _second(memory: _Memory, words: Words, apart: tuple[Assign, ...]) -> Iterable[str]:
    """The second of two spikes of a step sees states as before the first one."""
    yield f"{PREFIX}apart = int({UPDATED} == 2*{NOW} + 1)"
    yield f"{UPDATED} = 2*{NOW} + {PREFIX}apart"
    seen = {f"{BEFORE}{n}": f"{PREFIX}seen_{n}" for n in memory.names}
    words = words.but(seen)
    for a in apart:
        for name in memory.names:
            if f"{BEFORE}{name}" in a.reads:
                yield f"{own('seen_' + name)} = {_seen(name, memory, words)}"
        yield from words.lines([a])


def _seen(name: str, memory: _Memory, words: Words) -> str:
    now = own(name)
    if name in memory.undone:
        return f"{now} - {PREFIX}apart*({words.show(memory.undone[name])})"
    return f"{PREFIX}apart*{own(BEFORE + name)} + (1 - {PREFIX}apart)*{now}"


def _send(placing: Placing, receive: str) -> Iterable[str]:
    if not placing.rows:
        yield f"weight = {PREFIX}{AMPLITUDE}"
        yield from receive.splitlines()
        return
    ahead = AHEAD if placing.ahead is None else str(placing.ahead)
    yield f"sb_sent = sb_later(({NOW} + {ahead}) % {placing.rows}, j, {PREFIX}{AMPLITUDE})"
