"""A drawn network: every number a simulator needs, drawn once, the same for all simulators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass, field
from .connectivity import Rule
from .model import Neuron, Synapse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Number = float | Floats  # one for all, or one per unit or connection


@dataclass(frozen=True, eq=False)
class DrawnPopulation:
    """``parameters`` and ``initial`` (every state has one) in ms, mV, pA."""

    name: str
    neuron: Neuron
    size: int
    parameters: Mapping[str, Number]
    initial: Mapping[str, Number]


@dataclass(frozen=True, eq=False)
class DrawnSource:
    """Spikes from outside: unit ``senders[k]`` spikes at step ``steps[k]`` (t = step*dt, >= 1).

    Sorted by step; the same unit may occur several times in a step. A native Poisson source has
    ``steps`` None and the rate per unit (kHz) ``rates[k]`` from step ``rate_steps[k]`` on.
    """

    name: str
    size: int
    steps: Ints | None
    senders: Ints | None
    rate_steps: Ints | None = None
    rates: Floats | None = None  # (breakpoints,) or (breakpoints, size)

    @property
    def native(self) -> bool:
        return self.steps is None


@dataclass(frozen=True, eq=False)
class DrawnProjection:
    """Connections ``sources[k] -> targets[k]`` with ``weights`` and ``delays`` (in steps, >= 1).

    A native one has ``sources`` and ``targets`` None: the simulator draws them by ``rule``;
    ``weights`` and ``delays`` are then single numbers. Where populations were merged, it starts
    from and leads to parts of them; an autapse is then a unit of the whole with itself.
    """

    name: str
    pre: str
    post: str
    port: str
    synapse: Synapse
    rule: Rule
    sources: Ints | None
    targets: Ints | None
    weights: Number
    delays: int | Ints
    parameters: Mapping[str, Number] = field(default_factory=dict)
    initial: Mapping[str, Number] = field(default_factory=dict)  # every state of the synapse
    axonal: int | Ints = 0  # steps of the delay that lie before the synapse
    events: Mapping[str, str] = field(default_factory=dict)  # third factor -> population or source
    pre_part: tuple[int, int] | None = None  # of merged populations: the units it starts from
    post_part: tuple[int, int] | None = None  # and those it leads to; only of a native one
    dt_w: int = 0  # steps between two moves of the states of a graded synapse; 0: every step

    @property
    def native(self) -> bool:
        return self.sources is None

    @property
    def every(self) -> int:
        """Steps between two moves of the states of a graded synapse, on any grid."""
        return max(self.dt_w, 1)


@dataclass(frozen=True, eq=False)
class DrawnCurrent:
    """A continuous port of ``units`` of a population: ``values[k]`` from step ``steps[k]`` on.

    ``steps[0]`` is 0; ``values`` is (breakpoints,) or (breakpoints, len(units)); the value at step
    k acts on the integration from t_k to t_{k+1}. Several currents on one unit add up.
    """

    name: str
    population: str
    port: str
    units: Ints
    steps: Ints
    values: Floats


@dataclass(frozen=True, eq=False)
class DrawnRecording:
    """``variables`` of ``units``, every ``every`` steps."""

    name: str
    population: str
    variables: tuple[str, ...]
    units: Ints
    every: int


@dataclass(frozen=True, eq=False)
class DrawnSynapseRecording:
    """``variables`` of the connections ``units`` of ``projection``, every ``every`` steps."""

    name: str
    projection: str
    variables: tuple[str, ...]
    units: Ints
    every: int


@dataclass(frozen=True, eq=False)
class DrawnChange:
    """At step ``step`` (before its integration) ``owner``'s ``key`` becomes ``value``.

    ``kind`` is ``"parameter"`` (owner: a population; every parameter of the population that
    depends on the changed one is listed as a change of its own), ``"synapse"`` (the same of a
    projection) or ``"weight"``.
    """

    step: int
    kind: str
    owner: str
    key: str
    value: Number


@dataclass(frozen=True, eq=False)
class DrawnNetwork:
    """Everything that is simulated, for ``steps`` steps of ``dt`` ms."""

    label: str
    hash: str
    dt: float
    steps: int
    seed: int
    scheme: str
    populations: Mapping[str, DrawnPopulation]
    sources: Mapping[str, DrawnSource]
    projections: Mapping[str, DrawnProjection]
    currents: tuple[DrawnCurrent, ...]
    recordings: tuple[DrawnRecording, ...]
    changes: tuple[DrawnChange, ...]
    parameters: Mapping[str, Any]
    synapse_recordings: tuple[DrawnSynapseRecording, ...] = ()

    @property
    def duration(self) -> float:
        """ms."""
        return self.steps * self.dt

    def projections_to(self, population: str) -> tuple[DrawnProjection, ...]:
        """Projections whose target is ``population``."""
        return tuple(p for p in self.projections.values() if p.post == population)
