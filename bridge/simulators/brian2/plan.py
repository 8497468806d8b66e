"""The plan of a run: texts and numbers only, so that it travels to a child process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ...definition.drawn import (
    DrawnSource,
    Floats,
    Ints,
    Number,
)
from ...definition.rules import Rule
from ...passes.merge import Part
from ...passes.synapse_program import SynapseProgram
from ...records import dataclass, field
from .emit import NeuronText
from .graded import CoupledPort, GradedPlan
from .plastic_text import Placing, PlasticText
from .plastic_words import own
from .tables import Table


@dataclass(frozen=True, eq=False)
class GroupPlan:
    """One population. ``numbers[k]`` hold from phase k on, by Brian2 name."""

    name: str
    size: int
    text: NeuronText
    states: Mapping[str, str]  # name -> Brian2's name
    initial: Mapping[str, Number]
    numbers: tuple[Mapping[str, Number], ...]
    refractory: tuple[Any, ...]  # steps, one number or one per unit, by phase
    per_unit: frozenset[str]
    tables: Mapping[str, Table]
    left: Ints | None = None  # refractory steps left at the first step
    arrivals: Mapping[str, Floats] = field(default_factory=dict)  # port -> on its way, see state.py


@dataclass(frozen=True, eq=False)
class PoissonDrive:
    """Independent Poisson input to every unit: each arrival adds ``amount`` to ``state``."""

    state: str
    amount: str
    weight: str  # what ``amount`` calls the weight
    source: DrawnSource


@dataclass(frozen=True, eq=False)
class PathPlan:
    """One projection; ``weights[k]`` holds from phase k on. ``drive``: it needs no synapses."""

    name: str
    pre: str
    post: str
    port: str
    rule: Rule
    sources: Ints | None
    targets: Ints | None
    delays: int | Ints  # steps
    pre_part: tuple[int, int] | None  # the units of a native one
    post_part: tuple[int, int] | None
    on_pre: str
    weights: tuple[Number, ...]
    sent: tuple[tuple[int, Number], ...]  # from which step on spikes leave with which weight
    drive: PoissonDrive | None = None


@dataclass(frozen=True, eq=False)
class PlasticPlan:
    """One projection whose synapses have states; texts as in `plastic_text`.

    ``numbers`` and ``initial`` go by Brian2's name: one number, or one per connection. ``line``:
    port and rows of the line on which amplitudes travel to the neurons; None: they arrive at once.
    ``axonal`` and ``dendritic`` in steps, one or one per connection. ``reasons``: which states do
    not live once per neuron, and why. ``kept``: of a run before, see `plastic_state`.
    """

    name: str
    pre: str
    post: str
    port: str
    rule: Rule
    sources: Ints | None
    targets: Ints | None
    pre_part: tuple[int, int] | None
    post_part: tuple[int, int] | None
    axonal: int | Ints
    dendritic: int | Ints
    text: PlasticText
    placing: Placing
    program: SynapseProgram
    numbers: Mapping[str, Number]
    initial: Mapping[str, Number]
    events: Mapping[str, str]  # third factor -> what drives it
    reasons: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> Mapping[str, Any]:
        """First values of the states by Brian2's name: one number, or one per connection."""
        return {**self.initial} | {
            own(n): self.kept[n] for n in self.program.states if n in self.kept
        }


@dataclass(frozen=True, eq=False)
class LinePlan:
    """What is on its way from synapses with states to one port: see `lines`."""

    post: str
    port: str
    rows: int
    code: str


@dataclass(frozen=True, eq=False)
class SynapseRecordPlan:
    """``variables`` of the connections ``units`` of a projection, every ``every`` steps.

    ``raw``: the states that are sampled, which `plastic_records` brings up to date. ``graded``: the
    place among the plan's graded projections, whose states are sampled as they are.
    """

    projection: str
    variables: tuple[str, ...]
    raw: tuple[str, ...]
    units: Ints
    every: int
    graded: int | None = None


@dataclass(frozen=True, eq=False)
class RecordPlan:
    """``variables`` (definition's name -> Brian2's) of ``part``, every ``every`` steps.

    ``population`` is the group that is recorded, ``owner`` the network's population.
    """

    population: str
    owner: str
    part: Part
    variables: Mapping[str, str]
    units: Mapping[str, str]
    chosen: Ints
    every: int


class Steps(Protocol):
    """Steps ``first`` to ``steps`` of ``dt`` ms, and the seed of what is drawn."""

    @property
    def dt(self) -> float: ...
    @property
    def first(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that is built; ``starts`` are the first steps of the phases.

    Steps ``first`` to ``steps`` are run, with their numbers counted from time 0.
    ``parts``: where each population of the network is among the groups. ``sent``: spikes before the
    first step that some synapses have not seen, by group or source; ``unseen``: for how many steps
    that may be so.
    """

    label: str
    dt: float
    first: int
    steps: int
    seed: int
    starts: tuple[int, ...]
    groups: tuple[GroupPlan, ...]
    sources: tuple[DrawnSource, ...]
    paths: tuple[PathPlan, ...]
    records: tuple[RecordPlan, ...]
    parts: Mapping[str, Part]
    plastic: tuple[PlasticPlan, ...] = ()
    lines: tuple[LinePlan, ...] = ()
    synapse_records: tuple[SynapseRecordPlan, ...] = ()
    graded: tuple[GradedPlan, ...] = ()
    coupled: tuple[CoupledPort, ...] = ()
    sent: Mapping[str, tuple[Ints, Ints]] = field(default_factory=dict)
    unseen: Mapping[str, int] = field(default_factory=dict)


def mixed(delays: int | Ints) -> bool:
    """Whether there is more than one delay."""
    return np.ndim(delays) > 0 and len(np.unique(delays)) > 1
