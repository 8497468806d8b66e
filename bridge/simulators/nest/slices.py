"""The length of NEST's slices, and what happens between them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ...definition.drawn import DrawnNetwork
from .cast import Cast
from .changes import changes_in
from .job import Change, Drive
from .plastic import waits
from .translate import delays_of


def sliced(
    network: DrawnNetwork, casts: Mapping[str, Cast], longest: int | None = None
) -> tuple[int, list[Change], list[Drive]]:
    """The length of a slice in steps, at most ``longest``, and what happens after step 0.

    NEST's own rate neurons lose what they have sent in a slice that is cut: with them, a slice
    ends wherever the run stops to change or read something.
    """
    lag = lag_of(network, casts)
    lag = lag if longest is None else min(lag, longest)
    while True:
        changes, drives = changes_in(network, casts, lag)
        stops = [c.step for c in changes] + [r.every for r in network.synapse_recordings]
        cut = any(c.sends_before for c in casts.values())
        whole = math.gcd(lag, *stops) if cut else lag
        if whole == lag:
            return lag, changes, drives
        lag = whole


def lag_of(network: DrawnNetwork, casts: Mapping[str, Cast]) -> int:
    """The length of a slice in steps: the smallest delay; 1 ms where nothing is connected.

    Weights can only change between slices, so it divides the steps of such changes.
    """
    used = [p for p in network.projections.values() if np.size(p.delays)]
    delays = [int(np.min(delays_of(p, casts))) for p in used]
    waiting = [np.asarray(waits(p)) for p in used if p.pre not in network.sources]
    delays += [int(np.min(w[w > 0])) for w in waiting if np.any(w > 0)]
    lag = min(delays) if delays else max(1, round(1.0 / network.dt))
    paths = network.projections
    weights = (c for c in network.changes if c.kind == "weight")
    return math.gcd(lag, *(c.step for c in weights if not paths[c.owner].synapse.learns))
