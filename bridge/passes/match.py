"""Recognise a simulator's built-in neuron by algebra; what is found is kept on disk."""

from __future__ import annotations

from functools import lru_cache

from ..definition.model import Neuron
from ..records import dataclass
from .catalog import Catalogue
from .kept import kept
from .matched import Match, NoMatch, Signs, explain

__all__ = ["Match", "NoMatch", "Signs", "explain", "find_match"]


def find_match(neuron: Neuron, catalogue: Catalogue, signs: Signs | None = None) -> Match | NoMatch:
    """The first built-in of ``catalogue`` with the same trajectories as ``neuron``, or why none.

    Args:
        neuron: any neuron; parameters may have any values.
        catalogue: the simulator's built-ins.
        signs: spike port -> signs of the weights that arrive there, (1,), (-1,) or (1, -1), for
            built-ins that tell excitation from inhibition by the sign; None: they are not known,
            and the match says which sign it needs.
    """
    key = tuple(sorted((p, tuple(sorted(s))) for p, s in (signs or {}).items()))
    return _found(neuron, catalogue, key)


@dataclass(frozen=True, eq=False)
class _Finding:
    match: Match | None
    miss: NoMatch | None


@lru_cache(maxsize=512)
def _found(
    neuron: Neuron, catalogue: Catalogue, signs: tuple[tuple[str, tuple[int, ...]], ...]
) -> Match | NoMatch:
    def find() -> _Finding:
        from .search import searched

        found = searched(neuron, catalogue, dict(signs))
        return _Finding(*((found, None) if isinstance(found, Match) else (None, found)))

    key = (neuron.hash, neuron.label, catalogue.key, *(f"{p} {s}" for p, s in signs))
    finding = kept("match", key, _Finding, find)
    found = finding.match or finding.miss
    assert found is not None
    return found
