"""Networks put together at random: every spike and state is that of the reference.

``SPIKEBRIDGE_FULL=1 pytest THIS_FILE`` runs many more, on NEST too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import random_networks

from spikebridge import simulate

OPTIONS: dict[str, Any] = {
    "brian2": {"target": "numpy"},
    "brian2 as C++": {"target": "standalone"},
    "nest": {"match": False},
    "nest with built-ins": {},
}
# Its Izhikevich neuron is driven to -320 mV, where each step of Euler makes roundings sevenfold.
UNSTABLE = (39,)
SOME = (3, 120)  # 120: no refractory period where the step is not the free one without writes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("on", "seed"),
    [("brian2", seed) for seed in SOME]
    + [("brian2 as C++", 13)]  # a weight that changes where delays differ
    + [pytest.param("brian2 as C++", s, marks=pytest.mark.full) for s in range(12)]
    + [pytest.param("brian2", s, marks=pytest.mark.full) for s in range(200) if s not in UNSTABLE]
    + [pytest.param("nest", s, marks=pytest.mark.full) for s in range(60)]
    + [pytest.param("nest with built-ins", s, marks=pytest.mark.full) for s in range(60)],
)
def test_all_is_as_in_the_reference(on: str, seed: int) -> None:
    network = random_networks.random_network(seed)
    expected = simulate(network, "reference").columns
    found = simulate(network, on.partition(" ")[0], options=OPTIONS[on]).columns
    for name, spikes in expected.spikes.items():
        np.testing.assert_array_equal(found.spikes[name].senders, spikes.senders)
        np.testing.assert_allclose(found.spikes[name].times, spikes.times, atol=1e-6)
    assert found.traces.keys() == expected.traces.keys()
    for name, traces in expected.traces.items():
        for mine, theirs in zip(traces, found.traces[name], strict=True):
            scale = max(1.0, float(np.abs(mine.values).max(initial=0.0)))
            worst = float(np.abs(mine.values - theirs.values).max(initial=0.0)) / scale
            assert worst <= 1e-9, f"{name}.{mine.variable}: {worst:.1e}"
