"""Branches of fixed points against one parameter, with folds, Hopf and branch points.

Along a branch {f(x, p) = 0}, followed by pseudo-arclength, these change their signs: at a fold the
tangent's p component; at a Hopf point prod_{i<j} (lambda_i + lambda_j), the determinant of the
bialternate product, where the pair that sums to 0 is imaginary: real ones make a neutral saddle, no
bifurcation; at a branch point det [J f_p; t]. Each is then located on the curve to rounding.

Source: Kuznetsov (2004) Elements of Applied Bifurcation Theory, sections 3.5, 5.4 and 10.2,
doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..fixedpoints import find
from .arclength import Curve
from .cycle_branches import CycleBranch, hopf_cycles
from .eigenvalues import closest_pair, sign_of_sums, turns
from .families import Family, family, interval, reach
from .lyapunov import first_lyapunov
from .special import Special

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
CHECKED = 25  # one in so many points is compared with the drawn network


@dataclass(frozen=True, eq=False)
class Branch:
    """Points of a branch: ``parameter`` (number,), ``states`` (number, n), whether ``stable``.

    ``cycles``: the branches of cycles that begin at its Hopf points, where they were asked for.
    """

    name: str
    parameter: Floats
    states: Floats
    stable: NDArray[np.bool_]
    special: tuple[Special, ...]
    cycles: tuple[CycleBranch, ...] = ()


def branches(
    model: Any,
    parameter: str,
    limits: Sequence[float],
    *,
    box: Any = None,
    steps: int = 100,
    most: int = 2000,
    cycles: bool = False,
    **parameters: Any,
) -> tuple[Branch, ...]:
    """All branches of fixed points that meet an end of ``limits``, each to where it leaves them.

    Args:
        model: a network, as `field_of` takes it.
        parameter: the network parameter that varies.
        limits: (low, high) of the parameter, in ms, mV, pA.
        box: where to look at both ends for states that nothing bounds.
        steps: the largest step is the size of the diagram over ``steps``.
        most: points per branch.
        cycles: whether to follow the cycles that begin at Hopf points (`cycle_branch`).
        parameters: other values to replace, and ``variant``.

    A closed branch that meets neither end is not found. Assumes what `field_of` does.

    Raises:
        DefinitionError: there is no such parameter, the limits are no interval, or no vector field.
    """
    low, high = interval(model, parameter, limits)
    many = family(model, parameter, **parameters)
    ends = [(p, find(many.at(p), box=box)) for p in (low, high)]
    scale = np.append(reach(many, [[low], [0.5 * (low + high)], [high]], box), high - low)
    found: list[Branch] = []
    for p, start in ends:
        for x in start.points:
            z = np.append(x, p)
            if not any(_meets(branch, z, scale) for branch in found):
                inward = np.append(0 * x, 1.0 if p == low else -1.0) * scale
                found.append(_branch(many, z, inward, scale, (low, high), steps, most))
    if not cycles:
        return tuple(found)
    points = [[s for s in b.special if s.kind == "Hopf"] for b in found]
    born = hopf_cycles(many, [s for some in points for s in some], scale[:-1], (low, high))
    first = [c.ends[0].parameter for c in born]
    return tuple(
        replace(b, cycles=tuple(c for c, p in zip(born, first, strict=True)
                                if any(s.parameter == p for s in some)))
        for b, some in zip(found, points, strict=True)
    )  # fmt: skip


def _meets(branch: Branch, z: Floats, scale: Floats) -> bool:
    """Whether the branch begins or ends at z."""
    ends = np.column_stack([branch.states, branch.parameter])[[0, -1]]
    return bool((np.abs((ends - z) / scale).max(axis=1) < 1e-5).any())


def _branch(
    many: Family, z: Floats, along: Floats, scale: Floats, limits: Any, steps: int, most: int
) -> Branch:
    curve = Curve(many.rates, many.extended, scale)
    path: list[tuple[Floats, Floats]] = []
    size = {"step": 0.1 / steps, "largest": 1.0 / steps}
    for point, tangent in curve.follow(z, along, most=most, **size):
        if len(path) % CHECKED == 0 and not many.check(point):
            return _branch(many, z, along, scale, limits, steps, most)
        path.append((point, tangent))
        if len(path) > 1 and not limits[0] <= point[-1] <= limits[1]:
            path[-1] = _cut(curve, path[-2][0], point, limits)
            break
    marks = [(np.sign(_doubled(many, p, t)), sign_of_sums(_values(many, p))) for p, t in path]
    special: list[Special] = []
    for (a, b), (before, after) in zip(pairwise(path), pairwise(marks), strict=True):
        changed = (a[1][-1] * b[1][-1] < 0, before[0] != after[0], before[1] != after[1])
        special += _crossed(many, curve, a, b[0], changed) if any(changed) else []
    points = np.array([p for p, _ in path])
    stable = [
        bool(np.linalg.eigvals(many.at(p[-1]).jacobian(p[:-1])).real.max() < 0) for p in points
    ]
    return Branch(many.names[0], points[:, -1], points[:, :-1], np.array(stable), tuple(special))


def _cut(curve: Curve, a: Floats, b: Floats, limits: Any) -> tuple[Floats, Floats]:
    """The point at which the branch leaves the interval."""
    end = limits[0] if b[-1] < limits[0] else limits[1]
    share = curve.root(a, b, lambda z: float(z[-1] - end))
    point = b if share is None else share
    return point, curve.tangent(point, b - a)


def _crossed(
    many: Family, curve: Curve, a: tuple[Floats, Floats], w: Floats, changed: tuple[bool, ...]
) -> list[Special]:
    """What lies between two neighbouring points; ``changed``: fold, branch point, Hopf tests."""
    (z, t), found = a, []
    tests: dict[str, Callable[[Floats], float]] = {
        "fold": lambda v: float(curve.tangent(v, t)[-1]),
        "branch point": lambda v: _doubled(many, v, curve.tangent(v, t)),
        "Hopf": lambda v: float(closest_pair(_values(many, v)).sum().real),
    }
    crossing = changed[0] and changed[1]  # it turns where it meets another: a pitchfork
    for (kind, test), flag in zip(tests.items(), changed, strict=True):
        skipped = crossing and kind == "branch point"
        v = curve.root(z, w, test) if flag and not skipped else None
        if v is not None:
            kind = "branch point" if crossing and kind == "fold" else kind
            point = Special(kind, float(v[-1]), v[:-1])
            found.append(_hopf(many, v) if kind == "Hopf" else point)
    return found


def _doubled(many: Family, z: Floats, tangent: Floats) -> float:
    """det [J f_p; t], which is 0 where branches cross."""
    return float(np.linalg.det(np.vstack([many.extended(z), tangent])))


def _values(many: Family, z: Floats) -> Complexes:
    return np.linalg.eigvals(many.at(z[-1]).jacobian(z[:-1])).astype(complex)


def _hopf(many: Family, z: Floats) -> Special:
    pair = closest_pair(_values(many, z))
    if not turns(pair):
        return Special("neutral saddle", float(z[-1]), z[:-1])
    field = many.at(z[-1])
    frequency = 1000.0 * float(np.abs(pair.imag).max()) / (2.0 * np.pi)
    return Special("Hopf", float(z[-1]), z[:-1], frequency, first_lyapunov(field, z[:-1]))
