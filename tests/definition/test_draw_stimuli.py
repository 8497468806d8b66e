"""Stimuli on the grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load
from spikebridge.definition.network import Network, Phase, Population, Stimulus


def network(**stimulus: Any) -> Network:
    cells = Population("cells", load("neurons/lif"), 3)  # type: ignore[arg-type]
    return Network(
        populations=[cells],  # type: ignore[arg-type]
        stimuli=[Stimulus("drive", "current", "cells", "I_ext", **stimulus)],  # type: ignore[arg-type]
        phases=(Phase("2 ms", {"drive.amplitude": "50 pA"}),),  # type: ignore[arg-type]
        duration="5 ms",  # type: ignore[arg-type]
    )


def test_one_value_per_unit_then_one_for_all() -> None:
    drawn = draw(network(amplitude=["1 pA", "2 pA", "3 pA"])).currents[0]
    assert drawn.steps.tolist() == [0, 20]
    assert drawn.values.tolist() == [[1, 2, 3], [50, 50, 50]]


def test_start_and_stop_bound_a_current_of_time() -> None:
    drawn = draw(network(amplitude="1*pA*t/ms", start="1 ms", stop="1.5 ms")).currents[0]
    full = np.zeros(50)
    for begin, end, value in zip(drawn.steps, [*drawn.steps[1:], 50], drawn.values, strict=True):
        full[begin:end] = value
    expected = np.where((np.arange(50) >= 10) & (np.arange(50) < 15), np.arange(50) * 0.1, 0.0)
    assert np.allclose(full, expected)
