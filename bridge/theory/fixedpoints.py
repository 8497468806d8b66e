"""Fixed points of a vector field: all of them in a box where that can be proved, else many starts.

Up to `PROVED` dimensions by interval bisection (`enclose`), which finds all. Above, and where a
proof would take too many boxes, by Newton's method from a Latin hypercube, and deflation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from ..errors import DefinitionError, SpikebridgeError
from .enclose import contracted, search, whole
from .field import Field
from .intervals import HUGE
from .newton import newton

Floats = NDArray[np.float64]
PROVED = 8  # dimensions up to which a proof is tried
ROUNDS = 10  # of deflation
SAME = 1e-6  # points closer than this, relative to the box, are one


class NoConvergence(SpikebridgeError):
    """A search ended without a result; the error says what was tried."""

    exit_code = 4


@dataclass(frozen=True)
class Found:
    """``points`` (number, dimension), sorted; ``complete``: no other one lies in ``box``.

    ``box`` is (lowest, highest) of every state; ``rejected`` counts points at which the spike
    condition holds, which are no rest.
    """

    points: Floats
    complete: bool
    box: tuple[Floats, Floats]
    rejected: int = 0


def find(
    field: Field,
    *,
    box: Mapping[str, Sequence[float]] | None = None,
    starts: int = 64,
    seed: int = 0,
) -> Found:
    """The fixed points f(x) = 0 of ``field``.

    Args:
        field: of n dimensions.
        box: where to look: state -> (low, high) in ms, mV, pA, under its own name for all
            populations or as ``population.state``. States whose activation functions are bounded
            need none: all fixed points lie in the range of the functions.
        starts: of Newton's method, where nothing is proved.
        seed: of the starts.

    Raises:
        DefinitionError: a state is unbounded and has no box. NoConvergence: nothing was found
            where no proof of absence exists.
    """
    low, high = bounds(field, box)
    raw, complete = [], False
    if field.dimension <= PROVED:
        enclosed = search(field, (low[None], high[None]))
        raw = list(newton(field, np.concatenate([enclosed.points, enclosed.open])))
        complete = enclosed.finished and not len(enclosed.open)
    if not complete:
        raw += _many(field, low, high, starts, seed)
    points = distinct(raw, high - low)
    resting = [x for x in points if not field.firing(x)]
    if not points and not complete:
        raise NoConvergence(
            "no fixed point was found",
            model=field.label,
            remedy=f"tried {starts} starts of Newton's method; give more starts or another box",
        )
    kept = np.reshape(sorted(resting, key=lambda x: tuple(x.round(9))), (-1, field.dimension))
    return Found(kept, complete, (low, high), len(points) - len(resting))


def bounds(field: Field, box: Mapping[str, Sequence[float]] | None) -> tuple[Floats, Floats]:
    """Lowest and highest value that each state can have at a fixed point.

    Raises:
        DefinitionError: a state without bounds, or a box for a name that is no state.
    """
    lo, hi = whole(field)
    known = {f"{b.name}.{s}" for b in field.blocks.values() for s in b.states}
    for name, (low, high) in (box or {}).items():
        places = [k for k in sorted(known) if name in (k, k.partition(".")[2])]
        if not places or not low < high:
            raise DefinitionError(
                f"the box {name} = {low:g} to {high:g} "
                + ("is empty" if places else "names no state"),
                model=field.label,
                symbol=name,
                remedy=f"known are {', '.join(sorted(known))}",
            )
        for place in places:
            population, _, state = place.partition(".")
            here = field.blocks[population].at(state)
            lo[0, here], hi[0, here] = low, high
    lo, hi = contracted(field, (lo, hi))
    wild = np.flatnonzero((lo[0] <= -HUGE / 2) | (hi[0] >= HUGE / 2))
    if len(wild):
        name = field.names[wild[0]].partition("[")[0]
        raise DefinitionError(
            f"nothing bounds {name}, so that there is no box in which to look",
            model=field.label,
            symbol=name,
            remedy=f"give one, e.g. box={{{name!r}: (-100, 0)}}",
        )
    return lo[0], hi[0]


def _many(field: Field, low: Floats, high: Floats, starts: int, seed: int) -> list[Floats]:
    """Newton from a Latin hypercube and the initial values, then deflated until nothing is new."""
    cube = qmc.LatinHypercube(field.dimension, rng=np.random.default_rng(seed)).random(starts)
    guesses = np.concatenate([field.start[None], low + cube * (high - low)])
    found = distinct(newton(field, guesses), high - low)
    for _ in range(ROUNDS if found else 0):
        new = newton(field, newton(field, guesses, found))
        both = distinct([*found, *new], high - low)
        if len(both) == len(found):
            break
        found = both
    return found


def distinct(points: Iterable[Floats], widths: Floats) -> list[Floats]:
    """Points without those that are the same up to rounding."""
    kept: list[Floats] = []
    scale = np.maximum(widths, 1e-12)
    for x in points:
        if not any(np.max(np.abs(x - y) / scale) < SAME for y in kept):
            kept.append(x)
    return kept
