"""A network as data: its items by name, their parameters, what is run and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from .. import units
from ..errors import DefinitionError
from ..records import dataclass, field, replace, values_of
from .areas import DOT, Area, parameter_paths
from .items import STATIC, Phase, Population, Projection, Recording, Stimulus, take
from .model import Neuron, Synapse, digest
from .parts import frozen, read_values, unknown
from .values import Quantity, Value, canonical_value

_TABLE = "the table of parameters"

__all__ = ["STATIC", "Network", "Phase", "Population", "Projection", "Recording", "Stimulus"]


@dataclass(frozen=True, eq=False)
class Network:
    """Populations, projections, stimuli, recordings, phases and network-wide parameters.

    ``include`` are networks inside this one (`Area`): `whole` has their items beside the network's
    own, ``V1.E`` for the population E of the area V1, and this network's projections, stimuli,
    recordings and phases name them so. ``variants`` are named sets of parameters (`variant`);
    ``dt``, ``duration``, ``seed`` and ``scheme`` are the defaults of a run, for all areas too.
    """

    populations: Mapping[str, Population] = field(default_factory=dict)
    projections: Mapping[str, Projection] = field(default_factory=dict)
    stimuli: Mapping[str, Stimulus] = field(default_factory=dict)
    recordings: Mapping[str, Recording] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    parameters: Mapping[str, Value] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    dt: Value = Quantity(0.1, units.TIME)
    duration: Value = Quantity(1000.0, units.TIME)
    seed: int = 1
    scheme: str = "auto"
    name: str = ""
    title: str = ""
    description: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    include: Mapping[str, Area] = field(default_factory=dict)

    def __post_init__(self) -> None:
        take(self, dt=self.dt, duration=self.duration)
        for key in ("populations", "projections", "stimuli", "recordings", "include"):
            object.__setattr__(self, key, frozen(_by_name(getattr(self, key))))
        object.__setattr__(self, "parameters", read_values(self.parameters, self.label))
        variants = {n: read_values(v, self.label) for n, v in self.variants.items()}
        object.__setattr__(self, "variants", frozen(variants))
        object.__setattr__(self, "source", frozen(self.source))
        phases = tuple(sorted(self.phases, key=lambda p: getattr(p.at, "number", 0.0)))
        object.__setattr__(self, "phases", phases)
        from .check_network import check_network

        check_network(self)

    @property
    def label(self) -> str:
        """What errors call this network."""
        return self.name or self.title or "network"

    @cached_property
    def whole(self) -> Network:
        """This network without areas: their items stand beside its own, as ``V1.E``."""
        from .unfold import unfold

        return unfold(self) if self.include else self

    def with_parameters(self, **values: Any) -> Network:
        """The same network with other network parameters; of an area ``**{"V1.w": "2 pA"}``.

        Raises:
            DefinitionError: a name that the network does not have.
        """
        known = tuple(parameter_paths(self))
        unknown({n: v for n, v in values.items() if n not in known}, _TABLE, known, self.label)
        own = {n: v for n, v in values.items() if n in self.parameters}
        areas = dict(self.include)
        for path in values.keys() - own.keys():
            name, _, rest = path.partition(DOT)
            given = {**areas[name].parameters, rest: values[path]}
            areas[name] = replace(areas[name], parameters=given)
        return replace(self, parameters={**self.parameters, **own}, include=areas)

    def variant(self, name: str) -> Network:
        """The network with the named parameter set."""
        if name not in self.variants:
            raise DefinitionError(
                f"there is no variant {name!r}",
                model=self.label,
                symbol=name,
                remedy=f"known are {', '.join(self.variants) or '(none)'}",
            )
        return self.with_parameters(**self.variants[name])

    def native(self, *, connections: bool = True, poisson: bool = True) -> Network:
        """A copy whose connections and Poisson trains each simulator draws itself.

        Graded projections keep their list: what passes along them is a matrix product.
        """
        projections = {
            n: replace(p, native=True) if connections and p.can_be_native else p
            for n, p in self.projections.items()
        }
        stimuli = {
            n: replace(s, draw="native") if poisson and s.kind == "poisson" else s
            for n, s in self.stimuli.items()
        }
        areas = {
            n: replace(a, network=a.network.native(connections=connections, poisson=poisson))
            for n, a in self.include.items()
        }
        return replace(self, projections=projections, stimuli=stimuli, include=areas)

    def replace(self, **changes: Any) -> Network:
        """A copy with other fields (`dt`, `seed`, `recordings`, ...)."""
        return replace(self, **changes)

    @property
    def hash(self) -> str:
        """sha256 of the canonical content: the identity of caches, manifests and figures."""
        return digest(self.canonical())

    def canonical(self) -> dict[str, Any]:
        """JSON-able content that decides what is computed; that of areas is part of it."""
        if self.include:
            return self.whole.canonical()
        parts = ("populations", "projections", "stimuli", "recordings", "parameters")
        content: dict[str, Any] = {
            part: {n: _canonical(v) for n, v in sorted(getattr(self, part).items())}
            for part in parts
        }
        content["phases"] = [_canonical(p) for p in self.phases]
        content["run"] = [_canonical(self.dt), self.seed, self.scheme]
        return {"kind": "network", **content}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)


def _by_name(items: Any) -> dict[str, Any]:
    """A mapping as it is; a sequence keyed by the items' names."""
    if isinstance(items, Mapping):
        return dict(items)
    found = {item.name: item for item in items}
    if len(found) != len(list(items)):
        raise DefinitionError("two items of one network have the same name")
    return found


def _canonical(item: Any) -> Any:
    if isinstance(item, Neuron | Synapse):
        return item.canonical()
    if isinstance(item, Population | Projection | Stimulus | Recording | Phase):
        given = {n: v for n, v in values_of(item).items() if n != "dt_w" or v is not None}
        return {name: _canonical(value) for name, value in given.items()}
    if isinstance(item, Mapping):
        return {str(k): _canonical(v) for k, v in sorted(item.items())}
    if isinstance(item, tuple | list):
        return [_canonical(v) for v in item]
    if isinstance(item, np.ndarray):
        return _canonical(item.tolist())
    if item is None or isinstance(item, str | bool | int | float):
        return item
    if isinstance(item, range | slice | np.generic):
        return str(item)
    return canonical_value(item)
