"""One definition of a spiking network, run on Brian2 and NEST, compared with numbers.

The public names are imported on first use, so that `import spikebridge` is cheap and loads no
simulator.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import compare, load, simulate
    from .definition.areas import Area
    from .definition.model import Neuron, Synapse
    from .definition.network import Network, Phase, Population, Projection, Recording, Stimulus
    from .errors import (
        DefinitionError,
        ExpressionError,
        SimulationFailed,
        SimulatorMissing,
        SpikebridgeError,
        UnitError,
        Unsupported,
    )

__version__ = "0.1.0"

__all__ = [
    "Area",
    "DefinitionError",
    "ExpressionError",
    "Network",
    "Neuron",
    "Phase",
    "Population",
    "Projection",
    "Recording",
    "SimulationFailed",
    "SimulatorMissing",
    "SpikebridgeError",
    "Stimulus",
    "Synapse",
    "UnitError",
    "Unsupported",
    "compare",
    "load",
    "simulate",
]

_HOMES = {
    "api": ("load", "simulate"),
    "definition.areas": ("Area",),
    "definition.model": ("Neuron", "Synapse"),
    "definition.network": (
        "Network",
        "Phase",
        "Population",
        "Projection",
        "Recording",
        "Stimulus",
    ),
    "errors": (
        "DefinitionError",
        "ExpressionError",
        "SimulationFailed",
        "SimulatorMissing",
        "SpikebridgeError",
        "UnitError",
        "Unsupported",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
# plugin faces and theory, reached as `spikebridge.nest.install(...)`
_PLUGINS = ("brian2", "nest", "pynn", "theory")


def __getattr__(name: str) -> Any:
    if name in _PLUGINS:
        return import_module(f".{name}", __name__)
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .collector import paused_collector

    with paused_collector():
        value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_PLUGINS})


class _Package(ModuleType):
    """Keeps `spikebridge.compare` the function although a subpackage has the same name.

    Importing the subpackage would bind it over the function; the setter drops that binding.
    `from spikebridge.compare import ...` still reaches the subpackage.
    """

    @property
    def compare(self) -> Any:
        return import_module(".api", __name__).compare

    @compare.setter
    def compare(self, value: object) -> None:
        pass


sys.modules[__name__].__class__ = _Package
