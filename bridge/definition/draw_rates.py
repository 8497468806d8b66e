"""The rate of a Poisson stimulus over time, as stretches of constant rate."""

from __future__ import annotations

import numpy as np

from ..errors import DefinitionError
from .draw_pieces import pieced, within
from .drawn import Floats, Ints
from .expressions import Expression
from .grid import steps_of
from .network import Network, Stimulus
from .numbers import Scope, number_of, stream
from .values import Value

BLOCK = 1000  # numbers drawn from one stream: a longer run begins with the shorter one


def rate_course(
    network: Network,
    stimulus: Stimulus,
    scope: Scope,
    dt: float,
    steps: int,
    changes: list[tuple[int, Value]],
    size: int,
    seed: int,
    until: int,
) -> tuple[Ints, Floats]:
    """(first step, rate) of every stretch of constant rate; rates (n,) or (n, size) in kHz.

    ``until``: the step up to which numbers are drawn, though the run ends at ``steps``.
    """
    pieces: list[tuple[int, Value]] = [(0, stimulus.rate), *changes]  # type: ignore[list-item]
    if stimulus.every is None:
        starts, rates = pieced(pieces, scope, dt, until, size)
    else:
        starts, rates = _renewed(network, stimulus, scope, dt, until, pieces, seed)
    starts, rates = within(stimulus, scope, dt, starts, rates, f"{network.label}.{stimulus.name}")
    run = rates[starts < steps]
    rates[starts >= steps] = np.nan_to_num(np.maximum(rates[starts >= steps], 0.0), posinf=0.0)
    if np.any(run < 0) or not np.all(np.isfinite(run)):
        raise DefinitionError(
            f"the rate of {stimulus.name} is negative or not finite",
            symbol="rate",
            remedy='clip it, e.g. "clip(rate, 0*Hz, 1000*Hz)"',
        )
    return starts, rates


def _renewed(
    network: Network,
    stimulus: Stimulus,
    scope: Scope,
    dt: float,
    steps: int,
    pieces: list[tuple[int, Value]],
    seed: int,
) -> tuple[Ints, Floats]:
    """A rate that is evaluated anew every ``every``, counted from the stimulus's start."""
    from .evaluate import evaluate

    place = f"{network.label}.{stimulus.name}"
    every = steps_of(number_of(stimulus.every, scope), dt, "every", model=place, least=1)  # type: ignore[arg-type]
    first = 0
    if stimulus.start is not None:
        first = steps_of(number_of(stimulus.start, scope), dt, "start", model=place)
    grid = np.arange(first % every, steps, every)
    begins = [begin for begin, _ in pieces]
    at = np.unique(np.concatenate([begins, grid])).astype(np.int64)
    normal = _normal(stimulus.name, (at - first % every) // every, seed)
    rates = np.empty(len(at))
    for (begin, value), end in zip(pieces, [*begins[1:], steps], strict=True):
        rows = (at >= begin) & (at < end)
        if isinstance(value, Expression):
            here = {**scope, "t": at[rows] * dt, "xi": normal[rows]}
            rates[rows] = evaluate(value, here)
        else:
            rates[rows] = number_of(value, scope)
    return at, rates


def _normal(name: str, intervals: Ints, seed: int) -> Floats:
    """One number of N(0, 1) per interval; the first, before a start off the grid, is number -1."""
    blocks = range(int(intervals.max(initial=0)) // BLOCK + 1)
    numbers = [stream(seed, name, "rate", str(b)).standard_normal(BLOCK) for b in blocks]
    found: Floats = np.concatenate(numbers)[np.maximum(intervals, 0)]
    return found
