"""Who plays the projections with states: NEST's built-ins, NESTML, or our own connection model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...definition.drawn import DrawnNetwork
from ...records import dataclass, field
from .cast import Cast
from .job import Connections, Number

if TYPE_CHECKING:
    from .builtin_synapses import BuiltinSynapse
    from .modules import Module
    from .nestml_pairs import NestmlProjection
    from .nestml_synapse import NestmlSynapse


@dataclass(frozen=True, eq=False)
class Players:
    """``playing``: projection -> who plays it, where that is not our own connection model.

    ``reasons``: why no built-in plays the others; ``modules``: what is compiled for them;
    ``paired``: populations whose neurons are in ``modules``.
    """

    casts: Mapping[str, Cast]
    playing: Mapping[str, BuiltinSynapse | NestmlProjection] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[Module, ...] = ()
    paired: frozenset[str] = frozenset()

    def of(self, connections: Connections, wait: Number) -> Connections:
        """The projection as the job has it, with its player's numbers."""
        player = self.playing.get(connections.name)
        return connections if player is None else player.connected(connections, wait)

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Projection -> status keys that are read of its connections."""
        return {n: p.keys for n, p in self.playing.items()}

    @property
    def notes(self) -> list[Mapping[str, object]]:
        """What runs and why, for people."""
        return [{"population": n, **p.note} for n, p in self.playing.items()]

    @property
    def sources(self) -> dict[str, str]:
        """File name -> text that people can look at."""
        pairs = {n: p.source for n, p in self.playing.items()}
        return {f"{n}.{ending}": text for n, (ending, text) in pairs.items()}


def matched_players(network: DrawnNetwork, casts: Mapping[str, Cast]) -> Players:
    """NEST's built-ins where they are the same."""
    if not any(p.synapse.is_dynamic for p in network.projections.values()):
        return Players(casts)
    from .builtin_synapses import played_by_builtins, with_traces

    builtins, reasons = played_by_builtins(network, casts)
    return Players(with_traces(casts, network, builtins), builtins, reasons)


def nestml_codes(network: DrawnNetwork) -> dict[str, NestmlSynapse]:
    """The NESTML text of every projection with states, see `nestml_pairs.dynamic_codes`."""
    from .nestml_pairs import dynamic_codes

    return dynamic_codes(network)


def nestml_players(
    network: DrawnNetwork, casts: Mapping[str, Cast], codes: Mapping[str, NestmlSynapse]
) -> Players:
    """NESTML for all, each population built with the synapses that lead to it."""
    from .nestml_pairs import build_pairs, paired_populations

    modules, casts, playing = build_pairs(network, casts, codes)
    paired = frozenset(paired_populations(network, codes))
    return Players(casts, playing, {}, tuple(modules), paired)
