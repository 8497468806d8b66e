"""What a simulator is: features, availability, prepare, run. A registry by entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from ..definition.drawn import DrawnNetwork
from ..errors import SimulatorMissing, Unsupported
from ..records import dataclass, field, replace
from ..results.columns import Columns

Progress = Callable[[float], None]  # called with the fraction done, 0..1


class Feature(StrEnum):
    """What a network may ask of a simulator; the support matrix is made from these."""

    SPIKING_NEURONS = "spiking neurons from equations"
    CONTINUOUS_INPUT = "constant, step and time-varying currents"
    FROZEN_SPIKES = "frozen spike trains and frozen Poisson input"
    NATIVE_POISSON = "the simulator's own Poisson input"
    NATIVE_CONNECTIVITY = "connections drawn by the simulator"
    PER_UNIT_PARAMETERS = "one parameter value per unit"
    DELAY_DISTRIBUTIONS = "one delay per connection"
    NOISE = "white noise in the equations"
    FROZEN_NOISE = "frozen noise, the same path everywhere"
    PHASES = "parameters and weights that change during a run"
    CONTINUED_RUN = "continuing from a final state"
    STATE_RECORDING = "recording of states"
    SUBEXPRESSION_RECORDING = "recording of subexpressions"
    SYNAPSE_DYNAMICS = "synapses with states: short-term plasticity, STDP"
    GRADED_COUPLING = "graded coupling: rate networks"
    SCHEMES = "the contract's integration schemes"
    GRADED_LEARNING = "graded synapses with states: plastic rates"
    NATIVE_INTEGRATION = "the simulator's own integrators"
    ADAPTIVE_STEP = "adaptive steps, spikes off the grid"
    THREADS = "several threads"


@dataclass(frozen=True)
class Availability:
    """Whether a simulator can run here; ``remedy`` is the command that mends it."""

    ok: bool
    version: str = ""
    problem: str = ""
    remedy: str = ""


class Process(Protocol):
    """A simulator that comes up in a process of its own."""

    def stop(self) -> None:
        """End it if it still waits for something to run."""


@dataclass(frozen=True)
class Options:
    """How to run: everything that does not change what is defined.

    ``scheme``: "auto", "exact", "euler", "heun", "rk4", "exponential_euler", "native".
    ``simulator``: options of one simulator, e.g. ``{"target": "numpy"}`` for brian2 or
    ``{"threads": 2, "match": False}`` for nest; an unknown one is an error.
    ``final_state``: whether the columns hold the final state; ``initial_state``: one to go on from.
    ``process``: the simulator's own, started ahead by `started`.
    """

    scheme: str = "auto"
    simulator: Mapping[str, Any] = field(default_factory=dict)
    final_state: bool = False
    initial_state: Any = None
    frozen_noise: bool = False
    progress: Progress | None = None
    process: Process | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """A network translated for one simulator: ``sources`` is the text a person can read.

    ``arrays``: makes what the texts read from files, name -> array.
    """

    network: DrawnNetwork
    options: Options
    sources: Mapping[str, str]  # file or population name -> text
    matches: tuple[Mapping[str, Any], ...]  # per population: what runs there and why
    payload: Any  # the simulator's own
    seconds: float  # spent in prepare
    notes: Mapping[str, Any] = field(default_factory=dict)  # for the manifest
    arrays: Callable[[], Mapping[str, Any]] = dict


class Simulator(Protocol):
    """A simulator. A new one is a new file and one entry point.

    One that has a method ``start(options) -> Process | None`` gets that process, which comes up
    while `prepare` works, in `Options.process`.
    """

    name: str
    features: frozenset[Feature]

    def available(self) -> Availability:
        """Whether it can run here; imports nothing heavy."""

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Translate and compile; raises `Unsupported` before anything runs."""

    def run(self, prepared: Prepared) -> Columns:
        """Build, simulate, collect; ``manifest["seconds"]`` holds build, run, collect."""


GROUP = "spikebridge.simulators"
# Our own entry points again: to find them costs reading what every installed package registers.
OWN: Mapping[str, str] = {
    "brian2": "brian2:Brian2",
    "nest": "nest:Nest",
    "pynn.brian2": "pynn:brian2",
    "pynn.nest": "pynn:nest",
    "pynn.neuron": "pynn:neuron",
    "reference": "reference:Reference",
}


@cache
def known() -> Mapping[str, Any]:
    """Name -> entry point of every registered simulator."""
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def get(name: str) -> Simulator:
    """The simulator called ``name``.

    Raises:
        SimulatorMissing: no simulator of that name is registered.
    """
    if name in OWN:
        module, _, own = OWN[name].partition(":")
        simulator: Simulator = getattr(import_module(f".{module}", __package__), own)()
        return simulator
    if name not in known():
        raise SimulatorMissing(
            f"there is no simulator {name!r}",
            symbol=name,
            remedy=f"choose one of {', '.join(sorted(known()))}",
        )
    other: Simulator = known()[name].load()()
    return other


def require(simulator: Simulator) -> None:
    """Raise `SimulatorMissing` with the remedy if ``simulator`` cannot run here."""
    found = simulator.available()
    if not found.ok:
        raise SimulatorMissing(found.problem, symbol=simulator.name, remedy=found.remedy)


@contextmanager
def started(simulator: Simulator, options: Options) -> Iterator[Options]:
    """``options`` with the simulator's process where it has one; it ends when this does."""
    start = getattr(simulator, "start", None)
    process: Process | None = start(options) if start else None
    try:
        yield replace(options, process=process)
    finally:
        if process:
            process.stop()


def refuse(simulator: str, feature: str, why: str, instead: str) -> Unsupported:
    """The error for a feature that ``simulator`` lacks."""
    return Unsupported(f"{simulator} cannot do {feature}: {why}", symbol=simulator, remedy=instead)
