"""Whether the stationary rates are stable, and how a perturbation rings.

Perturbations exp(s t) that sustain themselves have det(1 - W(s)) = 0: they decay if Re s < 0, and
oscillate with Im s/(2 pi). Each eigenvalue of W(i omega) that passes near 1 belongs to one of them.
Brunel & Hakim (1999) doi:10.1162/089976699300016179; sensitivity: Bos, Diesmann & Helias (2016)
doi:10.1371/journal.pcbi.1005132.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass
from ..stability import band
from .linear import Linear, coupling
from .working_point import WorkingPoint

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
_STEPS, _CLOSE = 30, 1e-9
_LONGEST, _FASTEST = 0.05, 1.0  # a step of the search, and the growth it may reach, per ms
_NEAR = 0.99  # |1 - eigenvalue| below which a mode is looked for; an eigenvalue of 0 has none


@dataclass(frozen=True)
class Mode:
    """``growth`` per ms (negative: it decays), ``frequency`` in Hz, and its ``band``."""

    growth: float
    frequency: float
    band: str | None

    @property
    def stable(self) -> bool:
        return self.growth < 0


def modes(
    point: WorkingPoint, *, highest: float = 400.0, points: int = 41, profile: Any = None
) -> tuple[Mode, ...]:
    """The modes near the imaginary axis up to ``highest`` Hz, the least damped first.

    They are followed by the secant method from every frequency at which an eigenvalue of W comes
    nearest to 1; modes that are strongly damped are not all found.

    Args:
        point: from `working_point`.
        highest: Hz.
        points: frequencies at which the search starts.
        profile: (post, pre) or (pre,), by which W is multiplied: the Fourier transform, at one
            wavenumber, of how connections depend on distance (`boxcar`). Then the modes are waves
            of that wavenumber, in a network of which the definition gives the number of
            connections: Senk et al. (2020) doi:10.1103/PhysRevResearch.2.023174.
    """
    factor = np.ones(()) if profile is None else np.asarray(profile, float)

    def W(s: Complex) -> Complex:
        return np.asarray(coupling(point, s)[0] * factor)

    f = np.linspace(0.0, highest, points)
    values = eigenvalues(W(np.asarray(2j * np.pi * f / 1e3)))
    gap = np.abs(1 - values)
    later = np.vstack([gap[1:], np.full((1, gap.shape[1]), np.inf)])
    sooner = np.vstack([gap[1:2], gap[:-1]])  # the response is even in frequency
    low, _ = np.nonzero((gap <= later) & (gap <= sooner) & (gap < _NEAR))
    starts: Complex = np.asarray(2j * np.pi * f[np.unique(low)] / 1e3)
    found: list[Mode] = []
    for s in _roots(W, starts).tolist():
        hertz = abs(s.imag) / (2 * np.pi) * 1e3
        hertz = 0.0 if hertz < 1e-6 else hertz
        if all(abs(m.growth - s.real) + abs(m.frequency - hertz) > 1e-6 for m in found):
            found.append(Mode(s.real, hertz, band(hertz) if hertz else None))
    return tuple(sorted(found, key=lambda m: -m.growth))


def eigenvalues(W: Complex) -> Complex:
    """Eigenvalues of W at each frequency, (frequency, k), each followed from one to the next."""
    values = np.linalg.eigvals(W)
    from scipy.optimize import linear_sum_assignment

    for i in range(1, len(values)):
        distance = np.abs(values[i - 1][:, None] - values[i][None, :])
        values[i] = values[i][linear_sum_assignment(distance)[1]]
    return np.asarray(values)


def sensitivity(found: Linear, *, every: bool = False) -> tuple[Complex, Complex]:
    """(eigenvalues, Z): how the eigenvalue that is nearest to 1 depends on each connection.

    Z[f, a, b] = v_a W_ab u_b/(v u) with the left and right eigenvectors: the change of the
    eigenvalue per relative change of W_ab. Bos et al. (2016), equation 11. ``every``: of all
    eigenvalues, (f, k) and (f, k, a, b), each followed from one frequency to the next.
    """
    values, right = np.linalg.eig(found.W)
    left = np.linalg.inv(right)
    Z = left[:, :, :, None] * found.W[:, None] * np.swapaxes(right, 1, 2)[:, :, None, :]
    rows = np.arange(len(values))
    if every:
        order = np.argmin(np.abs(eigenvalues(found.W)[:, :, None] - values[:, None, :]), axis=2)
        return values[rows[:, None], order], Z[rows[:, None], order]
    k = np.argmin(np.abs(1 - values), axis=1)
    return values[rows, k], Z[rows, k]


def low_pass(found: Linear, post: str, pre: str) -> tuple[float, float]:
    """(W_rate, tau in ms): W_ab without its delay as W_rate/(1 + i omega tau), least squares."""
    from scipy.optimize import least_squares

    a, b = (found.names.index(n) for n in (post, pre))
    s = 2j * np.pi * found.f / 1e3
    arrivals = [x for x in found.point.circuit.arrivals if (x.post, x.pre) == (post, pre)]
    if len(arrivals) != 1:
        raise DefinitionError(
            f"{len(arrivals)} projections lead from {pre} to {post}",
            model=found.point.circuit.label,
            remedy="ask for a pair of populations that one projection joins",
        )
    W = found.W[:, a, b] / arrivals[0].delayed(s)

    def left(p: Any) -> Any:
        gap = p[0] / (1 + s * p[1]) - W
        return np.concatenate([gap.real, gap.imag])

    best = least_squares(left, [W[0].real, 5.0])
    return float(best.x[0]), float(best.x[1])


def delayed_exponents(weight: complex, tau: float, delay: float, branches: int = 3) -> Complex:
    """Exponents s (per ms) of tau dx/dt = -x + weight x(t - delay), by Lambert's function.

    s = -1/tau + W_k(weight delay/tau exp(delay/tau))/delay, k = -branches..branches; ``weight`` is
    an eigenvalue of W_rate. Schuecker et al. (2017) doi:10.1371/journal.pcbi.1005179, equation 9.
    """
    from scipy.special import lambertw

    if not (delay > 0 and tau > 0):
        raise DefinitionError(
            f"tau = {tau:g} ms, delay = {delay:g} ms", remedy="give positive times"
        )
    k = np.arange(-branches, branches + 1)
    found = -1 / tau + lambertw(weight * delay / tau * np.exp(delay / tau), k) / delay
    return np.asarray(found[np.argsort(-found.real)])


def boxcar(wavenumber: float, widths: Any) -> Floats:
    """sin(k w)/(k w): the Fourier transform of connections with equal probability up to ``w``.

    In one dimension, one half width per presynaptic population, in the unit of 1/``wavenumber``;
    Senk et al. (2020) doi:10.1103/PhysRevResearch.2.023174.
    """
    return np.asarray(np.sinc(wavenumber * np.asarray(widths, float) / np.pi))


def _roots(W: Callable[[Complex], Complex], s: Complex) -> Complex:
    """Zeros of det(1 - W(s)) near ``s`` by the secant method, all together; those it reaches."""

    def gap(at: Complex) -> Complex:
        found = W(at)
        return np.asarray(np.linalg.det(np.eye(found.shape[1]) - found))

    if not len(s):
        return s
    before, s = s, s + (1e-3 + 1e-3j)
    old, new = gap(before), gap(s)
    size = np.full(s.shape, np.inf)
    for _ in range(_STEPS):
        with np.errstate(all="ignore"):
            step = np.nan_to_num(-new * (s - before) / (new - old))
        size = np.abs(step)
        step = step * np.minimum(1.0, _LONGEST / np.maximum(size, 1e-300))
        before, old, s = s, new, s + step
        s = np.clip(s.real, -_FASTEST, _FASTEST) + 1j * s.imag
        if (size < _CLOSE).all():
            break
        new = gap(s)
    reached = (size < _CLOSE) & (np.abs(s.real) < _FASTEST) & (np.abs(gap(s)) < 1e-6)
    return s[reached]
