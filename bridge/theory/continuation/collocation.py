"""Periodic orbits as piecewise polynomials: orthogonal collocation at Gauss points.

In scaled time s = t/T, du/ds = T f(u, p) holds at `DEGREE` Gauss points in each of the intervals
between ``edges``; u is continuous, u(1) = u(0), and int u.v' ds = 0 fixes the phase, v being a
neighbouring orbit. Unknown is z = (u at DEGREE + 1 equidistant nodes per interval, ln T, p). The
error of u is of order h^(DEGREE + 1), at the edges of order h^(2 DEGREE).

Source: Doedel, Keller, Kernevez (1991) Int. J. Bifurcation Chaos 1:745,
doi 10.1142/S0218127491000555; Kuznetsov (2004), section 10.1.4, doi 10.1007/978-1-4757-3978-7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

from .families import Family

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
DEGREE = 4
SLOW = 1e-5  # of the highest speed: below, the orbit's direction is carried on, not read
FINE = 16  # values per interval where extremes are looked for


def _lagrange(at: Floats) -> tuple[Floats, Floats]:
    """Values and derivatives (len(at), DEGREE + 1) at ``at`` of the polynomials of the nodes."""
    nodes = np.linspace(0.0, 1.0, DEGREE + 1)
    powers = np.linalg.inv(np.vander(nodes, increasing=True)).astype(float)  # one a column
    value = at[:, None] ** np.arange(DEGREE + 1)
    slope = np.zeros_like(value)
    slope[:, 1:] = value[:, :-1] * np.arange(1, DEGREE + 1)
    return np.asarray(value @ powers), np.asarray(slope @ powers)


_roots, _weights = np.polynomial.legendre.leggauss(DEGREE)
GAUSS, WEIGHTS = 0.5 * (_roots + 1.0), 0.5 * _weights
VALUE, SLOPE = _lagrange(GAUSS)
INNER = VALUE.T * WEIGHTS @ VALUE  # int of products of two polynomials


@dataclass(eq=False)
class Collocation:
    """The equations of cycles of ``many`` on ``edges``; ``scale`` (n + 2,) of x, ln T and p.

    ``phase`` (intervals, DEGREE, n): v' at the Gauss points.
    """

    many: Family
    edges: Floats
    scale: Floats
    phase: Floats

    @property
    def n(self) -> int:
        return len(self.scale) - 2

    @property
    def lengths(self) -> Floats:
        return np.diff(self.edges)

    def nodes(self, z: Floats) -> Floats:
        """u at the nodes, (number, n)."""
        return z[:-2].reshape(-1, self.n)

    def local(self, z: Floats) -> Floats:
        """u interval by interval, (intervals, DEGREE + 1, n)."""
        return self.nodes(z)[self._places]

    def slopes(self, z: Floats) -> Floats:
        """du/ds at the Gauss points."""
        return np.asarray((SLOPE @ self.local(z)) / self.lengths[:, None, None])

    def F(self, z: Floats) -> Floats:
        """All equations."""
        here, h = self.local(z), self.lengths[:, None, None]
        u, T = VALUE @ here, np.exp(z[-2])
        inside = SLOPE @ here - h * T * self.many.at(z[-1]).rates(u)
        around = here[-1, -1] - here[0, 0]
        phase = (h * WEIGHTS[:, None] * u * self.phase / self.scale[:-2] ** 2).sum()
        return np.concatenate([inside.ravel(), around, [phase]])

    def blocks(self, z: Floats) -> Floats:
        """d(equations of an interval)/d(its nodes), (intervals, DEGREE n, DEGREE + 1, n)."""
        u, h = VALUE @ self.local(z), self.lengths
        J = self.many.at(z[-1]).jacobian(u) * (h * np.exp(z[-2]))[:, None, None, None]
        found = SLOPE[:, None, :, None] * np.eye(self.n)[:, None, :]
        found = found - VALUE[:, None, :, None] * J[:, :, :, None, :]
        return np.asarray(found.reshape(len(h), DEGREE * self.n, DEGREE + 1, self.n))

    def solve(self, z: Floats, normal: Floats, right: Floats) -> Floats | None:
        """[DF; normal]^-1 right at z; None where that is singular."""
        u, T, h = VALUE @ self.local(z), np.exp(z[-2]), self.lengths[:, None, None]
        by_T = -h * T * self.many.at(z[-1]).rates(u)
        by_p = -h * T * self.many.by_parameters(u, z[-1:])[..., 0]
        phase = self._assembled(h * (VALUE.T * WEIGHTS @ self.phase) / self.scale[:-2] ** 2)
        values = [self.blocks(z).ravel(), by_T.ravel(), by_p.ravel(), self._around, phase, normal]
        full = np.concatenate(values)
        if not (np.isfinite(full).all() and np.isfinite(right).all()):
            return None
        try:
            lu = splu(csc_matrix((full, self._pattern), shape=(len(z), len(z))))
            found = np.asarray(lu.solve(right), dtype=float)
        except RuntimeError:  # exactly singular
            return None
        return found if np.isfinite(found).all() else None

    def weighed(self, z: Floats) -> Floats:
        """M z with z.M z = int |u|^2 ds + ln(T)^2 + p^2, each over its scale."""
        u = (INNER @ self.local(z)) * self.lengths[:, None, None] / self.scale[:-2] ** 2
        return np.append(self._assembled(u), z[-2:] / self.scale[-2:] ** 2)

    def multipliers(self, z: Floats) -> Complexes:
        """Floquet multipliers (n,): first the one that is 1, then those across the orbit.

        The latter are the eigenvalues of the product of what each interval does to the plane
        across the orbit's direction: there is no 1 to cancel where others are very small or large.
        """
        blocks, n = self.blocks(z), self.n
        inner = blocks[:, :, 1:].reshape(len(blocks), DEGREE * n, DEGREE * n)
        steps = -np.linalg.solve(inner, blocks[:, :, 0])[:, -n:]
        flow = self.many.at(z[-1]).rates(self.nodes(z)[:-1:DEGREE])
        speed = np.linalg.norm(flow / self.scale[:-2], axis=1)
        if not speed.max() > 0:  # a point
            values = np.linalg.eigvals(np.linalg.multi_dot([*steps[::-1], np.eye(n)]))
            return values[np.argsort(np.abs(values - 1.0))].astype(np.complex128)
        if n == 2:  # Liouville's formula
            return np.array([1.0, np.prod(np.linalg.det(steps))], dtype=np.complex128)
        first = int(np.argmax(speed))
        steps, flow, speed = (np.roll(v, -first, axis=0) for v in (steps, flow, speed))
        along, M = flow[0], np.eye(n - 1)
        plane = start = _across(along)
        for k, step in enumerate(steps):
            after = (k + 1) % len(steps)
            fast = speed[after] > SLOW * speed[0]
            along = flow[after] if fast else step @ along / np.linalg.norm(step @ along)
            following = start if after == 0 else _across(along)
            M, plane = following.T @ step @ plane @ M, following
        return np.append(1.0, np.linalg.eigvals(M)).astype(np.complex128)

    def extremes(self, z: Floats) -> tuple[Floats, Floats]:
        """Lowest and highest value of every state, each (n,)."""
        s = np.linspace(0.0, 1.0, FINE + 1)[:-1]
        u = (_lagrange(s)[0] @ self.local(z)).reshape(-1, self.n)
        return -_peak(-u, self.edges), _peak(u, self.edges)

    def times(self) -> Floats:
        """Where the nodes stand in scaled time."""
        inside = np.linspace(0.0, 1.0, DEGREE + 1)[:-1]
        return np.append((self.edges[:-1, None] + inside * self.lengths[:, None]).ravel(), 1.0)

    def _assembled(self, parts: Floats) -> Floats:
        """Contributions of all intervals, added up per node."""
        total = np.zeros((len(parts) * DEGREE + 1, self.n))
        np.add.at(total, self._places, parts)
        return total.ravel()

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """The node of each place in each interval."""
        first = DEGREE * np.arange(len(self.edges) - 1)
        return np.asarray(first[:, None] + np.arange(DEGREE + 1))

    @cached_property
    def _around(self) -> Floats:
        return np.repeat([1.0, -1.0], self.n)

    @cached_property
    def _pattern(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns of the entries, in the order of `solve`."""
        n, count = self.n, len(self.edges) - 1
        inside, size = count * DEGREE * n, (count * DEGREE + 1) * n + 2
        rows = np.arange(inside).reshape(count, DEGREE * n, 1, 1)
        columns = (self._places[:, :, None] * n + np.arange(n))[:, None]
        both = np.broadcast_arrays(rows, columns)
        r, c = [both[0].ravel()], [both[1].ravel()]
        for column in (size - 2, size - 1):
            r, c = [*r, np.arange(inside)], [*c, np.full(inside, column)]
        r.append(inside + np.tile(np.arange(n), 2))
        c += [np.arange(size - 2 - n, size - 2), np.arange(n)]
        r += [np.full(size - 2, size - 2), np.full(size, size - 1)]
        c += [np.arange(size - 2), np.arange(size)]
        return np.concatenate(r), np.concatenate(c)


def _across(direction: Floats) -> Floats:
    """An orthonormal basis (n, n - 1) of the plane across ``direction``."""
    return np.asarray(np.linalg.qr(direction[:, None], mode="complete")[0][:, 1:])


def _peak(u: Floats, edges: Floats) -> Floats:
    """The highest value of periodic samples, ``FINE`` per interval: a parabola through three."""
    step = np.repeat(np.diff(edges), FINE) / FINE
    k = np.argmax(u, axis=0)
    column = np.arange(u.shape[1])
    left, top, right = u[k - 1, column], u[k, column], u[(k + 1) % len(u), column]
    a, b = step[k - 1], step[k]
    first, second = (top - left) / a, (right - top) / b
    bend = (second - first) / (a + b)
    slope = (first * b + second * a) / (a + b)
    with np.errstate(all="ignore"):
        more = np.where(bend < 0, -(slope**2) / (4.0 * bend), 0.0)
    return np.asarray(top + np.nan_to_num(more))


def spread(u: Floats, edges: Floats) -> Floats:
    """New edges over which the next derivative of u is spread evenly (de Boor's rule).

    u (nodes, n), over its scale.
    """
    count = len(edges) - 1
    here = u[(DEGREE * np.arange(count))[:, None] + np.arange(DEGREE + 1)]
    lengths = np.diff(edges)
    top = np.diff(here, DEGREE, axis=1)[:, 0] * (DEGREE / lengths[:, None]) ** DEGREE
    gaps = 0.5 * (lengths + np.roll(lengths, 1))
    jumps = np.linalg.norm(top - np.roll(top, 1, axis=0), axis=1) / gaps
    density = (0.5 * (jumps + np.roll(jumps, -1))) ** (1.0 / (DEGREE + 1))
    density += 0.1 * (density @ lengths) + 1e-12  # no interval grows without bounds
    total = np.concatenate([[0.0], np.cumsum(density * lengths)])
    found = np.interp(np.linspace(0.0, total[-1], count + 1), total, edges)
    found[[0, -1]] = 0.0, 1.0
    return np.asarray(found)


def interpolated(u: Floats, edges: Floats, at: Floats) -> Floats:
    """The piecewise polynomial u (nodes, n) on ``edges`` at the scaled times ``at``."""
    k = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    share = (at - edges[k]) / (edges[k + 1] - edges[k])
    here = u[DEGREE * k[:, None] + np.arange(DEGREE + 1)]
    return np.asarray((_lagrange(share)[0][:, :, None] * here).sum(axis=1))
