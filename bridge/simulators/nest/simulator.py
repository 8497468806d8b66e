"""The simulator NEST: prepare translates and compiles, run builds, simulates and collects."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork
from ...errors import SimulationFailed, SimulatorMissing
from ...results.columns import Columns
from ...results.manifest import look_around
from ..base import Availability, Feature, Options, Prepared, refuse
from ..finite import left_numbers
from ..resumed import first_step
from . import machine
from .answer import Payload, columns_of
from .cast import Cast
from .casting import casts_of, generated, modules_of, sources_of
from .child import Child
from .job import Job, Meter
from .learning import Learned, note_of
from .plastic import Codes, codes_of, notes_of, synapse_meters, waits
from .players import Players, matched_players, nestml_codes, nestml_players
from .record import meters_of
from .resume import check_listed, continued, injections_of, resumed
from .script import script_of
from .settings import chosen_options
from .slices import sliced
from .translate import connections_of, group_of, source_of, static_network

if TYPE_CHECKING:
    from .nestml_synapse import NestmlSynapse

FEATURES = frozenset(Feature) - {
    Feature.ADAPTIVE_STEP,
}


class Nest:
    """NEST: built-in models where one matches, else NESTML compiled from the equations.

    Options: ``child`` (run in a process of its own; False resets the kernel of this process),
    ``threads``, ``match`` (False: never a built-in), ``synapses`` (with states: "auto" takes a
    built-in where one is the same, else our own connection model; "generated" always that model;
    "nestml" NESTML for them and the neurons they change with, which does less and is slower),
    ``units`` (that act on each other continuously: "auto" takes a built-in where one steps alike,
    "builtin" refuses where none does, "generated" never takes one),
    ``tolerance`` (absolute and relative, of NESTML's adaptive integrator under the scheme native).
    """

    name = "nest"
    features = FEATURES

    def available(self) -> Availability:
        """Whether NEST, NESTML and a compiler are here; imports none of them."""
        try:
            version = machine.distribution("nest-simulator")
            machine.nest_folder()
            machine.distribution("nestml")
        except SimulatorMissing as error:
            return Availability(False, "", error.problem, error.remedy or "")
        return Availability(True, version)

    def start(self, options: Options) -> Child | None:
        """A process that imports NEST while the network is prepared: it takes as long as that."""
        return Child() if chosen_options(options)["child"] else None

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Choose or compile a model for every population.

        Raises:
            Unsupported: NEST cannot run this network; says why and what to do instead.
        """
        start = time.perf_counter()
        chosen = chosen_options(options)
        state, first = options.initial_state, first_step(options.initial_state, network.steps)
        if options.final_state or state is not None:
            check_listed(network)
        network = static_network(network)
        network = network if state is None else continued(network, state)
        texts_of = nestml_codes(network) if chosen["synapses"] == "nestml" else None
        casts = casts_of(network, options, bool(chosen["match"]), texts_of or {})
        if state is not None:
            casts = {n: resumed(c, n, state) for n, c in casts.items()}
        players = _players(network, casts, texts_of, chosen)
        casts = dict(players.casts)
        codes = codes_of(network, players.playing)
        if (codes or players.playing) and (options.final_state or state is not None):
            raise refuse(
                "nest", "a continued run", "the states of its synapses are not kept", "run it whole"
            )
        meters = meters_of(network, casts)
        job = _job(network, casts, codes, players, meters, options, first)
        metered = tuple(i for i, m in enumerate(meters) if m)
        return Prepared(
            network=network,
            options=options,
            sources={
                **sources_of(casts),
                **{f"{name}.cc": code.text for name, code in codes.items()},
                **players.sources,
                "network.py": script_of(job),
            },
            matches=(
                *(c.match for c in casts.values()),
                *notes_of(network, codes, players.reasons),
                *players.notes,
                *(note_of(own) for own in _learned(casts).values()),
            ),
            payload=Payload(network, job, casts, metered, first, players),
            seconds=time.perf_counter() - start,
        )

    def run(self, prepared: Prepared) -> Columns:
        """Build, simulate, collect.

        Raises:
            SimulationFailed: NEST refused or died; holds what it said.
        """
        payload: Payload = prepared.payload
        progress = prepared.options.progress
        if chosen_options(prepared.options)["child"]:
            given = prepared.options.process
            child = given if isinstance(given, Child) and given.waiting else Child()
            result = child.run(payload.job, payload.network.label, progress, look_around)
        else:
            from .run import simulate
            from .worker import load_nest

            result = simulate(payload.job, load_nest(), progress)
        if result.broken:
            raise _broken(payload, *result.broken)
        return columns_of(prepared, payload, result)


def _broken(payload: Payload, population: str, state: str, unit: int) -> SimulationFailed:
    network = payload.network
    if payload.casts[population].node.tolerance is None:
        return left_numbers(network.label, population, state, unit, network.dt)
    return SimulationFailed(
        f"{state} is no number after NESTML's own integration",
        model=population,
        symbol=state,
        remedy='choose a scheme of the contract, "exact" for linear equations, "rk4" for others',
    )


def _players(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    texts_of: Mapping[str, NestmlSynapse] | None,
    chosen: Mapping[str, Any],
) -> Players:
    """What plays synapses with states besides our own connection model."""
    if texts_of is not None:
        return nestml_players(network, casts, texts_of)
    if chosen["match"] and chosen["synapses"] == "auto":
        return matched_players(network, casts)
    return Players(casts)


def _job(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    codes: Codes,
    players: Players,
    meters: Sequence[Meter | None],
    options: Options,
    first: int,
) -> Job:
    """Everything that NEST is told of a run from step ``first`` on."""
    state = options.initial_state
    # NEST hands spikes on between slices: what reads our synapses must find no spike waiting.
    read = any(r.projection in codes for r in network.synapse_recordings)
    lag, changes, drives = sliced(network, casts, longest=1 if read else None)
    alone = (c for n, c in casts.items() if c.text and n not in players.paired)
    texts = {c.node.model: c.text for c in alone}
    return Job(
        dt=network.dt,
        steps=network.steps,
        seed=seed_of(network.seed, first),
        threads=int(chosen_options(options)["threads"]),
        lag=lag,
        modules=(*modules_of(texts, generated(casts, codes)), *players.modules),
        groups=tuple(group_of(c, network.populations[n]) for n, c in casts.items()),
        sources=tuple(source_of(s, network) for s in network.sources.values()),
        connections=tuple(
            players.of(connections_of(p, network, casts, codes), waits(p))
            for p in network.projections.values()
        ),
        drives=tuple(drives),
        changes=tuple(changes),
        meters=tuple(m for m in meters if m),
        synapse_meters=synapse_meters(network, codes, players.keys, _learned(casts)),
        injections=() if state is None else injections_of(network, state),
        warm=_warm(network, lag, state is not None),
        report=options.progress is not None,
        resume=options.final_state,
    )


def _learned(casts: Mapping[str, Cast]) -> dict[str, Learned]:
    """Synapses that nodes hold, by projection."""
    return {own.projection.name: own for cast in casts.values() for own in cast.learned}


def _warm(network: DrawnNetwork, lag: int, resumed: bool) -> int:
    """Steps before the run in which devices reach relays, or bring what was on its way."""
    relayed = any(
        p.synapse.is_dynamic and p.pre in network.sources for p in network.projections.values()
    )
    if not (resumed or relayed):
        return 0
    return math.lcm(lag, *(r.every for r in network.recordings))


def seed_of(seed: int, first: int) -> int:
    """Another stream for the part of a run that begins at step ``first``."""
    if not first:
        return seed
    return int(np.random.SeedSequence([abs(seed), first]).generate_state(1)[0])
