"""The three backends of PyNN: what they are made of, and how their steps lie to the contract's.

A backend labels what happens in the step that ends at the contract's time t with a time of its
own. Measured with one cell per rule; see the tests of `alignment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Backend:
    """``module`` is PyNN's, ``distribution`` the simulator's.

    A spike that the backend labels t is stamped t + ``early`` steps by the contract; spikes of a
    source are given to it as many steps earlier. ``clamp``: steps that are added to a refractory
    period, so that the contract's number of steps is clamped. ``unreset``: a sample at the step of
    a spike is the one before the reset. ``first``: the first step at which a source can spike.
    ``nudge``: ms by which source spikes are given early, where the backend rounds times up.
    ``single``: a unit of a source spikes once in a step at most. ``tics``: dt is whole
    microseconds.
    """

    name: str
    module: str
    distribution: str
    early: int = 0
    clamp: int = 0
    unreset: bool = False
    first: int = 1
    nudge: float = 0.0
    single: bool = False
    tics: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


BACKENDS: Mapping[str, Backend] = {
    # A device of NEST reaches the parrot that stands for the source one step later.
    # PyNN subtracts a delay from the times, which may leave them a rounding above the grid.
    "nest": Backend(
        "nest",
        "pyNN.nest",
        "nest-simulator",
        first=2,
        nudge=1e-6,
        tics=True,
        options={"threads": 1},
    ),
    # Brian2 labels a step by its beginning, and counts the step of the spike as refractory.
    "brian2": Backend(
        "brian2", "pyNN.brian2", "brian2", early=1, clamp=1, single=True, options={"target": "auto"}
    ),
    # VecStim of PyNN ends a train for good where two of its times are equal up to rounding.
    "neuron": Backend("neuron", "pyNN.neuron", "neuron", unreset=True, single=True),
}
