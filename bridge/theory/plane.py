"""The phase plane of two states: the field on a grid, and the nullclines dx/dt = 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .field import Field
from .fixedpoints import bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """``x`` and ``y``: the grid's axes; ``rates`` (len(y), len(x), 2) in 1/ms.

    ``nullclines``: state -> points (number, 2) at which its rate is 0, in no order.
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    rates: Floats
    nullclines: Mapping[str, Floats]


def plane(
    field: Field, box: Mapping[str, Sequence[float]] | None = None, points: int = 201
) -> Plane:
    """Field and nullclines of a system of two states.

    ``box`` as in `find`: where it bounds nothing the range of the functions does. Nullclines are
    found as changes of sign along each line of the grid, then bisected to rounding.

    Raises:
        DefinitionError: there are not two states.
    """
    if field.dimension != 2:
        raise DefinitionError(
            f"it has {field.dimension} states, a phase plane has two",
            model=field.label,
            remedy="ask for its fixed points",
        )
    low, high = bounds(field, None) if box is None else _given(field, box)
    x, y = (np.linspace(low[k], high[k], points) for k in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    rates = field.rates(grid)
    lines = {n: _zeros(field, grid, rates[..., k], k) for k, n in enumerate(field.names)}
    a, b = field.names
    return Plane((a, b), x, y, rates, lines)


def _given(field: Field, box: Mapping[str, Sequence[float]]) -> tuple[Floats, Floats]:
    """The box as it was asked for; what it leaves out is bounded by the functions."""
    low, high = bounds(field, box)
    for k, name in enumerate(field.names):
        for key in (name, name.partition(".")[2]):
            if key in box:
                low[k], high[k] = box[key]
    return low, high


def _zeros(field: Field, grid: Floats, f: Floats, k: int) -> Floats:
    """Points between neighbours of the grid at which component ``k`` changes its sign."""
    found = []
    for axis in (0, 1):
        first = [slice(None), slice(None)]
        second = list(first)
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        u, v = f[tuple(first)], f[tuple(second)]
        with np.errstate(invalid="ignore"):
            crossed = (u < 0) & (v >= 0) | (u >= 0) & (v < 0)
        a, b = grid[tuple(first)][crossed], grid[tuple(second)][crossed]
        rising = (u < 0)[crossed]
        for _ in range(50):
            middle = 0.5 * (a + b)
            below = (field.rates(middle)[:, k] < 0) == rising
            a, b = np.where(below[:, None], middle, a), np.where(below[:, None], b, middle)
        found.append(0.5 * (a + b))
    return np.concatenate(found)
