"""What a definition is as a cell type of PyNN: names, defaults, units, receptors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..definition.draw import draw
from ..definition.library import load
from ..definition.model import Neuron
from ..definition.network import Network, Population
from ..definition.values import Array, Quantity
from ..errors import DefinitionError, Unsupported
from ..passes.integrate import program_of
from ..passes.program import Program
from ..records import dataclass
from ..units import CONDUCTANCE, CURRENT, ONE, VOLTAGE, Dimension, parse_unit
from .units import name_of, scale, scale_of

WEIGHTS = {CURRENT: "current", CONDUCTANCE: "conductance", VOLTAGE: "voltage"}
Numbers = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Described:
    """A neuron for PyNN; every number here is in PyNN's units.

    ``parameters``: those with one plain number, and it; what is an expression of others follows
    them. ``receptors``: PyNN's receptor type -> spike port. ``kind`` of all weights: "current",
    "conductance" or "voltage".
    """

    neuron: Neuron
    program: Program
    parameters: Mapping[str, float]
    receptors: Mapping[str, str]
    kind: str

    @cached_property
    def initial(self) -> Mapping[str, float]:
        """Initial values of the states at the default parameters."""
        found = self.numbers(1, {})[1]
        return {n: float(np.ravel(v)[0]) / self.scale(n) for n, v in found.items()}

    @property
    def recordable(self) -> tuple[str, ...]:
        """States and subexpressions."""
        return (*self.program.states, *self.program.recordables)

    @property
    def units(self) -> dict[str, str]:
        """Variable or parameter -> PyNN's name of its unit."""
        own = {n: name_of(self.neuron.unit_of(n)) for n in self.recordable}
        return {
            "spikes": "ms",
            **{n: name_of(str(self.dimension(n))) for n in self.parameters},
            **own,
        }

    def scale(self, variable: str) -> float:
        """PyNN's unit of a state or subexpression in ms, mV, pA."""
        return scale_of(self.neuron.unit_of(variable))

    def unit_of(self, parameter: str) -> float:
        """PyNN's unit of a parameter in ms, mV, pA."""
        return scale(self.dimension(parameter))

    def numbers(self, size: int, values: Numbers) -> tuple[Numbers, Numbers]:
        """All parameters and initial values in ms, mV, pA.

        Args:
            size: of the population.
            values: PyNN's parameters; a number, or an array with one per unit.
        """
        return all_numbers(self.neuron, size, {n: self.value(n, v) for n, v in values.items()})

    def in_pynn(self, initial: Numbers) -> dict[str, Any]:
        """Initial values from ms, mV, pA."""
        return {n: np.asarray(v) / self.scale(n) for n, v in initial.items()}

    def value(self, name: str, value: Any) -> Quantity | Array:
        """A parameter's value from PyNN's unit."""
        dimension = self.dimension(name)
        numbers = np.asarray(value, dtype=float) * scale(dimension)
        return Array(numbers, dimension) if numbers.ndim else Quantity(float(numbers), dimension)

    def dimension(self, name: str) -> Dimension:
        """Of a parameter."""
        found = self.neuron.parameters[name]
        assert isinstance(found, Quantity)
        return found.dimension


def all_numbers(neuron: Neuron, size: int, given: Numbers) -> tuple[Numbers, Numbers]:
    """All parameters and initial values in ms, mV, pA; what others define follows them."""
    unit = Population("units", neuron, Quantity(float(size), ONE), given)
    drawn = draw(Network(populations={"units": unit})).populations["units"]
    return drawn.parameters, drawn.initial


def describe(model: Any, scheme: str, receptors: Mapping[str, str] | None) -> Described:
    """``model`` as PyNN would have it.

    Raises:
        DefinitionError: it is no neuron, or ``receptors`` name ports that it lacks.
        Unsupported: PyNN has no way to say it.
    """
    neuron = load(model)
    if not isinstance(neuron, Neuron):
        raise DefinitionError(f"{neuron.label} is not a neuron", model=neuron.label)
    program = program_of(neuron, scheme)
    if program.condition is None:
        raise _refuse(neuron, "it does not spike", "give it a [spike] condition")
    if neuron.required:
        raise DefinitionError(
            f"the parameter {neuron.required[0]!r} has no value, and PyNN needs a default",
            model=neuron.label,
            symbol=neuron.required[0],
            remedy="give it one: load(model, ...) or in the file",
        )
    ports = [parse_unit(neuron.ports[p].unit).dimension for p in program.currents]
    if len(ports) > 1 or any(p != CURRENT for p in ports):
        why = f"its continuous ports are {', '.join(program.currents)}; PyNN injects one current"
        raise _refuse(neuron, why, "have one continuous port in pA")
    plain = {n: v for n, v in neuron.parameters.items() if isinstance(v, Quantity)}
    parameters = {n: v.number / scale(v.dimension) for n, v in plain.items()}
    return Described(neuron, program, parameters, _receptors(neuron, receptors), _kind(neuron))


def _receptors(neuron: Neuron, given: Mapping[str, str] | None) -> dict[str, str]:
    if given is None:
        return {port: port for port in neuron.spike_ports}
    for receptor, port in given.items():
        if port not in neuron.spike_ports:
            raise DefinitionError(
                f"the receptor {receptor!r} names no port for spikes: {port!r}",
                model=neuron.label,
                symbol=receptor,
                remedy=f"choose from {', '.join(neuron.spike_ports) or '(none)'}",
            )
    return dict(given)


def _kind(neuron: Neuron) -> str:
    kinds = {parse_unit(neuron.ports[p].unit).dimension for p in neuron.spike_ports}
    if not kinds:
        return "current"
    if len(kinds) > 1 or not kinds <= set(WEIGHTS):
        units = ", ".join(sorted(str(k) for k in kinds))
        why = f"its spike ports take {units}; PyNN's weights are all nA, all uS or all mV"
        raise _refuse(neuron, why, "write all its ports in one of these")
    return WEIGHTS[kinds.pop()]


def _refuse(neuron: Neuron, why: str, remedy: str) -> Unsupported:
    return Unsupported(
        f"it cannot be a cell type of PyNN: {why}", model=neuron.label, remedy=remedy
    )
