"""Which state of a neuron may stand for which state of a built-in: consistent one-to-one maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .dynamics import Dynamics

Alignment = Mapping[str, str]  # user's state -> built-in's state


def voltage(d: Dynamics) -> str | None:
    """The one state that the threshold tests."""
    if d.threshold is None:
        return None
    found = {s.name for s in d.threshold.free_symbols} & set(d.states)
    return found.pop() if len(found) == 1 else None


def alignments(user: Dynamics, builtin: Dynamics) -> Iterator[Alignment]:
    """Every map under which the built-in has each dependence that the user's neuron has.

    The built-in may have more of them: a parameter of it can be 0.
    """
    if len(user.states) != len(builtin.states) or voltage(user) is None:
        return
    yield from _extend({}, user, builtin, _edges(user), _edges(builtin))


def fallback(user: Dynamics, builtin: Dynamics) -> Alignment:
    """Some map, to say what differs where none is consistent."""
    first, target = voltage(user) or user.states[0], voltage(builtin) or builtin.states[0]
    mine = [n for n in user.states if n != first]
    theirs = [n for n in builtin.states if n != target]
    return {first: target, **dict(zip(mine, theirs, strict=True))}


def _edges(d: Dynamics) -> set[tuple[str, str]]:
    """(state, state that its rate reads), and (state, "spikes") where spikes drive it."""
    states = set(d.states)
    found = {(n, s.name) for n, r in d.rates.items() for s in r.free_symbols if s.name in states}
    driven = {(n, "spikes") for jumps in d.jumps.values() for n in jumps or ()}
    return found | driven


def _extend(
    done: dict[str, str],
    user: Dynamics,
    builtin: Dynamics,
    mine: set[tuple[str, str]],
    theirs: set[tuple[str, str]],
) -> Iterator[Alignment]:
    if len(done) == len(user.states):
        yield dict(done)
        return
    name = next(n for n in user.states if n not in done)
    for target in builtin.states:
        if target in done.values():
            continue
        if (name == voltage(user)) != (target == voltage(builtin)):
            continue
        new = {**done, name: target, "spikes": "spikes"}
        wanted = {(new[a], new[b]) for a, b in mine if a in new and b in new}
        if wanted <= theirs:
            del new["spikes"]
            yield from _extend(new, user, builtin, mine, theirs)
