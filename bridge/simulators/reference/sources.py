"""Spikes from outside: frozen trains step by step, and native Poisson trains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...definition.connectivity import connect
from ...definition.drawn import DrawnNetwork, DrawnProjection, DrawnSource
from ...definition.numbers import stream

BLOCK = 1000  # steps drawn at once
Ints = NDArray[np.int64]


def senders_of(source: DrawnSource, network: DrawnNetwork) -> Callable[[int], Ints]:
    """A function step -> units that spike at that step (a unit may occur twice)."""
    if source.steps is None or source.senders is None:
        return _native(source, network)
    first = np.searchsorted(source.steps, np.arange(network.steps + 2))
    senders = source.senders
    return lambda step: senders[first[step] : first[step + 1]]


def _native(source: DrawnSource, network: DrawnNetwork) -> Callable[[int], Ints]:
    """Poisson numbers per unit and step, each block of steps from its own stream."""
    assert source.rate_steps is not None and source.rates is not None
    rate_steps, rates = source.rate_steps, source.rates
    drawn: dict[int, NDArray[np.int64]] = {}

    def senders(step: int) -> Ints:
        begin = (step - 1) - (step - 1) % BLOCK
        if begin not in drawn:
            drawn.clear()
            at = np.searchsorted(rate_steps, np.arange(begin, begin + BLOCK), side="right") - 1
            mean = rates[at].reshape(BLOCK, -1) * network.dt
            rng = stream(network.seed, source.name, "native", str(begin))
            counts = rng.poisson(np.broadcast_to(mean, (BLOCK, source.size)))
            drawn[begin] = counts.astype(np.int64)
        return np.repeat(np.arange(source.size), drawn[begin][step - 1 - begin])

    return senders


def connected(projection: DrawnProjection, network: DrawnNetwork) -> DrawnProjection:
    """The projection with its connections listed; a native one is drawn here."""
    from dataclasses import replace

    if not projection.native:
        return projection
    found = connect(
        projection.rule,
        size_of(network, projection.pre),
        network.populations[projection.post].size,
        projection.pre == projection.post,
        stream(network.seed, projection.name, "reference"),
    )
    return replace(projection, sources=found.sources, targets=found.targets)


def size_of(network: DrawnNetwork, name: str) -> int:
    """Units of a population or source."""
    owner = network.populations.get(name) or network.sources[name]
    return owner.size
