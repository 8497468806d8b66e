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

from ..graded import Graded
from ..learning import Learning
from .arrivals import Arrivals, Axons
from .inputs import Inputs
from .plastic import Plastic, Tap
from .statements import Compiled, run

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(eq=False)
class Group:
    """One population while it runs: ``states`` and ``values`` by name, ``resting`` steps left."""

    name: str
    size: int
    program: Compiled
    states: dict[str, Floats]
    values: dict[str, Any]  # parameters, constants, currents and noise of the step, t
    refractory_steps: Any
    resting: Ints
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
        resting = self.resting > 0
        self._integrate(resting)
        self._receive(k + 1, resting)
        spiking = self._fire(resting)
        self.resting -= resting
        self.resting[spiking] = self._of(self.refractory_steps, spiking)
        return spiking

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

    def _integrate(self, resting: NDArray[np.bool_]) -> None:
        program, before = self.program, self.states
        self.states = self._states_after(program.free, before, self.values)
        if program.clamped is not None and resting.any():
            units = np.flatnonzero(resting)
            own = {n: x[units] for n, x in before.items()}
            after = self._states_after(program.clamped, own, self._values_of(units))
            for name in program.states:
                self.states[name] = self.states[name].copy()
                self.states[name][units] = after[name]

    def _receive(self, k: int, resting: NDArray[np.bool_]) -> None:
        for port, arrivals in self.arrivals.items():
            amount = arrivals.take(k)
            if amount is None:
                continue
            before = self.states
            values = {**self.values, "weight": amount}
            self.states = self._states_after(self.program.receive[port], before, values)
            for name in self.program.clamp:
                self.states[name] = np.where(resting, before[name], self.states[name])

    def _fire(self, resting: NDArray[np.bool_]) -> Ints:
        condition = self.program.condition
        if condition is None:
            return np.empty(0, np.int64)
        met = np.broadcast_to(condition({**self.values, **self.states}), resting.shape)
        spiking = np.flatnonzero(met & ~resting)
        if len(spiking) and self.program.effects:
            own = {n: x[spiking] for n, x in self.states.items()}
            after = self._states_after(self.program.effects, own, self._values_of(spiking))
            for name in self.program.written:
                self.states[name] = self.states[name].copy()
                self.states[name][spiking] = after[name]
        return spiking

    def _states_after(self, statements: Any, states: dict[str, Floats], values: Any) -> Any:
        scope = run(statements, {**values, **states})
        return {n: np.broadcast_to(scope[n], x.shape) for n, x in states.items()}

    def _values_of(self, units: Ints) -> dict[str, Any]:
        return {n: self._of(v, units) for n, v in self.values.items()}

    def _of(self, value: Any, units: Ints) -> Any:
        return value[units] if np.ndim(value) else value


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
