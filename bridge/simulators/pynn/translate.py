"""DrawnNetwork -> job: populations, sources, connections and currents in PyNN's terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection, DrawnSource
from ...definition.evaluate import evaluate
from ..base import Feature, refuse
from .backends import Backend
from .casting import Cast, initial_of, parameters_of
from .job import Cells, Floats, Ints, Steps, Trains, Wires
from .record import asked
from .synapses import CastSynapse, scaled

RECEPTORS = {1: "excitatory", 2: "inhibitory"}


def check_network(network: DrawnNetwork, backend: Backend) -> None:
    """Refuse what needs more than standard cells, lists of connections, and steps of currents.

    Raises:
        Unsupported: the first thing that cannot be had.
    """
    simulator = f"pynn.{backend.name}"
    if abs(network.dt * 1000 - round(network.dt * 1000)) > 1e-9 and backend.tics:
        raise refuse(
            simulator,
            f"dt = {network.dt:g} ms",
            "PyNN leaves NEST's clock at whole microseconds",
            "choose a multiple of 0.001 ms",
        )
    if network.changes:
        what = network.changes[0]
        raise refuse(
            simulator,
            f"{Feature.PHASES} ({what.owner}.{what.key})",
            "a run of PyNN is built once",
            "run it on nest or brian2",
        )
    for source in network.sources.values():
        if source.native:
            raise refuse(
                simulator,
                f"{Feature.NATIVE_POISSON} ({source.name})",
                "its trains are played from frozen ones",
                "leave out `native`",
            )
    for projection in network.projections.values():
        if projection.native:
            raise refuse(
                simulator,
                f"{Feature.NATIVE_CONNECTIVITY} ({projection.name})",
                "its connections are listed",
                "leave out `native`",
            )


def cells_of(network: DrawnNetwork, mine: Cast, backend: Backend) -> Cells:
    """The population as the job has it."""
    name = mine.population.name
    records, units = asked(network, mine, backend)
    return Cells(
        name,
        mine.population.size,
        mine.cell,
        parameters_of(mine, backend, network.dt),
        initial_of(mine),
        records,
        units,
    )


def trains_of(source: DrawnSource, network: DrawnNetwork, backend: Backend) -> list[Trains]:
    """The source as the job has it; several of as many units where units spike twice in a step.

    Raises:
        Unsupported: it spikes before the backend can pass a spike on.
    """
    assert source.steps is not None
    assert source.senders is not None
    early = backend.first - (int(source.steps[0]) if len(source.steps) else backend.first)
    late = max(early, 0)
    mine = [p for p in network.projections.values() if p.pre == source.name]
    shortest = min((int(np.min(p.delays)) for p in mine if np.size(p.delays)), default=late + 1)
    if shortest <= late:
        raise refuse(
            f"pynn.{backend.name}",
            f"the spike of {source.name} at {int(source.steps[0]) * network.dt:g} ms",
            f"a source spikes there from step {backend.first} on, and its shortest delay is "
            f"{shortest} step(s)",
            "give it a longer delay, or let it begin later",
        )
    ranks = _ranks(source.steps, source.senders) if backend.single else np.zeros(1, dtype=np.int64)
    found = []
    for rank in range(int(ranks.max(initial=0)) + 1):
        name = source.name if rank == 0 else f"{source.name}_{rank + 1}"
        chosen = ranks == rank if backend.single else slice(None)
        steps, senders = source.steps[chosen], source.senders[chosen]
        found.append(Trains(name, source.size, steps, senders, late))
    return found


def _ranks(steps: Ints, senders: Ints) -> Ints:
    """Of each spike: how many the same unit has had in the step before it."""
    order = np.lexsort((senders, steps))
    first = np.ones(len(steps), dtype=bool)
    first[1:] = (np.diff(steps[order]) != 0) | (np.diff(senders[order]) != 0)
    place = np.arange(len(steps))
    ranks = np.empty(len(steps), dtype=np.int64)
    ranks[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    return ranks


def wires_of(
    projection: DrawnProjection,
    casts: Mapping[str, Cast],
    dt: float,
    trains: Sequence[Trains],
    changing: CastSynapse | None,
) -> Iterator[Wires]:
    """The projection, in two parts where a port takes either sign; from each of ``trains``."""
    late = trains[0].late if trains else 0
    for part in _by_receptor(projection, casts, dt, late, changing):
        for source in trains or (None,):
            yield part if source is None else replace(part, pre=source.name)


def _by_receptor(
    projection: DrawnProjection,
    casts: Mapping[str, Cast],
    dt: float,
    late: int,
    changing: CastSynapse | None,
) -> Iterator[Wires]:
    p, target = projection, casts[projection.post]
    assert p.sources is not None
    assert p.targets is not None
    weights = _weights(p, target) if changing is None else changing.weights
    delays = (np.broadcast_to(p.delays, p.sources.shape) - late) * dt
    number = target.match.ports[p.port].receptor
    for receptor, chosen in _receptors(number, weights):
        if chosen.any():
            yield Wires(
                p.name,
                p.pre,
                p.post,
                receptor,
                p.sources[chosen],
                p.targets[chosen],
                weights[chosen],
                delays[chosen],
                None if changing is None else changing.dynamics.of(chosen),
                0 if changing is None else changing.every,
            )


def _receptors(number: int, weights: Floats) -> list[tuple[str, np.ndarray]]:
    """Each receptor and the connections onto it; by the sign of the weight where it is 0."""
    if number:
        return [(RECEPTORS[number], np.ones(weights.shape, dtype=bool))]
    return [("excitatory", weights >= 0), ("inhibitory", weights < 0)]


def _weights(p: DrawnProjection, target: Cast) -> Floats:
    weights = p.weights
    if not p.synapse.is_static:
        assert p.synapse.deliver is not None
        weights = evaluate(p.synapse.deliver, {**p.parameters, "weight": weights})
    return scaled(p, target, weights)


def currents_of(mine: Cast) -> Iterator[Steps]:
    """Step currents: what comes after the first value, relative to it."""
    values = mine.population.parameters
    for quantity, course in mine.courses.items():
        if len(course.steps) == 1:
            continue
        into = mine.match.currents[quantity]
        factor = evaluate(into.factor, values) / mine.scale("i_offset")
        rest = course.values[1:] - course.values[0]
        if rest.ndim == 1 and not np.ndim(factor):
            yield Steps(mine.population.name, None, course.steps[1:], rest * factor)
            continue
        rest = (
            np.broadcast_to(
                rest[:, None] if rest.ndim == 1 else rest,
                (len(course.steps) - 1, mine.population.size),
            )
            * factor
        )
        for unit in np.flatnonzero((rest != 0).any(axis=0)):
            yield Steps(mine.population.name, np.array([unit]), course.steps[1:], rest[:, unit])
