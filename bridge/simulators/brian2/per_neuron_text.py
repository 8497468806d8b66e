"""States that live once per neuron in Brian2's language: see `passes.per_neuron`.

They are states of a ``Synapses`` object with one connection per neuron, whose pathways run at the
neuron's spikes when these are at the synapses. The synapses proper refer to its variables.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    """

    side: str
    states: tuple[str, ...]
    ahead: str
    spike: str
    late: bool

    @property
    def model(self) -> str:
        """Declarations: the states, and the step to which they are up to date."""
        lines = [f"{own(s)} : 1" for s in self.states]
        return text_of([*lines, f"{since(self.side)} : integer"])

    @property
    def shared(self) -> tuple[str, ...]:
        """The names by which synapses know it."""
        return (*(own(s) for s in self.states), since(self.side))


def since(side: str) -> str:
    """What the step is called to which the states of a side are up to date."""
    return f"{PREFIX}{side}_since"


def side_text(name: str, side: Side, words: Words, later: int) -> SideText | None:
    """The code of one side, which is ``later`` steps behind the spikes; None without states."""
    if not side.states:
        return None
    now = f"{NOW} + {later}" if later else NOW
    begin = [f"{PREFIX}{ELAPSED} = ({now} - {since(name)})*{words.dt!r}"]
    begin += [*words.lines(side.advance), f"{since(name)} = {now}"]
    after = list(words.lines(side.spike))
    ahead, spike = (begin, after) if side.ahead else ([], [*begin, *after])
    return SideText(name, side.states, text_of(ahead), text_of(spike), side.late)


def reading(
    parts: PerNeuron, side: str, statements: Iterable[Assign], words: Words, later: int
) -> tuple[list[str], Words]:
    """What a pathway of ``side`` needs to read the states of the other one, and its spelling.

    States of its own side have been brought up to date just before.
    """
    other = "post" if side == "pre" else "pre"
    there: Side = getattr(parts, other)
    read = {n for a in statements for n in a.reads}
    moved = advanced(there.advance, set(there.states) & read)
    if not moved:
        return [], words
    temporary = {a.target: f"{PREFIX}{other}_{a.target}" for a in moved if a.temporary}
    temporary |= {ELAPSED: f"{PREFIX}{other}_{ELAPSED}"}
    now = {a.target: f"{PREFIX}now_{a.target}" for a in moved if not a.temporary}
    stored = words.but(temporary)
    text = [f"{temporary[ELAPSED]} = ({NOW} + {later} - {since(other)})*{words.dt!r}"]
    for a in moved:
        text += stored.lines([Assign(a.target, a.value, True)] if a.temporary else ())
        if not a.temporary:
            text.append(f"{own('now_' + a.target)} = {stored.show(a.value)}")
    return text, words.but(now)
