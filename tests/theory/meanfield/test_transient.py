"""The causal sweep: what changes with time."""

from __future__ import annotations

import os

import numpy as np
import pytest

from spikebridge import load
from spikebridge.records import replace
from spikebridge.theory.meanfield import mean_field, transient

from .networks import J, K, binary, linear

STEP = {"amplitude": 1, "start": "20 ms"}


def test_linear_units_answer_a_step() -> None:
    """tau m' = -m + K J m + I: m = I/(1 - K J) (1 - exp(-(1 - K J) t/tau))."""
    found = transient(
        linear(drive=STEP, duration="120 ms"), every=2.0, units=500, trials=2, settle=0
    )
    course = found["units"]
    after = np.maximum(found.times + 1.0 - 20.0, 0.0)  # of the middles
    exact = (1 - np.exp(-(1 - K * J) * after / 10.0)) / (1 - K * J)
    np.testing.assert_allclose(course.mean[:10], 0.0, atol=1e-12)
    np.testing.assert_allclose(course.mean, exact, atol=0.12)
    assert course.mean[-1] == pytest.approx(1 / (1 - K * J), rel=0.03)
    q = K * (1 - K / 1000) * J**2 * course.mean[-1] ** 2 / (1 - K * J**2)
    assert course.covariance[-1, -1] == pytest.approx(q, rel=0.25)


def test_delays_arrive_when_they_should() -> None:
    """Nothing comes back before the delay: until then m = I (1 - exp(-t/tau))."""
    network = linear(drive={"amplitude": 1}, delay="15 ms", duration="40 ms")
    found = transient(network, every=0.5, units=200, trials=1, settle=0)["units"]
    t = (np.arange(len(found.mean)) + 1) * 0.5
    alone = 1 - np.exp(-t / 10.0)
    early = t <= 15.0
    np.testing.assert_allclose(found.mean[early], alone[early], atol=1e-6)
    assert found.mean[40] > alone[40] + 1e-3
    spread = linear(
        drive={"amplitude": 1},
        delay={"distribution": "uniform", "low": "10 ms", "high": "20 ms"},
        duration="40 ms",
    )
    other = transient(spread, every=0.5, units=200, trials=1, settle=0)["units"]
    np.testing.assert_allclose(other.mean[t < 10], alone[t < 10], atol=1e-6)
    assert other.mean[-1] == pytest.approx(found.mean[-1], rel=0.03)


def test_the_end_of_a_transient_is_the_stationary_state() -> None:
    """Also the covariance between times: C(T) of the stationary solution."""
    found = transient(binary(), duration="200 ms", every=5.0, units=400, trials=3, settle=60)
    rest = mean_field(binary(), units=500, window=512, tolerance=0.02)["E"]
    course = found["E"]
    assert course.mean.mean() == pytest.approx(rest.mean, abs=0.012)
    lagged = np.mean([np.diag(course.covariance, k).mean() for k in (2,)])
    assert lagged == pytest.approx(rest.autocovariance[20], rel=0.15)  # 10 ms
    assert found["I"].mean.mean() == pytest.approx(course.mean.mean())


def test_poisson_input_arrives_after_its_delay() -> None:
    """As for spikes: what is sent in one step acts a delay later, on the population named."""
    network = load("networks/ai", order=100)
    stimuli = {
        n: replace(s, rate="40*rate_ext*int(t >= 10*ms)") for n, s in network.stimuli.items()
    }
    slow = replace(network.projections["external_I"], delay="4 ms")
    changed = network.replace(
        stimuli=stimuli,
        projections={**network.projections, "external_I": slow},
        populations={n: replace(p, initial={"V": "19 mV"}) for n, p in network.populations.items()},
    )
    found = transient(changed, duration="20 ms", every=0.5, units=300, trials=1, settle=0)
    first = {n: found.times[np.flatnonzero(c.mean)[0]] for n, c in found.courses.items()}
    assert first == {"E": 11.5, "I": 14.0}


@pytest.mark.skipif("SPIKEBRIDGE_FULL" not in os.environ, reason="set SPIKEBRIDGE_FULL=1")
@pytest.mark.slow
def test_the_sweep_of_a_chaotic_network() -> None:
    """E phi^2 = 0.51317807 for g = 2, and its decay that of the stationary solution."""
    chosen = {"N": 4000, "dt": "1 ms"}
    found = transient("networks/random_tanh", duration="400 ms", units=3000, trials=6, **chosen)
    C = found["units"].covariance * 4000 / 4  # of tanh(x), not of g/sqrt(N) tanh(x)
    lagged = [np.diag(C, k).mean() for k in (0, 10, 20)]
    assert lagged[0] == pytest.approx(0.51317807, rel=0.05)
    rest = mean_field("networks/random_tanh", window=2000.0, tolerance=0.02, **chosen)["units"]
    expected = rest.autocovariance[[0, 10, 20]] * 1000
    assert lagged == pytest.approx(expected, rel=0.08)


@pytest.mark.skipif("SPIKEBRIDGE_FULL" not in os.environ, reason="set SPIKEBRIDGE_FULL=1")
@pytest.mark.slow
def test_the_ai_network_answers_a_step() -> None:
    """External rate times 1.25: bins of 1 ms within 3 Hz of 59 steps of 5000 simulated neurons."""
    network = load("networks/ai")
    rate = "rate_ext*(1 + 0.25*int(t >= 18.5*ms))"  # which arrives at 20 ms
    stimuli = {n: replace(s, rate=rate) for n, s in network.stimuli.items()}
    found = transient(network.replace(stimuli=stimuli), duration="90 ms", units=4096, trials=12)
    mean = found["E"].mean
    assert mean[:20].mean() == pytest.approx(12.743, rel=0.03)
    simulated = [20.0, 27.1, 29.5, 29.3, 27.5]
    np.testing.assert_allclose(mean[20:25], simulated, atol=3.0)
    assert mean[20 + 30 : 20 + 60].mean() == pytest.approx(20.873, rel=0.02)
    assert 20 + 2 <= int(np.argmax(mean)) <= 20 + 4 and mean[20 + 8] < 19  # over- and undershoot
