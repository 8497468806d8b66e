"""Find a built-in synapse: states up to renaming and scaling, parameters solved for.

For every map of the states that keeps their roles, what the events and equations do is written in
the user's states; equal coefficients of equal terms give equations for the built-in's parameters.
What is found is then run against the user's program at random numbers (`same_dynamics`), and only
that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations, product
from typing import Any

import sympy

from ..definition.algebra import show, symbol
from ..definition.expressions import Expression, parse
from ..definition.model import Synapse
from .catalog import PREFIX
from .dynamic_terms import Alignment, comparisons, settled, still_open, unbounded, unknowns_of
from .match_dynamic import DynamicMatch
from .matched import NoMatch
from .same_dynamics import differing, numbers
from .synapse_catalog import SynapseCatalogue, SynapseEntry, status_key
from .synapse_maps import Maps, maps_of
from .synapse_program import synapse_program
from .unknowns import Samples, solve, tidy
from .words import difference

Miss = tuple[int, tuple[str, ...]]  # how early it failed, and what differs


def searched(
    synapse: Synapse, catalogue: SynapseCatalogue, special: Mapping[str, str]
) -> DynamicMatch | NoMatch:
    """See `match_dynamic.match_dynamic`; ``special``: parameter -> number or expression."""
    reason = _never(synapse)
    if reason:
        return NoMatch(synapse.label, "", (reason,))
    misses: list[tuple[Miss, str]] = []
    for substituted in _steps(special):
        search = _Search(synapse, substituted)
        for entry in catalogue.entries:
            found = search.tried(entry)
            if isinstance(found, DynamicMatch):
                return found
            if found:
                misses.append((found, entry.name))
    misses = misses or search.unlike(catalogue)
    if not misses:
        states = ", ".join(synapse.states)
        return NoMatch(synapse.label, "", (f"no built-in has the states {states}",))
    (_, differences), name = min(misses, key=lambda m: _rank(m[0]))
    return NoMatch(synapse.label, name, differences)


def _rank(miss: Miss) -> tuple[int, int]:
    """What all equations allow comes nearest, whatever differs then."""
    early, differences = miss
    return early and early + len(differences), len(differences)


def _never(synapse: Synapse) -> str | None:
    program = synapse_program(synapse)
    if program.obstacle:
        return f"it has no closed form: {program.obstacle}"
    if program.post_reads:
        return f"it reads {program.post_reads[0]}_post, which no built-in does"
    if program.events:
        return f"it has the third factor {min(program.events)}"
    if program.pre_first and program.post:
        return "its presynaptic spike comes first where both coincide, theirs last"
    return None


def _steps(special: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """With numbers and expressions put in, which leaves least to compare; as written."""
    if special:
        yield special
    yield {}


class _Search:
    """The user's side, and attempts at one entry after the other."""

    def __init__(self, synapse: Synapse, special: Mapping[str, str]) -> None:
        self.synapse = synapse
        known = {*synapse.parameters, *synapse.required}
        texts: dict[str, Expression] = {n: parse(t) for n, t in special.items()}
        self.by = {symbol(n): e.sympy(known) for n, e in texts.items()}
        for _ in range(len(self.by)):
            self.by = {s: e.xreplace(self.by) for s, e in self.by.items()}
        self.special = texts
        self.maps = maps_of(synapse).replaced(self.by)
        self.samples = _samples(synapse, self.maps)

    def tried(self, entry: SynapseEntry) -> DynamicMatch | Miss | None:
        """A match, or the fewest differences; None where the states do not fit at all."""
        theirs = _prefixed(entry)
        best: Miss | None = None
        for states in _alignments(self.maps, theirs):
            for exponents in self._exponents(entry):
                found = self._attempt(entry, theirs.replaced(exponents), states, exponents)
                if isinstance(found, DynamicMatch):
                    return found
                if best is None or _rank(found) < _rank(best):
                    best = found
        return best

    def unlike(self, catalogue: SynapseCatalogue) -> list[tuple[Miss, str]]:
        """Differences where no states have the same roles, from a map that comes near."""
        found = []
        for entry in catalogue.entries:
            if len(entry.synapse.states) == len(self.maps.states):
                theirs = _prefixed(entry)
                ones = {symbol(PREFIX + n): sympy.S.One for n in entry.exponents}
                states = _nearest(self.maps, theirs)
                miss = self._attempt(entry, theirs.replaced(ones), states, ones)
                if not isinstance(miss, DynamicMatch):
                    found.append((miss, entry.name))
        return found

    def _exponents(self, entry: SynapseEntry) -> Iterator[dict[Any, Any]]:
        """Values for the exponents of the entry: 0, 1, and those of the user."""
        every = [*self.maps.pre.values(), *self.maps.post.values()]
        powers = {p for e in every for p in e.atoms(sympy.Pow)}
        moving = {symbol(s) for s in self.maps.states}
        own = {p.exp for p in powers if p.free_symbols & moving and not p.exp.is_Integer}
        values = [sympy.S.Zero, sympy.S.One, *sorted(own, key=str)]
        names = [symbol(PREFIX + n) for n in entry.exponents]
        for chosen in product(values, repeat=len(names)):
            yield dict(zip(names, chosen, strict=True))

    def _attempt(
        self, entry: SynapseEntry, theirs: Maps, states: Alignment, values: dict[Any, Any]
    ) -> DynamicMatch | Miss:
        scales = {s: symbol(f"scale:{s}") for s in states}
        place = {symbol(PREFIX + b): scales[s] * symbol(s) for s, b in states.items()}
        theirs = theirs.replaced(place)
        known: dict[Any, Any] = dict(values)
        for final in (False, True):
            unknowns = unknowns_of(entry, scales, final)
            written = theirs.replaced(known)
            here = {s: known.get(k, k) for s, k in scales.items()}
            missing = unbounded(self.maps, written, states, entry.name)
            if missing:
                return 2, missing
            pairs = list(comparisons(self.maps, written, states, here, final))
            ready = [c for c in pairs if final or settled(c, unknowns)]
            solution = solve(ready, unknowns, self.samples)
            found = known | dict(solution.values)
            failed = [c for c in solution.failed if final or not still_open(c, found, unknowns)]
            if failed:
                texts = (difference(c, entry.name, found) for c in failed)
                return 2 - final, tuple(dict.fromkeys(texts))
            known |= dict(solution.values)
        return self._concluded(entry, states, scales, known)

    def _concluded(
        self, entry: SynapseEntry, states: Alignment, scales: Mapping[str, Any], known: Any
    ) -> DynamicMatch | Miss:
        moving = {symbol(s) for s in states}
        left = {s for v in known.values() for s in v.free_symbols} & moving
        missing = [s for s, k in scales.items() if k not in known]
        if left or missing:
            what = min(map(str, [*left, *missing]))
            return 1, (f"nothing in {entry.name} corresponds to {what}",)
        parameters = {
            p: parse(show(tidy(known[symbol(PREFIX + p)])))
            for p in entry.synapse.parameters
            if symbol(PREFIX + p) in known
        }
        factors = {s: parse(show(tidy(known[k]))) for s, k in scales.items()}
        text = _text(self.synapse.label, entry, states, factors, parameters)
        found = DynamicMatch(
            self.synapse.label, entry.name, entry.form, dict(states), factors, parameters, text
        )
        differences = differing(self.synapse, entry, found, self.special)
        return (0, differences) if differences else found


def _prefixed(entry: SynapseEntry) -> Maps:
    names = [*entry.synapse.states, *entry.synapse.parameters]
    return maps_of(entry.synapse).replaced({symbol(n): symbol(PREFIX + n) for n in names})


def _alignments(mine: Maps, theirs: Maps) -> Iterator[Alignment]:
    """Every one-to-one map of the states that keeps the roles."""
    if len(mine.states) != len(theirs.states):
        return
    own = {n: _role(theirs, n) for n in theirs.states}
    for order in permutations(theirs.states):
        if all(mine.role(a) == own[b] for a, b in zip(mine.states, order, strict=True)):
            yield dict(zip(mine.states, order, strict=True))


def _nearest(mine: Maps, theirs: Maps) -> Alignment:
    """The map with the fewest differences of roles; what is delivered counts most."""
    own = {n: _role(theirs, n) for n in theirs.states}

    def unlike(order: Iterable[str]) -> tuple[int, int]:
        pairs = list(zip(mine.states, order, strict=True))
        delivered = sum(mine.role(a)[3] != own[b][3] for a, b in pairs)
        return delivered, sum(
            x != y for a, b in pairs for x, y in zip(mine.role(a), own[b], strict=True)
        )

    return dict(zip(mine.states, min(permutations(theirs.states), key=unlike), strict=True))


def _role(theirs: Maps, state: str) -> tuple[bool, ...]:
    """The role of an entry's state, whose symbol has the prefix."""
    back = {symbol(PREFIX + n): symbol(n) for n in theirs.states}
    return theirs.replaced(back).role(state)


def _samples(synapse: Synapse, maps: Maps) -> Samples:
    """Numbers for every known symbol."""
    found = []
    for seed in range(3):
        values = numbers(synapse, seed)
        values |= {s: 0.3 + 0.1 * i + 0.01 * seed for i, s in enumerate(maps.states)}
        values["weight"] = 0.7 + 0.1 * seed
        found.append({symbol(n): sympy.Rational(f"{v:.7g}") for n, v in values.items()})
    return found


def _text(
    label: str,
    entry: SynapseEntry,
    states: Alignment,
    factors: Mapping[str, Expression],
    parameters: Mapping[str, Expression],
) -> str:
    """One line that explains the match."""
    shown = [f"{status_key(p)} = {e}" for p, e in parameters.items()]
    for state, name in states.items():
        scale = "" if factors[state].text in ("1", "1.0") else f"{factors[state]}*"
        shown.append(f"{entry.keys.get(name, name)} is {scale}{state}")
    return f"{label} == {entry.name} with {', '.join(shown)}"
