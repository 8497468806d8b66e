"""Synapse types of `spikebridge.pynn` itself: a definition in a script that spikebridge runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..definition.connectivity import Connections
from ..definition.draw_synapses import draw_initial, draw_parameters
from ..definition.network import Projection
from ..definition.values import Array, Quantity, Value
from .standard import same_names
from .synapse_types import DescribedSynapse, class_name
from .synapses import Place, ScriptSynapse, Translated


class DefinedSynapse(ScriptSynapse):
    """A definition; `make` gives a class its attributes."""

    described: DescribedSynapse

    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """Its parameters, one or one per connection; what others define follows them."""
        synapse = self.described.synapse
        counts = [np.size(v) for v in values.values() if np.ndim(v)]
        none = np.zeros(max(counts, default=1), np.int64)
        given = {n: self._value(n, values[n]) for n in self.described.parameters}
        one = Projection("s", "", "", "", "one_to_one", 1.0, "1 ms", synapse, given)  # type: ignore[arg-type]
        found = Connections(none, none)
        parameters = draw_parameters(one, {}, found, 0, synapse.label)
        initial = draw_initial(one, dict(parameters), found, 0, synapse.label)
        weight = np.asarray(values["weight"]) * place.unit
        return Translated(synapse, weight, parameters, {**initial, **place.start})

    def _value(self, name: str, value: Any) -> Value:
        dimension = self.described.synapse.parameters[name].dimension  # type: ignore[union-attr]
        numbers = np.asarray(value, dtype=float) * self.described.unit_of(name)
        return Array(numbers, dimension) if numbers.ndim else Quantity(float(numbers), dimension)


def make(described: DescribedSynapse) -> type[DefinedSynapse]:
    """The class."""
    states = described.synapse.states
    found = {
        "__doc__": described.synapse.title,
        "described": described,
        "default_parameters": {"weight": 0.0, "delay": None, **described.parameters},
        "translations": same_names("weight", "delay", *described.parameters, *states),
        "states": states,
        "moving": {n: (n, "") for n in states},
    }
    return type(class_name(described.synapse), (DefinedSynapse,), found)
