"""Spikes that are on their way to synapses with states, in a final state.

``{population}.sent.steps`` and ``{population}.sent.senders`` are its last spikes: as long as the
longest delay to or from such a synapse. Those of sources are in the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..definition.drawn import DrawnNetwork, Ints

Train = tuple[Ints, Ints]  # steps, counted from time 0, and senders
NONE: Train = (np.empty(0, np.int64), np.empty(0, np.int64))


def longest_delays(network: DrawnNetwork) -> dict[str, int]:
    """Steps for which the spikes of a population or source must be kept; others are not listed."""
    found: dict[str, int] = {}
    for p in network.projections.values():
        if p.synapse.is_dynamic:
            longest = int(np.max(p.delays, initial=1))
            for name in (p.pre, p.post, *p.events.values()):
                found[name] = max(longest, found.get(name, 1))
    return found


def sent(name: str, step: int, longest: int, trains: Iterable[Train]) -> dict[str, Ints]:
    """The entries of one population in a state at ``step``, from the ``trains`` that led to it."""
    steps, senders = (np.concatenate(x).astype(np.int64) for x in zip(*trains, strict=True))
    late = steps >= step - longest
    return {f"{name}.sent.steps": steps[late], f"{name}.sent.senders": senders[late]}


def sent_before(name: str, state: Mapping[str, Any]) -> Train:
    """The last spikes of a population in a state.

    Raises:
        KeyError: they are missing.
    """
    return np.asarray(state[f"{name}.sent.steps"]), np.asarray(state[f"{name}.sent.senders"])
