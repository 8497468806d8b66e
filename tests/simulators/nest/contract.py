"""The time-step contract as a loop over numpy arrays, for the tests of the NEST simulator."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikebridge.definition.drawn import DrawnNetwork
from spikebridge.passes.integrate import program_of
from spikebridge.passes.numeric import value_of
from spikebridge.passes.program import Assign


class Loop:
    """Runs a drawn network step by step; ``spikes[name]`` is a sorted list of (step, unit)."""

    def __init__(self, network: DrawnNetwork, scheme: str = "auto") -> None:
        self.network = network
        self.programs = {n: program_of(p.neuron, scheme) for n, p in network.populations.items()}
        self.state: dict[str, dict[str, Any]] = {}
        self.left: dict[str, Any] = {}
        self.values: dict[str, dict[str, Any]] = {}
        self.numbers: dict[str, dict[str, Any]] = {}
        for name, p in network.populations.items():
            self.state[name] = {s: np.full(p.size, 0.0) + p.initial[s] for s in p.initial}
            self.left[name] = np.zeros(p.size, dtype=int)
            self.values[name] = dict(p.parameters)
            self._renew(name)
        self.weights = {n: p.weights for n, p in network.projections.items()}
        self.spikes: dict[str, list[tuple[int, int]]] = {n: [] for n in network.populations}
        self.history = {n: [{k: v.copy() for k, v in s.items()}] for n, s in self.state.items()}
        self.arriving: dict[tuple[str, str, int], Any] = {}

    def _renew(self, name: str) -> None:
        program = self.programs[name]
        values, dt = self.values[name], self.network.dt
        self.numbers[name] = {**values, **program.constants_of(values, dt)}
        self.numbers[name]["refr"] = program.refractory_steps(values, dt)

    def run(self) -> Loop:
        for k in range(self.network.steps):
            self._step(k)
        return self

    def _step(self, k: int) -> None:
        for change in self.network.changes:
            if change.step == k and change.kind == "parameter":
                self.values[change.owner][change.key] = change.value
                self._renew(change.owner)
            elif change.step == k:
                self.weights[change.owner] = change.value
        for name in self.programs:
            self._integrate(name, k)
        for source in self.network.sources.values():
            at = source.senders[source.steps == k + 1]
            self._send(source.name, np.bincount(at, minlength=source.size), k + 1)
        for name in self.programs:
            self._receive(name, k)
        for name in self.programs:
            self._fire(name, k)
            self.history[name].append({n: v.copy() for n, v in self.state[name].items()})

    def _scope(self, name: str, k: int) -> dict[str, Any]:
        program = self.programs[name]
        size = self.network.populations[name].size
        scope = {**self.numbers[name], **self.state[name], "t": k * self.network.dt}
        scope |= {c: np.zeros(size) for c in (*program.currents, *program.noise)}
        for current in self.network.currents:
            if current.population == name:
                index = np.searchsorted(current.steps, k, side="right") - 1
                scope[current.port][current.units] += current.values[index]
        return scope

    def _integrate(self, name: str, k: int) -> None:
        program, clamped = self.programs[name], self.left[name] > 0
        old = dict(self.state[name])
        free = self._run(program.free, self._scope(name, k), program.states)
        if program.clamped is None:
            self.state[name] = free
            return
        held = self._run(program.clamped, {**self._scope(name, k), **old}, program.states)
        self.state[name] = {s: np.where(clamped, held[s], free[s]) for s in program.states}

    @staticmethod
    def _run(statements: tuple[Assign, ...], scope: dict[str, Any], states: Any) -> dict[str, Any]:
        for statement in statements:
            scope[statement.target] = value_of(statement.value, scope)
        return {s: np.asarray(scope[s]) for s in states}

    def _send(self, name: str, fired: Any, step: int) -> None:
        """A spike has the weight of the step in which it was emitted."""
        for p in self.network.projections.values():
            if p.pre == name:
                size = self.network.populations[p.post].size
                amounts = np.broadcast_to(self.weights[p.name], p.sources.shape) * fired[p.sources]
                delays = np.broadcast_to(p.delays, p.sources.shape)
                for k in np.flatnonzero(fired[p.sources]):
                    key = (p.post, p.port, step + int(delays[k]))
                    self.arriving.setdefault(key, np.zeros(size))[p.targets[k]] += amounts[k]

    def _receive(self, name: str, k: int) -> None:
        program = self.programs[name]
        for port, statements in program.receive.items():
            amount = self.arriving.pop((name, port, k + 1), None)
            if amount is None:
                continue
            for statement in statements:
                scope = {**self._scope(name, k), "weight": amount}
                new = value_of(statement.value, scope)
                if statement.target in program.clamp:
                    new = np.where(self.left[name] > 0, self.state[name][statement.target], new)
                self.state[name][statement.target] = new

    def _fire(self, name: str, k: int) -> None:
        program, size = self.programs[name], self.network.populations[name].size
        if program.condition is None:
            return
        ready = np.broadcast_to(value_of(program.condition, self._scope(name, k)), (size,))
        fired = ready & (self.left[name] == 0)
        self.left[name] = np.maximum(self.left[name] - 1, 0)
        scope = self._scope(name, k)
        for statement in program.effects:
            new = np.broadcast_to(value_of(statement.value, scope), (size,))
            state = self.state[name]
            state[statement.target] = np.where(fired, new, state[statement.target])
            scope = {**scope, **state}
        self.left[name] = np.where(fired, self.numbers[name]["refr"], self.left[name])
        self._send(name, fired.astype(int), k + 1)
        self.spikes[name] += [(k + 1, int(u)) for u in np.flatnonzero(fired)]

    def trace(self, name: str, state: str) -> Any:
        return np.array([h[state] for h in self.history[name]])
