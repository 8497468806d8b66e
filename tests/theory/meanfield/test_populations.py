"""Population averages from a known coupling."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge.theory.meanfield.populations import Populations

DELAY, TAU = 2.0, 10.0  # ms


def inhibitory(gain: float) -> Populations:
    """One population of 100 with W = -gain exp(-i omega d)/(1 + i omega tau), white units."""
    f = np.arange(2049) * 1e3 / (4096 * 0.1)
    omega = 2e-3 * np.pi * f
    W = -gain * np.exp(-1j * omega * DELAY) / (1 + 1j * omega * TAU)
    single = np.full((len(f), 1), 10.0)
    spectra = (single / 100 / np.abs(1 - W[:, None]) ** 2)[:, :, None].astype(complex)
    scales = np.array([[1e4]])
    return Populations(("I",), (100,), f, spectra, single, W[:, None, None], 0.1, scales)


def test_the_network_oscillates_beyond_the_critical_gain() -> None:
    """omega d + atan(omega tau) = pi, gain = sqrt(1 + (omega tau)^2): 8.5 at 134 Hz."""
    omega = np.linspace(0.1, 1.5, 100_000)
    critical = omega[np.argmin(np.abs(omega * DELAY + np.arctan(omega * TAU) - np.pi))]
    gain = np.sqrt(1 + (critical * TAU) ** 2)
    assert inhibitory(0.9 * gain).growing == 0
    assert inhibitory(1.2 * gain).growing == 1
    frequency, factor = inhibitory(0.95 * gain).resonance
    assert frequency == pytest.approx(1e3 * critical / (2 * np.pi), rel=0.05)
    assert factor > 10


def test_pairs_without_coupling_are_uncorrelated() -> None:
    found = inhibitory(0.0)
    np.testing.assert_allclose(found.pairwise, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.covariances, 0.0, atol=1e-6)
    assert (inhibitory(3.0).pairwise[1:15].real < 0).all()  # inhibition makes them avoid each other
