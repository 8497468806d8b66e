"""One neuron in continuous time: smooth stretches between events, events at their exact times."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import SimulationFailed
from ...passes.closures import run
from .equations import Equations
from .settings import Settings
from .stretch import Stretch

Floats = NDArray[np.float64]
TOGETHER = 1e-11  # ms: events closer than this are one


@dataclass(eq=False)
class Unit:
    """State, pending arrivals and samples of one neuron.

    ``changes`` are (time, name, value) of its continuous ports, sorted; ``wanted`` the sample
    times. Between events the equations of all neurons are independent, because every spike has a
    delay: each neuron takes its own steps.
    """

    label: str
    equations: Equations
    settings: Settings
    scope: dict[str, Any]  # parameters, values of continuous ports, states
    state: Floats
    changes: list[tuple[float, str, float]]
    wanted: Floats
    variables: tuple[str, ...]
    time: float = 0.0
    rest_until: float = -np.inf
    arrivals: list[tuple[float, int, str, float]] = field(default_factory=list)
    samples: list[list[float]] = field(default_factory=list)
    _count: int = 0
    _next_change: int = 0

    def arrive(self, time: float, port: str, weight: float) -> None:
        """A spike of ``weight`` comes to ``port`` at ``time``."""
        self._count += 1
        heapq.heappush(self.arrivals, (time, self._count, port, weight))

    def advance(self, until: float) -> list[float]:
        """Go on to ``until``, its events included; the times of the spikes on the way."""
        spikes: list[float] = []
        while True:
            stop = min(until, self._next_event())
            crossed = stop > self.time and self._flow(stop)
            if not crossed:
                self._events()
            if crossed or (not self.resting and self.event(self.state) >= 0.0):
                self._spike()
                spikes.append(self.time)
            elif self.time >= until:
                return spikes

    @property
    def resting(self) -> bool:
        """Whether it is refractory."""
        return self.time < self.rest_until - TOGETHER

    def event(self, state: Floats) -> float:
        """The event function: >= 0 where the spike condition holds."""
        if self.equations.event is None:
            return -1.0
        self._place(state)
        return float(self.equations.event(self.scope))

    def rates(self, time: float, state: Floats) -> list[float]:
        """dx/dt; 0 for clamped states while refractory."""
        self._place(state)
        self.scope["t"] = time
        found = self.equations.rates_at(self.scope)
        if self.resting:
            for i, name in enumerate(self.equations.states):
                if name in self.equations.clamp:
                    found[i] = 0.0
        return found

    def finish(self) -> None:
        """Take the samples that are left: those at the end of the run."""
        self._sample(np.inf, None)

    def _next_event(self) -> float:
        found = np.inf
        if self.arrivals:
            found = self.arrivals[0][0]
        if self._next_change < len(self.changes):
            found = min(found, self.changes[self._next_change][0])
        if self.resting:
            found = min(found, self.rest_until)
        return float(found)

    def _flow(self, stop: float) -> bool:
        """Integrate to ``stop``, or to where the condition starts to hold (True)."""
        stretch = Stretch(self, stop)
        while stretch.time < stop:
            stretch.step()
            root = None if self.resting else stretch.crossing()
            self._sample(stretch.time if root is None else root[0], stretch)
            if root is not None:
                self.time, self.state = root
                return True
            self.state = stretch.state
        self.time = stop
        return False

    def _sample(self, before: float, stretch: Stretch | None) -> None:
        """Samples at wanted times < ``before``; at the stretch's start they are the state there."""
        while len(self.samples) < len(self.wanted):
            time = float(self.wanted[len(self.samples)])
            if time >= before - TOGETHER:
                return
            inside = stretch is not None and time > stretch.before + TOGETHER
            state = stretch.at(time) if stretch is not None and inside else self.state
            self._place(state)
            self.scope["t"] = time
            self.samples.append([self._value(v) for v in self.variables])

    def _value(self, variable: str) -> float:
        if variable in self.equations.states:
            return float(self.scope[variable])
        return float(self.equations.recordables[variable](self.scope))

    def _events(self) -> None:
        """Everything that happens now: inputs change, then spikes arrive."""
        now = self.time + TOGETHER
        while self._next_change < len(self.changes) and self.changes[self._next_change][0] <= now:
            _, name, value = self.changes[self._next_change]
            self.scope[name] = value
            self._next_change += 1
        while self.arrivals and self.arrivals[0][0] <= now:
            _, _, port, weight = heapq.heappop(self.arrivals)
            kept = self.equations.clamp if self.resting else ()
            self._run(self.equations.receive[port], kept, {"weight": weight})

    def _spike(self) -> None:
        self._run(self.equations.effects, (), {})
        self._place(self.state)
        if self.equations.refractory is not None:
            self.rest_until = self.time + float(self.equations.refractory(self.scope))
        if not self.resting and self.event(self.state) >= 0.0:
            raise SimulationFailed(
                f"the spike condition still holds after the spike at {self.time:.6g} ms",
                model=self.label,
                remedy="let the effects end it, or give a refractory period",
            )

    def _run(self, block: Any, kept: tuple[str, ...], more: dict[str, float]) -> None:
        self._place(self.state)
        after = run(block, {**self.scope, **more})
        names = self.equations.states
        old = zip(names, self.state, strict=True)
        self.state = np.array([x if n in kept else float(after[n]) for n, x in old])

    def _place(self, state: Floats) -> None:
        self.scope.update(zip(self.equations.states, state.tolist(), strict=True))
