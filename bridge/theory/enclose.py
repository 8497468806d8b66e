"""All fixed points in a box, with proof: interval contraction, Krawczyk's operator, bisection.

Where a right side is linear in its own state, x_s = rest_s(other states, ports), the box shrinks to
the range of `rest_s`; of bounded activation functions this gives the box itself. Then boxes are
bisected; Krawczyk's operator K(X) = m - Y f(m) + (1 - Y J(X))(X - m), Y = J(m)^-1, shows that a box
holds no fixed point (K and X do not meet) or exactly one (K inside of X).

Source: Krawczyk (1969) Computing 4:187; Moore (1977) SIAM J. Numer. Anal. 14:611,
doi 10.1137/0714040. All bounds are those of rounded arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .field import Field, Scope
from .intervals import HUGE, Interval, add, enclose, kept, point, times

Floats = NDArray[np.float64]
SWELL = 0.05  # a box is tested with this margin, so that a point on its edge is found
ROUNDING = 1e-13  # what a right side may be off by, relative
SPLIT = 0.4871  # not in the middle, where symmetric networks have their fixed points


@dataclass(frozen=True)
class Enclosed:
    """``points``: one start for Newton's method per box that holds exactly one fixed point.

    ``open``: centres of boxes too small to bisect about which nothing could be proved;
    ``finished``: whether no box was left when ``budget`` ran out.
    """

    points: Floats
    open: Floats
    finished: bool


def whole(field: Field) -> Interval:
    """The box of everything."""
    n = field.dimension
    return np.full((1, n), -HUGE), np.full((1, n), HUGE)


def contracted(field: Field, box: Interval, rounds: int = 100) -> Interval:
    """The part of ``box`` (boxes, dimension) that can hold fixed points; empty where lo > hi."""
    lo, hi = (np.array(side, dtype=float) for side in box)
    for _ in range(rounds):
        before = lo.copy(), hi.copy()
        scopes = interval_scopes(field, (lo, hi))
        for block in field.blocks.values():
            for state, rest in block.slopes.rest.items():
                low, high = enclose(rest, scopes[block.name])
                slack = ROUNDING * np.maximum(np.abs(low), np.abs(high))
                low, high = low - slack, high + slack
                here = block.at(state)
                lo[:, here] = np.maximum(lo[:, here], low)
                hi[:, here] = np.minimum(hi[:, here], high)
        moved = np.maximum(np.abs(lo - before[0]), np.abs(hi - before[1]))
        if not np.any(moved > 1e-3 * (before[1] - before[0])):
            break
    return lo, hi


def interval_scopes(field: Field, box: Interval) -> dict[str, Scope]:
    """Population -> bounds of every name of its equations over ``box``."""
    found: dict[str, Scope] = {}
    for name, block in field.blocks.items():
        fixed = {n: point(v) for n, v in {**block.fixed, **block.inputs}.items()}
        states = {s: (box[0][:, block.at(s)], box[1][:, block.at(s)]) for s in block.states}
        found[name] = {**fixed, **states}
    sums: dict[tuple[str, str], Interval] = {}
    for c in field.couplings:
        numbers = {n: point(v) for n, v in c.numbers.items()}
        shape = (len(box[0]), field.blocks[c.pre].size)
        sent = _wide(enclose(c.value, {**found[c.pre], **numbers}), shape)
        up, down = np.maximum(c.weights, 0.0).T, np.minimum(c.weights, 0.0).T
        part = kept(sent[0] @ up + sent[1] @ down, sent[1] @ up + sent[0] @ down)
        key = (c.post, c.port)
        sums[key] = add(sums.get(key, point(field.blocks[c.post].inputs[c.port])), part)
    for (post, port), total in sums.items():
        found[post][port] = total
    return found


def jacobian_bounds(field: Field, box: Interval) -> Interval:
    """Bounds of J over each box: (boxes, dimension, dimension)."""
    count, n = box[0].shape
    lo, hi = np.zeros((count, n, n)), np.zeros((count, n, n))
    scopes = interval_scopes(field, box)
    for b in field.blocks.values():
        for (s, q), d in b.slopes.by.items():
            if q in b.states:
                low, high = _wide(enclose(d, scopes[b.name]), (count, b.size))
                row, column = (np.arange(b.at(v).start, b.at(v).stop) for v in (s, q))
                lo[:, row, column], hi[:, row, column] = low, high
    for c in field.couplings:
        post, pre = field.blocks[c.post], field.blocks[c.pre]
        numbers = {name: point(v) for name, v in c.numbers.items()}
        for s in (s for s in post.states if (s, c.port) in post.slopes.by):
            left = _wide(enclose(post.slopes.by[s, c.port], scopes[c.post]), (count, post.size))
            for q, slope in c.slopes.items():
                right = _wide(enclose(slope, {**scopes[c.pre], **numbers}), (count, pre.size))
                outer = times(_column(left), _row(right))
                low, high = times(outer, point(c.weights))
                lo[:, post.at(s), pre.at(q)] += low
                hi[:, post.at(s), pre.at(q)] += high
    return kept(lo, hi)


def _wide(value: Interval, shape: tuple[int, ...]) -> Interval:
    return np.broadcast_to(value[0], shape), np.broadcast_to(value[1], shape)


def _column(a: Interval) -> Interval:
    return a[0][:, :, None], a[1][:, :, None]


def _row(a: Interval) -> Interval:
    return a[0][:, None, :], a[1][:, None, :]


def search(field: Field, box: Interval, *, budget: int = 100_000, finest: float = 1e-9) -> Enclosed:
    """Every fixed point in ``box`` (one box of finite sides) with proof, or what is left open.

    ``budget`` limits the number of boxes that are looked at; boxes smaller than ``finest`` times
    the first one are not bisected further.
    """
    first = contracted(field, box)
    far = np.maximum(np.abs(first[0]), np.abs(first[1]))
    widths = np.maximum(first[1] - first[0], 1e-6 * far + 1e-12)[0]
    lo, hi = first[0] - 1e-3 * widths, first[1] + 1e-3 * widths
    points: list[Floats] = []
    left: list[Floats] = []
    seen = 0
    while len(lo) and seen < budget:
        seen += len(lo)
        lo, hi = contracted(field, (lo, hi), rounds=1 if len(lo) > 1000 else 3)
        some: NDArray[np.bool_] = np.all(lo <= hi, axis=1)
        lo, hi = lo[some], hi[some]
        if not len(lo):
            break
        single, none, (low, high) = _krawczyk(field, lo, hi, widths)
        points += list(0.5 * (lo + hi)[single])
        go = ~single & ~none
        lo, hi = np.maximum(lo, low)[go], np.minimum(hi, high)[go]
        small = ((hi - lo) <= finest * widths).all(axis=1)
        left += list(0.5 * (lo + hi)[small])
        lo, hi = _bisected(lo[~small], hi[~small], widths)
    n = field.dimension
    return Enclosed(np.reshape(points, (-1, n)), np.reshape(left, (-1, n)), not len(lo))


def _krawczyk(field: Field, lo: Floats, hi: Floats, widths: Floats) -> tuple[Any, Any, Interval]:
    """Which boxes hold exactly one fixed point, which none, and bounds of those that may."""
    swollen = SWELL * (hi - lo) + 1e-12 * widths
    low, high = lo - swollen, hi + swollen
    middle = 0.5 * (low + high)
    J = jacobian_bounds(field, (low, high))
    centre = field.jacobian(middle)
    usable: NDArray[np.bool_] = np.all(np.isfinite(centre), axis=(1, 2))
    determinant = np.linalg.det(np.where(usable[:, None, None], centre, 0.0))
    usable &= np.abs(determinant) > 0
    Y = np.linalg.inv(np.where(usable[:, None, None], centre, np.eye(centre.shape[-1])))
    mean, radius = 0.5 * (J[0] + J[1]), 0.5 * (J[1] - J[0])
    error = np.abs(np.eye(len(widths)) - Y @ mean) + np.abs(Y) @ radius
    at = middle - np.einsum("bij,bj->bi", Y, field.rates(middle))
    reach = np.einsum("bij,bj->bi", error, 0.5 * (high - low))
    usable &= np.isfinite(at).all(axis=1) & np.isfinite(reach).all(axis=1)
    K = np.where(usable[:, None], at - reach, -HUGE), np.where(usable[:, None], at + reach, HUGE)
    single = ((K[0] > low) & (K[1] < high)).all(axis=1)
    none = ((K[0] > hi) | (K[1] < lo)).any(axis=1)
    return single & ~none, none, K


def _bisected(lo: Floats, hi: Floats, widths: Floats) -> tuple[Floats, Floats]:
    if not len(lo):
        return lo, hi
    side = np.argmax((hi - lo) / widths, axis=1)
    rows = np.arange(len(lo))
    cut = lo[rows, side] + SPLIT * (hi - lo)[rows, side]
    left, right = hi.copy(), lo.copy()
    left[rows, side], right[rows, side] = cut, cut
    return np.concatenate([lo, right]), np.concatenate([left, hi])
