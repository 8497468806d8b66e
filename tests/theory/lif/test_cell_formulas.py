"""Rate, CV and response of single neurons: closed form, threshold integration, tabulated values."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.errors import DefinitionError
from spikebridge.theory.lif.response import (
    expanded_response,
    interval_transform,
    renewal_spectrum,
    response,
)
from spikebridge.theory.lif.richardson import Escape, responses, stationary
from spikebridge.theory.lif.siegert import Lif, cv, expanded_rate, filtered, gridded, rate, slopes

PLAIN = Lif(20.0, 20.0, 0.0, 2.0)
AI = Lif(20.0, 20.0, 10.0, 2.0)
MU, SIGMA = 15.976821, 5.260184


@pytest.mark.parametrize(
    ("mu", "sigma", "hertz"),
    [(10, 5, 0.8558266415), (25, 5, 32.1817838), (5, 3, 1.917928299e-9)],
)
def test_siegert(mu: float, sigma: float, hertz: float) -> None:
    assert rate(PLAIN, mu, sigma) == pytest.approx(hertz, rel=3e-9)


def test_siegert_in_the_tails() -> None:
    """Far below threshold 0, far above the rate without noise, never nan."""
    assert rate(PLAIN, -200.0, 1.0) == 0.0
    assert rate(PLAIN, 1e4, 1.0) == pytest.approx(rate(PLAIN, 1e4, 0.0), rel=1e-6)
    assert rate(PLAIN, 30.0, 1e-3) == pytest.approx(1e3 / (2 + 20 * np.log(3)), rel=1e-6)
    assert rate(PLAIN, 19.0, 0.0) == 0.0


@pytest.mark.parametrize("mu", [-10.0, 12.0, 16.0, 30.0])
def test_slopes_are_derivatives(mu: float) -> None:
    for cell in (AI, Lif(20.0, 20.0, 10.0, 2.0, 0.3, 0.05)):
        by_mu, by_variance = slopes(cell, mu, 5.0)
        h = 1e-4
        steps = (rate(cell, mu + h, 5.0) - rate(cell, mu - h, 5.0)) / (2 * h)
        wider = rate(cell, mu, np.sqrt(25 + h)) - rate(cell, mu, np.sqrt(25 - h))
        assert by_mu == pytest.approx(steps, rel=1e-6)
        assert by_variance == pytest.approx(wider / (2 * h), rel=1e-6)


def test_tabulated_slopes_and_cv() -> None:
    by_mu, by_variance = slopes(AI, MU, SIGMA)
    assert by_mu == pytest.approx(3.24791809, rel=1e-6)
    assert by_variance == pytest.approx(0.3217104, rel=1e-6)
    assert by_variance * 2 * SIGMA == pytest.approx(3.38451142, rel=1e-6)
    assert cv(AI, MU, SIGMA) == pytest.approx(0.767487, abs=1e-6)
    assert cv(AI, 21.025151, 7.682907) == pytest.approx(0.675329, abs=1e-6)


def test_filtered_synapses() -> None:
    """Simulated: 7.731 +- 0.032 Hz; white noise would give 12.557 Hz."""
    shift = filtered(2.0, 20.0)
    assert shift == pytest.approx(2.0652531 / 2 * np.sqrt(0.1), rel=1e-7)
    moved = Lif(20.0, 20.0, 10.0, 2.0, shift)
    assert rate(moved, 16.0, 5.0) == pytest.approx(7.706187, abs=1e-6)
    assert rate(AI, 16.0, 5.0) == pytest.approx(12.556957, abs=1e-6)
    small = Lif(20.0, 20.0, 10.0, 2.0, 1e-4)
    assert expanded_rate(small, 16.0, 5.0) == pytest.approx(rate(small, 16.0, 5.0), rel=1e-6)


def test_grid() -> None:
    assert gridded(0.1, 20.0) == pytest.approx(0.5825971579 * np.sqrt(0.1 / 20), rel=1e-9)


TABLE = {  # Hz: chi_mu in Hz/mV
    0: 3.247918,
    1: 3.243269 - 0.106639j,
    5: 3.137826 - 0.508349j,
    10: 2.868650 - 0.891901j,
    20: 2.248545 - 1.237552j,
    100: 0.787210 - 0.802577j,
}
VARIANCE = {  # Hz: chi_sigma2 in Hz/mV^2
    0: 0.321715,
    5: 0.35295 + 0.10210j,
    10: 0.42601 + 0.16440j,
    20: 0.56693 + 0.16536j,
    50: 0.63948 + 0.01416j,
    100: 0.59289 - 0.03236j,
    300: 0.54574 - 0.03858j,
}


def test_response_with_refractoriness() -> None:
    found, _ = response(AI, MU, SIGMA, list(TABLE))
    assert found == pytest.approx(np.array(list(TABLE.values())), abs=2e-6)
    _, variance = response(AI, MU, SIGMA, list(VARIANCE))
    assert variance == pytest.approx(np.array(list(VARIANCE.values())), abs=3e-5)


def test_response_is_continuous_at_frequency_0() -> None:
    """Without the refractory period in the reset term it would jump by 2.7 %."""
    by_mu, by_variance = response(AI, MU, SIGMA, [0.0, 1e-2])
    assert by_mu[1].real == pytest.approx(by_mu[0].real, rel=1e-5)
    assert by_variance[1].real == pytest.approx(by_variance[0].real, rel=1e-5)


def test_response_to_first_order_in_the_filter() -> None:
    moved = Lif(20.0, 20.0, 10.0, 2.0, 0.01)
    f = [0.0, 5.0, 50.0]
    exact, _ = response(moved, 16.0, 5.0, f)
    assert expanded_response(moved, 16.0, 5.0, f) == pytest.approx(exact, rel=3e-4)


def leaky(mu: float, sigma: float) -> Escape:
    return Escape(lambda V: (mu - V) / 20, lambda V: sigma**2 / 40, 20.0, 10.0, 2.0)


def test_threshold_integration_of_the_leaky_neuron() -> None:
    found = stationary(leaky(MU, SIGMA))
    assert found.rate == pytest.approx(rate(AI, MU, SIGMA), rel=1e-5)
    assert found.cv == pytest.approx(cv(AI, MU, SIGMA), rel=1e-5)
    held = np.trapezoid(found.P, found.V) + found.rate * 2e-3
    assert held == pytest.approx(1.0, rel=1e-6)
    f = np.array([0.0, 5.0, 20.0, 100.0, 300.0])
    ti = responses(found, f, {"mu": lambda V: 1 / 20}, {"variance": lambda V: 1 / 40})
    by_mu, by_variance = response(AI, MU, SIGMA, f)
    assert ti["mu"] == pytest.approx(by_mu, rel=1e-4)
    assert ti["variance"] == pytest.approx(by_variance, rel=1e-4)
    assert ti["interval"] == pytest.approx(interval_transform(AI, MU, SIGMA, f), abs=1e-5)


def test_spectrum_tends_to_its_limits() -> None:
    f = np.array([1e-2, 2e3])
    found = renewal_spectrum(rate(AI, MU, SIGMA), interval_transform(AI, MU, SIGMA, f))
    assert found[0] == pytest.approx(cv(AI, MU, SIGMA) ** 2 * rate(AI, MU, SIGMA), rel=1e-4)
    assert found[1] == pytest.approx(rate(AI, MU, SIGMA), rel=1e-3)


def test_quadratic_neuron_far_from_its_bounds() -> None:
    """tau dV/dt = V^2 + mu: the rate without noise is sqrt(mu)/(pi tau); with sigma it is
    (Lindner, Longtin & Bulsara 2003) that of an escape in a cubic potential."""
    tau, mu, peak = 10.0, 1.0, 500.0
    found = stationary(Escape(lambda V: (V**2 + mu) / tau, lambda V: 1e-4, peak, -peak, 0.0))
    assert found.rate == pytest.approx(1e3 / (np.pi * tau), rel=3e-3)


def test_no_noise_and_no_bound_are_errors() -> None:
    with pytest.raises(DefinitionError, match="needs noise at every voltage"):
        stationary(leaky(15.0, 0.0))
    with pytest.raises(DefinitionError, match="is not above the reset"):
        stationary(Escape(lambda V: -V, lambda V: 1.0, 5.0, 10.0, 2.0))
    with pytest.raises(DefinitionError, match="has no end above"):
        stationary(Escape(lambda V: -0.1 + 0 * V, lambda V: 1.0, 20.0, 10.0, 2.0))
