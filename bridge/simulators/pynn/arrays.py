"""What pyNN.brian2 needs help with: connections as arrays, and what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

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
    values = {"weight": wires.weights, "delay": wires.delays}
    values |= (
        {}
        if wires.dynamics is None
        else {
            n: np.broadcast_to(v, shape)
            for n, v in wires.dynamics.parameters.items()
            if n in schema
        }
    )
    native = projection.synapse_type.translate(ParameterSpace(values, schema, shape))
    native.evaluate()
    for name in native.keys():  # noqa: SIM118  a ParameterSpace is no dictionary
        if name in synapses.variables or name == "delay":
            setattr(synapses, name, native[name])
    if "tau_syn" in synapses.variables:
        _set_tau_syn(projection)
    projection._n_connections += len(wires.weights)  # noqa: SLF001
    return projection


def connects(sim: Any) -> Any:
    """PyNN's projections. What sets tau_syn of a `TsodyksMarkramSynapse` fails where the cells
    share one: it takes the number for an array. `connected` sets it.
    """
    found: Any = sim.Projection
    found._set_tau_syn_for_tsodyks_markram = lambda _: None  # noqa: SLF001
    return found


def _set_tau_syn(projection: Any) -> None:
    import brian2

    synapses = projection._brian2_synapses[0][0]  # noqa: SLF001
    values = projection.post.get(projection.synapse_type.tau_syn_var[projection.receptor_type])
    each = np.broadcast_to(values, (projection.post.size,))
    synapses.tau_syn = each[synapses.j[:]] * brian2.ms


def weight_monitor(projection: Any, every: float) -> Any:
    """Samples of the weights each ``every`` ms, before the step."""
    import brian2
    from pyNN.brian2 import simulator

    synapses = projection._brian2_synapses[0][0]  # noqa: SLF001
    step = every * brian2.ms
    found = brian2.StateMonitor(synapses, "weight", record=True, dt=step, when="start")
    simulator.state.network.add(found)
    return found


def weights_in_pynn(projection: Any, values: Any) -> Any:
    """Weights in PyNN's unit, from Brian2's."""
    from pyNN.parameters import ParameterSpace

    given = ParameterSpace({"weight": values.ravel()}, shape=(values.size,))
    found = projection.synapse_type.reverse_translate(given)
    found.evaluate()
    return np.asarray(found["weight"], dtype=float).reshape(values.shape)


def recordable(cell: Any) -> None:
    """PyNN fails to read back variables that have no unit: they need no translation."""
    known = cell.state_variable_translations
    cell.state_variable_translations = {name: _read_back(how) for name, how in known.items()}


def _read_back(how: Mapping[str, Any]) -> dict[str, Any]:
    if callable(how["reverse_transform"]):
        return dict(how)
    return {**how, "reverse_transform": lambda **values: next(iter(values.values()))}
