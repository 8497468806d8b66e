"""Cells that learn from their own spikes as a reward; a stimulus and a projection of one name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spikebridge import Network, Population, Projection, Recording, Stimulus, load


def rewarded() -> Network:
    """Inputs that spike twice in a step, too; ``w`` is recorded every ms."""
    rng = np.random.default_rng(2)
    trains = tuple(np.sort(rng.integers(10, 900, 40)) * 0.1 for _ in range(4))
    rule = load("synapses/eligibility")
    rule = replace(rule, parameters={**rule.parameters, "A_plus": "4", "d_reward": "40 Hz"})
    learning = Projection(
        "drive",
        "drive",
        "cells",
        "spikes",
        "all_to_all",
        "4.5 mV",
        "1 ms",
        rule,
        events={"reward": "cells"},
    )
    return Network(
        [Population("cells", load("neurons/lif_delta"), 3, {"t_ref": ["0 ms", "1 ms", "2 ms"]})],
        [learning],
        [Stimulus("drive", "spikes", trains=trains)],
        [Recording("w", variables=("w",), projection="drive", every="1 ms")],
        duration="90 ms",
    )
