"""Recordings of synapses, from the weights that PyNN answers with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnSynapseRecording
from ...results.columns import Trace
from ..fresh import Answer, completed
from ..synapse_traces import synapse_traces
from .backends import Backend
from .job import Floats, Result
from .synapses import CastSynapse

SLICES = (1, 0)  # NEST's slices under PyNN are one step long, and begin with step 0


def weights_of(
    network: DrawnNetwork, synapses: Mapping[str, CastSynapse], result: Result, backend: Backend
) -> dict[str, tuple[Trace, ...]]:
    """Projection -> its traces."""
    found: dict[str, tuple[Trace, ...]] = {}
    for recording in network.synapse_recordings:
        mine = synapses[recording.projection]
        stride = recording.every // mine.every
        read = {
            key: values[::stride][:, recording.units]
            for key, values in result.weights[recording.projection].items()
        }
        arrays = _states(network, recording, mine, read, result, backend)
        new = synapse_traces(network, recording, arrays)
        found[recording.projection] = (*found.get(recording.projection, ()), *new)
    return found


def _states(
    network: DrawnNetwork,
    recording: DrawnSynapseRecording,
    mine: CastSynapse,
    read: Mapping[str, Floats],
    result: Result,
    backend: Backend,
) -> list[Floats]:
    """One array (times, connections) per recorded variable."""
    factors = mine.numbers.factors
    if backend.name != "nest":
        every = len(mine.weights)
        wide = {v: np.broadcast_to(factors[v], (every,)) for v in recording.variables}
        return [read["weight"] / wide[v][recording.units] for v in recording.variables]
    after = {s: mine.entry.after[b] for s, b in mine.match.states.items() if b in mine.entry.after}
    answer = Answer(after, factors, mine.numbers.parameters)
    return completed(network, recording, answer, read, result.spikes, SLICES)
