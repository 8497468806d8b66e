"""The parameters of a population as its user gave them, beside the simulator's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .describe import Described


class Held:
    """One number per parameter and unit, in PyNN's units.

    A simulator holds propagators and other derived numbers, from which parameters cannot be read
    back; hence they are kept here.
    """

    def __init__(self, described: Described, size: int, values: Mapping[str, Any]) -> None:
        self.described = described
        self.size = size
        self.values = {
            n: np.array(np.broadcast_to(np.asarray(v, dtype=float), (size,)))
            for n, v in values.items()
        }

    def set(self, units: Any, values: Mapping[str, Any]) -> None:
        """Parameters of some units."""
        for name, value in values.items():
            self.values[name][units] = value

    def numbers(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """All parameters and initial values, in ms, mV, pA; one number where all units share it."""
        own = {n: v[0] if np.all(v == v[0]) else v for n, v in self.values.items()}
        parameters, initial = self.described.numbers(self.size, own)
        return dict(parameters), dict(initial)
