"""Population, Projection, Stimulus, Recording, Phase, Network: a network as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from .. import units
from ..errors import DefinitionError
from ..records import dataclass, field, replace, values_of
from .areas import DOT, Area, parameter_paths
from .model import Neuron, Synapse, digest
from .parts import frozen, read_values, table, unknown
from .values import Array, Quantity, Value, canonical_value, read_value

_TABLE = "the table of parameters"
STATIC = Synapse(name="synapses/static", title="Static synapse", deliver="weight")  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Population:
    """``size`` units of one neuron; parameters and initial values override the neuron's.

    Values may be numbers, arrays (one per unit), distributions, or expressions of the network's
    and the neuron's parameters, of the unit index ``i`` and of the size ``N``.
    """

    name: str
    neuron: Neuron
    size: Value
    parameters: Mapping[str, Value] = field(default_factory=dict)
    initial: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _read(self, size=self.size)
        object.__setattr__(self, "parameters", read_values(self.parameters, self.name))
        object.__setattr__(self, "initial", read_values(self.initial, self.name))
        if not isinstance(self.neuron, Neuron):
            kind = type(self.neuron).__name__.lower()
            raise DefinitionError(
                f"population {self.name} is made of {getattr(self.neuron, 'label', kind)}, "
                f"a {kind}",
                model=self.name,
                symbol="neuron",
                remedy="name a neuron",
            )


@dataclass(frozen=True, eq=False)
class Projection:
    """Connections from ``pre`` (a population or a spiking stimulus) to a port of ``post``.

    Args:
        rule: {kind, ...}; kinds and their keys as in `connectivity.Rule`; numbers may be
            expressions of the network's parameters. ``autapses`` and ``multapses`` are booleans.
        weight: in the unit of the port, or of the synapse where it names one.
        delay: positive multiple of dt; random delays are rounded to the grid.
        native: the simulator draws the connections itself; the default is that they are drawn
            once here and are the same on every simulator.
        parameters, initial: override the synapse's; numbers, arrays (one per connection),
            distributions, or expressions of the network's and the synapse's parameters.
        events: third factor of the synapse -> the population or spiking stimulus that drives it.
        dt_w: how often the states of a graded synapse move, a multiple of dt; None: every step.
        delay_at: where this projection's delay sits, in place of the synapse's own choice, which
            it replaces: the projection's ``synapse`` then holds it.
    """

    name: str
    pre: str
    post: str
    port: str
    rule: Mapping[str, Any]
    weight: Value
    delay: Value
    synapse: Synapse = STATIC
    native: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    initial: Mapping[str, Value] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    delay_at: str | float | None = None
    dt_w: Value | None = None

    def __post_init__(self) -> None:
        _read(self, weight=self.weight, delay=self.delay)
        if self.dt_w is not None:
            _read(self, dt_w=self.dt_w)
        object.__setattr__(self, "parameters", read_values(self.parameters, self.name))
        object.__setattr__(self, "initial", read_values(self.initial, self.name))
        events = table(self.events, "events", '{reward = "dopamine"}', self.name)
        object.__setattr__(self, "events", frozen(events))
        if not isinstance(self.synapse, Synapse):
            kind = type(self.synapse).__name__.lower()
            raise DefinitionError(
                f"the synapse of projection {self.name} is a {kind}",
                model=self.name,
                symbol="synapse",
                remedy="name a synapse",
            )
        if self.delay_at is not None and self.delay_at != self.synapse.delay_at:
            object.__setattr__(self, "synapse", replace(self.synapse, delay_at=self.delay_at))
        object.__setattr__(self, "delay_at", None)  # the synapse holds it
        given = {"kind": self.rule} if isinstance(self.rule, str) else self.rule
        rule = table(given, "rule", '{kind = "all_to_all"}', self.name)
        object.__setattr__(self, "rule", frozen(rule))

    @property
    def can_be_native(self) -> bool:
        """Whether there is anything that a simulator could draw itself."""
        return self.rule["kind"] != "one_to_one" and not self.synapse.is_graded


STIMULUS_VALUES = (
    *("amplitude", "start", "stop", "times", "values", "size", "rate", "count", "every"),
)


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Input from outside.

    ``kind="current"``: drives the continuous ``port`` of ``population`` with ``amplitude`` between
    ``start`` and ``stop`` (an expression of ``t`` is sampled at each step), or with steps: from
    ``times[k]`` on with ``values[k]``.
    ``kind="spikes"``: ``trains``, one array of times per unit; used as ``pre`` of a projection.
    ``kind="poisson"``: ``size`` independent trains of ``rate`` (number, one per unit, or expression
    of ``t``) between ``start`` and ``stop``; ``draw="frozen"``: drawn once, the same for every
    simulator, ``"native"``: the simulator's own generator. With ``every`` the rate is evaluated
    anew at ``start + k*every`` only, and may hold ``xi``, a number of N(0, 1) then, the same for
    all trains and on every simulator.
    ``kind="regular"``: ``size`` trains that spike at ``start + k/rate`` (k = 0, 1, ...), each time
    rounded to the nearest step, until ``stop`` and at most ``count`` times; without ``start`` the
    first spike comes after one interval. Each is one number, one per train, or an expression of the
    train's index ``i`` and the ``size`` as ``N``.
    """

    name: str
    kind: str
    population: str = ""
    port: str = ""
    units: Any = None
    amplitude: Value | None = None
    start: Value | None = None
    stop: Value | None = None
    times: Value | None = None
    values: Value | None = None
    trains: tuple[Array, ...] | None = None
    size: Value | None = None
    rate: Value | None = None
    draw: str = "frozen"
    count: Value | None = None
    every: Value | None = None

    def __post_init__(self) -> None:
        for key in STIMULUS_VALUES:
            value = getattr(self, key)
            if value is not None:
                _read(self, **{key: value})
        if self.trains is not None:
            trains = tuple(_train(train, self.name) for train in self.trains)
            object.__setattr__(self, "trains", trains)
        if self.kind not in ("current", "spikes", "poisson", "regular"):
            raise DefinitionError(
                f"the stimulus kind {self.kind!r} is unknown",
                model=self.name,
                symbol="kind",
                remedy='write "current", "spikes", "poisson" or "regular"',
            )
        if self.every is not None and self.kind != "poisson":
            raise DefinitionError(
                f"every of {self.name} says when a Poisson rate is renewed, but it is no Poisson "
                "stimulus",
                model=self.name,
                symbol="every",
                remedy="drop every, or give times and values",
            )
        if self.draw not in ("frozen", "native"):
            raise DefinitionError(
                f"draw is {self.draw!r}",
                model=self.name,
                symbol="draw",
                remedy='write "frozen" or "native"',
            )


def _train(train: Any, name: str) -> Array:
    """Spike times: numbers are in ms."""
    value = read_value(np.asarray(train, dtype=float) if _plain(train) else train, model=name)
    if not isinstance(value, Array):
        raise DefinitionError("a spike train is a list of times", model=name)
    if value.dimension.is_one:
        return Array(np.sort(value.numbers), units.TIME)
    return Array(np.sort(value.numbers), value.dimension)


def _plain(train: Any) -> bool:
    return (
        not hasattr(train, "dim")
        and not hasattr(train, "dimensionality")
        and (not len(train) or not isinstance(train[0], str))
    )


@dataclass(frozen=True, eq=False)
class Recording:
    """``variables`` (states or subexpressions) of ``units`` (None: all) of ``population``.

    Of a ``projection`` instead: states of its synapses; ``units`` are then numbers of connections,
    in the order in which they are drawn or listed.
    ``every``: sampling interval, a multiple of dt; None: every step.
    """

    name: str
    population: str = ""
    variables: tuple[str, ...] = ()
    units: Any = None
    every: Value | None = None
    projection: str = ""

    def __post_init__(self) -> None:
        names = (self.variables,) if isinstance(self.variables, str) else tuple(self.variables)
        object.__setattr__(self, "variables", names)
        if self.every is not None:
            _read(self, every=self.every)


@dataclass(frozen=True, eq=False)
class Phase:
    """At time ``at`` the named things change: ``{"E.tau_m": "10 ms", "E_E.weight": "2*weight"}``.

    Keys are ``population.parameter``, ``projection.weight``, ``projection.parameter`` (of a graded
    synapse with states), ``stimulus.rate`` and ``stimulus.amplitude``. The change acts on the step
    that starts at ``at``.
    """

    at: Value
    changes: Mapping[str, Value]

    def __post_init__(self) -> None:
        _read(self, at=self.at)
        object.__setattr__(self, "changes", read_values(self.changes, "phase"))


def _read(target: Any, **values: Any) -> None:
    label = getattr(target, "name", "phase")
    for key, value in values.items():
        object.__setattr__(target, key, read_value(value, model=label, symbol=key))


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
        _read(self, dt=self.dt, duration=self.duration)
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
