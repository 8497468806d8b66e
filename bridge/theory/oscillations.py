"""Every cycle of a binary network without noise, with its rectangle in stimulus space.

A path from s is followed together with the rectangle of stimuli for which it is the network's:
from a state the next one depends on I_a only through how many thresholds b_i(s) of population a
lie below, so that a rectangle is divided into at most |a| + 1 parts per population. A path that
returns to its first state, the smallest code of the cycle, is a cycle; one that meets a smaller
code is another start's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .attractors import bits, thresholds
from .binary import Binary, binary
from .chain import too_large

Floats = NDArray[np.float64]
MOST = 14  # units
Side = tuple[float, float]
Box = tuple[Side, ...]


@dataclass(frozen=True)
class Oscillation:
    """``cycle``: codes from the smallest on, in the order of time; it runs where
    ``low[a] <= I_a < high[a]`` for every population a.
    """

    cycle: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def oscillations(model: Any, *, longest: int = 64, budget: int = 2_000_000, **parameters: Any) -> (
    tuple[Oscillation, ...]
):  # fmt: skip
    """All cycles of two states or more, for any stimulus; N <= 14 units.

    Args:
        model: what `binary` takes; sigma is left aside.
        longest: cycles of more states are not looked for.
        budget: of pieces of paths; their number can grow exponentially with N.
        parameters: values to replace, and ``variant``.

    Raises:
        DefinitionError: the network is too large, the budget is used up, or units of a population
            have different inputs.
    """
    network = binary(model, **parameters)
    if network.size > MOST:
        raise too_large(network, MOST)
    table = _table(network)
    found: list[Oscillation] = []
    everywhere: Box = ((-np.inf, np.inf),) * len(network.groups)
    looked = 0
    for start in range(2**network.size):
        paths: list[tuple[tuple[int, ...], Box]] = [((start,), everywhere)]
        while paths:
            looked += 1
            if looked > budget:
                raise DefinitionError(
                    f"more than {budget} pieces of paths",
                    model=network.label,
                    symbol="budget",
                    remedy="raise the budget, or ask for the attractors at single stimuli",
                )
            path, box = paths.pop()
            for state, part in _next(table, path[-1], box):
                if state == start and len(path) > 1:
                    low, high = zip(*part, strict=True)
                    found.append(Oscillation(path, low, high))
                elif state > start and state not in path and len(path) < longest:
                    paths.append(((*path, state), part))
    return tuple(found)


Table = list[list[list[tuple[Side, int]]]]


def _table(network: Binary) -> Table:
    """State -> population -> (interval of its stimulus, code that its units then have)."""
    codes = np.arange(2**network.size)
    b = thresholds(network) - bits(codes, network.size) @ network.coupling.T
    return [
        [_parts(b[s, units], units) for units in network.groups.values()] for s in range(len(b))
    ]


def _parts(b: Floats, units: Any) -> list[tuple[Side, int]]:
    """The intervals between sorted thresholds; units with b <= I are active."""
    edges = [-np.inf, *np.unique(b).tolist(), np.inf]
    found = []
    for low, high in pairwise(edges):
        active = units[b <= low]
        found.append(((low, high), int(sum(1 << int(i) for i in active))))
    return found


def _next(table: Table, state: int, box: Box) -> list[tuple[int, Box]]:
    """The states that follow, each with the part of the box in which it does."""
    choices = []
    for parts, (low, high) in zip(table[state], box, strict=True):
        fitting = [
            ((max(low, a), min(high, c)), bits_) for (a, c), bits_ in parts if a < high and low < c
        ]
        choices.append(fitting)
    return [
        (sum(c for _, c in pick), tuple(side for side, _ in pick)) for pick in product(*choices)
    ]
