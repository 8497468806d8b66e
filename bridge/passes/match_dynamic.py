"""Recognise a simulator's built-in synapse with states by algebra; findings are kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..definition.model import Synapse
from ..definition.values import Quantity
from ..records import dataclass
from .kept import kept
from .matched import NoMatch
from .synapse_catalog import SynapseCatalogue

Special = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class DynamicMatch:
    """A built-in that does at every event what the user's synapse does.

    Its state ``states[s]`` is ``factors[s]`` times the user's state s, its parameters are
    ``parameters``: expressions of the user's parameters and ``weight`` (positive).
    """

    label: str
    builtin: str
    form: str
    states: Mapping[str, str]
    factors: Mapping[str, Expression]
    parameters: Mapping[str, Expression]
    text: str


@dataclass(frozen=True, eq=False)
class _Finding:
    match: DynamicMatch | None
    miss: NoMatch | None


def match_dynamic(
    synapse: Synapse, catalogue: SynapseCatalogue, values: Mapping[str, Any]
) -> DynamicMatch | NoMatch:
    """The first built-in of ``catalogue`` with the same events and closed forms, or why none.

    Args:
        synapse: a synapse with states that delivers events.
        catalogue: the simulator's built-in synapses.
        values: numbers of its parameters, one or one per connection; those that are 0 or 1 may
            remove a term, and so decide which built-in fits.
    """
    return _found(synapse, catalogue, _special(synapse, values))


def default_values(synapse: Synapse) -> dict[str, Any]:
    """The numbers that the definition itself gives."""
    found: dict[str, Any] = {}
    waiting = dict(synapse.parameters)
    while waiting:
        before = len(waiting)
        for name, value in list(waiting.items()):
            if isinstance(value, Quantity):
                found[name] = value.number
            elif not isinstance(value, Expression):
                found[name] = np.nan
            elif not value.names & set(waiting):
                found[name] = evaluate(value, found)
            if name in found:
                del waiting[name]
        if len(waiting) == before:
            break
    return found


def _special(synapse: Synapse, values: Mapping[str, Any]) -> Special:
    """Parameters that are 0 or 1, and those whose value is what the definition writes."""
    found = {}
    for name, value in values.items():
        written = synapse.parameters.get(name)
        if np.ndim(value) == 0 and float(value) in (0.0, 1.0):
            found[name] = str(int(value))
        elif not isinstance(written, Expression) or not written.names & set(values):
            continue
        elif np.array_equal(value, evaluate(written, values)):
            found[name] = written.text
    return tuple(sorted(found.items()))


@lru_cache(maxsize=256)
def _found(
    synapse: Synapse, catalogue: SynapseCatalogue, special: Special
) -> DynamicMatch | NoMatch:
    def find() -> _Finding:
        from .search_dynamic import searched

        found = searched(synapse, catalogue, dict(special))
        hit = isinstance(found, DynamicMatch)
        return _Finding(found, None) if hit else _Finding(None, found)  # type: ignore[arg-type]

    key = (synapse.hash, synapse.label, catalogue.key, *(f"{n}={v}" for n, v in special))
    finding = kept("dynamic", key, _Finding, find)
    found = finding.match or finding.miss
    assert found is not None
    return found
