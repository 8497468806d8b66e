"""SynapseProgram -> Brian2's abstract code: what pathways run at events, and between them.

Every synapse keeps the step to which its states are up to date; a pathway first brings them up to
its own step. Names of the synapse begin with ``syn_``, so that none is a name of the neuron.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ...definition.expressions import Expression
from ...passes.program import Assign, Program
from ...passes.substitute import rename
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from ...records import dataclass, field
from .emit import statement
from .names import Spelling

PREFIX = "syn_"
UPDATED = "syn_updated"  # twice the step to which the states are up to date; plus one where the
# side that comes first had a spike in that step, which the other side must know
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

    def show(self, expression: Expression) -> str:
        return Spelling(self.dt, given=self.given).show(rename(expression, self.own))


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
    memory, later = _memory(program, placing), int(placing.at_soma)
    apart = program.post_apart if memory.pre_first else program.pre_apart
    if not memory.names:
        pre = _up_to_date(program, words, program.pre, later)
        post = _up_to_date(program, words, program.post)
    elif memory.pre_first:
        pre = [*_advance(program, words, later), *_first(memory, words, program.pre, later)]
        post = [*_advance(program, words), *_second(memory, words, apart)]
    else:
        pre = [*_advance(program, words), *_second(memory, words, apart)]
        post = [*_advance(program, words), *_first(memory, words, program.post)]
    events = {n: _text(_up_to_date(program, words, s)) for n, s in program.events.items()}
    sides = ("post", "events", "step", "pre") if placing.at_soma else _SIDES[program.pre_first]
    return PlasticText(
        model=_text(_model(program, placing, memory, wide)),
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


def _advance(program: SynapseProgram, words: _Words, later: int = 0) -> Iterable[str]:
    """Everything up to the step ``later`` steps after the present one."""
    if program.advance:
        yield f"{PREFIX}{ELAPSED} = ((2*{NOW} + {2 * later + 1} - {UPDATED})//2)*{words.dt!r}"
        yield from words.lines(program.advance)


def _up_to_date(
    program: SynapseProgram, words: _Words, statements: Iterable[Assign], later: int = 0
) -> list[str]:
    """Statements that no other spike of the step must know of."""
    done = [f"{UPDATED} = 2*{NOW} + {2 * later}"] if program.advance else []
    return [*_advance(program, words, later), *done, *words.lines(statements)]


def _first(
    memory: _Memory, words: _Words, statements: tuple[Assign, ...], later: int = 0
) -> Iterable[str]:
    """The first of two spikes of a step, and what the second must know."""
    if memory.names:
        yield f"{UPDATED} = 2*{NOW} + {2 * later + 1}"
    for name in memory.kept:
        yield f"{own(BEFORE + name)} = -(-{own(name)})"
    yield from words.lines(statements)


def _second(memory: _Memory, words: _Words, apart: tuple[Assign, ...]) -> Iterable[str]:
    """The second of two spikes of a step sees states as before the first one."""
    yield f"{PREFIX}apart = int({UPDATED} == 2*{NOW} + 1)"
    yield f"{UPDATED} = 2*{NOW} + {PREFIX}apart"
    seen = {f"{BEFORE}{n}": f"{PREFIX}seen_{n}" for n in memory.names}
    words = _Words(words.dt, {**words.own, **seen}, words.given)
    for a in apart:
        for name in memory.names:
            if f"{BEFORE}{name}" in a.reads:
                yield f"{own('seen_' + name)} = {_seen(name, memory, words)}"
        yield from words.lines([a])


def _seen(name: str, memory: _Memory, words: _Words) -> str:
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


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)
