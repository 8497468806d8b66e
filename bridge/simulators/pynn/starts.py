"""What pyNN.neuron leaves at 0: initial values of synapses and of the gates of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# PyNN's state -> (object in the cell, its variable, the sign that NEURON gives it)
PLACES = {
    "isyn_exc": ("esyn", "i", -1.0),
    "isyn_inh": ("isyn", "i", -1.0),
    "gsyn_exc": ("esyn", "g", 1.0),
    "gsyn_inh": ("isyn", "g", 1.0),
    "m": ("seg.hh_traub", "m", 1.0),
    "h": ("seg.hh_traub", "h", 1.0),
    "n": ("seg.hh_traub", "n", 1.0),
}


def starter(given: Sequence[tuple[Any, Mapping[str, Any]]]) -> Any:
    """A handler that NEURON calls when it has initialised its mechanisms."""
    from neuron import h

    def start() -> None:
        for population, initial in given:
            for state, values in initial.items():
                if state in PLACES:
                    _set(population, PLACES[state], values)

    return h.FInitializeHandler(1, start)


def _set(population: Any, place: tuple[str, str, float], values: Any) -> None:
    owner, name, sign = place
    for cell, value in zip(population, np.broadcast_to(values, (population.size,)), strict=True):
        found = cell._cell  # noqa: SLF001  PyNN has no other way to its sections
        for step in owner.split("."):
            found = getattr(found, step)
        setattr(found, name, sign * float(value))
