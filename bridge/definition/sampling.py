"""Exact, vectorised draws of sparse sets; memory is proportional to what is drawn."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def bernoulli(n: int, p: float, rng: np.random.Generator) -> Integers:
    """The places 0..n-1 that independent coins of probability `p` choose, ascending.

    The gaps between chosen places are geometric, so the cost is that of the chosen ones, n p.
    """
    if n <= 0 or p <= 0.0:
        return np.empty(0, np.int64)
    if p >= 1.0:
        return np.arange(n, dtype=np.int64)
    pieces: list[Integers] = []
    last = -1
    while last < n:
        mean = (n - last) * p
        gaps = rng.geometric(p, int(mean + 5.0 * math.sqrt(mean)) + 8)
        np.minimum(gaps, n + 1, out=gaps)  # a tiny p gives gaps whose sum would overflow
        places = np.cumsum(gaps, dtype=np.int64)
        places += last
        pieces.append(places)
        last = int(places[-1])
    pieces[-1] = pieces[-1][: np.searchsorted(pieces[-1], n)]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def subsets(rows: int, n: int, k: int, rng: np.random.Generator) -> Integers:
    """For each row a uniformly chosen k-subset of 0..n-1, as ascending keys `row * n + member`."""
    if k > n:
        raise ValueError(f"no {k}-subset of {n}")
    if 2 * k <= n:
        return _distinct(rows, n, k, rng)
    chosen = np.ones(rows * n, dtype=np.bool_)  # at most two places per connection
    chosen[_distinct(rows, n, n - k, rng)] = False
    return np.flatnonzero(chosen).astype(np.int64, copy=False)


def _distinct(rows: int, n: int, k: int, rng: np.random.Generator) -> Integers:
    """Draw until each row has k different members.

    A round draws exactly what a row still lacks, so that no row is ever overfull; as no label is
    preferred at any point, each k-subset is equally likely.
    """
    if rows == 0 or k == 0:
        return np.empty(0, np.int64)
    lacking = np.full(rows, k)
    keys = np.empty(0, np.int64)
    while lacking.any():
        fresh = np.repeat(np.arange(rows, dtype=np.int64) * n, lacking)
        fresh += rng.integers(0, n, len(fresh))
        fresh = _sorted_unique(fresh)
        if len(keys):
            at = np.searchsorted(keys, fresh)
            fresh = fresh[keys[np.minimum(at, len(keys) - 1)] != fresh]
            # both parts are sorted: the stable sort merges such runs in linear time
            keys = np.sort(np.concatenate([keys, fresh]), kind="stable")
        else:
            keys = fresh
        lacking -= np.bincount(fresh // n, minlength=rows)
    return keys


def _sorted_unique(keys: Integers) -> Integers:
    keys.sort()
    new = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return keys[new]
