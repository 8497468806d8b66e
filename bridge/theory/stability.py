"""Fixed points and what happens next to them: eigenvalues, kind, frequency and band.

tau_i dr_i/dt = -r_i + F_i(sum_j W_ij r_j + I_i) has the Jacobian diag(1/tau)(-1 + diag(F'(u)) W)
at a fixed point; in general J = df/dx of the definition's own equations. Eigenvalues of W alone
decide only where F' = 1 everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from .field import Field
from .fixedpoints import find
from .models import field_of

Floats = NDArray[np.float64]
NEAR = 1e-9  # a real part below this share of the largest eigenvalue is 0
BANDS = (("delta", 4.0), ("theta", 8.0), ("alpha", 13.0), ("beta", 30.0), ("gamma", 90.0))


@dataclass(frozen=True)
class FixedPoint:
    """A point with f(x) = 0.

    ``state``: name -> value (ms, mV, pA); ``eigenvalues`` of J (1/ms), the largest real part
    first; ``frequency`` (Hz) of the leading pair |Im lambda|/(2 pi), None where the leading
    eigenvalue is real; it is that of an oscillation only near a Hopf point.
    """

    state: Mapping[str, float]
    eigenvalues: NDArray[np.complex128]
    kind: str
    frequency: float | None

    @property
    def stable(self) -> bool:
        return bool(self.eigenvalues[0].real < 0)

    @property
    def band(self) -> str | None:
        """delta, theta, alpha, beta, gamma, or ``"above gamma"``."""
        return None if self.frequency is None else band(self.frequency)


@dataclass(frozen=True)
class Stability:
    """The fixed points of ``label``; ``complete``: it is proved that ``box`` holds no other."""

    label: str
    points: tuple[FixedPoint, ...]
    complete: bool
    box: Mapping[str, tuple[float, float]]
    notes: tuple[str, ...]


def stability(
    model: Any,
    *,
    box: Mapping[str, Sequence[float]] | None = None,
    inputs: Mapping[str, Any] | None = None,
    starts: int = 64,
    seed: int = 0,
    **parameters: Any,
) -> Stability:
    """Fixed points of a rate network or of a neuron below threshold, and their stability.

    Args:
        model: a `Field`, or what `field_of` takes: name, path, `Network`, `Neuron`.
        box: state -> (low, high), where to look for states that nothing bounds.
        inputs: of a single neuron: port -> constant value.
        starts: of Newton's method, where a proof would take too many boxes.
        seed: of these starts.
        parameters: values to replace, and ``variant``.

    Assumes: constant input, no delays, no noise (``notes`` say what is left out).

    Raises:
        DefinitionError: the definition spikes there, has delays, or changes with time.
    """
    field = model if isinstance(model, Field) else field_of(model, inputs=inputs, **parameters)
    found = find(field, box=box, starts=starts, seed=seed)
    if not len(found.points) and found.rejected:
        raise DefinitionError(
            f"it fires: at each of its {found.rejected} fixed points the spike condition holds",
            model=field.label,
            remedy="give it less input, or ask for its rate",
        )
    limits = zip(field.names, *found.box, strict=True)
    return Stability(
        label=field.label,
        points=tuple(at(field, x) for x in found.points),
        complete=found.complete,
        box={n: (float(a), float(b)) for n, a, b in limits},
        notes=field.notes,
    )


def at(field: Field, x: Floats) -> FixedPoint:
    """Eigenvalues and kind of the fixed point ``x``.

    Raises:
        DefinitionError: the Jacobian has no value there.
    """
    J = field.jacobian(x)
    if not np.isfinite(J).all():
        row = int(np.argwhere(~np.isfinite(J))[0][0])
        raise DefinitionError(
            f"the right side of {field.names[row]} has no derivative at the fixed point",
            model=field.label,
            symbol=field.names[row],
            remedy="write its function so that it is smooth there",
        )
    values = np.linalg.eigvals(J).astype(complex)
    values = values[np.lexsort((-values.imag, -values.real.round(12)))]
    state = dict(zip(field.names, x.tolist(), strict=True))
    return FixedPoint(state, values, classify(values), _frequency(values))


def classify(eigenvalues: Sequence[complex] | NDArray[np.complex128]) -> str:
    """Node, focus, saddle or saddle-focus, stable or not; Hopf and fold on the boundary."""
    values = np.asarray(eigenvalues, dtype=complex)
    scale = NEAR * max(float(np.abs(values).max()), 1e-300)
    critical = np.abs(values.real) <= scale
    if critical.any():
        return "Hopf point" if np.abs(values[critical].imag).max() > scale else "fold point"
    leading = values[np.argmax(values.real)]
    turns = abs(leading.imag) > scale
    unstable = int((values.real > 0).sum())
    if 0 < unstable < len(values):
        return "saddle-focus" if turns else "saddle"
    return f"{'stable' if unstable == 0 else 'unstable'} {'focus' if turns else 'node'}"


def _frequency(values: NDArray[np.complex128]) -> float | None:
    leading = values[0]
    turns = abs(leading.imag) > NEAR * float(np.abs(values).max())
    return float(1000.0 * abs(leading.imag) / (2.0 * np.pi)) if turns else None


def band(frequency: float) -> str:
    """The name of the band of ``frequency`` (Hz): below 4, 8, 13, 30, 90 Hz."""
    return next((name for name, below in BANDS if frequency < below), "above gamma")
