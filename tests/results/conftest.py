"""A small result with everything in it that is easy to lose."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.results.columns import Columns, Spikes, Trace
from spikebridge.results.manifest import Timings, build_manifest


def trace(variable: str, unit: str, units: tuple[int, ...], samples: int = 101) -> Trace:
    values = np.arange(samples * len(units)).reshape(samples, len(units)) / 7
    return Trace(variable, unit, np.arange(samples) * 0.1, np.array(units), values)


@pytest.fixture
def columns() -> Columns:
    """Two populations with silent units; compound and pure units; an uneven trace."""
    manifest = build_manifest(
        definition_hash="abc123",
        title="two populations",
        simulator="reference",
        parameters={"tau": np.float64(10.0), "ceiling": float("inf"), "v": np.arange(3)},
        seed=7,
        dt=0.1,
        duration=10.0,
        scheme={"E": "exact"},
        matches={"E": None},
        timings=Timings(build=0.1, run=0.2, collect=0.3),
    )
    uneven = Trace("w", "pA", np.array([0.0, 0.3, 1.0]), np.array([0]), np.ones((3, 1)))
    return Columns(
        simulator="reference",
        dt=0.1,
        duration=10.0,
        spikes={
            "inhibitory": Spikes.empty(2),
            "E/layer.2": Spikes.from_raw([1.0, 2.0, 1.5, 10.0], [3, 1, 1, 0], 5, 0.1),
        },
        traces={
            "E/layer.2": (
                trace("V_m", "mV", (1, 3)),
                trace("q", "pA*ms", (2,)),
                trace("r", "1", (0,)),
            ),
            "inhibitory": (trace("V_m", "mV", (0,)), uneven),
        },
        manifest=manifest,
        final_state={"E/V_m": np.linspace(-70.0, -50.0, 5)},
        weights={"E->I": {"times": np.array([0.0, 1.0]), "rule": "stdp"}},
    )
