"""States that live once per neuron in Brian2's language: see `passes.per_neuron`.

They are states of a ``Synapses`` object with one connection per neuron, whose pathways run at the
neuron's spikes when these are at the synapses. The synapses proper refer to its variables.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from typing import Any

from ...passes.numeric import value_of
from ...passes.per_neuron import PerNeuron, Side, advanced
from ...passes.program import Assign
from ...passes.synapse_program import ELAPSED
from ...records import dataclass
from .plastic_words import NOW, PREFIX, Words, own, text_of

SIDES = ("pre", "post")


@dataclass(frozen=True)
class SideText:
    """The states of one side: code of its pathways ``ahead`` and ``spike``, before and after the
    synapses proper handle a spike; ``late`` as in `passes.per_neuron.Side`.

    ``every``: all states of the side are kept as of one step, as they would have been there without
    the spikes since then (see `common`); ``move`` carries them to a new one that many steps later.
    """

    side: str
    states: tuple[str, ...]
    ahead: str
    spike: str
    late: bool
    every: int | None = None
    move: str = ""

    @property
    def model(self) -> str:
        """Declarations: the states, and the step to which they are up to date."""
        lines = [f"{own(s)} : 1" for s in self.states]
        kind = "integer" if self.every is None else "integer (shared)"
        return text_of([*lines, f"{since(self.side)} : {kind}"])

    @property
    def shared(self) -> tuple[str, ...]:
        """The names by which synapses know it."""
        return (*(own(s) for s in self.states), since(self.side))


def since(side: str) -> str:
    """What the step is called to which the states of a side are up to date."""
    return f"{PREFIX}{side}_since"


def side_text(
    name: str, side: Side, words: Words, later: int, every: int | None
) -> SideText | None:
    """The code of one side, which is ``later`` steps behind the spikes; None without states."""
    if not side.states:
        return None
    now = f"{NOW} + {later}" if later else NOW
    elapsed, advance = f"{PREFIX}{ELAPSED}", list(words.lines(side.advance))
    begin = [f"{elapsed} = ({now} - {since(name)})*{words.dt!r}", *advance]
    after = list(words.lines(side.spike))
    if every is not None:
        spike = [*begin, *after, f"{PREFIX}back = -{elapsed}", *_backwards(side, words)]
        move = [f"{elapsed} = ({NOW} - {since(name)})*{words.dt!r}", f"{since(name)} = {NOW}"]
        moved = text_of([*move, *advance])
        return SideText(name, side.states, "", text_of(spike), side.late, every, moved)
    begin.append(f"{since(name)} = {now}")
    ahead, spike = (begin, after) if side.ahead else ([], [*begin, *after])
    return SideText(name, side.states, text_of(ahead), text_of(spike), side.late)


def _backwards(side: Side, words: Words) -> Iterable[str]:
    """The way back to the step as of which the states are kept."""
    back = {a.target: f"{PREFIX}back_{a.target}" for a in side.advance if a.temporary}
    return words.but({**back, ELAPSED: f"{PREFIX}back"}).lines(side.advance)


FARTHEST = 300.0  # time constants from the step as of which states are kept: exp(300) = 2e130
NEAREST = 100  # steps; below that every neuron keeps a step of its own


def common(side: Side, numbers: Mapping[str, float], dt: float) -> int | None:
    """After how many steps the states of a side must be moved on, if all are kept as of one step.

    A state x that relaxes by itself, x(t + s) = F(s) x(t), can be kept as F(-s) x(t): to read it
    takes F of a time that is the same for all neurons, one exponential per step instead of one per
    synapse. None: a state that depends on another one would lose digits on the way back.
    """
    known = {*numbers, ELAPSED, *(a.target for a in side.advance if a.temporary)}
    if any(a.reads - known - {a.target} for a in side.advance):
        return None
    fastest = max(_rate(s, side, numbers) for s in side.states)
    steps = math.inf if fastest == 0 else FARTHEST / (fastest * dt)
    return round(min(steps, 10**8)) if steps >= NEAREST else None


def _rate(state: str, side: Side, numbers: Mapping[str, float]) -> float:
    """Of the relaxation of ``state``, in 1/ms."""
    brief, found = 1e-3, []
    for value in (0.0, 1.0):
        scope: dict[str, Any] = {**numbers, **dict.fromkeys(side.states, value), ELAPSED: brief}
        for a in side.advance:
            scope[a.target] = value_of(a.value, scope)
        found.append(float(scope[state]))
    left = found[1] - found[0]
    return abs(math.log(left)) / brief if left > 0 else math.inf


def reading(
    parts: PerNeuron,
    side: str,
    statements: Iterable[Assign],
    words: Words,
    later: int,
    fixed: Container[str],
) -> tuple[list[str], Words]:
    """What a pathway of ``side`` needs to read states that live in neurons, and its spelling.

    States of its own side have been brought up to date just before, unless ``fixed`` names the side
    as one whose states are kept as of one step.
    """
    text: list[str] = []
    for there in SIDES:
        if there != side or there in fixed:
            lines, words = _read(there, getattr(parts, there), statements, words, later)
            text += lines
    return text, words


def _read(
    name: str, side: Side, statements: Iterable[Assign], words: Words, later: int
) -> tuple[list[str], Words]:
    read = {n for a in statements for n in a.reads}
    moved = advanced(side.advance, set(side.states) & read)
    if not moved:
        return [], words
    temporary = {a.target: f"{PREFIX}{name}_{a.target}" for a in moved if a.temporary}
    temporary |= {ELAPSED: f"{PREFIX}{name}_{ELAPSED}"}
    now = {a.target: f"{PREFIX}now_{a.target}" for a in moved if not a.temporary}
    stored = words.but(temporary)
    text = [f"{temporary[ELAPSED]} = ({NOW} + {later} - {since(name)})*{words.dt!r}"]
    for a in moved:
        text += stored.lines([Assign(a.target, a.value, True)] if a.temporary else ())
        if not a.temporary:
            text.append(f"{own('now_' + a.target)} = {stored.show(a.value)}")
    return text, words.but(now)
