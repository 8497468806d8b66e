"""Rate networks against theory: periods, Hopf points, winners, autocovariance of chaos.

Periods and fixed points: computed apart from spikebridge with an adaptive integrator of order 8
and Newton's method. The shared scheme, exponential Euler, is of first order, so that the error
must halve with dt and vanish on extrapolation to dt = 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, fsolve
from scipy.special import expit

from spikebridge import simulate
from spikebridge.definition.library import load
from spikebridge.simulators.base import Feature, get

ON = [n for n in ("brian2", "nest") if Feature.GRADED_COUPLING in get(n).features]
# One simulator will do: tests/agreement/test_rates.py shows them equal.
FIRST = [n if n == "nest" else pytest.param(n, marks=pytest.mark.full) for n in ON]
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("on", FIRST)]


def trace(model: Any, on: str, population: str, variable: str, **settings: Any) -> tuple[Any, Any]:
    """Times and values of all units."""
    options = {"target": "numpy"} if on == "brian2" else None
    found = simulate(model, on, options=options, **settings).columns.trace(population, variable)
    return found.times, found.values


def crossings(times: Any, values: Any, level: float) -> Any:
    """When ``values`` pass ``level`` upwards, between samples on a straight line."""
    at = np.flatnonzero((values[:-1] < level) & (values[1:] >= level))
    part = (level - values[at]) / (values[at + 1] - values[at])
    return times[at] + part * (times[at + 1] - times[at])


def cycle(model: str, on: str, population: str, variable: str, **settings: Any) -> Any:
    """Period, minima and maxima of unit 0 and 1 on the limit cycle (the run's second half)."""
    times, values = trace(load(f"networks/{model}"), on, population, variable, **settings)
    late = len(times) // 2
    x = values[late:, 0]
    period = np.diff(crossings(times[late:], x, 0.5 * (x.min() + x.max())))[-3:]
    assert np.ptp(period) < 1e-4 * period.mean()
    return period.mean(), values[late:].min(axis=0), values[late:].max(axis=0)


CYCLES = {
    # model: (population, variable, duration, dt, period, lowest, highest, error at dt)
    "wilson_cowan": ("E", "r", 400, 0.02, 44.37828578, [0.26545], [0.73455], 0.004),
    "wilson_cowan_1972": ("E", "r", 400, 0.02, 40.02728744, [0.10163], [0.27148], 0.016),
    "ctrnn_oscillator": ("units", "x", 2000, 0.1, 289.999079, [1.29385, 0.29385],
                         [4.20615, 3.20615], 0.006),
}  # fmt: skip


@pytest.mark.parametrize("model", CYCLES)
def test_limit_cycles_have_their_periods(model: str, on: str) -> None:
    population, variable, duration, dt, period, low, high, error = CYCLES[model]
    coarse, fine = (
        cycle(model, on, population, variable, duration=duration, dt=step) for step in (dt, dt / 2)
    )
    assert coarse[0] == pytest.approx(period, rel=error)
    assert (coarse[0] - period) / (fine[0] - period) == pytest.approx(2.0, rel=0.02)
    assert 2 * fine[0] - coarse[0] == pytest.approx(period, rel=3e-5)
    assert 2 * fine[1] - coarse[1] == pytest.approx(np.array(low), abs=2e-4)
    assert 2 * fine[2] - coarse[2] == pytest.approx(np.array(high), abs=2e-4)


@pytest.mark.parametrize(("variant", "tau"), [("theta", 25.0), ("beta", 10.0), ("gamma", 4.0)])
def test_frequencies_go_as_one_over_tau(variant: str, tau: float, on: str) -> None:
    network = load("networks/wilson_cowan", variant=variant)
    times, r = trace(network, on, "E", "r", duration=40 * tau, dt=tau / 500)
    period = np.diff(crossings(times, r[:, 0], 0.5))[-1]
    assert period == pytest.approx(4.437828578 * tau, rel=0.004)


def rest(I_E: float) -> Any:
    """The only fixed point of `wilson_cowan`."""

    def rates(x: Any) -> Any:
        E, inh = x
        return [expit(12 * E - 10 * inh + I_E) - E, expit(10 * E - 2 * inh - 4) - inh]

    return fsolve(rates, [0.25, 0.14] if I_E < -1 else [0.75, 0.86], xtol=1e-14)


def growth(on: str, I_E: float, dt: float) -> tuple[float, float]:
    """Growth rate (1/ms) and frequency (Hz) of a small oscillation about the fixed point."""
    from dataclasses import replace

    E, inh = rest(I_E)
    network = load("networks/wilson_cowan", I_E=I_E)
    start = {"E": E + 1e-5, "I": inh}
    populations = {n: replace(p, initial={"r": start[n]}) for n, p in network.populations.items()}
    network = network.replace(populations=populations)
    times, r = trace(network, on, "E", "r", duration=400, dt=dt)
    x = r[:, 0] - E
    top = np.flatnonzero((x[1:-1] > x[:-2]) & (x[1:-1] >= x[2:])) + 1
    top = top[times[top] > 60]
    rate = np.polyfit(times[top], np.log(x[top]), 1)[0]
    return float(rate), float(1000 / np.diff(crossings(times, x, 0.0))[1:].mean())


@pytest.mark.parametrize("critical", [-2.6670247331, 0.6670247331])
def test_the_hopf_point_is_crossed(critical: float, on: str) -> None:
    """Growth changes its sign there, at 13.667 Hz: zero of the rate on a line, then dt -> 0."""
    inward = 1.0 if critical < 0 else -1.0
    zeros = []
    for dt in (0.04, 0.02):
        outside, inside = critical - 0.02 * inward, critical + 0.02 * inward
        (low, slow), (high, fast) = growth(on, outside, dt), growth(on, inside, dt)
        assert low < 0 < high
        zeros.append(outside + (inside - outside) * low / (low - high))
    assert 0.5 * (slow + fast) == pytest.approx(13.66706141, rel=0.01)
    assert 2 * zeros[1] - zeros[0] == pytest.approx(critical, abs=2e-3)


def final(on: str, **parameters: Any) -> Any:
    network = load("networks/winner_take_all", **parameters)
    return trace(network, on, "units", "r", duration=1000)[1][-1]


def test_the_winner_takes_all(on: str) -> None:
    assert final(on) == pytest.approx([0.9488083621, 0.0100461694], abs=1e-9)
    assert final(on, variant="biased") == pytest.approx([0.9512546916, 0.0098533893], abs=1e-9)


def test_equal_units_part_at_the_pitchfork(on: str) -> None:
    """w F'(u_0) = 1 at w_c = 4.1993: below it a small difference decays, above it it grows."""
    for w, sign in ((4.1993463031 - 0.02, -1), (4.1993463031 + 0.02, 1)):
        rates = trace(
            load("networks/winner_take_all", w=w, kick=1e-6), on, "units", "r", duration=800
        )[1]
        difference = rates[:, 0] - rates[:, 1]
        assert np.sign(difference[-1] - difference[4000]) == sign
    both = final(on, w=4.1993463031, kick=0)
    assert both == pytest.approx(0.6089389668, abs=1e-9)


def test_more_units_have_one_winner(on: str) -> None:
    """Five units: the one that starts ahead has r = F(3 - 4 w l), the others l."""
    rates = final(on, N=5, kick=0.4)

    def losers(r: float) -> float:
        return float(brentq(lambda x: expit(3 - 8 * r - 24 * x) - x, 0, 1))

    winner = brentq(lambda r: expit(3 - 32 * losers(r)) - r, 0.5, 1)
    assert rates == pytest.approx([winner, *[losers(winner)] * 4], abs=1e-9)


def test_the_printed_form_jumps_when_iterated(on: str) -> None:
    """Synchronous iteration of equal units has a two-cycle, where the relaxation finds r_0."""
    r = 0.5
    for _ in range(200):
        r = expit(3 - 8 * r)
    after = expit(3 - 8 * r)
    assert abs(after - r) > 0.5
    assert expit(3 - 8 * after) == pytest.approx(r, abs=1e-9)
    symmetric = brentq(lambda x: expit(3 - 8 * x) - x, 0, 1)
    assert trace(load("networks/winner_take_all", kick=0), on, "units", "r", duration=200)[1][
        -1
    ] == pytest.approx(symmetric, abs=1e-6)


LAGS = {0: 1.924805, 1: 1.863003, 2: 1.699660, 4: 1.251242, 6: 0.843781, 8: 0.548370}


def test_chaos_has_the_autocovariance_of_the_mean_field(on: str) -> None:
    """1000 units, g = 2, dt = 0.1 tau: 5 % up to lag 2 tau, 30 % at 8 tau, the stated spread."""
    network = load("networks/random_tanh", N=1000)
    recordings = {n: _all(r) for n, r in network.recordings.items()}
    network = network.replace(recordings=recordings)
    times, x = trace(network, on, "units", "x", duration=2000, dt=1.0)
    x, per_tau = x[times >= 300], 10
    for lag, expected in LAGS.items():
        n = lag * per_tau
        found = float((x[: len(x) - n] * x[n:]).mean())
        tolerance = 0.05 if lag <= 2 else 0.05 + 0.25 * (lag - 2) / 6
        assert found == pytest.approx(expected, rel=tolerance), lag


def _all(recording: Any) -> Any:
    from dataclasses import replace

    return replace(recording, units=None, every="1 ms")


def test_below_one_all_activity_dies(on: str) -> None:
    network = load("networks/random_tanh", N=200, variant="quiet")
    _, x = trace(network, on, "units", "x", duration=1500, dt=0.5)
    assert np.abs(x[0]).max() > 0.5
    assert np.abs(x[-1]).max() < 1e-3
