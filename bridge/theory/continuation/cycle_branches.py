"""Branches of cycles against one parameter, with folds, period doublings and tori.

A cycle is followed by collocation and pseudo-arclength. At a fold of cycles the branch turns; a
period doubling has a Floquet multiplier -1, a torus (Neimark-Sacker) bifurcation a pair on the unit
circle; each is located to rounding where its test function changes its sign. A branch ends at a
Hopf point, at an end of the interval, or where its period grows beyond bounds, next to a homoclinic
orbit or to a saddle-node on the cycle.

Source: Kuznetsov (2004) Elements of Applied Bifurcation Theory, sections 5.3, 7.1, 7.2 and 10.2,
doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ..cycles import Cycle, cycle
from . import orbits
from .collocation import DEGREE, Collocation
from .cycle_ends import End
from .cycle_points import SpecialCycle, orbit
from .families import Family, family, interval, reach
from .orbits import Point
from .special import Special
from .traces import Trace, traced

Floats = NDArray[np.float64]
SAMPLES = 1001  # along a cycle that is asked for
LEAST = 0.1  # of the largest swing: what states that stand still are measured in


@dataclass(frozen=True, eq=False)
class CycleBranch:
    """Cycles along a branch: ``parameter`` and ``period`` (number,), ``lowest`` and ``highest``
    (number, n) of every state, whether ``stable``; multipliers are those of ``cycles``.
    """

    name: str
    cycles: tuple[Cycle, ...]
    parameter: Floats
    lowest: Floats
    highest: Floats
    stable: NDArray[np.bool_]
    special: tuple[SpecialCycle, ...]
    ends: tuple[End, End]
    _made: Collocation = field(repr=False)

    @property
    def period(self) -> Floats:
        """In ms."""
        return np.array([c.period for c in self.cycles])

    def at(self, parameter: float) -> tuple[Cycle, ...]:
        """The cycles of the branch at ``parameter``, solved for anew, with SAMPLES states."""
        found, sides = [], self.parameter - parameter
        size = np.ptp([self.lowest, self.highest], axis=0).max(axis=1)
        for k in np.flatnonzero(sides[:-1] * sides[1:] <= 0):
            near = self.cycles[k if size[k] > size[k + 1] else k + 1]
            z = np.append(near.states.ravel(), [np.log(near.period), parameter])
            self._made.edges = near.times[::DEGREE] / near.period
            solved = orbits.at_parameter(self._made, z, parameter)
            if solved is not None:
                found.append(orbit(self._made, solved, np.linspace(0.0, 1.0, SAMPLES)))
        return tuple(found)


def cycle_branch(
    model: Any,
    parameter: str,
    limits: Sequence[float],
    start: Special | Cycle | None = None,
    *,
    box: Any = None,
    steps: int = 50,
    most: int = 500,
    intervals: int = 40,
    longest: float | None = None,
    **parameters: Any,
) -> CycleBranch:
    """The branch of cycles from a Hopf point, or through a cycle.

    Args:
        model: a network, as `field_of` takes it.
        parameter: the network parameter that varies.
        limits: (low, high) of the parameter, in ms, mV, pA.
        start: a Hopf point of `branches`; a `Cycle` at the network's own value of the parameter;
            where None the cycle that the network runs onto there.
        box: as in `branches`: the size of states that nothing bounds, for a Hopf point.
        steps: the largest step is the size of the diagram over ``steps``.
        most: cycles in each direction.
        intervals: of the mesh, each with a polynomial of degree 4.
        longest: period in ms at which the branch ends, next to a homoclinic orbit; 30 times the
            first one where None.
        parameters: other values to replace, and ``variant``.

    Raises:
        DefinitionError: ``start`` is no Hopf point, or there is no cycle; as `branches`.
    """
    low, high = interval(model, parameter, limits)
    many = family(model, parameter, **parameters)
    size = (low, high), 1.0 / steps, most
    if isinstance(start, Special):
        scale = reach(many, [[low], [0.5 * (low + high)], [high]], box)
        return from_hopf(many, start, scale, *size, intervals, longest)
    p = float(many.own[0])
    if not low <= p <= high:
        raise _no_cycle(many, f"{parameter} = {p:g} lies beyond {low:g} to {high:g}")
    found = _begun(many, p, start)
    swing = np.ptp(found.states, axis=0)
    scale = np.append(np.maximum(swing, LEAST * swing.max()), [1.0, high - low])
    begun = orbits.from_cycle(many, found, p, scale, intervals)
    if begun is None:
        raise _no_cycle(many, f"start is no cycle at {parameter} = {p:g}")
    made, z = begun
    edges, traces = made.edges, []
    for way in (-1.0, 1.0):
        made.edges, made.phase = edges, made.slopes(z)
        along = orbits.tangent(made, z, np.append(0 * z[:-1], way))
        assert along is not None
        traces.append(traced(made, Point(z, along, edges), *size, longest))
        if traces[0].end.kind == "closed":
            return _joined(many, made, [Trace([], [], traces[0].end), traces[0]])
    return _joined(many, made, traces)


def from_hopf(
    many: Family,
    start: Special,
    scale: Floats,
    limits: tuple[float, float],
    largest: float = 0.02,
    most: int = 500,
    intervals: int = 40,
    longest: float | None = None,
) -> CycleBranch:
    """`cycle_branch` from a Hopf point; ``scale`` (n,) is how far states reach."""
    if start.kind != "Hopf" or len(start.state) != many.at(*many.own).dimension:
        raise DefinitionError(
            f"no cycle begins at a {start.kind} of {len(start.state)} states",
            model=many.network.label,
            symbol="start",
            remedy="give a Hopf point that `branches` found in the same network",
        )
    scale = np.append(scale, [1.0, limits[1] - limits[0]])
    made, first = orbits.from_hopf(many, start.state, start.parameter, scale, intervals)
    one = traced(made, first, limits, largest, most, longest)
    return _joined(many, made, [Trace([], [], End("Hopf", start.parameter)), one])


def hopf_cycles(
    many: Family, points: Sequence[Special], scale: Floats, limits: tuple[float, float]
) -> tuple[CycleBranch, ...]:
    """The branches of cycles that begin at Hopf points, each once, also where it joins two."""
    found: list[CycleBranch] = []
    near = 1e-6 * np.append(scale, limits[1] - limits[0])
    for point in points:
        here = np.append(point.state, point.parameter)
        ends = [np.append(b.lowest[-1], b.parameter[-1]) for b in found if b.ends[1].kind == "Hopf"]
        if not any((np.abs(end - here) < near).all() for end in ends):
            found.append(from_hopf(many, point, scale, limits))
    return tuple(found)


def _no_cycle(many: Family, why: str) -> DefinitionError:
    return DefinitionError(
        why,
        model=many.network.label,
        symbol=many.names[0],
        remedy="give a cycle of the network at its own value of the parameter, within the limits",
    )


def _begun(many: Family, p: float, start: Cycle | None) -> Cycle:
    """The given cycle, or the one that the network runs onto."""
    if not isinstance(start, Cycle | None):
        raise DefinitionError(
            f"{start!r} is neither a Hopf point nor a cycle",
            model=many.network.label,
            symbol="start",
            remedy="give a Hopf point of `branches`, a `Cycle`, or nothing",
        )
    found = cycle(many.at(p)) if start is None else start
    if found is None:
        raise DefinitionError(
            f"at {many.names[0]} = {p:g} it comes to rest, so that no cycle is there to follow",
            model=many.network.label,
            symbol=many.names[0],
            remedy="give a Hopf point of `branches` as start, or a value at which it oscillates",
        )
    return found


def _joined(many: Family, made: Collocation, traces: Sequence[Trace]) -> CycleBranch:
    """Both ways as one branch: the first reversed."""
    back, on = traces
    points = back.points[:0:-1] + on.points
    cycles = tuple(c for _, c, _, _ in points)
    stable = np.array([c.stable for c in cycles])
    for k in (0, -1):  # a cycle of no size is as stable as the next one
        if not np.ptp(cycles[k].states, axis=0).any():
            stable[k] = stable[1 if k == 0 else -2]
    p, low, high = (np.array([row[k] for row in points]) for k in (0, 2, 3))
    special = tuple(back.special[::-1] + on.special)
    ends = (back.end, on.end)
    return CycleBranch(many.names[0], cycles, p, low, high, stable, special, ends, made)
