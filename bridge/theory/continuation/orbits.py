"""A branch of cycles, orbit by orbit: predictor, corrector, mesh and phase of `Collocation`.

Steps, like the arclength, are measured by int |u/scale|^2 ds + ln(T)^2 + (p/scale)^2, so that a
branch goes on while its period grows without bounds. The mesh follows the orbit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from ..cycles import Cycle
from ..fixedpoints import NoConvergence
from .arclength import ITERATIONS, paced
from .collocation import DEGREE, Collocation, interpolated, spread
from .families import Family
from .lyapunov import imaginary

Floats = NDArray[np.float64]
REMESH = 3  # points between changes of the mesh
TURN = 0.9  # cosine of the angle by which a branch may turn in one step


@dataclass(frozen=True, eq=False)
class Point:
    """z of `Collocation`, the unit tangent there, and the mesh of both."""

    z: Floats
    tangent: Floats
    edges: Floats


def from_hopf(
    many: Family, x: Floats, p: float, scale: Floats, intervals: int
) -> tuple[Collocation, Point]:
    """The cycle of no size at a Hopf point, and the plane of its pair of eigenvalues as tangent."""
    q, omega = imaginary(many.at(p).jacobian(x))
    edges = np.linspace(0.0, 1.0, intervals + 1)
    made = Collocation(many, edges, scale, np.zeros((intervals, DEGREE, len(x))))
    swing = (np.exp(2j * np.pi * made.times())[:, None] * q).real
    z = np.append(np.tile(x, len(swing)), [np.log(2 * np.pi / omega), p])
    along = np.append(swing.ravel(), [0.0, 0.0])
    made.phase = made.slopes(along)
    return made, Point(z, along / np.sqrt(along @ made.weighed(along)), edges)


def from_cycle(
    many: Family, orbit: Cycle, p: float, scale: Floats, intervals: int
) -> tuple[Collocation, Floats] | None:
    """The equations and z of a cycle that was found otherwise; None where they do not meet."""
    states = np.array(orbit.states)
    states[-1] = states[0]
    path = CubicSpline(orbit.times / orbit.period, states, bc_type="periodic")
    made = Collocation(many, np.linspace(0.0, 1.0, intervals + 1), scale, np.zeros(0))
    for _ in range(3):
        made.edges = spread(path(made.times()) / scale[:-2], made.edges)
    z = np.append(path(made.times()).ravel(), [np.log(orbit.period), p])
    found = at_parameter(made, z, p)
    return None if found is None else (made, found)


def correct(made: Collocation, guess: Floats, along: Floats) -> tuple[Floats, int] | None:
    """The cycle on the plane through ``guess`` across ``along``, and the iterations it took."""
    return _newton(made, guess, made.weighed(along))


def at_parameter(made: Collocation, guess: Floats, p: float) -> Floats | None:
    """The cycle at ``p`` next to ``guess``."""
    made.phase = made.slopes(guess)
    normal = np.zeros(len(guess))
    normal[-1] = 1.0 / made.scale[-1] ** 2
    found = _newton(made, np.append(guess[:-1], p), normal)
    return None if found is None else found[0]


def _newton(made: Collocation, guess: Floats, normal: Floats) -> tuple[Floats, int] | None:
    z = guess
    size = np.append(np.tile(made.scale[:-2], (len(z) - 2) // made.n), made.scale[-2:])
    for count in range(1, ITERATIONS + 1):
        step = made.solve(z, normal, np.append(made.F(z), normal @ (z - guess)))
        if step is None or np.abs(step[-2]) > 1.0:  # the period by a factor e
            return None
        z = z - step
        if np.abs(step / size).max() < 1e-9:
            return z, count
    return None


def tangent(made: Collocation, z: Floats, along: Floats) -> Floats | None:
    """The unit tangent at z that points as ``along``."""
    last = np.zeros(len(z))
    last[-1] = 1.0
    found = made.solve(z, made.weighed(along), last)
    return None if found is None else found / np.sqrt(found @ made.weighed(found))


def moved(made: Collocation, z: Floats, before: Floats, after: Floats) -> Floats:
    """z, given on the mesh ``before``, on the mesh ``after``."""
    made.edges = after
    u = interpolated(made.nodes(z), before, made.times())
    return np.append(u.ravel(), z[-2:])


def follow(
    made: Collocation, start: Point, *, step: float, largest: float, most: int
) -> Iterator[tuple[Point, Point]]:
    """Steps of a branch from ``start`` on: neighbours, given on the same mesh, that of ``made``.

    Ends after ``most`` steps, or where none converges.
    """
    here = start
    for k in range(most):
        if k % REMESH == REMESH - 1:
            here = _remeshed(made, here) or here
        made.edges = here.edges
        if k:
            made.phase = made.slopes(here.z)
        while True:
            found = _stepped(made, here, step)
            if found is not None:
                break
            step *= 0.5
            if step < 1e-5 * largest:
                return
        after, count = found
        yield here, after
        here, step = after, paced(step, count, largest)


def _stepped(made: Collocation, here: Point, step: float) -> tuple[Point, int] | None:
    found = correct(made, here.z + step * here.tangent, here.tangent)
    along = None if found is None else tangent(made, found[0], here.tangent)
    if found is None or along is None or along @ made.weighed(here.tangent) < TURN:
        return None
    return Point(found[0], along, made.edges), found[1]


def _remeshed(made: Collocation, here: Point) -> Point | None:
    """The same cycle on a mesh that suits it."""
    edges = spread(made.nodes(here.z) / made.scale[:-2], here.edges)
    along = moved(made, here.tangent, here.edges, edges)
    guess = moved(made, here.z, here.edges, edges)
    made.phase = made.slopes(guess)
    found = correct(made, guess, along)
    better = None if found is None else tangent(made, found[0], along)
    if found is None or better is None:
        return None
    return Point(found[0], better, edges)


def located(
    made: Collocation, a: Point, b: Point, test: Callable[[Floats], float]
) -> Floats | None:
    """The cycle between two neighbours at which ``test`` is 0; None where its sign stays."""
    along = b.z - a.z

    def between(share: float) -> Floats | None:
        found = correct(made, a.z + share * along, along)
        return None if found is None else found[0]

    def at(share: float) -> float:
        z = between(share)
        return float("nan") if z is None else test(z)

    if not at(0.0) * at(1.0) <= 0:
        return None
    try:
        return between(float(brentq(at, 0.0, 1.0, xtol=1e-12, rtol=1e-12)))
    except ValueError:  # nan
        raise NoConvergence(
            "a special point between two cycles of a branch cannot be located",
            model=made.many.network.label,
            remedy="give more steps, so that neighbours are closer, or more intervals",
        ) from None


def same_side(made: Collocation, a: Floats, b: Floats) -> bool:
    """Whether two neighbouring orbits swing alike: not so where a Hopf point lies between them."""
    sides = [made.nodes(z) - mean(made, z) for z in (a, b)]
    first, second = (np.append(u.ravel(), [0.0, 0.0]) for u in sides)
    return bool(first @ made.weighed(second) > 0)


def mean(made: Collocation, z: Floats) -> Floats:
    """The orbit's average over time."""
    u = made.nodes(z)
    gaps = np.diff(made.times())
    return np.asarray((gaps[:, None] * 0.5 * (u[1:] + u[:-1])).sum(axis=0))
