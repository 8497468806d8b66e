"""An ensemble of independent units of one population, each with its own input.

A unit is a causal map from input to output: the program that simulators run, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.draw_noise import is_uniform
from ...definition.evaluate import compile_text
from ...definition.scope import scope_of
from ...errors import SimulationFailed
from ...passes.stepper import Stepper
from ...units import TIME
from .blueprint import Blueprint, Output

Single = NDArray[np.float32]
BLOCK = 256  # bins of noise drawn at once
FIRST_BIN = 1 << 30  # added to bins, which may be negative, to number their blocks
RELAXED = 10.0  # a path is forgotten after so many of the longest time constant


class Ensemble:
    """``units`` units of ``population``, with parameters as its own units have them."""

    def __init__(self, plan: Blueprint, population: str, units: int, seed: int) -> None:
        self.plan, self.population, self.units = plan, population, units
        drawn = plan.populations[population]
        program = plan.programs[population]
        rng = np.random.default_rng(seed)
        order = np.resize(rng.permutation(drawn.size), units)
        own = {n: _chosen(v, order) for n, v in drawn.parameters.items()}
        self.order, self.parameters, self.seed = order, own, seed
        states = {n: np.zeros(units) + _chosen(drawn.initial[n], order) for n in program.states}
        self.stepper = Stepper(units, program, states, {"t": 0.0}, 0, np.zeros(units, np.int64))
        self.fired = np.zeros(0, np.int64)
        self.stepper.set_parameters(own, plan.dt)
        self.outputs = [plan.outputs[i] for i in plan.outputs_of(population)]
        self.currents = program.program.currents
        self.noise = program.program.noise

    @property
    def memory(self) -> int:
        """Steps after which a unit has forgotten its past: ten of its longest time constant.

        Longest among the rates of its linear states and the times among its parameters.
        """
        dt, program = self.plan.dt, self.stepper.program.program
        neuron = self.plan.populations[self.population].neuron
        scope = {**self.parameters, **self.stepper.values}
        rates = [np.abs(compile_text(r.text)(scope)) for r in program.rates.values()]
        times = [float(np.max(1.0 / r)) for r in rates if np.min(r) > 0]
        units = scope_of(neuron)
        times += [float(np.max(v)) for n, v in self.parameters.items() if units.get(n) == TIME]
        return int(np.ceil(RELAXED * max([dt, *times]) / dt))

    def constants(self, step: int) -> dict[str, Any]:
        """Continuous port -> the current of a stimulus at ``step``, one per unit."""
        found: dict[str, Any] = dict.fromkeys(self.currents, 0.0)
        for current in self.plan.currents:
            if current.population != self.population:
                continue
            place = int(np.searchsorted(current.steps, step, side="right")) - 1
            total = np.zeros(self.plan.populations[self.population].size)
            np.add.at(total, current.units, current.values[place])
            found[current.port] = found[current.port] + total[self.order]
        return found

    def run(
        self, inputs: Mapping[str, Single], L: int, at: int, warm: int, draw: int
    ) -> list[NDArray[Any]]:
        """Outputs (L, units) for the ``inputs`` (L, units) of each port, taken as periodic.

        The last ``warm`` bins run first, unrecorded, so that the output belongs to a periodic
        input: no beginning, no window. ``draw`` numbers the noise, which is periodic too.

        Raises:
            SimulationFailed: a state left the numbers.
        """
        constants = self.constants(at)
        noise = Noise(self.noise, self.units, (self.seed, draw))
        records = [np.zeros((L, self.units), np.uint8 if o.spiking else np.float32)
                   for o in self.outputs]  # fmt: skip
        sends = [None if o.value is None else compile_text(o.value.text) for o in self.outputs]
        with np.errstate(all="ignore"):
            for k in range(-warm, L):
                n = k % L
                self.step({p: x[n] for p, x in inputs.items()}, constants, noise.at(n))
                if k >= 0:
                    for record, output, send in zip(records, self.outputs, sends, strict=True):
                        if send is None:
                            record[n, self.fired] = 1
                        else:
                            record[n] = send(self._scope(output))
        self.check()
        return records

    def step(
        self, arriving: Mapping[str, Any], constants: Mapping[str, Any], noise: Mapping[str, Any]
    ) -> None:
        """One step; what units send afterwards is in ``fired`` and `sent`."""
        values = self.stepper.values
        values.update(noise)
        for port, constant in constants.items():
            values[port] = constant + arriving[port] if port in arriving else constant
        spikes = {p: x for p, x in arriving.items() if p not in constants}
        self.fired = self.stepper.advance(spikes)

    def sent(self, output: Output) -> Any:
        """What the units send after the step: 0 or 1, or a signal."""
        if output.value is None:
            found = np.zeros(self.units)
            found[self.fired] = 1.0
            return found
        return np.broadcast_to(compile_text(output.value.text)(self._scope(output)), self.units)

    def _scope(self, output: Output) -> dict[str, Any]:
        return {**self.stepper.values, **self.stepper.states, **output.numbers}

    def change(self, name: str, value: Any) -> None:
        """A parameter becomes another one."""
        self.parameters[name] = _chosen(value, self.order)
        self.stepper.set_parameters(self.parameters, self.plan.dt)

    def check(self) -> None:
        """An ensemble whose states are no numbers is an error."""
        for name, x in self.stepper.states.items():
            if not np.isfinite(x).all():
                raise SimulationFailed(
                    f"{name} of {self.population} left the finite numbers in the ensemble",
                    model=self.plan.label,
                    symbol=name,
                    remedy="take a smaller dt, or start nearer to the solution (start)",
                )


def _chosen(value: Any, units: Any) -> Any:
    return value[units] if np.ndim(value) else value


class Noise:
    """The random numbers of the equations, by bin."""

    def __init__(self, names: tuple[str, ...], units: int, seed: tuple[int, int]) -> None:
        self.names, self.units, self.seed = names, units, seed
        self.begin = -1
        self.blocks: dict[str, NDArray[np.float64]] = {}

    def at(self, n: int) -> dict[str, NDArray[np.float64]]:
        if not self.names:
            return {}
        begin = n - n % BLOCK
        if begin != self.begin:
            self.begin = begin
            for place, name in enumerate(self.names):
                rng = np.random.default_rng((*self.seed, place, begin + FIRST_BIN))
                draws = rng.random if is_uniform(name) else rng.standard_normal
                self.blocks[name] = draws((BLOCK, self.units))
        return {name: block[n - begin] for name, block in self.blocks.items()}
