"""Products of weights and signals made from the signals that changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikebridge.simulators.graded import REFRESH, Changes, Product, matrix

SIZES = (60, 40)


@pytest.mark.parametrize("p", [0.05, 0.8])  # sparse and dense
@pytest.mark.parametrize("change", [0.0, 0.02, 0.5])
def test_a_product_from_changes_is_the_product(p: float, change: float) -> None:
    rng = np.random.default_rng(1)
    post, pre = np.nonzero(rng.random(SIZES[::-1]) < p)
    pre, post = np.append(pre, pre[:5]), np.append(post, post[:5])  # some pairs twice
    weights: Any = matrix(pre, post, rng.normal(size=len(pre)), SIZES)
    plain, fast = Product(weights), Changes(weights)
    signals = (rng.random(SIZES[0]) < 0.5).astype(float)
    before = None
    for _ in range(REFRESH + 20):
        flip = rng.random(SIZES[0]) < change
        signals = np.where(flip, 1 - signals, signals)
        found = fast.of(signals)
        assert np.allclose(found, plain.of(signals), rtol=0, atol=1e-12)
        if before is not None:
            assert np.array_equal(*before)  # what was answered stays as it was
        before = (found, found.copy())


def test_it_is_made_anew_now_and_then() -> None:
    weights = np.array([[0.1, 0.2, 0.3]])
    fast, signals = Changes(weights), np.zeros(3)
    for k in range(REFRESH + 1):
        signals = np.array([k % 2, 0.0, 1.0])
        found = fast.of(signals)
        assert found[0] == pytest.approx(float((weights @ signals)[0]), abs=1e-15)
