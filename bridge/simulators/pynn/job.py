"""What a PyNN process is told to do, and what it answers: plain numbers, ready to be pickled.

Everything is in PyNN's names and units; steps are the contract's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = Any  # a float for all units, or an array with one per unit


@dataclass(frozen=True, eq=False)
class Cells:
    """A population of PyNN's standard ``cell``.

    ``initial`` is by PyNN's state names. ``records``: PyNN's (or the backend's) name of each
    recorded variable; ``units``: the units it is recorded from.
    """

    name: str
    size: int
    cell: str
    parameters: Mapping[str, Number]
    initial: Mapping[str, Number]
    records: tuple[str, ...]
    units: Ints


@dataclass(frozen=True, eq=False)
class Trains:
    """Spikes from outside: unit ``senders[k]`` spikes at step ``steps[k]``; sorted by step.

    ``late``: steps by which the backend emits them later, the delays of its connections being so
    much shorter.
    """

    name: str
    size: int
    steps: Ints
    senders: Ints
    late: int = 0


@dataclass(frozen=True, eq=False)
class Dynamics:
    """PyNN's synapse type that changes, with its ``parameters``: one number, or one per connection.

    ``dependence`` is PyNN's class for how STDP depends on the weight.
    """

    synapse: str
    parameters: Mapping[str, Number]
    dependence: str = ""

    def of(self, chosen: Any) -> Dynamics:
        """Those of some of the connections."""
        parameters = {n: v[chosen] if np.ndim(v) else v for n, v in self.parameters.items()}
        return Dynamics(self.synapse, parameters, self.dependence)


@dataclass(frozen=True, eq=False)
class Wires:
    """Connections onto one receptor; ``weights`` in PyNN's unit, ``delays`` in ms.

    ``dynamics``: None for static ones. ``every``: steps from one reading of the weights to the
    next; 0 for none.
    """

    name: str
    pre: str
    post: str
    receptor: str
    sources: Ints
    targets: Ints
    weights: Floats
    delays: Floats
    dynamics: Dynamics | None = None
    every: int = 0


@dataclass(frozen=True, eq=False)
class Steps:
    """A current (nA) on top of ``i_offset``: ``amplitudes[k]`` from step ``steps[k]`` on."""

    population: str
    units: Ints | None  # None: all
    steps: Ints
    amplitudes: Floats


@dataclass(frozen=True, eq=False)
class Job:
    """A whole run of ``steps`` steps of ``dt`` ms on the backend ``backend`` of PyNN."""

    backend: str
    dt: float
    steps: int
    seed: int
    options: Mapping[str, Any]
    mechanisms: str  # the folder of compiled NMODL, for NEURON
    cells: tuple[Cells, ...]
    trains: tuple[Trains, ...]
    wires: tuple[Wires, ...]
    currents: tuple[Steps, ...]


@dataclass(frozen=True, eq=False)
class Result:
    """Spike steps and senders by population, per population variable -> (steps + 1, units).

    ``weights``: by projection, what is read of its connections -> (readings, connections).
    """

    spikes: Mapping[str, tuple[Ints, Ints]]
    traces: Mapping[str, Mapping[str, Floats]]
    weights: Mapping[str, Mapping[str, Floats]]
    seconds: Mapping[str, float]
    about: Mapping[str, Any]
