"""Area: a network inside a network, and what its items are called there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError
from ..records import dataclass, field
from .parts import frozen, read_values
from .values import Value

if TYPE_CHECKING:
    from .network import Network

DOT = "."  # between the name of an area and that of an item in it: V1.E
JOINT = "__"  # the same for parameters, which stand in expressions: V1__w
_NAME = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")


@dataclass(frozen=True, eq=False)
class Area:
    """``network`` under the name ``name``: its population ``E`` becomes ``name.E``, and so on.

    Args:
        name: letters, digits and single underscores between them.
        network: the network that is included; it may include others itself.
        parameters: replace the network's own; expressions of the *outer* network's parameters. Of
            an area inside the area: ``{"V1.w": "2 pA"}``.
        variant: a named set of the network's parameters, taken before ``parameters``.
    """

    name: str
    network: Network
    parameters: Mapping[str, Value] = field(default_factory=dict)
    variant: str = ""

    def __post_init__(self) -> None:
        from .network import Network

        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise DefinitionError(
                f"an area cannot be called {self.name!r}",
                symbol=str(self.name),
                remedy="take letters, digits and single underscores between them, e.g. V1",
            )
        if not isinstance(self.network, Network):
            kind = type(self.network).__name__.lower()
            raise DefinitionError(
                f"area {self.name} includes {getattr(self.network, 'label', kind)}, a {kind}",
                model=self.name,
                symbol="network",
                remedy="name a network",
            )
        parameters = read_values(self.parameters, self.name)
        object.__setattr__(self, "parameters", frozen(parameters))

    @property
    def inner(self) -> Network:
        """The network with the area's variant.

        Raises:
            DefinitionError: there is no such variant.
        """
        return self.network.variant(self.variant) if self.variant else self.network


def flat_name(path: str) -> str:
    """The name that a parameter has in expressions: ``V1.w`` is ``V1__w`` there."""
    return path.replace(DOT, JOINT)


def flat_path(name: str) -> str:
    """``V1__w`` as people write it: ``V1.w``."""
    return name.replace(JOINT, DOT)


def parameter_paths(network: Network) -> Iterator[str]:
    """Every parameter of ``network`` and of its areas, those as ``V1.w``."""
    yield from network.parameters
    for area in network.include.values():
        for path in parameter_paths(area.network):
            yield f"{area.name}{DOT}{path}"
