"""A special point of a branch of fixed points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Special:
    """A ``"fold"``, ``"Hopf"``, ``"branch point"`` or ``"neutral saddle"`` at ``parameter``.

    Of a Hopf point: ``frequency`` (Hz) and ``lyapunov``, the first Lyapunov coefficient (below 0:
    supercritical, a stable cycle appears).
    """

    kind: str
    parameter: float
    state: Floats
    frequency: float | None = None
    lyapunov: float | None = None
