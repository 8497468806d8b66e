"""One way along a branch of cycles, to where it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cycles import Cycle
from . import orbits
from .collocation import Collocation
from .cycle_ends import End, by_hopf, grown
from .cycle_points import SpecialCycle, crossed, orbit
from .orbits import Point

Floats = NDArray[np.float64]
LONG = 30.0  # times its first period: a branch ends there


@dataclass(eq=False)
class Trace:
    """What was met on the way from one point of a branch."""

    points: list[tuple[float, Cycle, Floats, Floats]]
    special: list[SpecialCycle]
    end: End


def traced(
    made: Collocation,
    first: Point,
    limits: tuple[float, float],
    largest: float,
    most: int,
    longest: float | None,
) -> Trace:
    """The branch from ``first`` to where it ends."""
    trace = Trace([], [], End("points", float(first.z[-1])))
    begun = float(np.exp(first.z[-2]))
    longest = LONG * begun if longest is None else longest
    last = first
    for a, b in orbits.follow(made, first, step=0.1 * largest, largest=largest, most=most):
        if not trace.points:
            trace.points.append(_point(made, a.z))
        elif not orbits.same_side(made, a.z, b.z):
            return _ended_by_hopf(made, a, trace)
        outside = not limits[0] <= b.z[-1] <= limits[1]
        b = _cut(made, a, b, limits) if outside else b
        trace.points.append(_point(made, b.z))
        if len(trace.points) > 2 or np.ptp(made.nodes(first.z), axis=0).any():
            trace.special += crossed(made, a, b, *(q[1].multipliers for q in trace.points[-2:]))
        last = b
        if outside:
            trace.end = End("limit", float(b.z[-1]))
        elif np.exp(b.z[-2]) > longest:
            trace.end = grown(made, b.z)
        elif _returned(made, trace):
            trace.end = End("closed", float(b.z[-1]))
        else:
            continue
        return trace
    if len(trace.points) <= most:
        far = np.exp(last.z[-2]) > 0.1 * longest
        no_step = End("no step", float(last.z[-1]), "no step along the branch converges")
        trace.end = grown(made, last.z) if far else no_step
    else:
        trace.end = End("points", float(last.z[-1]), f"{most} cycles were asked for")
    return trace


def _point(made: Collocation, z: Floats) -> tuple[float, Cycle, Floats, Floats]:
    return (float(z[-1]), orbit(made, z), *made.extremes(z))


def _ended_by_hopf(made: Collocation, a: Point, trace: Trace) -> Trace:
    trace.end, rest = by_hopf(made, a.z)
    if rest is not None:
        trace.points.append((trace.end.parameter, rest, rest.states[0], rest.states[0]))
    return trace


def _cut(made: Collocation, a: Point, b: Point, limits: tuple[float, float]) -> Point:
    """Where the branch leaves the interval."""
    end = limits[0] if b.z[-1] < limits[0] else limits[1]
    z = orbits.located(made, a, b, lambda v: float(v[-1] - end))
    along = None if z is None else orbits.tangent(made, z, b.tangent)
    return b if z is None or along is None else Point(z, along, made.edges)


def _returned(made: Collocation, trace: Trace) -> bool:
    """Whether the last cycle is next to the first one: the branch is closed."""
    rows = [
        np.concatenate([low, high, [np.log(c.period), p]])
        / np.concatenate([made.scale[:-2], made.scale])
        for p, c, low, high in (trace.points[0], trace.points[-2], trace.points[-1])
    ]
    first, before, last = rows
    step = float(np.linalg.norm(last - before))
    return len(trace.points) > 8 and float(np.linalg.norm(last - first)) < step
