"""Simulated limit cycles lie on the continued branch as dt -> 0, on every simulator.

The shared scheme of rate units, exponential Euler, is of first order: the period is off by 1.5 %
at dt = 0.1 ms, extremes by up to 2.5 %, all by half of it at 0.05 ms, and on the branch to 5e-5 and
4e-4 when both are extrapolated. That all simulators agree sample by sample is tested in
`test_rates`; here the others than the reference run with SPIKEBRIDGE_FULL=1.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from numpy.typing import NDArray

from spikebridge import simulate
from spikebridge.simulators.base import Feature, get
from spikebridge.theory.continuation import CycleBranch, cycle_branch

ON = [n for n in ("reference", "brian2", "nest") if Feature.GRADED_COUPLING in get(n).features]
FULL = "SPIKEBRIDGE_FULL" in os.environ
MODEL = "networks/wilson_cowan"


@pytest.fixture(scope="module")
def branch() -> CycleBranch:
    return cycle_branch(MODEL, "I_E", (-1.8, -0.9), steps=8, intervals=20)


def measured(on: str, I_E: float, dt: float) -> NDArray[np.float64]:
    """Period, lowest and highest r_E of a run's last third."""
    options = {"target": "numpy"} if on == "brian2" else None
    found = simulate(MODEL, on, options=options, parameters={"I_E": I_E}, duration=400, dt=dt)
    trace = found.columns.trace("E", "r")
    late = trace.times > 260
    times, x = trace.times[late], trace.values[late, 0]
    level = 0.5 * (x.min() + x.max())
    at = np.flatnonzero((x[:-1] < level) & (x[1:] >= level))
    crossed = times[at] + (level - x[at]) / (x[at + 1] - x[at]) * (times[at + 1] - times[at])
    return np.array([np.diff(crossed).mean(), x.min(), x.max()])


@pytest.mark.parametrize("on", ON if FULL else ON[:1])
def test_simulated_cycles_lie_on_the_branch(on: str, branch: CycleBranch) -> None:
    assert [e.kind for e in branch.ends] == ["limit", "limit"]
    I_E = -1.7
    (known,) = branch.at(I_E)
    x = known.states[:, 0]
    exact = np.array([known.period, x.min(), x.max()])
    coarse, fine = (measured(on, I_E, dt) for dt in (0.1, 0.05))
    assert coarse == pytest.approx(exact, rel=0.03)
    assert (coarse - exact) / (fine - exact) == pytest.approx(2, rel=0.1)
    assert 2 * fine - coarse == pytest.approx(exact, rel=5e-4)
