from __future__ import annotations

import numpy as np
import pytest

from spikebridge.compare.comparison import compare_columns
from spikebridge.compare.convergence import convergence, observed_order
from spikebridge.errors import SpikebridgeError
from spikebridge.results.columns import Columns, Spikes, Trace

STEPS = (0.2, 0.1, 0.05, 0.025)
TRUE = np.cumsum(np.full(15, 12.3456))


def run(simulator, dt, error, *, lost=0, duration=200.0):
    """A trace with a known error and spikes at the first grid point after the true time."""
    times = np.arange(round(duration / dt) + 1) * dt
    values = np.sin(times / 7) + error * np.cos(times / 3)
    exact = simulator == "reference"
    steps = np.ceil(TRUE / dt)[: len(TRUE) - lost]
    spikes = (
        Spikes(TRUE, np.zeros(15, int), 1)
        if exact
        else Spikes.from_steps(steps, np.zeros(len(steps), int), 1, dt)
    )
    trace = Trace("v", "mV", times, np.array([0]), values[:, None])
    return Columns(simulator, dt, duration, {"p": spikes}, {"p": (trace,)}, {})


REFERENCE = run("reference", 0.025, 0.0)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_order_of_known_data_is_found(order):
    found = observed_order({dt: 3.0 * dt**order for dt in STEPS})
    assert found.order == pytest.approx(order)
    assert found.uncertainty == pytest.approx(0, abs=1e-9)


def test_rounding_is_left_out_of_the_fit():
    errors = {0.2: 1.6e-3, 0.1: 1e-4, 0.05: 6.25e-6, 0.025: 4e-7, 0.0125: 3e-7}
    assert observed_order(errors, floor=3.5e-7).used == (0.025, 0.05, 0.1, 0.2)
    assert np.isnan(observed_order({0.1: 1.0}).order)


def test_order_four_converges_until_spikes_jump():
    runs = {dt: run("nest", dt, 0.02 * dt**4, lost=2 if dt == 0.2 else 0) for dt in STEPS}
    study = convergence(runs, REFERENCE, expected=4.0)
    orders = {quantity.name: quantity.fitted.order for quantity in study.quantities}
    assert orders["p.v before the first spike"] == pytest.approx(4, abs=0.05)
    assert orders["spike times"] == pytest.approx(1, abs=0.3)
    assert study.agrees_until == 0.1
    assert study.differing == {0.2: 2, 0.1: 0, 0.05: 0, 0.025: 0}
    assert study.converges


def test_a_study_can_stop_before_spikes_jump():
    runs = {dt: run("nest", dt, 0.02 * dt**4, lost=1) for dt in STEPS}
    whole = convergence(runs, REFERENCE, expected=4.0)
    assert not whole.converges
    assert whole.parts[0.1] == pytest.approx(TRUE[-1], abs=0.1)
    part = convergence(runs, REFERENCE, expected=4.0, stop=150.0)
    assert part.converges
    assert part.parts == dict.fromkeys(STEPS)


def test_a_first_order_error_is_no_fourth_order_scheme():
    runs = {dt: run("nest", dt, 0.02 * dt) for dt in STEPS}
    assert not convergence(runs, REFERENCE, expected=4.0).converges
    assert convergence(runs, REFERENCE, expected=1.0).converges


def test_an_error_that_stays_does_not_converge():
    runs = {dt: run("nest", dt, 0.02) for dt in STEPS}
    assert not convergence(runs, REFERENCE, expected=1.0).converges


def test_one_step_is_refused():
    with pytest.raises(SpikebridgeError, match="one dt"):
        convergence({0.1: REFERENCE}, REFERENCE, expected=1.0)


def test_the_verdict_needs_every_simulator_to_converge():
    studies = [
        convergence({dt: run(name, dt, c * dt**4) for dt in STEPS}, REFERENCE, expected=4.0)
        for name, c in (("brian2", 0.02), ("nest", 0.03))
    ]
    pair = compare_columns([run("brian2", 0.1, 2e-6), run("nest", 0.1, 3e-6)])
    assert pair.verdict.kind == "different"
    assert pair.with_evidence(convergence=studies[:1]).verdict.kind == "different"
    both = pair.with_evidence(convergence=studies).verdict
    assert (both.kind, both.how) == ("equivalent", "in convergence")
