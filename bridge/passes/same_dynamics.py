"""Two synapses at random numbers: whether every event and every closed form gives the same."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..definition.model import Synapse
from .statements import run_statements
from .synapse_catalog import SynapseEntry
from .synapse_maps import bounded, maps_of
from .synapse_program import AMPLITUDE, BEFORE, ELAPSED, synapse_program

if TYPE_CHECKING:
    from .match_dynamic import DynamicMatch

COUNT = 400
CLOSE = 1e-9
_WHERE = {
    "advance": "between events",
    "pre": "at a presynaptic spike",
    "post": "at a postsynaptic spike",
    "pre_apart": "where spikes of both sides coincide",
}


def numbers(synapse: Synapse, seed: int) -> dict[str, float]:
    """A number near its own for every parameter; near 0.3 for 0, near 1 where there is none."""
    from .match_dynamic import default_values

    centres = default_values(synapse)
    draw = random.Random(f"{synapse.hash}{seed}")
    names = dict.fromkeys([*synapse.parameters, *synapse.required])
    found = {}
    for name in names:
        centre = centres.get(name, 1.0)
        centre = 1.0 if not np.isfinite(centre) else centre or 0.3
        found[name] = centre * draw.uniform(0.8, 1.2)
    return found


def differing(
    synapse: Synapse, entry: SynapseEntry, match: DynamicMatch, special: Mapping[str, Expression]
) -> tuple[str, ...]:
    """What differs, in sentences; () where nothing does."""
    found: dict[str, None] = {}
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values: dict[str, Any] = numbers(synapse, seed)
        for _ in range(len(special) + 1):
            values |= {n: evaluate(e, values) for n, e in special.items()}
        values["weight"] = float(rng.uniform(0.5, 2))
        parameters = {p: evaluate(e, values) for p, e in match.parameters.items()}
        factors = {s: evaluate(e, values) for s, e in match.factors.items()}
        broken = _broken(entry, parameters)
        if broken:
            return (broken,)
        states = _states(synapse, match, values, factors, rng)
        found |= dict.fromkeys(
            _compared(synapse, entry, match, values, parameters, factors, states)
        )
    return tuple(found)


def _broken(entry: SynapseEntry, parameters: Mapping[str, Any]) -> str:
    """The limit that the parameters break; "" where none."""
    known = (e for e in entry.limits if e.names <= set(parameters))
    broken = (e for e in known if not np.all(evaluate(e, parameters)))
    return next((f"{entry.name} demands {limit}" for limit in broken), "")


def _states(
    synapse: Synapse,
    match: DynamicMatch,
    values: Mapping[str, Any],
    factors: Mapping[str, Any],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Values of the user's states, also near and at their bounds, and from before a spike."""
    from ..definition.algebra import written

    maps = maps_of(synapse)
    found: dict[str, Any] = {ELAPSED: rng.uniform(0, 100, COUNT)}
    for state in match.states:
        both = [bounded(table[state], maps.states) for table in (maps.pre, maps.post)]
        upper = [b.bounds["upper"] for b in both if "upper" in b.bounds]
        size = 1.0 / np.abs(factors[state])
        if upper:
            size = float(evaluate(written(upper[-1]), values))
        elif any("lower" in b.bounds for b in both):
            size = 2.0 * np.abs(values["weight"]) / np.abs(factors[state])
        unit = np.clip(rng.uniform(-0.2, 1.2, COUNT), 0, 1)
        found[state] = size * unit
        found[f"{BEFORE}{state}"] = size * rng.uniform(0, 1, COUNT)
    return found


def _compared(
    synapse: Synapse,
    entry: SynapseEntry,
    match: DynamicMatch,
    values: Mapping[str, Any],
    parameters: Mapping[str, Any],
    factors: Mapping[str, Any],
    states: Mapping[str, Any],
) -> Iterable[str]:
    mine, theirs = synapse_program(synapse), synapse_program(entry.synapse)
    defaults = numbers(entry.synapse, 0)
    scope: dict[str, Any] = {**defaults, **parameters, ELAPSED: states[ELAPSED]}
    for s, b in match.states.items():
        scope[b] = factors[s] * states[s]
        scope[f"{BEFORE}{b}"] = factors[s] * states[f"{BEFORE}{s}"]
    for part, where in _WHERE.items():
        one = run_statements(getattr(mine, part), {**values, **states})
        other = run_statements(getattr(theirs, part), scope)
        for s, b in match.states.items():
            if not _close(one[s] * factors[s], other[b]):
                yield f"{where} {s} becomes another value than in {entry.name}"
        if part.startswith("pre") and not _close(one[AMPLITUDE], other[AMPLITUDE]):
            yield f"{where} another amount is delivered than by {entry.name}"


def _close(one: Any, other: Any) -> bool:
    size = np.maximum(np.abs(one), np.abs(other))
    return bool(np.all(np.abs(one - other) <= CLOSE * np.maximum(size, 1e-3)))
