"""Population, Projection, Stimulus, Recording, Phase: what a network is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import units
from ..errors import DefinitionError
from ..records import dataclass, field, replace
from .model import Neuron, Synapse
from .parts import frozen, read_values, table
from .values import Array, Value, read_value

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
        take(self, size=self.size)
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
        take(self, weight=self.weight, delay=self.delay)
        if self.dt_w is not None:
            take(self, dt_w=self.dt_w)
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
                take(self, **{key: value})
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
    plain = not isinstance(train, Array) and _plain(train)
    value = read_value(np.asarray(train, dtype=float) if plain else train, model=name)
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
            take(self, every=self.every)


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
        take(self, at=self.at)
        object.__setattr__(self, "changes", read_values(self.changes, "phase"))


def take(target: Any, **values: Any) -> None:
    """Set attributes of a frozen item, read as values."""
    label = getattr(target, "name", "phase")
    for key, value in values.items():
        object.__setattr__(target, key, read_value(value, model=label, symbol=key))
