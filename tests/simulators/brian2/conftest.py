"""The time-step contract as a plain numpy loop, written for these tests alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from spikebridge.definition.draw import draw
from spikebridge.definition.drawn import DrawnNetwork
from spikebridge.definition.expressions import Expression
from spikebridge.definition.network import Network
from spikebridge.passes.integrate import program_of
from spikebridge.passes.program import Assign, Program
from spikebridge.results.columns import Columns
from spikebridge.simulators.base import Options
from spikebridge.simulators.brian2 import Brian2

_MODULES: Any = [
    {
        "clip": np.clip,
        "truth": lambda c: np.asarray(c) * 1.0,
        "exprel": lambda x: np.expm1(x) / x,
    },
    "numpy",
]


def _value(text: Expression, scope: dict[str, Any]) -> Any:
    expression = text.sympy(text.names)
    names = sorted(expression.free_symbols, key=lambda s: s.name)
    function = sympy.lambdify(names, expression, _MODULES)
    return function(*(scope[s.name] for s in names))


class Compiled:
    """A statement compiled once."""

    def __init__(self, assign: Assign) -> None:
        self.target = assign.target
        value = assign.value.sympy(assign.value.names)
        arguments = sorted(value.free_symbols, key=lambda s: s.name)
        self.names = [s.name for s in arguments]
        self.function = sympy.lambdify(arguments, value, _MODULES)

    def __call__(self, scope: dict[str, Any]) -> Any:
        return self.function(*(scope[n] for n in self.names))


class Unit:
    """All units of one population."""

    def __init__(self, network: DrawnNetwork, name: str, program: Program) -> None:
        self.network, self.name, self.program = network, name, program
        self.population = network.populations[name]
        self.size = self.population.size
        self.state = {
            s: np.full(self.size, 0.0) + self.population.initial[s] for s in program.states
        }
        self.left = np.zeros(self.size, dtype=int)
        self.free = [Compiled(a) for a in program.free]
        self.clamped = None if program.clamped is None else [Compiled(a) for a in program.clamped]
        self.receive = {p: [Compiled(a) for a in v] for p, v in program.receive.items()}
        self.effects = [Compiled(a) for a in program.effects]
        self.parameters = dict(self.population.parameters)
        self.rng = np.random.default_rng(0)
        self.renew()

    def renew(self) -> None:
        numbers = {
            **self.parameters,
            **self.program.constants_of(self.parameters, self.network.dt),
        }
        self.numbers = {n: np.full(self.size, 0.0) + v for n, v in numbers.items()}
        steps = self.program.refractory_steps(self.parameters, self.network.dt)
        self.period = np.zeros(self.size, dtype=int) + steps

    def inputs(self, k: int) -> dict[str, Any]:
        found = {p: np.zeros(self.size) for p in (*self.program.currents, *self.program.noise)}
        for c in self.network.currents:
            if c.population == self.name:
                row = np.searchsorted(c.steps, k, side="right") - 1
                found[c.port][c.units] += c.values[row]
        return {**found, "t": np.full(self.size, k * self.network.dt)}

    def scope(self, k: int, **more: Any) -> dict[str, Any]:
        return {**self.numbers, **self.inputs(k), **self.state, **more}

    def _branch(self, statements: list[Compiled], k: int) -> dict[str, Any]:
        scope = self.scope(k)
        for s in statements:
            scope[s.target] = s(scope) + np.zeros(self.size)
        return {n: scope[n] for n in self.program.states}

    def integrate(self, k: int) -> None:
        held = self.left > 0
        free = self._branch(self.free, k)
        if self.clamped is not None and held.any():
            clamped = self._branch(self.clamped, k)
            free = {n: np.where(held, clamped[n], free[n]) for n in free}
        self.state = free

    def arrive(self, unit: int, port: str, weight: float, k: int) -> None:
        scope = {n: v[unit] for n, v in self.scope(k).items()} | {"weight": weight}
        for s in self.receive[port]:
            value = s(scope)
            if s.target in self.program.clamp and self.left[unit] > 0:
                continue
            scope[s.target] = value
            if s.target in self.state:
                self.state[s.target][unit] = value

    def spike(self, k: int) -> np.ndarray[Any, Any]:
        if self.program.condition is None:
            return np.empty(0, dtype=int)
        hit = _value(self.program.condition, self.scope(k)) & (self.left == 0)
        scope = self.scope(k)
        for s in self.effects:
            scope[s.target] = np.where(hit, s(scope), scope[s.target])
        self.state = {n: scope[n] for n in self.state}
        self.left = np.where(hit, self.period, np.maximum(self.left - 1, 0))
        return np.flatnonzero(hit)


def simulate(
    network: DrawnNetwork, programs: dict[str, Program]
) -> tuple[dict[str, list[tuple[int, int]]], dict[str, dict[str, np.ndarray[Any, Any]]]]:
    """Spikes as (step, unit) by population; states as (steps + 1, units) by population."""
    units = {n: Unit(network, n, p) for n, p in programs.items()}
    spikes: dict[str, list[tuple[int, int]]] = {n: [] for n in units}
    traces = {n: {s: [v.copy()] for s, v in u.state.items()} for n, u in units.items()}
    weights = {n: p.weights for n, p in network.projections.items()}
    waiting: dict[int, list[tuple[str, int, str, float]]] = {}

    def emit(pre: str, unit: int, step: int) -> None:
        for p in network.projections.values():
            if p.pre == pre and p.sources is not None and p.targets is not None:
                for k in np.flatnonzero(p.sources == unit):
                    delay = int(np.broadcast_to(p.delays, p.sources.shape)[k])
                    weight = float(np.broadcast_to(weights[p.name], p.sources.shape)[k])
                    entry = (p.post, int(p.targets[k]), p.port, weight)
                    waiting.setdefault(step + delay, []).append(entry)

    for k in range(network.steps):
        for change in network.changes:
            if change.step == k and change.kind == "parameter":
                units[change.owner].parameters[change.key] = change.value
                units[change.owner].renew()
            elif change.step == k:
                weights[change.owner] = change.value
        for unit in units.values():
            unit.integrate(k)
        for post, target, port, weight in waiting.pop(k + 1, []):
            units[post].arrive(target, port, weight, k)
        for source in network.sources.values():
            for sender in source.senders[source.steps == k + 1]:  # type: ignore[index]
                emit(source.name, int(sender), k + 1)
        for name, unit in units.items():
            for index in unit.spike(k):
                spikes[name].append((k + 1, int(index)))
                emit(name, int(index), k + 1)
            for s, v in unit.state.items():
                traces[name][s].append(v.copy())
    return spikes, {n: {s: np.array(v) for s, v in found.items()} for n, found in traces.items()}


Outcome = tuple[dict[str, list[tuple[int, int]]], dict[str, dict[str, np.ndarray[Any, Any]]]]


@pytest.fixture(scope="session")
def contract() -> Any:
    """The function ``simulate`` above."""
    return simulate


@pytest.fixture(scope="session")
def agree() -> Any:
    """Run on Brian2 and by the contract; demand the same spikes and states."""
    return run_both


def run_both(
    network: Network, target: str = "numpy", scheme: str = "auto", **draws: Any
) -> Columns:
    drawn = draw(network, **draws)
    options = Options(scheme=scheme, simulator={"target": target})
    columns = Brian2().run(Brian2().prepare(drawn, options))
    chosen = scheme if scheme != "auto" else drawn.scheme
    programs = {n: program_of(p.neuron, chosen) for n, p in drawn.populations.items()}
    spikes, traces = simulate(drawn, programs)
    for name, expected in spikes.items():
        found = columns.spikes[name]
        steps = np.rint(found.times / drawn.dt).astype(int)
        assert list(zip(steps, found.senders, strict=True)) == expected, name
    for name, some in columns.traces.items():
        for trace in some:
            if trace.variable in traces[name]:
                expected = traces[name][trace.variable]
                every = round((trace.times[1] - trace.times[0]) / drawn.dt)
                np.testing.assert_allclose(
                    trace.values, expected[::every][:, trace.units], rtol=1e-9, atol=1e-9
                )
    return columns
