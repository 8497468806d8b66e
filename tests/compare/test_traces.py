from __future__ import annotations

import numpy as np
import pytest

from spikebridge.compare.align import trace_shift
from spikebridge.compare.traces import compare_trace
from spikebridge.results.columns import Trace

T = np.arange(1001) * 0.1
V = np.stack([-60 + 10 * np.sin(T / 5), -60 + 10 * np.cos(T / 7)], axis=1)


def trace(values=V, times=T, units=(3, 8)):
    return Trace("v", "mV", times, np.array(units), values)


def test_rounding_is_within_the_bound():
    found = compare_trace("p", trace(), trace(V + 1e-10))
    assert found.within
    assert found.first is None
    assert found.max_abs == pytest.approx(1e-10, rel=1e-3)


def test_the_bound_is_violated_at_the_right_sample():
    other = V.copy()
    other[400:, 1] += 1e-6
    found = compare_trace("p", trace(), trace(other), until=40.0)
    assert not found.within
    assert found.first is not None
    assert (found.first.neuron, found.first.sample) == (8, 400)
    assert found.first.time == pytest.approx(40.0)
    assert found.max_relative == pytest.approx(1e-6 / 20, rel=1e-2)
    assert found.max_relative_before == 0


def test_samples_are_compared_by_label_and_unit():
    late = trace(V[5:-3][:, ::-1], T[5:-3], (8, 3))
    found = compare_trace("p", trace(), late)
    assert (found.samples, found.units, found.max_abs) == (1001 - 8, 2, 0.0)


def test_not_a_number_on_one_side_only_is_a_difference():
    other = V.copy()
    other[7, 0] = np.nan
    assert compare_trace("p", trace(), trace(other)).max_abs == np.inf
    assert compare_trace("p", trace(other), trace(other)).max_abs == 0


def test_a_constant_is_not_measured_against_its_rounding():
    constant = np.full_like(V, -65.0)
    assert compare_trace("p", trace(constant), trace(constant + 1e-14)).within
    assert not compare_trace("p", trace(constant), trace(constant + 1e-6)).within


@pytest.mark.parametrize("steps", [-1, 1, 2])
def test_a_shifted_label_is_recognised(steps):
    found = trace_shift("p", trace(), trace(np.roll(V, steps, axis=0)[3:-3], T[3:-3]))
    assert found is not None
    assert found.steps == steps
    assert trace_shift("p", trace(), trace(V + 0.1)) is None
