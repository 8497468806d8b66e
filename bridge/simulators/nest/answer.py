"""What a NEST process answers, as columns; the prepared job that it answers to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork
from ...records import dataclass
from ...results.columns import Columns, Spikes
from ...results.manifest import Timings, build_manifest
from ..base import Options, Prepared
from .cast import Cast
from .job import Job, Result
from .learning import samples_of
from .players import Players
from .record import traces_of


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


def columns_of(prepared: Prepared, payload: Payload, result: Result) -> Columns:
    """Spikes, traces of neurons and synapses, and the manifest."""
    start = time.perf_counter()
    network = payload.network
    none = np.empty(0, dtype=np.int64)
    spikes = {}
    for name, population in network.populations.items():
        coded = payload.casts[name].coded  # these are no spikes
        steps, senders = (none, none) if coded else result.spikes.get(name, (none, none))
        spikes[name] = Spikes.from_steps(steps, senders, population.size, network.dt)
    recordings = dict(zip(payload.metered, result.traces, strict=True))
    traces = dict(traces_of(network, payload.casts, recordings, result.spikes))
    for recording, samples in zip(network.synapse_recordings, result.synapses, strict=True):
        player, slices = payload.players.playing.get(recording.projection), payload.slices
        if network.projections[recording.projection].synapse.learns:
            held = zip(recording.variables, samples.values(), strict=True)
            arrays = [samples_of(network, recording, v, x) for v, x in held]
        elif player is None:
            arrays = [samples[key] for key in samples]
        else:
            from ..fresh import completed

            arrays = completed(network, recording, player.answer, samples, result.spikes, slices)
        from ..synapse_traces import synapse_traces

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
    from .resume import final_state

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
