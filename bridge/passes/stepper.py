"""One step of many units of one program, in numpy: what the reference and theory run.

A step is the contract's: integrate (a refractory unit keeps its clamped states), act on what
arrives, test the condition, spike, run the effects. A unit that spikes in a step is refractory for
the next ``refractory_steps`` steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .closures import Compiled, run

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(eq=False)
class Stepper:
    """``states`` and ``values`` by name, ``resting``: refractory steps left.

    ``values`` hold parameters, constants, and of the present step t, currents and noise; each is
    one number for all units or one per unit.
    """

    size: int
    program: Compiled
    states: dict[str, Floats]
    values: dict[str, Any]
    refractory_steps: Any
    resting: Ints

    def advance(self, arriving: Mapping[str, Any]) -> Ints:
        """One step; ``arriving``: spike port -> summed weights. The units that spike at its end."""
        resting = self.resting > 0
        self._integrate(resting)
        self._receive(arriving, resting)
        spiking = self._fire(resting)
        self.resting -= resting
        self.resting[spiking] = self._of(self.refractory_steps, spiking)
        return spiking

    def set_parameters(self, parameters: Mapping[str, Any], dt: float) -> None:
        """Take parameters and what follows from them."""
        program = self.program.program
        self.values.update(parameters)
        self.values.update(program.constants_of(parameters, dt))
        self.refractory_steps = program.refractory_steps(parameters, dt)

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

    def _receive(self, arriving: Mapping[str, Any], resting: NDArray[np.bool_]) -> None:
        for port, amount in arriving.items():
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
        return {n: _filled(scope[n], x.shape) for n, x in states.items()}

    def _values_of(self, units: Ints) -> dict[str, Any]:
        return {n: self._of(v, units) for n, v in self.values.items()}

    def _of(self, value: Any, units: Ints) -> Any:
        return value[units] if isinstance(value, np.ndarray) and value.ndim else value


def _filled(value: Any, shape: tuple[int, ...]) -> Any:
    """One value per unit; what has it already is left alone, for this runs every step."""
    if isinstance(value, np.ndarray) and value.shape == shape:
        return value
    return np.broadcast_to(value, shape)
