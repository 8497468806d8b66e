"""`synapse_type`: a definition as a synapse type of PyNN."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from ..definition.connectivity import Connections
from ..definition.draw_synapses import draw_initial, draw_parameters
from ..definition.library import load
from ..definition.model import Synapse
from ..definition.network import Projection
from ..definition.values import Array, Quantity
from ..errors import DefinitionError, Unsupported
from ..records import dataclass
from .units import scale

BACKENDS = {
    "pyNN.nest": "nest_synapse_type",
    "pyNN.brian2": "brian2_synapse_type",
    "spikebridge.pynn": "script_synapse_type",
}


@dataclass(frozen=True, eq=False)
class DescribedSynapse:
    """A synapse for PyNN: ``parameters`` with one plain number, in PyNN's units."""

    synapse: Synapse
    parameters: dict[str, float]

    def unit_of(self, parameter: str) -> float:
        """PyNN's unit of a parameter in ms, mV, pA."""
        found = self.synapse.parameters[parameter]
        assert isinstance(found, Quantity)
        return scale(found.dimension)

    def numbers(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """`drawn` for one connection, as plain numbers."""
        parameters, initial = self.drawn(values)
        return _scalars(parameters), _scalars(initial)

    def drawn(self, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """All parameters and initial states in ms, mV, pA, from PyNN's; what others define
        follows them. One number for all connections, or one for each.
        """
        given = {n: self._value(n, v) for n, v in values.items()}
        none = np.zeros(max((np.size(v) for v in values.values()), default=1), np.int64)
        one = Projection("s", "", "", "", {}, 1.0, "1 ms", self.synapse, parameters=given)  # type: ignore[arg-type]
        found = Connections(none, none)
        parameters = draw_parameters(one, {}, found, 0, self.synapse.label)
        return parameters, draw_initial(one, dict(parameters), found, 0, self.synapse.label)

    def _value(self, name: str, value: Any) -> Quantity | Array:
        numbers = np.asarray(value, dtype=float) * self.unit_of(name)
        dimension = self.synapse.parameters[name].dimension  # type: ignore[union-attr]
        return Array(numbers, dimension) if numbers.ndim else Quantity(float(numbers), dimension)


def _scalars(numbers: Any) -> dict[str, Any]:
    return {n: float(np.ravel(v)[0]) for n, v in numbers.items()}


def synapse_type(model: Any, sim: Any) -> type[Any]:
    """A class for ``sim.Projection(..., synapse_type=Synapse(weight=..., **parameters))``.

    Parameters are the definition's, by its names and in PyNN's units; states can be read with
    ``projection.get``. On pyNN.nest it is a generated connection model, on pyNN.brian2 code of
    PyNN's ``Synapses``; onto any cell. Call it after ``sim.setup(...)`` and before the first
    population.

    Args:
        model: library name, path of a TOML file, dictionary or `Synapse`, with states.
        sim: the module ``pyNN.nest``, ``pyNN.brian2`` or ``spikebridge.pynn``.

    Raises:
        DefinitionError: it is no synapse with states that delivers events.
        Unsupported: PyNN or the simulator cannot have it.
        SimulatorMissing, SimulationFailed: the compiler is missing or refuses.
    """
    name = getattr(sim, "__name__", str(sim))
    if name not in BACKENDS:
        raise Unsupported(
            f"synapse types of spikebridge run on {', '.join(BACKENDS)}, not on {name}",
            symbol="sim",
            remedy='run the script with spikebridge.pynn, setup(backend="brian2")',
        )
    synapse = load(model)
    if not isinstance(synapse, Synapse) or not synapse.is_dynamic:
        raise DefinitionError(
            f"{synapse.label} is no synapse with states that delivers events",
            model=synapse.label,
            remedy="take sim.StaticSynapse",
        )
    if synapse.events:
        raise Unsupported(
            f"PyNN cannot name what drives the third factor {min(synapse.events)!r}",
            model=synapse.label,
            remedy="run it with spikebridge.simulate",
        )
    plain = {n: v for n, v in synapse.parameters.items() if isinstance(v, Quantity)}
    parameters = {n: v.number / scale(v.dimension) for n, v in plain.items()}
    backend = import_module(f".{BACKENDS[name]}", __package__)
    made: type[Any] = backend.make(DescribedSynapse(synapse, parameters))
    return made


def class_name(synapse: Synapse) -> str:
    """A Python name from the definition's."""
    words = synapse.label.rpartition("/")[2].replace("_", " ").title().split()
    return "".join(c for c in "".join(words) if c.isalnum()) or "Synapse"
