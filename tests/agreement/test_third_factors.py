"""Third factors in every target of Brian2."""

from __future__ import annotations

import numpy as np
import pytest
from rewarded import rewarded

from spikebridge import simulate


@pytest.mark.parametrize("target", ["numpy", pytest.param("standalone", marks=pytest.mark.slow)])
def test_a_reward_reaches_all_synapses(target: str) -> None:
    network = rewarded()
    expected = simulate(network, "reference").columns
    found = simulate(network, "brian2", options={"target": target}).columns
    np.testing.assert_array_equal(found.spikes["cells"].senders, expected.spikes["cells"].senders)
    np.testing.assert_allclose(found.spikes["cells"].times, expected.spikes["cells"].times)
    (mine,), (theirs,) = expected.traces["drive"], found.traces["drive"]
    np.testing.assert_allclose(theirs.values, mine.values, rtol=1e-9)
    assert np.ptp(mine.values[-1]) > 0.01
