"""Binary networks without noise: where in stimulus space states are stationary and cycles run.

Without noise A_i(t+1) = 1 where I_i >= b_i(s) = theta_i - (K A)_i. With one stimulus I_a per
population a, state s is stationary where max{b_i: i in a, A_i = 1} <= I_a < min{b_i: i in a, A_i
= 0} for every a: an axis-aligned rectangle; for a cycle the same holds with maxima and minima
over its transitions too. Their overlay is the multistability diagram. A state with unequal
activities inside a homogeneous population breaks its symmetry.

Source: Fasoli, Panzeri (2019) Phys. Rev. E 99:012316, doi 10.1103/PhysRevE.99.012316, and doi
10.3934/mbe.2019400; formulas re-derived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .binary import Binary, binary
from .chain import too_large

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHUNK = 2**17
MOST = 24  # units for one pass over all states


@dataclass(frozen=True, eq=False)
class Rectangles:
    """State ``codes[k]`` is stationary where ``low[k] <= I < high[k]``, (number, populations)."""

    names: tuple[str, ...]
    codes: Ints
    low: Floats
    high: Floats

    def at(self, stimulus: Sequence[float]) -> Ints:
        """Codes of the states that are stationary at one stimulus per population."""
        point = np.asarray(stimulus, dtype=float)
        return self.codes[((self.low <= point) & (point < self.high)).all(axis=1)]

    def degree(self, *axes: Floats) -> Ints:
        """How many states are stationary at each point of a grid of one axis per population."""
        shape = [len(a) + 1 for a in axes]
        steps = np.zeros(shape, dtype=np.int64)  # differences, summed along every axis below
        ends = [
            (np.searchsorted(a, self.low[:, k]), np.searchsorted(a, self.high[:, k]))
            for k, a in enumerate(axes)
        ]
        for corner in range(2 ** len(axes)):
            at = tuple(ends[k][(corner >> k) & 1] for k in range(len(axes)))
            np.add.at(steps, at, (-1) ** corner.bit_count())
        for k in range(len(axes)):
            steps = np.cumsum(steps, axis=k)
        return steps[tuple(slice(0, -1) for _ in axes)]


@dataclass(frozen=True, eq=False)
class Attractor:
    """``cycle``: codes in the order of time, one for a stationary state; ``basin``: states that
    end there.
    """

    cycle: tuple[int, ...]
    basin: int


def thresholds(network: Binary) -> Floats:
    """theta_i as b_i(0): the stimulus from which a unit without input is active.

    Raises:
        DefinitionError: units of a population have different constant inputs.
    """
    for name, units in network.groups.items():
        if np.ptp(network.inputs[units]) > 0:
            raise DefinitionError(
                "one stimulus per population takes the place of I, which differs between units",
                model=f"{network.label}.{name}",
                symbol="I",
                remedy="give its units one I and put the differences into theta",
            )
    return network.theta


def rectangles(model: Any, **parameters: Any) -> Rectangles:
    """Every state that is stationary for some stimulus, with its rectangle; N <= 24 units.

    Takes N 2^N operations and memory for 2^17 states at a time. sigma is left aside.

    Raises:
        DefinitionError: 2^N is too large, or units of a population have different inputs.
    """
    network = binary(model, **parameters)
    if network.size > MOST:
        raise too_large(network, MOST)
    theta = thresholds(network)
    groups = list(network.groups.values())
    found: list[tuple[Ints, Floats, Floats]] = []
    for first in range(0, 2**network.size, CHUNK):
        codes = np.arange(first, min(first + CHUNK, 2**network.size))
        active = bits(codes, network.size)
        b = theta - active @ network.coupling.T
        low = np.stack([np.where(active[:, g], b[:, g], -np.inf).max(axis=1) for g in groups], 1)
        high = np.stack([np.where(active[:, g], np.inf, b[:, g]).min(axis=1) for g in groups], 1)
        some = (low < high).all(axis=1)
        found.append((codes[some], low[some], high[some]))
    parts = [np.concatenate([f[k] for f in found]) for k in range(3)]
    return Rectangles(tuple(network.groups), *parts)


def bits(codes: Ints, n: int) -> NDArray[np.bool_]:
    """(number, n): the activities that codes stand for, unit 0 the lowest bit."""
    return np.asarray((np.asarray(codes)[..., None] >> np.arange(n)) & 1, dtype=bool)


def code(active: Any) -> Ints:
    """The codes of activities (..., N)."""
    active = np.asarray(active, dtype=np.int64)
    return np.asarray(active @ (1 << np.arange(active.shape[-1], dtype=np.int64)))


def successors(network: Binary, inputs: Floats) -> Ints:
    """Code of the next state for each of the 2^N states, at one input per unit."""
    following = []
    for first in range(0, 2**network.size, CHUNK):
        codes = np.arange(first, min(first + CHUNK, 2**network.size))
        V = bits(codes, network.size) @ network.coupling.T + inputs
        above = V > network.theta if network.strict else V >= network.theta
        following.append(code(above))
    return np.concatenate(following)


def attractors(
    model: Any, stimulus: Mapping[str, float] | None = None, **parameters: Any
) -> tuple[Attractor, ...]:
    """Stationary states and cycles of the map at one stimulus, with the sizes of their basins.

    Args:
        model: what `binary` takes; sigma is left aside.
        stimulus: population -> I in the place of its own; where it is left out, its own.
        parameters: values to replace, and ``variant``.

    All 2^N states are followed 2^N steps by doubling the map N times; N <= 24.

    Raises:
        DefinitionError: 2^N is too large, or there is no such population.
    """
    network = binary(model, **parameters)
    if network.size > MOST:
        raise too_large(network, MOST)
    inputs = network.inputs.copy()
    for name, value in (stimulus or {}).items():
        if name not in network.groups:
            raise DefinitionError(
                f"there is no population {name!r}",
                model=network.label,
                symbol=name,
                remedy=f"known are {', '.join(network.groups)}",
            )
        inputs[network.groups[name]] = value
    following = successors(network, inputs)
    end = following.copy()
    for _ in range(network.size):
        end = end[end]
    reached, counts = np.unique(end, return_counts=True)
    basins = dict(zip(reached.tolist(), counts.tolist(), strict=True))
    found = []
    while basins:
        orbit = [min(basins)]
        while (after := int(following[orbit[-1]])) != orbit[0]:
            orbit.append(after)
        found.append(Attractor(tuple(orbit), sum(basins.pop(s) for s in orbit)))
    return tuple(found)
