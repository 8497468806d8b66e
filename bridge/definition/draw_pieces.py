"""Values over time: pieces, samples, what lies between a start and a stop."""

from __future__ import annotations

import numpy as np

from ..errors import DefinitionError
from .drawn import Floats, Ints
from .evaluate import evaluate
from .expressions import Expression
from .grid import steps_of
from .network import Stimulus
from .numbers import Scope, number_of
from .values import Value


def pieced(
    pieces: list[tuple[int, Value]], scope: Scope, dt: float, steps: int, size: int
) -> tuple[Ints, Floats]:
    """First steps and values of (begin, value) pieces; where one has a value per unit, all have."""
    ends = [*(begin for begin, _ in pieces[1:]), steps]
    found = [
        sampled(value, scope, dt, begin, max(end, begin + 1))
        for (begin, value), end in zip(pieces, ends, strict=True)
    ]
    values = [f[1] for f in found]
    if any(v.ndim == 2 for v in values):
        values = [v if v.ndim == 2 else np.repeat(v[:, None], size, axis=1) for v in values]
    return np.concatenate([f[0] for f in found]), np.concatenate(values)


def sampled(value: Value, scope: Scope, dt: float, begin: int, end: int) -> tuple[Ints, Floats]:
    """Steps and values of ``value`` between two steps; one per step where it depends on ``t``."""
    if isinstance(value, Expression) and "t" in value.names:
        steps = np.arange(begin, end)
        numbers = np.broadcast_to(evaluate(value, {**scope, "t": steps * dt}), steps.shape)
        return steps, np.asarray(numbers, dtype=float)
    number = np.asarray(number_of(value, scope), dtype=float)
    return np.array([begin]), number[None] if number.ndim else number.reshape(1)


def within(
    stimulus: Stimulus, scope: Scope, dt: float, starts: Ints, values: Floats, name: str
) -> tuple[Ints, Floats]:
    """The values between ``start`` and ``stop``, 0 outside; the first breakpoint is step 0."""
    zero = np.zeros((1, *values.shape[1:]))
    first = last = None
    if stimulus.start is not None:
        first = steps_of(number_of(stimulus.start, scope), dt, "start", model=name)
    if stimulus.stop is not None:
        last = steps_of(number_of(stimulus.stop, scope), dt, "stop", model=name)
    if first is not None and last is not None and last <= first:
        raise DefinitionError(
            f"{stimulus.name} stops at {last * dt:g} ms, but starts at {first * dt:g} ms",
            model=name,
            symbol="stop",
            remedy="give a stop after the start",
        )
    if first:
        index = max(int(np.searchsorted(starts, first, side="right")) - 1, 0)
        starts, values = starts[index:].copy(), values[index:]
        starts[0] = max(starts[0], first)
    if last is not None:
        keep = starts < last
        starts = np.concatenate([starts[keep], [last]])
        values = np.concatenate([values[keep], zero])
    if not len(starts) or starts[0] > 0:
        starts, values = np.concatenate([[0], starts]), np.concatenate([zero, values])
    return starts.astype(np.int64), values
