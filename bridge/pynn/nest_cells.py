"""Cell types on pyNN.nest: a built-in of NEST or a compiled model."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType

from .cells import attributes, class_name
from .describe import Described
from .held import Held
from .nest_model import NestModel, nest_model
from .nest_population import hook

NANO = 1000.0  # PyNN multiplies every weight with it, also those in mV


class NestCell(StandardCellType):  # type: ignore[misc]
    """A definition on pyNN.nest; `make` gives a class its attributes."""

    described: Described
    model: NestModel
    held: Held | None = None
    standard_receptor_type = False
    uses_parrot = False
    translations: Mapping[str, Any] = {}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.model.load()

    @property
    def native_parameters(self) -> ParameterSpace:
        """Asked for when a population is made; ``held`` is then that population's.

        Empty, since PyNN would make whole numbers floats: `nest_population` sends them.
        """
        space = deepcopy(self.parameter_space)
        (size,) = space.shape
        space.evaluate(simplify=True)
        self.held = Held(self.described, size, space.as_dict())
        self.default_initial_values = self.described.in_pynn(self.held.numbers()[1])
        return ParameterSpace({}, shape=(size,))

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """As they are: `nest_population` translates what is set later."""
        return parameters

    def get_receptor_type(self, name: str) -> int:
        """NEST's number of a receptor."""
        return self.model.receptors[name]


def make(described: Described, match: bool) -> type[NestCell]:
    """The class; its model is loaded into the running kernel."""
    model = nest_model(described, match)
    model.load()
    hook(NestCell)
    scales = {n: factor / described.scale(n) for n, (_, factor) in model.states.items()}
    found = attributes(described) | {
        "model": model,
        "recordable": ["spikes", *model.states],
        "nest_name": {"on_grid": model.name, "off_grid": model.name},
        "nest_model": model.name,
        "variable_map": {n: name for n, (name, _) in model.states.items()},
        "scale_factors": {"spikes": 1.0, **scales},
    }
    if described.kind == "voltage":
        found["receptor_scale"] = 1 / NANO
    return type(class_name(described), (NestCell,), found)
