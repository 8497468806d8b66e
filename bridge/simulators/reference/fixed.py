"""The time-step contract (design, section 5) in numpy: its executable form.

    for each step k -> k + 1, of all populations:
        0. synapses with states handle the spikes that reach them at t_k (`plastic`); what units
           send continuously adds up; graded synapses with states move (`learning`)
        1. integrate from t_k to t_{k+1}; a refractory unit keeps its clamped states
        2. spikes that arrive at t_{k+1} act; on clamped states they are lost
        3. conditions are tested at t_{k+1}; a spike is stamped t_{k+1}; effects follow

A spike stamped k + 1 leaves a unit refractory for the steps k+2 .. k+1+R, R = ceil(t_ref/dt): the
next spike is stamped k + 2 + R at the earliest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...passes.stepper import Stepper
from ..graded import Graded
from ..learning import Learning
from .arrivals import Arrivals, Axons
from .inputs import Inputs
from .plastic import Plastic, Tap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(eq=False)
class Group(Stepper):
    """One population while it runs."""

    name: str
    arrivals: dict[str, Arrivals]  # by port
    inputs: Inputs
    graded: list[tuple[Graded | Learning, Group]] = field(
        default_factory=list
    )  # and who sends along it
    axons: list[Axons | Tap] = field(default_factory=list)  # projections that leave from here
    coupled: dict[str, Any] = field(default_factory=dict)  # port -> sum over the graded ones

    def step(self, k: int) -> Ints:
        """From x_k to x_{k+1}; the units that spike at t_{k+1}."""
        self.inputs.at(k, self.values)
        for port, amount in self.coupled.items():
            self.values[port] = self.values[port] + amount
        arriving = {port: arrivals.take(k + 1) for port, arrivals in self.arrivals.items()}
        return self.advance({p: a for p, a in arriving.items() if a is not None})

    def couple(self, k: int) -> None:
        """What others send continuously over the step from x_k on; before any of them moves."""
        self.coupled = {}
        for graded, sender in self.graded:
            share = graded.step(k, {**sender.values, **sender.states, "t": k * self.inputs.dt})
            self.coupled[graded.port] = self.coupled.get(graded.port, 0.0) + share

    def learn(self, k: int) -> None:
        """Graded synapses onto these units move with both sides' values of x_k."""
        for graded, _ in self.graded:
            if isinstance(graded, Learning):
                graded.learn(k, {**self.values, **self.states})


def run_fixed(
    groups: dict[str, Group],
    sources: list[tuple[Any, list[Axons | Tap]]],
    first: int,
    last: int,
    before_step: Callable[[int], None],
    after_step: Callable[[int, dict[str, Ints]], None],
    plastic: Sequence[Plastic] = (),
) -> None:
    """Steps first+1 .. last of the network; spikes leave at the end of each step.

    ``sources`` pairs a function step -> senders with the projections that leave from there;
    ``plastic`` are the synapses with states, which handle spikes as a step begins.
    """
    for k in range(first, last):
        before_step(k)
        for synapses in plastic:
            synapses.begin(k)
        for group in groups.values():
            group.couple(k)
        for group in groups.values():
            group.learn(k)
        spikes = {name: group.step(k) for name, group in groups.items()}
        for name, group in groups.items():
            for axons in group.axons:
                axons.send(spikes[name], k + 1)
        for senders_at, leaving in sources:
            senders = senders_at(k + 1)
            for axons in leaving:
                axons.send(senders, k + 1)
        after_step(k + 1, spikes)
