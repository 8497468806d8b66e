"""The state of a PyNN script on spikebridge: what was made, the time, and the results so far.

A script is recorded; it is simulated from time 0 to the present when somebody asks for results,
once, whatever was changed between two calls of ``run``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common

from ..errors import DefinitionError, Unsupported
from ..results.columns import Columns
from ..results.order import grid_times
from ..simulators import base
from ..simulators.base import Feature

if TYPE_CHECKING:
    from ..definition.drawn import Floats, Ints
    from .electrodes import CurrentSource
    from .populations import Population
    from .projections import Projection

name = "spikebridge"


class ID(int, common.IDMixin):  # type: ignore[misc]
    """A cell, as PyNN has them."""

    def __init__(self, n: int) -> None:
        int.__init__(n)
        common.IDMixin.__init__(self)


class State(common.control.BaseState):  # type: ignore[misc]
    """One per process, as in every backend of PyNN."""

    def __init__(self) -> None:
        super().__init__()
        self.mpi_rank = 0
        self.num_processes = 1
        self.usual = "nest"  # the simulator where a script names none
        self.asked_delays: tuple[float | str, float | str] = ("auto", "auto")
        self.begin(0.1, self.usual, "auto", 1, {})

    def begin(
        self, dt: float, backend: str, scheme: str, seed: int, options: Mapping[str, Any]
    ) -> None:
        """A new script."""
        self.dt = float(dt)
        self.backend = backend
        self.scheme = scheme
        self.seed = seed
        self.options = dict(options)
        self.recorders: set[Any] = set()
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.current_sources: list[CurrentSource] = []
        self.id_counter = 0
        self.segment_counter = 0
        self.running = False
        self.step = 0
        self._results: Columns | None = None

    @property
    def t(self) -> float:
        """ms."""
        return float(f"{self.step * self.dt:.12g}")

    @property
    def default_delay(self) -> float:
        """Of a synapse that names none, ms."""
        least = self.asked_delays[0]
        return self.dt if isinstance(least, str) else least

    @property
    def min_delay(self) -> float:
        """As said to ``setup``; where that was "auto", the shortest there is (ms)."""
        least = self.asked_delays[0]
        return min(self._delays(), default=self.dt) if isinstance(least, str) else least

    @property
    def max_delay(self) -> float:
        """As said to ``setup``; where that was "auto", the longest there is (ms)."""
        most = self.asked_delays[1]
        return max(self._delays(), default=self.dt) if isinstance(most, str) else most

    def _delays(self) -> list[float]:
        found = (p.delays for p in self.projections if len(p))
        return [float(end(x)) for x in found for end in (np.min, np.max)]

    def run(self, simtime: float) -> None:
        """Go on by ``simtime`` ms."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Go on until ``tstop`` ms, a step of the grid."""
        steps = round(tstop / self.dt)
        if abs(steps * self.dt - tstop) > 1e-6 * self.dt:
            raise DefinitionError(
                f"{tstop:g} ms is no multiple of the time step {self.dt:g} ms",
                symbol="run",
                remedy=f"run until {steps * self.dt:g} ms",
            )
        self.step = max(steps, self.step)
        self.running = True

    def reset(self) -> None:
        """Time 0 again, with the parameters that hold now."""
        for population in self.populations:
            population.rewind()
        for projection in self.projections:
            projection.rewind()
        for source in self.current_sources:
            source.rewind()
        self.running = False
        self.step = 0
        self.t_start = 0
        self.segment_counter += 1
        self.changed()

    def changed(self) -> None:
        """What was found is no longer what the script says."""
        self._results = None

    def check_new(self, what: str) -> None:
        """Refuse to add ``what`` to a network that has run."""
        self.changed()
        if self.step:
            raise Unsupported(
                f"{what} is made at {self.t:g} ms",
                symbol=what,
                remedy="make everything before the first run, or call reset() first",
            )

    @property
    def draws(self) -> bool:
        """Whether the simulator can draw Poisson trains."""
        return Feature.NATIVE_POISSON in base.get(self.backend).features

    def spikes_of(self, population: Population) -> tuple[Floats, Ints]:
        """Times (ms) and units, by time, of cells or of a source."""
        if hasattr(population.celltype, "neuron"):
            found = self.results().spikes[population.key]
            return found.times, found.senders
        source = population.celltype.source(population, self)
        return grid_times(source.steps, self.dt), source.senders

    def results(self) -> Columns:
        """The run from 0 to the present."""
        from .network import simulate

        steps = 0 if self._results is None else round(self._results.duration / self.dt)
        if self._results is None or steps != self.step:
            self._results = simulate(self)
        return self._results


state = State()
