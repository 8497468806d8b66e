"""The states of NEST's binary neurons, from the spikes that code their changes."""

from __future__ import annotations

import numpy as np

from .job import Floats, Ints


def states_from(steps: Ints, senders: Ints, units: Ints, every: int, samples: int) -> Floats:
    """(samples, units): the states at steps 0, every, ... that a spike_recorder's entries code.

    Two entries of a unit at one step: it became 1; one entry: it became 0. All start at 0.

    Args:
        steps: of the entries, in any order.
        senders: their units.
        units: the units whose states are asked for.
        every: steps between samples.
        samples: their number.
    """
    found = np.zeros((samples, len(units)))
    column = np.full(max(np.max(senders, initial=0), np.max(units, initial=0)) + 1, -1)
    column[units] = np.arange(len(units))
    mine = column[senders] >= 0
    order = np.lexsort((senders[mine], steps[mine]))
    when, who = steps[mine][order], column[senders[mine][order]]
    first = np.ones(len(when), dtype=bool)
    first[1:] = (when[1:] != when[:-1]) | (who[1:] != who[:-1])
    count = np.diff(np.append(np.flatnonzero(first), len(when)))
    when, who, state = when[first], who[first], (count == 2).astype(float)
    ends = np.searchsorted(when, np.arange(samples) * every, side="right")
    begin = 0
    for row, end in enumerate(ends):
        if row:
            found[row] = found[row - 1]
        found[row, who[begin:end]] = state[begin:end]  # in time's order: the last one stays
        begin = end
    return found
