"""Stimuli as numbers: spike sources on the grid, currents as steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import DefinitionError
from .areas import DOT
from .draw_pieces import pieced, within
from .draw_rates import rate_course
from .draw_regular import regular_source
from .drawn import DrawnCurrent, DrawnPopulation, DrawnSource, Floats, Ints
from .grid import steps_of
from .network import Network, Phase, Stimulus
from .numbers import Scope, chosen_units, count_of, number_of, stream
from .values import Value

BLOCK = 1000  # steps drawn from one stream: a longer run begins with the shorter one
Changes = Mapping[str, list[tuple[int, Value]]]


def in_order(network: Network, at: list[int]) -> list[tuple[int, Phase]]:
    """The phases with their steps, the earliest first."""
    return sorted(zip(at, network.phases, strict=True), key=lambda timed: timed[0])


def rate_changes(network: Network, at: list[int]) -> dict[str, list[tuple[int, Value]]]:
    """Stimulus -> (step, new value), from the network's phases."""
    found: dict[str, list[tuple[int, Value]]] = {n: [] for n in network.stimuli}
    for step, phase in in_order(network, at):
        for path, value in phase.changes.items():
            owner = path.rpartition(DOT)[0]
            if owner in found:
                found[owner].append((step, value))
    return found


def draw_sources(
    network: Network, scope: Scope, dt: float, steps: int, seed: int, changes: Changes
) -> dict[str, DrawnSource]:
    """Every spiking stimulus on the grid."""
    sources = {}
    for name, stimulus in network.stimuli.items():
        try:
            if stimulus.kind == "spikes":
                sources[name] = _trains(stimulus, dt, steps, network.label)
            elif stimulus.kind == "poisson":
                sources[name] = _poisson(network, stimulus, scope, dt, steps, seed, changes[name])
            elif stimulus.kind == "regular":
                sources[name] = regular_source(stimulus, scope, dt, steps)
        except DefinitionError as error:
            raise error.at(model=f"{network.label}.{name}") from None
    return sources


def _trains(stimulus: Stimulus, dt: float, steps: int, label: str) -> DrawnSource:
    trains = stimulus.trains or ()
    name = f"{label}.{stimulus.name}"
    times = np.concatenate([t.numbers for t in trains]) if trains else np.empty(0)
    senders = np.repeat(np.arange(len(trains)), [len(t.numbers) for t in trains])
    found = steps_of(times, dt, "spike time", model=name, least=1)
    order = np.lexsort((senders, found))
    kept = order[found[order] <= steps]
    return DrawnSource(stimulus.name, max(len(trains), 1), found[kept], senders[kept])


def _poisson(
    network: Network,
    stimulus: Stimulus,
    scope: Scope,
    dt: float,
    steps: int,
    seed: int,
    changes: list[tuple[int, Value]],
) -> DrawnSource:
    assert stimulus.rate is not None and stimulus.size is not None
    size = count_of(number_of(stimulus.size, scope), f"{stimulus.name}.size")
    native = stimulus.draw == "native"
    until = steps if native else -(-steps // BLOCK) * BLOCK
    starts, rates = rate_course(network, stimulus, scope, dt, steps, changes, size, seed, until)
    if native:
        return DrawnSource(stimulus.name, size, None, None, starts, rates)
    found = [
        _block(stimulus.name, begin, min(begin + BLOCK, steps), starts, rates, size, dt, seed)
        for begin in range(0, steps, BLOCK)
    ]
    at = np.concatenate([f[0] for f in found])
    who = np.concatenate([f[1] for f in found])
    return DrawnSource(stimulus.name, size, at, who)


def _block(
    name: str,
    begin: int,
    end: int,
    starts: Ints,
    rates: Floats,
    size: int,
    dt: float,
    seed: int,
) -> tuple[Ints, Ints]:
    """Sorted spikes at steps begin+1..end: one Poisson number per step (and unit, by its rate)."""
    rng = stream(seed, name, "poisson", str(begin))
    full = np.arange(begin, begin + BLOCK)
    mean = rates[np.searchsorted(starts, full, side="right") - 1] * dt
    if rates.ndim == 2:
        counts = rng.poisson(mean)
        step, unit = np.nonzero(counts)
        step, unit = (np.repeat(x, counts[np.nonzero(counts)]) for x in (step, unit))
    else:
        step = np.repeat(np.arange(BLOCK), rng.poisson(mean * size))
        # one number per spike sorts several times faster than two
        step, unit = np.divmod(np.sort(step * size + rng.integers(0, size, len(step))), size)
    kept = int(np.searchsorted(step, end - begin))
    return begin + 1 + step[:kept], unit[:kept]


def draw_currents(
    network: Network,
    scope: Scope,
    populations: Mapping[str, DrawnPopulation],
    dt: float,
    steps: int,
    at: list[int],
) -> tuple[DrawnCurrent, ...]:
    """Every current as values that hold from a step on."""
    changes = rate_changes(network, at)
    return tuple(
        _current(
            stimulus,
            scope,
            populations[stimulus.population].size,
            dt,
            steps,
            changes[name],
            network.label,
        )
        for name, stimulus in network.stimuli.items()
        if stimulus.kind == "current"
    )


def _current(
    stimulus: Stimulus,
    scope: Scope,
    size: int,
    dt: float,
    steps: int,
    changes: list[tuple[int, Value]],
    label: str,
) -> DrawnCurrent:
    name = f"{label}.{stimulus.name}"
    chosen = chosen_units(stimulus.units, size, name)
    if stimulus.amplitude is None:
        assert stimulus.times is not None and stimulus.values is not None
        times = np.atleast_1d(number_of(stimulus.times, scope))
        starts = steps_of(times, dt, "times", model=name)
        values = np.atleast_1d(number_of(stimulus.values, scope))
        if len(values) != len(starts):
            raise DefinitionError(
                f"there are {len(starts)} times but {len(values)} values",
                model=name,
                symbol="values",
                remedy="give one value per time",
            )
    else:
        pieces = [(0, stimulus.amplitude), *changes]
        starts, values = pieced(pieces, scope, dt, steps, len(chosen))
    starts, values = within(stimulus, scope, dt, starts, values, name)
    return DrawnCurrent(stimulus.name, stimulus.population, stimulus.port, chosen, starts, values)
