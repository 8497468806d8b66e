"""What a NEST process is told to do, and what it answers: plain numbers, ready to be pickled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass, field

if TYPE_CHECKING:
    from .modules import Module

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = Any  # a float or int for all units, or an array with one per unit


@dataclass(frozen=True, eq=False)
class NodeModel:
    """A NEST model that plays the part of one population's neuron.

    ``parameters`` and ``initial`` are by NEST's names. A spike port is the receptor
    ``receptors[port]``: a number, or the name under which the model lists it. A state is the sum
    of the recordables ``recordables[state][0]`` times the number (or one per unit) behind them.
    A quantity with a value per step is set by weights of spikes to the receptor
    ``drives[quantity]``; where that is None, a step_current_generator adds to it.
    ``resume`` names the states and counters that make up a full state; None: there is no way.
    ``traces``: time constants of the traces that NEST's plastic synapses read of the neuron.
    ``tolerance`` of NESTML's adaptive integrator, which a model has where equations are nonlinear.
    ``checked``: its states may leave the numbers, and are looked at after the run.
    """

    model: str
    parameters: Mapping[str, Number]
    initial: Mapping[str, Number]
    receptors: Mapping[str, int | str]
    recordables: Mapping[str, tuple[tuple[str, ...], Number]]
    drives: Mapping[str, int | str | None] = field(default_factory=dict)
    spiking: bool = True
    resume: tuple[str, ...] | None = None
    tolerance: float | None = None
    checked: bool = False
    tables: Mapping[str, Floats] | None = None  # of a rate unit: (entries,) or (entries, units)
    lists: Mapping[str, tuple[Floats, ...]] = field(default_factory=dict)  # an array for each unit
    traces: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Group:
    """A population."""

    name: str
    size: int
    node: NodeModel


@dataclass(frozen=True, eq=False)
class Source:
    """Spikes from outside at ``steps`` from ``senders``; native: Poisson ``rates`` in kHz.

    ``direct``: no unit of a native source has two targets, so that NEST's generator, which sends an
    independent train to each target, needs no parrots.
    """

    name: str
    size: int
    steps: Ints | None
    senders: Ints | None
    rate_steps: Ints | None
    rates: Floats | None
    direct: bool = False


@dataclass(frozen=True, eq=False)
class Plastic:
    """Connections with states: ``common`` values of the copy of ``model``, ``each`` per connection.

    ``factors``: key -> steps at which a third factor spikes; ``drivers``: key -> the population or
    source whose spikes it is, where they are not known before the run. ``axonal``: steps that a
    spike waits before the connection; ``soma``: the whole delay lies there, and one step of it is
    left to the connection.
    """

    model: str
    common: Mapping[str, float]
    each: Mapping[str, Number]
    factors: Mapping[str, Ints]
    drivers: Mapping[str, str]
    axonal: Number
    soma: bool
    builtin: bool = False  # a model without our `dt`, `updated` and `tag`
    begin: str = ""  # a parameter that takes the time, in ms, at which the run begins


@dataclass(frozen=True, eq=False)
class SynapseMeter:
    """Status keys ``variables`` of the connections ``units`` of a projection, every ``every``.

    ``held``: the population whose nodes hold the samples; they are read at the end.
    """

    projection: str
    variables: tuple[str, ...]
    units: Ints
    every: int
    held: str = ""


@dataclass(frozen=True, eq=False)
class Connections:
    """A projection; ``rule`` is NEST's connection rule where NEST draws the connections.

    ``changes``: its weights change during the run. ``model``: NEST's connection model. With
    ``plastic`` the delays are those behind the synapse.
    """

    name: str
    pre: str
    post: str
    port: str
    sources: Ints | None
    targets: Ints | None
    weights: Number
    delays: Number
    rule: Mapping[str, Any] | None = None
    changes: bool = False
    model: str = "static_synapse"
    plastic: Plastic | None = None


@dataclass(frozen=True, eq=False)
class Drive:
    """``quantity`` of ``units`` (None: all) becomes ``values[k]`` at step ``steps[k]`` > lag.

    ``values`` is (len(steps),) or (len(steps), len(units)).
    """

    population: str
    quantity: str
    units: Ints | None
    steps: Ints
    values: Floats


@dataclass(frozen=True, eq=False)
class Injection:
    """``arrivals[d - 1]``: the weights, one per unit, that arrive at ``port`` at step d."""

    population: str
    port: str
    arrivals: Floats


@dataclass(frozen=True, eq=False)
class Change:
    """Before the integration of step ``step``: ``values`` (NEST's names) of ``owner``.

    ``kind`` is "node" (a population), "lists" (the same with an array for each of its nodes) or
    "weight" (a projection; the key is ``weight``).
    """

    step: int
    kind: str
    owner: str
    values: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Meter:
    """NEST's recordables ``variables`` of ``units``, every ``every`` steps."""

    population: str
    units: Ints
    every: int
    variables: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Job:
    """A whole run of ``steps`` steps of ``dt`` ms.

    ``lag`` is the smallest delay in steps: NEST's slices are as long, and devices are connected
    with it, so that none makes the slices shorter. ``warm``: NEST's steps before step 0, in which
    the neurons stand still: a device's first spike needs a slice to arrive, and meters sample at
    NEST's multiples of their interval.
    """

    dt: float
    steps: int
    seed: int
    threads: int
    lag: int
    modules: tuple[Module, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    connections: tuple[Connections, ...]
    drives: tuple[Drive, ...]
    changes: tuple[Change, ...]
    meters: tuple[Meter, ...]
    synapse_meters: tuple[SynapseMeter, ...] = ()
    injections: tuple[Injection, ...] = ()
    warm: int = 0
    report: bool = False
    resume: bool = False

    def at(self, step: Any) -> Any:
        """NEST's time of a step, in ms."""
        return (step + self.warm) * self.dt


@dataclass(frozen=True, eq=False)
class Result:
    """Spike steps and senders by population; per meter recordable -> (samples, units), no sample 0.

    ``states``: population -> NEST's name -> value per unit, at the end of the run. ``broken``: a
    state, as (population, state, unit), that is no number at the end.
    """

    spikes: Mapping[str, tuple[Ints, Ints]]
    traces: tuple[Mapping[str, Floats], ...]
    seconds: Mapping[str, float]
    about: Mapping[str, Any]
    states: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
    broken: tuple[str, str, int] | None = None
    synapses: tuple[Mapping[str, Any], ...] = ()  # per synapse meter, sample 0 included, or held
