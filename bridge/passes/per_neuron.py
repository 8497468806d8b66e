"""States that are the same for all synapses of one neuron: once per neuron instead of per synapse.

A trace of the presynaptic spikes is raised by the same amount at the same time in all synapses of
a presynaptic neuron, if their numbers and axonal delays are the same; a trace of the postsynaptic
spikes in all synapses onto a neuron, if the dendritic delays are. Kept once, it takes no memory in
the synapses, and a spike of its side touches one number instead of one per synapse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..definition.expressions import Expression
from ..records import dataclass, replace
from .program import Assign
from .steps import live
from .substitute import rename, substitute
from .synapse_program import BEFORE, ELAPSED, SynapseProgram


@dataclass(frozen=True)
class Facts:
    """What the numbers of a projection say.

    ``shared``: parameters, and states by their initial values, that are one number for all.
    ``pre``, ``post``: why nothing can be kept per neuron on this side; None: it can.
    ``at_soma``: presynaptic spikes arrive in the step in which they are handled, which is the one
    before that of simultaneous postsynaptic spikes.
    """

    shared: frozenset[str]
    pre: str | None
    post: str | None
    at_soma: bool


@dataclass(frozen=True)
class Side:
    """The states of one side: ``advance`` brings them up to date, ``spike`` runs at a spike.

    ``ahead``: synapses read them at spikes of their own side, as they are just before.
    ``late``: they change only after the synapses have handled the other side's spikes of the step.
    """

    states: tuple[str, ...] = ()
    advance: tuple[Assign, ...] = ()
    spike: tuple[Assign, ...] = ()
    ahead: bool = False
    late: bool = False


@dataclass(frozen=True, eq=False)
class PerNeuron:
    """``pre`` and ``post`` live once per neuron, ``rest`` in the synapses.

    Statements of ``rest`` read states of their own side as before the spike, and those of the other
    side as brought up to date. ``reasons``: state -> why it stays in the synapse.
    """

    pre: Side
    post: Side
    rest: SynapseProgram
    reasons: Mapping[str, str]

    @property
    def states(self) -> tuple[str, ...]:
        return (*self.pre.states, *self.post.states)


def per_neuron(program: SynapseProgram, facts: Facts) -> PerNeuron:
    """``program`` in three parts; all in ``rest`` where nothing is the same for a neuron."""
    reasons = {s: _reason(s, program, facts) or "" for s in program.states if _moves(s, program)}
    left = {s for s, reason in reasons.items() if not reason}
    while dropped := {s: r for s in sorted(left) if (r := _tied(s, program, left, facts))}:
        reasons |= dropped
        left -= set(dropped)
    pre = tuple(s for s in program.states if s in left and _written(s, program.pre))
    post = tuple(s for s in program.states if s in left and s not in pre)
    rest = _rest(program, pre, post)
    late = any(s in post for s in program.kept_by_post) and not facts.at_soma
    return PerNeuron(
        _side(program, pre, program.pre, rest.pre),
        replace(_side(program, post, program.post, rest.post), late=late),
        rest,
        {s: r for s, r in reasons.items() if r},
    )


def _moves(state: str, program: SynapseProgram) -> bool:
    return _written(state, (*program.pre, *program.post))


def _written(state: str, statements: Iterable[Assign]) -> bool:
    return any(a.target == state for a in statements)


def _reason(state: str, program: SynapseProgram, facts: Facts) -> str | None:
    """Why ``state`` alone cannot be kept per neuron."""
    if program.step is not None:
        return "the equations have no closed form"
    sides = [s for s in ("pre", "post") if _written(state, getattr(program, s))]
    if len(sides) > 1:
        return "spikes of both sides change it"
    if any(_written(state, statements) for statements in program.events.values()):
        return "a third factor changes it"
    if any(state in a.reads for statements in program.events.values() for a in statements):
        return "a third factor reads it"
    if why := getattr(facts, sides[0]):
        return str(why)
    if state not in facts.shared:
        return "it does not begin the same in all synapses"
    if sides == ["pre"] and state in program.kept_by_pre and facts.at_soma:
        return "a postsynaptic spike of the same step must read it as before"
    return None


def _tied(state: str, program: SynapseProgram, left: set[str], facts: Facts) -> str | None:
    """What else keeps ``state`` in the synapse, if ``left`` are those that may leave it."""
    own = program.pre if _written(state, program.pre) else program.post
    same = {s for s in left if _written(s, own)}
    known = same | (facts.shared - set(program.states)) | {ELAPSED}
    advanced = _expanded(program.advance)
    reads = advanced.get(state, frozenset())
    for a in own:
        reads |= a.reads if a.target == state else frozenset()
    if foreign := sorted(reads - known):
        return f"it depends on {foreign[0]}, which differs between the synapses of a neuron"
    for other in program.states:
        if other not in same and state in advanced.get(other, ()):
            return f"between events {other} depends on it"
    return None


def _expanded(advance: Iterable[Assign]) -> dict[str, frozenset[str]]:
    """State -> what its value some time later reads, seen through temporaries."""
    temporaries: dict[str, frozenset[str]] = {}
    found: dict[str, frozenset[str]] = {}
    for a in advance:
        through = [temporaries[n] for n in a.reads & set(temporaries)]
        (temporaries if a.temporary else found)[a.target] = (a.reads - set(temporaries)).union(
            *through
        )
    return found


def _side(
    program: SynapseProgram,
    states: tuple[str, ...],
    spike: tuple[Assign, ...],
    rest: tuple[Assign, ...],
) -> Side:
    return Side(
        states,
        advanced(program.advance, states),
        tuple(a for a in spike if a.target in states),
        ahead=any(s in a.reads for a in rest for s in states),
    )


def advanced(advance: Iterable[Assign], states: Iterable[str]) -> tuple[Assign, ...]:
    """Those of the statements that bring ``states`` up to date."""
    chosen = set(states)
    return live(a for a in advance if a.temporary or a.target in chosen)


def _rest(program: SynapseProgram, pre: tuple[str, ...], post: tuple[str, ...]) -> SynapseProgram:
    states = tuple(s for s in program.states if s not in (*pre, *post))
    return replace(
        program,
        states=states,
        advance=advanced(program.advance, states),
        pre=_without(program.pre, pre),
        post=_without(program.post, post),
        pre_apart=_without(_plain(program.pre_apart, post), pre),
        post_apart=_without(_plain(program.post_apart, pre), post),
        kept_by_post=tuple(s for s in program.kept_by_post if s not in post),
        kept_by_pre=tuple(s for s in program.kept_by_pre if s not in pre),
    )


def _without(statements: tuple[Assign, ...], states: tuple[str, ...]) -> tuple[Assign, ...]:
    """What is left for the synapse; what ``states`` became on the way is written out."""
    now: dict[str, Expression] = {}
    found = []
    for a in statements:
        if a.target in states:
            now[a.target] = substitute(a.value, now)
        elif a.reads & set(now):
            found.append(Assign(a.target, substitute(a.value, now), a.temporary))
        else:
            found.append(a)
    return tuple(found)


def _plain(statements: tuple[Assign, ...], states: tuple[str, ...]) -> tuple[Assign, ...]:
    """States that rise late are read as before anyway."""
    names = {f"{BEFORE}{s}": s for s in states}
    return tuple(
        Assign(a.target, rename(a.value, names), a.temporary) if a.reads & set(names) else a
        for a in statements
    )
