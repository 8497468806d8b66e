"""The adaptive mode: the equations themselves, spikes at the roots of their conditions.

Spikes have delays, so within a window of the smallest delay no neuron hears of another one's new
spikes: each is integrated through the window on its own, then the spikes are handed on.
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection
from ...errors import Unsupported
from ...results.columns import Columns, Spikes, Trace
from ...results.order import grid_times
from ..base import Feature, Options, Prepared, refuse
from .build import static
from .equations import Equations, equations_of, equations_text
from .manifest import columns_of
from .settings import Settings
from .sources import connected, senders_of, size_of
from .unit import Unit

__all__ = ["LIMIT", "check_adaptive", "equations_text", "run_adaptive"]

LIMIT = 1000  # neurons; each takes its own steps in Python


def check_adaptive(network: DrawnNetwork, options: Options) -> None:
    """Raise `Unsupported` for what the adaptive mode cannot do."""
    size = sum(p.size for p in network.populations.values())
    if size > LIMIT:
        raise _no(f"{size} neurons", f"it is for networks of up to {LIMIT}", 'use mode = "fixed"')
    if options.final_state or options.initial_state is not None:
        raise _no(str(Feature.CONTINUED_RUN), "its state is off the grid", 'use mode = "fixed"')
    if network.changes:
        raise _no(str(Feature.PHASES), "its clock has no steps", 'use mode = "fixed"')
    for population in network.populations.values():
        equations_of(population.neuron)


def _no(what: str, why: str, instead: str) -> Unsupported:
    return refuse("the adaptive reference", what, why, instead)


@dataclass(frozen=True, eq=False)
class _Fan:
    """A projection by source: targets, weights and delays (ms) of each unit's spikes."""

    post: str
    port: str
    first: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]
    steps: NDArray[np.int64]

    def of(self, sender: int) -> slice:
        return slice(int(self.first[sender]), int(self.first[sender + 1]))


def run_adaptive(prepared: Prepared, network: DrawnNetwork, settings: Settings) -> Columns:
    """Run to the end of the network's duration; traces are sampled on its grid."""
    started = clock.perf_counter()
    units = {n: _units(network, p, settings) for n, p in network.populations.items()}
    fans: dict[str, list[_Fan]] = {n: [] for n in (*units, *network.sources)}
    for projection in network.projections.values():
        fans[projection.pre].append(_fan(connected(static(projection), network), network))
    _from_sources(network, fans, units)
    window = _window(network, fans)
    found: dict[str, list[tuple[float, int]]] = {n: [] for n in units}
    ready, report = clock.perf_counter(), prepared.options.progress
    with np.errstate(all="ignore"):
        for end in _ends(network.duration, window):
            _window_of(units, fans, found, end, network.dt)
            if report:
                report(min(end / network.duration, 1.0))
        for unit in (u for group in units.values() for u in group):
            unit.finish()
    done = clock.perf_counter()
    spikes = {n: _spikes(found[n], len(units[n])) for n in units}
    traces = _traces(network, units)
    seconds = {
        "build": prepared.seconds + ready - started,
        "run": done - ready,
        "collect": clock.perf_counter() - done,
    }
    return columns_of(prepared, network, spikes, traces, seconds, 0, None)


def _window_of(
    units: Mapping[str, list[Unit]],
    fans: Mapping[str, list[_Fan]],
    found: dict[str, list[tuple[float, int]]],
    end: float,
    dt: float,
) -> None:
    fresh = [
        (time, name, index)
        for name, group in units.items()
        for index, unit in enumerate(group)
        for time in unit.advance(end)
    ]
    for time, name, index in sorted(fresh):
        found[name].append((time, index))
        for fan in fans[name]:
            here = fan.of(index)
            parts = (fan.targets[here], fan.weights[here], fan.steps[here])
            for target, weight, steps in zip(*parts, strict=True):
                units[fan.post][target].arrive(time + steps * dt, fan.port, float(weight))


def _from_sources(
    network: DrawnNetwork, fans: Mapping[str, list[_Fan]], units: Mapping[str, list[Unit]]
) -> None:
    """Every arrival from outside; times are exact multiples of dt."""
    for name, source in network.sources.items():
        senders_at = senders_of(source, network)
        for step in range(1, network.steps + 1):
            for sender in senders_at(step):
                for fan in fans[name]:
                    here = fan.of(int(sender))
                    parts = (fan.targets[here], fan.weights[here], fan.steps[here])
                    for target, weight, steps in zip(*parts, strict=True):
                        unit = units[fan.post][target]
                        unit.arrive(float(step + steps) * network.dt, fan.port, float(weight))


def _fan(projection: DrawnProjection, network: DrawnNetwork) -> _Fan:
    assert projection.sources is not None and projection.targets is not None
    order = np.argsort(projection.sources, kind="stable")
    count = len(order)
    return _Fan(
        projection.post,
        projection.port,
        np.searchsorted(
            projection.sources[order], np.arange(size_of(network, projection.pre) + 1)
        ).astype(np.int64),
        projection.targets[order],
        np.broadcast_to(np.asarray(projection.weights, dtype=float), count)[order],
        np.broadcast_to(np.asarray(projection.delays, dtype=np.int64), count)[order],
    )


def _window(network: DrawnNetwork, fans: Mapping[str, list[_Fan]]) -> float:
    """The smallest delay between neurons in ms; the whole run where there is none."""
    least = [f.steps.min() for n in network.populations for f in fans[n] if len(f.steps)]
    return float(min(least)) * network.dt if least else network.duration


def _ends(duration: float, window: float) -> list[float]:
    count = max(int(np.ceil(duration / window - 1e-9)), 1)
    return [min((k + 1) * window, duration) for k in range(count - 1)] + [duration]


def _units(network: DrawnNetwork, population: DrawnPopulation, settings: Settings) -> list[Unit]:
    equations = equations_of(population.neuron)
    recordings = [r for r in network.recordings if r.population == population.name]
    indices = range(population.size)
    return [_unit(network, population, equations, recordings, settings, i) for i in indices]


def _unit(
    network: DrawnNetwork,
    population: DrawnPopulation,
    equations: Equations,
    recordings: list[Any],
    settings: Settings,
    index: int,
) -> Unit:
    mine = [r for r in recordings if index in r.units]
    steps = sorted({k for r in mine for k in range(0, network.steps + 1, r.every)})
    variables = tuple(dict.fromkeys(v for r in mine for v in r.variables))
    scope: dict[str, Any] = {n: _one(v, index) for n, v in population.parameters.items()}
    scope |= dict.fromkeys(equations.ports, 0.0)
    return Unit(
        label=f"{network.label}.{population.name}[{index}]",
        equations=equations,
        settings=settings,
        scope=scope,
        state=np.array([_one(population.initial[s], index) for s in equations.states]),
        changes=_changes(network, population.name, equations.ports, index),
        wanted=grid_times(np.array(steps, dtype=np.int64), network.dt),
        variables=variables,
    )


def _one(value: Any, index: int) -> float:
    return float(value[index]) if np.ndim(value) else float(value)


def _changes(
    network: DrawnNetwork, population: str, ports: tuple[str, ...], index: int
) -> list[tuple[float, str, float]]:
    """(time, port, value) wherever the sum of a port's currents changes."""
    found = []
    for port in ports:
        own = [
            (c.steps, c.values[:, list(c.units).index(index)] if c.values.ndim == 2 else c.values)
            for c in network.currents
            if c.population == population and c.port == port and index in c.units
        ]
        for step in sorted({int(s) for steps, _ in own for s in steps}):
            at = [values[np.searchsorted(steps, step, side="right") - 1] for steps, values in own]
            found.append((step * network.dt, port, float(sum(at))))
    return sorted(found)


def _spikes(found: list[tuple[float, int]], size: int) -> Spikes:
    times = np.array([t for t, _ in found])
    return Spikes.from_raw(times, np.array([i for _, i in found], dtype=np.int64), size)


def _traces(network: DrawnNetwork, units: Mapping[str, list[Unit]]) -> dict[str, tuple[Trace, ...]]:
    traces: dict[str, tuple[Trace, ...]] = {}
    for recording in network.recordings:
        name, neuron = recording.population, network.populations[recording.population].neuron
        times = grid_times(np.arange(0, network.steps + 1, recording.every), network.dt)
        new = []
        for variable in recording.variables:
            columns = [_column(units[name][int(i)], variable, times) for i in recording.units]
            values = np.array(columns).reshape(len(recording.units), len(times)).T
            new.append(
                Trace(variable, neuron.recorded_unit(variable), times, recording.units, values)
            )
        traces[name] = (*traces.get(name, ()), *new)
    return traces


def _column(unit: Unit, variable: str, times: NDArray[np.float64]) -> NDArray[np.float64]:
    chosen = np.searchsorted(unit.wanted, times - 1e-9)
    samples = np.array(unit.samples)
    column: NDArray[np.float64] = samples[chosen, unit.variables.index(variable)]
    return column
