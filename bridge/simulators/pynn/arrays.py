"""What pyNN.brian2 needs help with: connections as arrays, and gates that are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .job import Wires


def connected(projection: Any, wires: Wires) -> Any:
    """``projection``, which PyNN has made without connections, with those of ``wires``.

    PyNN sets every weight and delay on its own, which takes milliseconds a connection and goes
    wrong where a pair has several.
    """
    from pyNN.parameters import ParameterSpace

    synapses = projection._brian2_synapses[0][0]  # noqa: SLF001  PyNN offers no other way
    synapses.connect(i=wires.sources, j=wires.targets)
    shape = wires.weights.shape
    schema = projection.synapse_type.get_schema()
    given = ParameterSpace({"weight": wires.weights, "delay": wires.delays}, schema, shape)
    native = projection.synapse_type.translate(given)
    native.evaluate()
    synapses.weight = native["weight"]
    synapses.delay = native["delay"]
    projection._n_connections += len(wires.weights)  # noqa: SLF001
    return projection


def recordable(cell: Any) -> None:
    """PyNN fails to read back variables that have no unit: they need no translation."""
    known = cell.state_variable_translations
    cell.state_variable_translations = {name: _read_back(how) for name, how in known.items()}


def _read_back(how: Mapping[str, Any]) -> dict[str, Any]:
    if callable(how["reverse_transform"]):
        return dict(how)
    return {**how, "reverse_transform": lambda **values: next(iter(values.values()))}
