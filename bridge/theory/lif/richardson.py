"""Threshold integration: any one-dimensional integrate-and-fire neuron in white noise.

dV/dt = F(V) + sqrt(2 D(V)) xi(t) in Ito's sense has the density P and the current J with

    (D P)' = F P - J,   J' = -dP/dt + (what enters at the reset) - (what leaves at the threshold).

Both are integrated from the threshold, where P = 0, down to a bound that hardly anything reaches,
by exponential steps with F/D of the middle of a cell: second order in the cell's width. Modulations
are linear in what is modulated; all frequencies go through the cells together.

Richardson (2007) doi:10.1103/PhysRevE.76.021919; (2008) doi:10.1007/s00422-008-0244-y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DefinitionError
from ...records import dataclass

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
CELLS = 10_000
_EMPTY = 1e-12  # density at the lower bound, relative to its peak
_STRETCHES = 8


@dataclass(frozen=True, eq=False)
class Escape:
    """F (mV/ms) and D (mV^2/ms) as functions of V (mV); V_th, V_reset (mV), t_ref (ms)."""

    drift: Callable[[Floats], Any]
    diffusion: Callable[[Floats], Any]
    V_th: float
    V_reset: float
    t_ref: float
    label: str = "neuron"


@dataclass(frozen=True, eq=False)
class Stationary:
    """``rate`` (Hz), ``cv`` of the intervals, density ``P`` (1/mV) at ``V`` (mV), ascending.

    P integrates to the share of time in which the neuron is not refractory.
    """

    rate: float
    cv: float
    V: Floats
    P: Floats
    escape: Escape


def stationary(escape: Escape, *, cells: int = CELLS) -> Stationary:
    """Rate, density and coefficient of variation.

    Raises:
        DefinitionError: the threshold is not above the reset, there is no noise, or the density
            has no end below.
    """
    V, at = _grid(escape, cells)
    h = V[1] - V[0]
    decay, gain, D = _cells(escape, V)
    ones = np.where(np.arange(len(V) - 1) >= at, 1.0, 0.0)
    Q = _descend(decay, gain, ones)
    P = Q / D
    time = h * P.sum() - h * (P[0] + P[-1]) / 2  # T1: the first-passage time
    # J of the next order: -T1 at the threshold, and P flows in below it
    middle = (P[1:] + P[:-1]) / 2
    J = -time + h * (np.cumsum(middle[::-1])[::-1] - middle / 2)
    second = _descend(decay, gain, J) / D
    variance = 2 * -(h * second.sum() - h * (second[0] + second[-1]) / 2) - time**2
    r = 1 / (time + escape.t_ref)
    return Stationary(1e3 * r, float(np.sqrt(max(variance, 0.0)) * r), V, r * P, escape)


def responses(
    found: Stationary,
    frequency: Any,
    drifts: Mapping[str, Callable[[Floats], Any]],
    diffusions: Mapping[str, Callable[[Floats], Any]],
) -> dict[str, Complex]:
    """Amplitude of the rate (Hz) where F or D is modulated as F + F1 exp(i omega t).

    Args:
        found: from `stationary`.
        frequency: Hz, one-dimensional; a complex one grows or decays, exp(2 pi i f t).
        drifts: name -> F1(V) (mV/ms) per unit of what is modulated.
        diffusions: name -> D1(V) (mV^2/ms) per unit.

    Returns:
        name -> response per unit; and ``"interval"``, the transform of the density of intervals.
    """
    s = 2j * np.pi * np.atleast_1d(np.asarray(frequency, complex)) / 1e3
    names = [*drifts, *diffusions]
    sources = _sources(found, drifts, diffusions)
    hom, entering, driven = _sweep(found, s, sources)
    refractory = np.exp(-s * found.escape.t_ref)
    total = hom + refractory * entering
    slow = s == 0
    static = _static(found, sources) if slow.any() else np.zeros(len(names))
    with np.errstate(all="ignore"):  # at 0 both are 0
        answer = {
            n: np.where(slow, static[k], -1e3 * driven[k] / total) for k, n in enumerate(names)
        }
        answer["interval"] = np.where(slow, 1.0, -refractory * entering / hom)
    return answer


def _grid(escape: Escape, cells: int) -> tuple[Floats, int]:
    """Nodes, the reset among them, and the cell above the reset; the density ends at the lowest."""
    span = escape.V_th - escape.V_reset
    if not span > 0:
        raise DefinitionError(
            f"the threshold {escape.V_th:g} mV is not above the reset {escape.V_reset:g} mV",
            model=escape.label,
            symbol="V_reset",
            remedy="give a reset below the threshold",
        )
    below = span
    for _ in range(_STRETCHES):
        V, at = _nodes(escape, below, 2000)
        decay, gain, D = _cells(escape, V)
        if not (np.isfinite(D).all() and (D > 0).all()):
            raise DefinitionError(
                "threshold integration needs noise at every voltage",
                model=escape.label,
                remedy="give the neuron noise, or input spikes of some rate",
            )
        P = _descend(decay, gain, np.where(np.arange(len(V) - 1) >= at, 1.0, 0.0)) / D
        if not np.isfinite(P).all():
            raise DefinitionError(
                "the noise is so weak that the rate is below 1e-290 Hz",
                model=escape.label,
                remedy="ask at stronger noise or a stronger mean input",
            )
        if P[0] < _EMPTY * P.max():
            low = V[np.argmax(P >= _EMPTY * P.max())]
            return _nodes(escape, escape.V_reset - min(low, escape.V_reset - 0.02 * span), cells)
        below *= 2
    raise DefinitionError(
        f"the density of V has no end above {escape.V_reset - below:g} mV",
        model=escape.label,
        remedy="threshold integration needs a drift that brings V back from below",
    )


def _nodes(escape: Escape, below: float, cells: int) -> tuple[Floats, int]:
    span = escape.V_th - escape.V_reset
    upper = max(round(cells * span / (span + below)), 2)
    h = span / upper
    lower = max(int(np.ceil(below / h)), 1)
    return np.asarray(escape.V_reset + h * np.arange(-lower, upper + 1)), lower


def _cells(escape: Escape, V: Floats) -> tuple[Floats, Floats, Floats]:
    """Per cell exp(-h F/D) and the gain of J; D at the nodes. Q = D P goes down by these."""
    h, middle = V[1] - V[0], (V[1:] + V[:-1]) / 2
    with np.errstate(all="ignore"):
        x = h * _at(escape.drift, middle) / _at(escape.diffusion, middle)
        small = np.abs(x) < 1e-12
        gain = h * np.where(small, 1.0, -np.expm1(-x) / np.where(small, 1.0, x))
    return np.exp(-x), gain, _at(escape.diffusion, V)


def _at(function: Callable[[Floats], Any], V: Floats) -> Floats:
    return np.broadcast_to(np.asarray(function(V), float), V.shape)


def _descend(decay: Floats, gain: Floats, J: Floats) -> Floats:
    """Q at the nodes, 0 at the threshold: Q_k = decay Q_{k+1} + gain J."""
    Q = np.zeros(len(J) + 1)
    value, d, b = 0.0, decay.tolist(), (gain * J).tolist()
    for k in range(len(J) - 1, -1, -1):
        value = d[k] * value + b[k]
        Q[k] = value
    return Q


def _sources(found: Stationary, drifts: Any, diffusions: Any) -> Floats:
    """What a modulation adds to (D P1)': F1 P0 or -(D1 P0)' per cell, one row each."""
    V, P = found.V, found.P
    h, middle = V[1] - V[0], (V[1:] + V[:-1]) / 2
    P_middle = (P[1:] + P[:-1]) / 2
    rows = [_at(f, middle) * P_middle for f in drifts.values()]
    rows += [-np.diff(_at(f, V) * P) / h for f in diffusions.values()]
    return np.array(rows).reshape(-1, len(middle))


def _sweep(found: Stationary, s: Complex, sources: Floats) -> tuple[Any, Any, Any]:
    """J at the lower bound: of a unit current out, of one that enters at the reset, and driven."""
    V, escape = found.V, found.escape
    h, at = V[1] - V[0], int(np.argmin(np.abs(V - escape.V_reset)))
    decay, gain, D = _cells(escape, V)
    count = 2 + len(sources)
    J = np.zeros((count, len(s)), complex)
    Q, P = np.zeros_like(J), np.zeros_like(J)
    J[0] = 1.0
    pushed = np.zeros((len(V) - 1, count, 1))
    pushed[:, 2:, 0] = sources.T
    half, full = h * s / 2, 1 / D
    for k in range(len(V) - 2, -1, -1):
        Q = decay[k] * Q + gain[k] * (J + half * P - pushed[k])
        below = full[k] * Q
        J = J + half * (P + below)
        P = below
        if k == at:
            J[1] -= 1.0
    return J[0], J[1], J[2:]


def _static(found: Stationary, sources: Floats) -> Floats:
    """The responses at frequency 0: the normalisation decides instead of the lower bound."""
    V, escape = found.V, found.escape
    h = V[1] - V[0]
    decay, gain, D = _cells(escape, V)
    own = h * (found.P.sum() - (found.P[0] + found.P[-1]) / 2) + found.rate / 1e3 * escape.t_ref
    per = own / (found.rate / 1e3)  # int P + t_ref per unit rate
    values = []
    for row in sources:
        P1 = _descend(decay, gain, -row) / D
        values.append(-1e3 * h * (P1.sum() - (P1[0] + P1[-1]) / 2) / per)
    return np.array(values)
