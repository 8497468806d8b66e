"""The parts: Gaussian paths, estimators, what a projection amounts to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge.definition.connectivity import Rule, connect
from spikebridge.definition.distributions import Distribution, draw
from spikebridge.theory.meanfield.estimate import estimate, interval_cv
from spikebridge.theory.meanfield.gaussian import (
    autocovariance,
    draw_modes,
    paths,
    smooth,
    transform,
    variance,
)
from spikebridge.theory.meanfield.links import by_list, by_rule, moments

L, UNITS = 512, 2000


def spectrum() -> np.ndarray:
    """Of a process that forgets in 8 bins, with a static part."""
    omega = 2 * np.pi * np.arange(L // 2 + 1) / L
    found = 1.0 / (1.0 + (8 * omega) ** 2) + 0.05
    found[0] += 0.02 * L
    return found


def test_paths_have_the_spectrum_that_was_asked_for() -> None:
    S = spectrum()
    modes = draw_modes(S, UNITS, np.random.default_rng(1))
    x = paths(modes, 3.0)
    assert x.shape == (L, UNITS)
    assert x.mean() == pytest.approx(3.0, abs=0.02)
    assert x.var() == pytest.approx(variance(S), rel=0.03)
    lagged = np.mean((x - 3.0) * np.roll(x - 3.0, -10, axis=0))
    assert lagged == pytest.approx(autocovariance(S)[10], rel=0.06)
    np.testing.assert_allclose(transform(x)[1:], modes[1:], atol=2e-3)


def test_smoothing_keeps_a_line_and_frequency_0() -> None:
    line = np.arange(200.0)
    np.testing.assert_allclose(smooth(line, 4), line, atol=1e-9)
    spike = np.zeros(200)
    spike[0] = 1.0
    assert smooth(spike, 4)[0] == 1.0 and not smooth(spike, 4)[1:].any()


def test_responses_of_a_known_filter() -> None:
    """y = h * x + b x^2: chi is the filter, and the response to the variance is b."""
    S = spectrum()
    modes = {"p": draw_modes(S, UNITS, np.random.default_rng(2))}
    x = paths(modes["p"])
    y = 0.7 * x + 0.4 * np.roll(x, 3, axis=0) + 1.0
    found = estimate(y, modes, {"p": S}, ["p"])
    omega = 2 * np.pi * np.arange(L // 2 + 1) / L
    exact = 0.7 + 0.4 * np.exp(-3j * omega)
    np.testing.assert_allclose(found.chi["p"][1:40], exact[1:40], atol=0.03)
    assert found.mean == pytest.approx(1.0, abs=1e-3)  # the drawn mean of x is corrected for
    white = np.full(L // 2 + 1, 0.3)
    modes = {"p": draw_modes(white, UNITS, np.random.default_rng(3))}
    x = paths(modes["p"])
    found = estimate(0.5 * np.square(x), modes, {"p": white}, (), second=True)
    response = found.variance_response["p"][1:100]
    assert response.real.mean() == pytest.approx(0.5, rel=0.03)
    assert abs(response.imag.mean()) < 0.01


def test_response_to_a_covariance_that_keeps_its_shape() -> None:
    """y = x^2/2 answers C(0)/2 times the relative change, whatever the shape in time is."""
    S = spectrum()
    S[0] = S[1]
    modes = {"p": draw_modes(S, 4 * UNITS, np.random.default_rng(4))}
    y = 0.5 * np.square(paths(modes["p"]))
    shapes = {("p", 0): S / 0.3, ("p", 1): np.ones_like(S)}  # of a sender of mean 0.3; white
    found = estimate(y, modes, {"p": S}, (), second=True, sent=shapes)
    response = found.sent_response["p", 0][1:60]
    assert response.real.mean() == pytest.approx(0.5 * variance(S) / 0.3, rel=0.06)
    assert abs(response.imag.mean()) < 0.05 * response.real.mean()
    white = found.variance_response["p"]
    np.testing.assert_allclose(found.sent_response["p", 1], white, rtol=1e-4, atol=1e-4)


def test_intervals_go_round_the_circle() -> None:
    spikes = np.zeros((100, 2), np.uint8)
    spikes[[10, 30, 50, 70, 90], 0] = 1  # regular, also across the end
    spikes[5, 1] = 1  # one spike makes no interval
    assert interval_cv(spikes) == 0.0
    assert np.isnan(interval_cv(np.zeros((100, 2), np.uint8)))


RULES: list[dict[str, Any]] = [
    {"kind": "fixed_probability", "p": 0.1},
    {"kind": "fixed_probability", "p": 0.1, "autapses": False},
    {"kind": "fixed_indegree", "indegree": 30},
    {"kind": "fixed_indegree", "indegree": 30, "autapses": False, "multapses": False},
    {"kind": "fixed_outdegree", "outdegree": 30},
    {"kind": "fixed_outdegree", "outdegree": 30, "multapses": False},
    {"kind": "fixed_total_number", "number": 9000},
    {"kind": "fixed_total_number", "number": 9000, "multapses": False},
    {"kind": "all_to_all"},
    {"kind": "one_to_one"},
]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: "-".join(map(str, r.values())))
def test_degrees_of_every_rule(rule: dict[str, Any]) -> None:
    """Against drawn connections: mean and variance of the in-degree, N Var w_ij."""
    N, same = 300, True
    found = by_rule(Rule(**rule), N, N, same, 0.5, 0.04)
    degrees, private = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        drawn = connect(Rule(**rule), N, N, same, rng)
        W = np.zeros((N, N))
        np.add.at(W, (drawn.targets, drawn.sources), rng.normal(0.5, 0.2, len(drawn.targets)))
        degrees.append(np.bincount(drawn.targets, minlength=N))
        private.append(N * W.var())
    assert found.K == pytest.approx(np.mean(degrees), rel=0.02)
    spread = np.mean([d.var() for d in degrees])
    assert found.VK == pytest.approx(spread, rel=0.15, abs=0.02)
    if rule["kind"] != "one_to_one":  # whose weights are not alike
        assert found.private == pytest.approx(np.mean(private), rel=0.06)


def test_listed_connections() -> None:
    targets = np.array([0, 0, 1, 2])
    found = by_list(targets, np.array([1.0, 2.0, 3.0, 2.0]), 4, 3)
    assert (found.K, found.J) == (pytest.approx(4 / 3), 2.0)
    assert (found.VK, found.s2) == (pytest.approx(2 / 9), 0.5)


@pytest.mark.parametrize(
    "given",
    [
        Distribution("uniform", {"low": -1, "high": 2}),
        Distribution("normal", {"mean": 1, "std": 0.5}),
        Distribution("normal", {"mean": 1, "std": 0.5}, clip=(0.5, 1.2)),
        Distribution("truncated_normal", {"mean": 1, "std": 0.5, "low": 0.5}),
        Distribution("lognormal", {"mu": 0, "sigma": 0.4}),
        Distribution("exponential", {"mean": 2, "shift": 1}),
        Distribution("constant", {"value": 3}),
    ],
    ids=lambda d: d.kind,
)
def test_moments_of_weights(given: Distribution) -> None:
    drawn = draw(given, 200_000, np.random.default_rng(5))
    mean, var = moments(given)
    assert mean == pytest.approx(drawn.mean(), rel=0.01)
    assert var == pytest.approx(drawn.var(), rel=0.02, abs=1e-12)
