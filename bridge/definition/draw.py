"""Network -> DrawnNetwork: every random and derived number is fixed here, once, by the seed.

Each item draws from its own stream (seed and the item's name), so that the numbers of one item do
not depend on the others; frozen Poisson trains are drawn in blocks of steps, so that a longer run
begins with the shorter one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import units
from ..errors import DefinitionError
from ..records import replace
from . import distributions
from .areas import DOT, flat_name, parameter_paths
from .draw_projections import draw_projection
from .draw_stimuli import draw_currents, draw_sources, in_order, rate_changes
from .draw_synapses import draw_synapse_recording, interval_of, needs, synapse_change
from .drawn import (
    DrawnChange,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
    DrawnRecording,
    Number,
)
from .expressions import Expression
from .grid import steps_of
from .model import Neuron
from .network import Network, Population, Recording
from .numbers import Scope, chosen_units, count_of, network_scope, number_of, plain, stream
from .values import Quantity, Random, Value, read_value


def draw(
    network: Network,
    *,
    duration: Any = None,
    dt: Any = None,
    seed: int | None = None,
    frozen_noise: bool = False,
) -> DrawnNetwork:
    """Every number of a run of ``network``.

    ``duration`` and ``dt`` are ``"1 s"`` or ms, the network's own where None, as is ``seed``;
    ``frozen_noise`` draws the N(0, 1) of every ``xi`` here, as currents on ports named like it.

    Raises:
        DefinitionError: a size, delay or time that cannot be; names the item and the remedy.
    """
    paths = {flat_name(path): path for path in parameter_paths(network)}
    network = network.whole
    scope = network_scope(network)
    step, steps = _grid(network, duration, dt, scope)
    seed = _seed(network.seed if seed is None else seed, network.label)
    populations = _populations(network, scope, seed)
    at = _phase_steps(network, scope, step)
    rates = rate_changes(network, at)
    sources = draw_sources(network, scope, step, steps, seed, rates)
    sizes = {n: p.size for n, p in populations.items()} | {n: s.size for n, s in sources.items()}
    projections = {
        n: draw_projection(p, scope, sizes, step, seed, network.label)
        for n, p in network.projections.items()
    }
    currents = draw_currents(network, scope, populations, step, steps, at)
    if frozen_noise:
        from .draw_noise import draw_noise

        currents = (*currents, *draw_noise(populations, steps, seed))
    changes = _changes(network, scope, projections, at, seed)
    populations, projections = _begun(populations, projections, changes)
    of_units = [r for r in network.recordings.values() if not r.projection]
    of_synapses = [r for r in network.recordings.values() if r.projection]
    return DrawnNetwork(
        label=network.label,
        hash=network.hash,
        dt=step,
        steps=steps,
        seed=seed,
        scheme=network.scheme,
        populations=populations,
        sources=sources,
        projections=projections,
        currents=currents,
        recordings=tuple(_recording(r, populations, scope, step, network.label) for r in of_units),
        synapse_recordings=tuple(
            draw_synapse_recording(r, projections, scope, step, network.label) for r in of_synapses
        ),
        changes=tuple(c for c in changes if c.step > 0),
        parameters={paths[n]: plain(v) for n, v in scope.items() if not isinstance(v, Random)},
    )


def _phase_steps(network: Network, scope: Scope, step: float) -> list[int]:
    label = network.label
    return [
        steps_of(_time(p.at, scope, "at", label), step, "phase.at", model=label)
        for p in network.phases
    ]


def _grid(network: Network, duration: Any, dt: Any, scope: Scope) -> tuple[float, int]:
    """dt (ms) and the number of steps."""
    step = _time(network.dt if dt is None else dt, scope, "dt", network.label)
    length = network.duration if duration is None else duration
    total = _time(length, scope, "duration", network.label)
    if not step > 0:
        raise DefinitionError(
            f"dt is {step:g} ms",
            model=network.label,
            symbol="dt",
            remedy='give a positive time, e.g. "0.1 ms"',
        )
    return step, steps_of(total, step, "duration", model=network.label, least=1)


def _populations(network: Network, scope: Scope, seed: int) -> dict[str, DrawnPopulation]:
    found = {}
    for name, population in network.populations.items():
        try:
            found[name] = draw_population(population, scope, seed)
        except DefinitionError as error:
            raise error.at(model=f"{network.label}.{name}") from None
    return found


def _seed(seed: Any, label: str) -> int:
    if isinstance(seed, int) and seed >= 0:
        return seed
    raise DefinitionError(
        f"the seed is {seed!r}", model=label, symbol="seed", remedy="give a whole number from 0 on"
    )


def _time(value: Any, scope: Scope, symbol: str, label: str) -> float:
    if isinstance(value, int | float):
        return float(value)
    try:
        read = read_value(value)
        if isinstance(read, Quantity | Expression):
            time = float(number_of(read, scope))
            if isinstance(read, Expression) or read.dimension in (units.TIME, units.ONE):
                return time
    except DefinitionError as error:
        place = f"{symbol} = {value}"
        error.remedy = error.remedy or 'write e.g. "1 s"'
        raise error.at(model=label, line=place, symbol=symbol) from None
    shown = (
        f"{symbol} = {value} is no time"
        if isinstance(read, Quantity)
        else f"{symbol} is not one time"
    )
    raise DefinitionError(shown, model=label, symbol=symbol, remedy='write e.g. "1 s"')


def draw_population(population: Population, scope: Scope, seed: int) -> DrawnPopulation:
    """Size, parameters and initial values of one population."""
    if isinstance(population.size, Random):
        raise DefinitionError("a size cannot be random", symbol="size", remedy="give one number")
    size = count_of(number_of(population.size, scope), f"{population.name}.size")
    neuron = population.neuron
    given = {**neuron.parameters, **population.parameters}
    wide = {**scope, "i": np.arange(size, dtype=float), "N": float(size)}
    parameters: dict[str, Number] = {}
    while len(parameters) < len(given):
        before = len(parameters)
        for name, value in given.items():
            waits = needs(value, name, given, scope) - set(parameters)
            if name not in parameters and not waits:
                parameters[name] = _per_unit(
                    value, {**wide, **parameters}, size, stream(seed, population.name, name), name
                )
        if len(parameters) == before:
            missing = ", ".join(sorted(set(given) - set(parameters)))
            raise DefinitionError(
                f"the parameters {missing} are defined by each other",
                symbol=missing.partition(",")[0],
                remedy="give one of them a number",
            )
    initial = {
        name: _per_unit(
            value,
            {**wide, **parameters},
            size,
            stream(seed, population.name, "initial", name),
            name,
        )
        for name, value in _initial(neuron, population).items()
    }
    return DrawnPopulation(population.name, neuron, size, parameters, initial)


def _initial(neuron: Neuron, population: Population) -> dict[str, Value]:
    zero: dict[str, Value] = {name: Quantity(0.0, units.ONE) for name in neuron.states}
    return {**zero, **neuron.initial, **population.initial}


def _per_unit(value: Value, scope: Scope, size: int, rng: np.random.Generator, name: str) -> Number:
    if isinstance(value, Random):
        return distributions.draw(value.distribution, size, rng)
    number: Number = number_of(value, scope)
    if not np.all(np.isfinite(number)):
        raise DefinitionError(
            f"{name} is not a finite number",
            line=f"{name} = {value}" if isinstance(value, Expression) else None,
            symbol=name,
            remedy="give a number; check divisions by zero",
        )
    if np.ndim(number) and np.shape(number) != (size,):
        raise DefinitionError(
            f"{name} has {np.size(number)} values for {size} units",
            symbol=name,
            remedy="give one value, or one per unit",
        )
    return number


def _recording(
    recording: Recording,
    populations: Mapping[str, DrawnPopulation],
    scope: Scope,
    dt: float,
    label: str,
) -> DrawnRecording:
    size = populations[recording.population].size
    chosen = chosen_units(recording.units, size, f"{label}.{recording.name}")
    every = interval_of(recording, scope, dt, label)
    return DrawnRecording(recording.name, recording.population, recording.variables, chosen, every)


def _changes(
    network: Network,
    scope: Scope,
    projections: Mapping[str, DrawnProjection],
    at: list[int],
    seed: int,
) -> tuple[DrawnChange, ...]:
    changes: list[DrawnChange] = []
    now, paths = dict(network.populations), dict(network.projections)
    weights = {n: p.weights for n, p in projections.items()}
    times = dict.fromkeys(projections, 0)  # a stream per change of this projection
    for step, phase in in_order(network, at):
        for path, value in phase.changes.items():
            owner, _, key = path.rpartition(DOT)
            if owner in now:
                now[owner], found = _parameter_change(now[owner], key, value, scope, seed, step)
                changes += found
            elif owner in projections and key != "weight":
                paths[owner], found = synapse_change(
                    paths[owner], key, value, scope, projections[owner], seed, step
                )
                changes += found
            elif owner in projections:
                rng = stream(seed, owner, "weight", str(times[owner]))
                times[owner] += 1
                weights[owner] = _new_weight(
                    value, {**scope, "weight": weights[owner]}, projections[owner], rng
                )
                changes.append(DrawnChange(step, "weight", owner, "weight", weights[owner]))
    return tuple(changes)


def _begun(
    populations: Mapping[str, DrawnPopulation],
    projections: Mapping[str, DrawnProjection],
    changes: tuple[DrawnChange, ...],
) -> tuple[dict[str, DrawnPopulation], dict[str, DrawnProjection]]:
    """What a phase changes at time 0 is so from the beginning; initial values stay."""
    people, paths = dict(populations), dict(projections)
    for c in changes:
        if c.step == 0 and c.kind == "parameter":
            own = people[c.owner]
            people[c.owner] = replace(own, parameters={**own.parameters, c.key: c.value})
        elif c.step == 0 and c.kind == "synapse":
            path = paths[c.owner]
            paths[c.owner] = replace(path, parameters={**path.parameters, c.key: c.value})
        elif c.step == 0:
            paths[c.owner] = replace(paths[c.owner], weights=c.value)
    return people, paths


def _parameter_change(
    population: Population, key: str, value: Value, scope: Scope, seed: int, step: int
) -> tuple[Population, list[DrawnChange]]:
    """The changed population, and a change for every parameter that follows."""
    before = draw_population(population, scope, seed).parameters
    changed = replace(population, parameters={**population.parameters, key: value})
    after = draw_population(changed, scope, seed).parameters
    return changed, [
        DrawnChange(step, "parameter", population.name, name, number)
        for name, number in after.items()
        if not np.array_equal(number, before[name])
    ]


def _new_weight(
    value: Value, scope: Scope, projection: DrawnProjection, rng: np.random.Generator
) -> Number:
    if isinstance(value, Random):
        if projection.sources is None:
            raise DefinitionError("a native projection has one weight", model=projection.name)
        return distributions.draw(value.distribution, len(projection.sources), rng)
    number: Number = number_of(value, scope)
    return number
