"""Cell types of `spikebridge.pynn` itself: a definition in a script that spikebridge runs."""

from __future__ import annotations

from typing import Any

from ..records import replace
from .cells import attributes, class_name
from .describe import Described
from .standard import ScriptCell, same_names
from .units import scale_of


def make(described: Described, match: bool) -> type[ScriptCell]:
    """The class; ``match`` is the simulator's concern."""
    del match
    neuron = replace(described.neuron, scheme=described.program.scheme)

    def unit_of(_: Any, name: str) -> float:
        if name in described.parameters:
            return described.unit_of(name)
        return described.scale(name)

    def weight_of(_: Any, receptor: str) -> float:
        return scale_of(neuron.ports[described.receptors[receptor]].unit)

    found = attributes(described) | {
        "neuron": neuron,
        "ports": described.receptors,
        "current": "".join(described.program.currents),
        "translations": same_names(*described.parameters),
        "unit_of": classmethod(unit_of),
        "weight_of": classmethod(weight_of),
    }
    return type(class_name(described), (ScriptCell,), found)
