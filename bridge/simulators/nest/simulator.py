"""The simulator NEST: prepare translates and compiles, run builds, simulates and collects."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork
from ...errors import DefinitionError, SimulationFailed, SimulatorMissing, Unsupported
from ...passes.integrate import program_of
from ...results.columns import Columns, Spikes
from ...results.manifest import Timings, build_manifest, look_around
from ..base import Availability, Feature, Options, Prepared, refuse
from ..synapse_traces import synapse_traces
from . import machine
from .child import run_in_child
from .currents import courses
from .graded import is_graded, rate_cast
from .job import Job, Result
from .plastic import Codes, codes_of, notes_of, read_by_synapses, synapse_meters, waits
from .players import Players, matched_players, nestml_codes, nestml_players
from .record import meters_of, traces_of
from .resume import (
    check_listed,
    continued,
    final_state,
    first_step,
    injections_of,
    resumed,
)
from .script import script_of
from .translate import (
    Cast,
    changes_in,
    compiled,
    connections_of,
    group_of,
    lag_of,
    source_of,
    static_network,
)

if TYPE_CHECKING:
    from .modules import Module
    from .nestml_synapse import NestmlSynapse

DEFAULTS: Mapping[str, Any] = {
    "child": True,
    "threads": 1,
    "match": True,
    "synapses": "auto",
    "tolerance": 1e-6,
}
FEATURES = frozenset(Feature) - {
    Feature.ADAPTIVE_STEP,
}


@dataclass(frozen=True, eq=False)
class Payload:
    """What prepare hands to run."""

    network: DrawnNetwork
    job: Job
    casts: Mapping[str, Cast]
    metered: tuple[int, ...]  # indices of the recordings that have a meter
    first: int  # the step at which the run begins
    players: Players

    @property
    def slices(self) -> tuple[int, int]:
        """The length of NEST's slices, and NEST's steps before step 0."""
        return self.job.lag, self.job.warm


class Nest:
    """NEST: built-in models where one matches, else NESTML compiled from the equations.

    Options: ``child`` (run in a process of its own; False resets the kernel of this process),
    ``threads``, ``match`` (False: never a built-in), ``synapses`` (with states: "auto" takes a
    built-in where one is the same, else our own connection model; "generated" always that model;
    "nestml" NESTML for them and the neurons they change with, which does less and is slower),
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

    def prepare(self, network: DrawnNetwork, options: Options) -> Prepared:
        """Choose or compile a model for every population.

        Raises:
            Unsupported: NEST cannot run this network; says why and what to do instead.
        """
        start = time.perf_counter()
        chosen = _options(options)
        state, first = options.initial_state, first_step(options.initial_state, network.steps)
        if options.final_state or state is not None:
            check_listed(network)
        network = static_network(network)
        network = network if state is None else continued(network, state)
        texts_of = nestml_codes(network) if chosen["synapses"] == "nestml" else None
        casts = _casts(network, options, bool(chosen["match"]), texts_of or {})
        if state is not None:
            casts = {n: resumed(c, n, state) for n, c in casts.items()}
        if texts_of is not None:
            players = nestml_players(network, casts, texts_of)
        elif chosen["match"] and chosen["synapses"] == "auto":
            players = matched_players(network, casts)
        else:
            players = Players(casts)
        casts = dict(players.casts)
        codes = codes_of(network, players.playing)
        if (codes or players.playing) and (options.final_state or state is not None):
            raise refuse(
                "nest", "a continued run", "the states of its synapses are not kept", "run it whole"
            )
        # NEST hands spikes on between slices: what reads our synapses must find no spike waiting.
        read = any(r.projection in codes for r in network.synapse_recordings)
        lag = 1 if read else lag_of(network)
        changes, drives = changes_in(network, casts, lag)
        meters = meters_of(network, casts)
        alone = (c for n, c in casts.items() if c.text and n not in players.paired)
        texts = {c.node.model: c.text for c in alone}
        job = Job(
            dt=network.dt,
            steps=network.steps,
            seed=seed_of(network.seed, first),
            threads=int(chosen["threads"]),
            lag=lag,
            modules=(*_modules(texts, _generated(casts, codes)), *players.modules),
            groups=tuple(group_of(c, network.populations[n]) for n, c in casts.items()),
            sources=tuple(source_of(s, network) for s in network.sources.values()),
            connections=tuple(
                players.of(connections_of(p, network, casts, codes), waits(p))
                for p in network.projections.values()
            ),
            drives=tuple(drives),
            changes=tuple(changes),
            meters=tuple(m for m in meters if m),
            synapse_meters=synapse_meters(network, codes, players.keys),
            injections=() if state is None else injections_of(network, state),
            warm=_warm(network, lag, state is not None),
            report=options.progress is not None,
            resume=options.final_state,
        )
        metered = tuple(i for i, m in enumerate(meters) if m)
        return Prepared(
            network=network,
            options=options,
            sources={
                **_sources(casts),
                **{f"{name}.cc": code.text for name, code in codes.items()},
                **players.sources,
                "network.py": script_of(job),
            },
            matches=(
                *(c.match for c in casts.values()),
                *notes_of(network, codes, players.reasons),
                *players.notes,
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
        if _options(prepared.options)["child"]:
            result = run_in_child(payload.job, payload.network.label, progress, look_around)
        else:
            from .run import simulate
            from .worker import load_nest

            result = simulate(payload.job, load_nest(), progress)
        if result.broken:
            raise SimulationFailed(
                f"{result.broken[1]} is no number after NESTML's own integration",
                model=result.broken[0],
                symbol=result.broken[1],
                remedy='choose scheme = "auto", which takes equal time constants too',
            )
        return _columns(prepared, payload, result)


def _warm(network: DrawnNetwork, lag: int, resumed: bool) -> int:
    """Steps before the run in which devices reach relays, or bring what was on its way."""
    relayed = any(
        p.synapse.is_dynamic and p.pre in network.sources for p in network.projections.values()
    )
    if not (resumed or relayed):
        return 0
    return math.lcm(lag, *(r.every for r in network.recordings))


def _generated(casts: Mapping[str, Cast], codes: Codes) -> dict[str, str]:
    """The C++ of rate units and synapses by model."""
    units = {c.node.model: c.cpp for c in casts.values() if c.cpp}
    return units | {c.model: c.text for c in codes.values()}


def _modules(neurons: Mapping[str, str], generated: Mapping[str, str]) -> tuple[Module, ...]:
    """The compiled modules; a network of built-ins needs not even the tools' code."""
    if not neurons and not generated:
        return ()
    from .modules import build_each
    from .sources import build_sources

    return (*(build_each(neurons) if neurons else ()), *build_sources(generated))


def seed_of(seed: int, first: int) -> int:
    """Another stream for the part of a run that begins at step ``first``."""
    if not first:
        return seed
    return int(np.random.SeedSequence([abs(seed), first]).generate_state(1)[0])


def _options(options: Options) -> Mapping[str, Any]:
    for name in options.simulator:
        if name not in DEFAULTS:
            raise Unsupported(
                f"nest has no option {name!r}",
                symbol=name,
                remedy=f"choose from {', '.join(DEFAULTS)}",
            )
    chosen = {**DEFAULTS, **options.simulator}
    for name, value in chosen.items():
        if not _fits(name, value):
            raise DefinitionError(
                f"the option {name} of nest is {value!r}", symbol=name, remedy=_VALUES[name]
            )
    return chosen


_VALUES: Mapping[str, str] = {
    "child": "write true or false",
    "match": "write true or false",
    "synapses": 'write "auto", "generated" or "nestml"',
    "threads": "give a whole number from 1 on",
    "tolerance": "give a positive number",
}


def _fits(name: str, value: Any) -> bool:
    if name in ("child", "match"):
        return isinstance(value, bool)
    if name == "synapses":
        return value in ("auto", "generated", "nestml")
    kinds = int if name == "threads" else int | float
    return isinstance(value, kinds) and not isinstance(value, bool) and value > 0


def _casts(
    network: DrawnNetwork, options: Options, match: bool, codes: Mapping[str, NestmlSynapse]
) -> dict[str, Cast]:
    """Who plays every population; one that NESTML's synapses lead to must be NESTML."""
    scheme = network.scheme if options.scheme == "auto" else options.scheme
    paired = {network.projections[n].post for n, code in codes.items() if code.paired}
    return {
        name: _cast(network, name, scheme, match and name not in paired, options)
        for name in network.populations
    }


def _cast(network: DrawnNetwork, name: str, scheme: str, match: bool, options: Options) -> Cast:
    """A built-in where one steps as the scheme does, else the compiled program."""
    population = network.populations[name]
    tolerance = float(_options(options)["tolerance"])
    program = program_of(population.neuron, scheme)
    quantities = {*program.currents, *program.noise}
    driven = {q: c for q, c in courses(network, name).items() if q in quantities}
    reason = "matching is switched off"
    if options.final_state or options.initial_state is not None:
        reason, match = "a run that goes on needs all states, which built-ins hide", False
    if is_graded(network, name):
        return rate_cast(network, name, program, driven)
    keeps = read_by_synapses(network, name)
    if keeps:
        reason, match = f"synapses read its {', '.join(keeps)}", False
    if match:
        from .matching import builtin

        found = builtin(network, name, program, driven, program.scheme)
        if isinstance(found, Cast):
            return found
        reason = found
    return compiled(population, program, network.dt, driven, reason, tolerance, keeps)


def _sources(casts: Mapping[str, Cast]) -> dict[str, str]:
    found = {f"{name}.nestml": cast.text for name, cast in casts.items() if cast.text}
    found |= {f"{name}.cc": cast.cpp for name, cast in casts.items() if cast.cpp}
    return found | {f"{n}.txt": c.explanation for n, c in casts.items() if c.explanation}


def _columns(prepared: Prepared, payload: Payload, result: Result) -> Columns:
    start = time.perf_counter()
    network = payload.network
    none = np.empty(0, dtype=np.int64)
    spikes = {}
    for name, population in network.populations.items():
        steps, senders = result.spikes.get(name, (none, none))
        spikes[name] = Spikes.from_steps(steps, senders, population.size, network.dt)
    recordings = dict(zip(payload.metered, result.traces, strict=True))
    traces = dict(traces_of(network, payload.casts, recordings))
    for recording, samples in zip(network.synapse_recordings, result.synapses, strict=True):
        player, slices = payload.players.playing.get(recording.projection), payload.slices
        if player is None:
            arrays = [samples[key] for key in samples]
        else:
            from .fresh import completed

            arrays = completed(network, recording, player.answer, samples, result.spikes, slices)
        new = synapse_traces(network, recording, arrays)
        traces[recording.projection] = (*traces.get(recording.projection, ()), *new)
    seconds = dict(result.seconds)
    seconds["collect"] += time.perf_counter() - start
    return Columns(
        simulator="nest",
        dt=network.dt,
        duration=network.duration,
        spikes=spikes,
        traces=traces,
        manifest=_manifest(prepared, payload, result, seconds),
        final_state=_final_state(prepared.options, payload, result),
    )


def _final_state(options: Options, payload: Payload, result: Result) -> Any:
    if not options.final_state:
        return None
    before = options.initial_state
    return final_state(payload.network, payload.casts, result, payload.first, before)


def _manifest(
    prepared: Prepared, payload: Payload, result: Result, seconds: Mapping[str, float]
) -> dict[str, Any]:
    network = payload.network
    return build_manifest(
        definition_hash=network.hash,
        title=network.label,
        simulator="nest",
        parameters=network.parameters,
        seed=network.seed,
        dt=network.dt,
        duration=network.duration,
        scheme={n: c.program.scheme for n, c in payload.casts.items()},
        matches=list(prepared.matches),
        timings=Timings(seconds["build"], seconds["run"], seconds["collect"]),
        extra={
            "seconds": {"prepare": prepared.seconds, **seconds},
            "start": payload.first * network.dt,
            "nest": result.about,
        },
    )
