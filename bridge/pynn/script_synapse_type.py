"""Synapse types of `spikebridge.pynn` itself: a definition in a script that spikebridge runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .standard import same_names
from .synapse_types import DescribedSynapse, class_name
from .synapses import Place, ScriptSynapse, Translated


class DefinedSynapse(ScriptSynapse):
    """A definition; `make` gives a class its attributes."""

    described: DescribedSynapse

    def translated(self, values: Mapping[str, Any], place: Place) -> Translated:
        """Its parameters, one or one per connection; what others define follows them."""
        given = {n: values[n] for n in self.described.parameters}
        parameters, initial = self.described.drawn(given)
        weight = np.asarray(values["weight"]) * place.unit
        return Translated(self.described.synapse, weight, parameters, {**initial, **place.start})


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
