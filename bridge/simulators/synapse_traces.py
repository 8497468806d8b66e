"""Samples of synapses as traces: the same for every simulator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnNetwork, DrawnSynapseRecording
from ..results.columns import Trace
from ..results.order import grid_times


def synapse_traces(
    network: DrawnNetwork, recording: DrawnSynapseRecording, samples: Sequence[NDArray[np.float64]]
) -> tuple[Trace, ...]:
    """One trace per variable; ``samples`` are (times, connections), from the first step on."""
    synapse = network.projections[recording.projection].synapse
    return tuple(
        Trace(
            variable,
            synapse.recorded_unit(variable),
            grid_times(np.arange(len(array)) * recording.every, network.dt),
            recording.units,
            array,
        )
        for variable, array in zip(recording.variables, samples, strict=True)
    )
