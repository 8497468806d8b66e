"""Rate networks put together at random: every state is that of the reference.

``SPIKEBRIDGE_FULL=1 pytest THIS_FILE`` runs many more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import random_rates

from spikebridge import simulate

OPTIONS: dict[str, Any] = {"brian2": {"target": "numpy"}, "nest": {}}
SOME = (1, 12, 23)
# NEST keeps signals with their weight: a phase that changes it while they travel is refused
REFUSED = (2, 11, 19, 22)


@pytest.mark.parametrize(
    ("on", "seed"),
    [("brian2", seed) for seed in SOME]
    + [pytest.param("brian2", s, marks=pytest.mark.full) for s in range(60) if s not in SOME]
    + [pytest.param("nest", s, marks=pytest.mark.full) for s in range(25) if s not in REFUSED],
)
def test_all_is_as_in_the_reference(on: str, seed: int) -> None:
    network = random_rates.random_rates(seed)
    expected = simulate(network, "reference").columns.traces
    found = simulate(network, on, options=OPTIONS[on]).columns.traces
    assert found.keys() == expected.keys()
    assert max(float(np.ptp(t.values)) for ts in expected.values() for t in ts) > 1e-3
    for name, traces in expected.items():
        for mine, theirs in zip(traces, found[name], strict=True):
            scale = max(1.0, float(np.abs(mine.values).max(initial=0.0)))
            worst = float(np.abs(mine.values - theirs.values).max(initial=0.0)) / scale
            assert worst <= 1e-9, f"{name}.{mine.variable}: {worst:.1e}"
