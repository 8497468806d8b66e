"""Curves of folds and of Hopf points against two parameters, with the points at which they meet.

Each curve is followed by pseudo-arclength on the equations of `Critical`, in both directions, to
the edges of the rectangle; a curve of Hopf points ends at a Bogdanov-Takens point, beyond which the
same equations hold at neutral saddles.

Source: Kuznetsov (2004) Elements of Applied Bifurcation Theory, section 10.3,
doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.values import Quantity
from ...errors import DefinitionError
from . import critical
from .arclength import Curve
from .critical import Critical
from .equilibria import CHECKED, branches
from .families import Family, family, interval, reach
from .meetings import DOUBLE, Meeting, Watch, hertz, lyapunov, meeting

Floats = NDArray[np.float64]
ON = 2e-3  # of the diagram's size: a start this close to a curve lies on it


@dataclass(frozen=True, eq=False)
class BifurcationCurve:
    """A curve of ``kind`` ``"fold"`` or ``"Hopf"``: ``parameters`` (number, 2) of ``names``,
    ``states`` (number, n), and on Hopf curves ``frequency`` (Hz) and ``lyapunov``, the first
    Lyapunov coefficient (number,); both nan on folds. ``at`` solves for points between.
    """

    kind: str
    names: tuple[str, str]
    parameters: Floats
    states: Floats
    frequency: Floats
    lyapunov: Floats
    special: tuple[Meeting, ...]
    _system: Critical = field(repr=False)
    _path: Floats = field(repr=False)
    _scale: Floats = field(repr=False)

    def at(self, name: str, value: float) -> tuple[Meeting, ...]:
        """The points of the curve at which the parameter ``name`` has this value."""
        if name not in self.names:
            raise DefinitionError(
                f"{name} is none of the two parameters",
                symbol=name,
                remedy=f"known are {', '.join(self.names)}",
            )
        column = self.names.index(name) - 2
        curve, found = Curve(self._system.F, self._system.DF, self._scale), []
        for a, b in pairwise(self._path):
            if (a[column] - value) * (b[column] - value) <= 0:
                self._system.refresh(a)
                z = curve.root(a, b, lambda z: float(z[column] - value))
                found += [] if z is None else [meeting(self._system, self.kind, z)]
        return tuple(found)


@dataclass(frozen=True, eq=False)
class _Task:
    """What all curves of a diagram share."""

    many: Family
    low: Floats
    high: Floats
    scale: Floats  # of (x, p)
    steps: int
    most: int

    def beyond(self, p: Floats) -> float:
        """Above 0 outside of the rectangle."""
        share = (p - self.low) / (self.high - self.low)
        return float(np.maximum(share - 1.0, -share).max())


def curves(
    model: Any,
    first: str,
    first_limits: Sequence[float],
    second: str,
    second_limits: Sequence[float],
    *,
    box: Any = None,
    steps: int = 60,
    most: int = 2000,
    sections: int = 2,
    **parameters: Any,
) -> tuple[BifurcationCurve, ...]:
    """The curves of folds and of Hopf points in the plane of two network parameters.

    They start at the folds and Hopf points of `branches` on lines across the rectangle, and at the
    Bogdanov-Takens points of fold curves.

    Args:
        model: a network, as `field_of` takes it.
        first: a network parameter, with its limits (low, high) in ms, mV, pA.
        first_limits: (low, high) of it.
        second: another one.
        second_limits: (low, high) of it.
        box: as in `branches`.
        steps: the largest step is the size of the diagram over ``steps``.
        most: points of a curve in each direction.
        sections: lines on which starts are looked for, in each direction.
        parameters: other values to replace, and ``variant``.

    A curve that meets none of these lines is not found.

    Raises:
        DefinitionError: as `branches`.
    """
    limits = [interval(model, n, v) for n, v in ((first, first_limits), (second, second_limits))]
    many = family(model, first, second, **parameters)
    low, high = np.array(limits).T
    corners = [[a, b] for a in limits[0] for b in limits[1]]
    scale = np.append(reach(many, [*corners, list(0.5 * (low + high))], box), high - low)
    task = _Task(many, low, high, scale, steps, most)
    found: list[BifurcationCurve] = []
    for kind, x, p in _starts(task, box, sections):
        if not _lies_on(found, kind, np.append(x, p), scale):
            made, z = critical.fold(many, x, p) if kind == "fold" else critical.hopf(many, x, p)
            found += _curve(task, made, z, both=True)
    for curve in found:  # grows meanwhile: where one kind ends the other passes
        for x, p in [(s.state, s.parameters) for s in curve.special if s.kind == DOUBLE]:
            z = np.append(x, p)
            if curve.kind == "fold" and not _lies_on(found, "Hopf", z, scale):
                found += _curve(task, *critical.double_zero(many, x, p), both=False)
            elif curve.kind == "Hopf" and not _lies_on(found, "fold", z, scale):
                found += _curve(task, *critical.fold(many, x, p), both=True)
    return tuple(found)


def _starts(task: _Task, box: Any, sections: int) -> Iterator[tuple[str, Floats, Floats]]:
    """Folds and Hopf points on lines across the rectangle: kind, x, p."""
    many = task.many
    for across in (1, 0):  # the parameter that is kept on a line
        inside = np.linspace(task.low[across], task.high[across], sections + 2)[1:-1]
        own = many.own[across]
        values = [*inside, *([own] if task.low[across] < own < task.high[across] else [])]
        name, other = many.names[across], many.names[1 - across]
        limits = (task.low[1 - across], task.high[1 - across])
        for value in values:
            old = many.network.parameters[name]
            assert isinstance(old, Quantity)
            network = many.network.with_parameters(**{name: Quantity(value, old.dimension)})
            for branch in branches(network, other, limits, box=box, steps=task.steps // 2):
                for s in branch.special:
                    if s.kind in ("fold", "Hopf"):
                        p = [s.parameter, value] if across else [value, s.parameter]
                        yield s.kind, s.state, np.array(p)


def _lies_on(found: Sequence[BifurcationCurve], kind: str, z: Floats, scale: Floats) -> bool:
    """Whether (x, p) is on one of the curves, up to its chords."""
    for curve in found:
        if curve.kind == kind:
            path = np.column_stack([curve.states, curve.parameters]) / scale
            a, d = path[:-1], np.diff(path, axis=0)
            share = ((z / scale - a) * d).sum(axis=1) / np.maximum((d**2).sum(axis=1), 1e-300)
            nearest = a + np.clip(share, 0.0, 1.0)[:, None] * d
            if np.linalg.norm(nearest - z / scale, axis=1).min() < ON:
                return True
    return False


def _curve(task: _Task, system: Critical, z: Floats, *, both: bool) -> list[BifurcationCurve]:
    """The curve through z; nothing where the equations do not hold next to z."""
    x, v, _, _ = system.parts(z)
    rate = float(np.abs(system.many.at(*z[-2:]).jacobian(x)).max())
    extra = [rate**2] if system.hopf else []
    scale = np.concatenate([task.scale[: len(x)], np.ones(len(v)), extra, task.scale[-2:]])
    aside, along = system.aside, np.zeros(len(z))
    along[2 * len(x) if system.hopf else -2] = 1.0  # kappa grows, or the first parameter
    along = Curve(system.F, system.DF, scale).tangent(z, along)
    path, special = _one_way(task, system, z, scale, along)
    if both and not _closed(path, scale):
        system.aside = aside
        back, met = _one_way(task, system, z, scale, -along)
        path, special = [*back[:0:-1], *path], [*met[::-1], *special]
    if len(path) < 2:
        return []
    return [_told(task, system, np.array(path), scale, tuple(special))]


def _one_way(
    task: _Task, system: Critical, z: Floats, scale: Floats, along: Floats
) -> tuple[list[Floats], list[Meeting]]:
    """Points and points of codimension two, from z on."""
    curve, watch = Curve(system.F, system.DF, scale), Watch(system)
    path: list[Floats] = []
    met: list[Meeting] = []
    if system.hopf and system.parts(z)[2] == 0.0:
        met.append(meeting(system, DOUBLE, z))
    size = {"step": 0.1 / task.steps, "largest": 1.0 / task.steps}
    for here, _ in curve.follow(z, along, most=task.most, **size):
        if len(path) % CHECKED == 0 and not task.many.check(system.point(here)):
            return _one_way(task, system, z, scale, along)
        end = _end(task, system, curve, path[-1], here) if path else None
        path.append(here if end is None else end)
        if len(path) > 1:
            met += watch.step(curve, path[-2], path[-1])
        if end is not None or _closed(path, scale):
            if system.hopf and system.parts(path[-1])[2] < 1e-3 * system.parts(path[-2])[2]:
                met.append(meeting(system, DOUBLE, path[-1]))
            break
        system.refresh(here)
    return path, met


def _end(task: _Task, system: Critical, curve: Curve, a: Floats, b: Floats) -> Floats | None:
    """Where the curve ends between neighbours, at kappa = 0 or an edge; None where it goes on."""
    if system.hopf and system.parts(b)[2] < 0:
        return curve.root(a, b, lambda z: system.parts(z)[2])
    if task.beyond(b[-2:]) > 0:
        return curve.root(a, b, lambda z: task.beyond(z[-2:]))
    return None


def _closed(path: Sequence[Floats], scale: Floats) -> bool:
    """Whether the curve is back where it began."""
    if len(path) < 8:
        return False
    away = np.linalg.norm((path[-1] - path[0]) / scale)
    return bool(away < np.linalg.norm((path[-1] - path[-2]) / scale))


def _told(
    task: _Task, system: Critical, path: Floats, scale: Floats, special: tuple[Meeting, ...]
) -> BifurcationCurve:
    n, kind = system.n, "Hopf" if system.hopf else "fold"
    waves = l1 = np.full(len(path), np.nan)
    if system.hopf:
        waves = np.array([hertz(max(z[2 * n], 0.0)) for z in path])
        l1 = np.array([lyapunov(system, z) for z in path])
    p, x, (a, b) = path[:, -2:], path[:, :n], task.many.names
    return BifurcationCurve(kind, (a, b), p, x, waves, l1, special, system, path, scale)
