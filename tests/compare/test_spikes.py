from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikebridge.compare.align import Alignment, alignment, keys, spike_shift, surplus
from spikebridge.compare.spikes import compare_spikes
from spikebridge.results.columns import Columns, Spikes

GRID = Alignment("grid", 0.1, 0.0)


def spikes(*pairs, size=10):
    steps = [step for step, _ in pairs]
    return Spikes.from_steps(steps, [sender for _, sender in pairs], size, 0.1)


def random_spikes(count, size, seed=0):
    rng = np.random.default_rng(seed)
    return Spikes.from_steps(
        rng.integers(1, 100_000, count), rng.integers(0, size, count), size, 0.1
    )


def test_equal_trains_do_not_differ():
    train = random_spikes(1000, 50)
    found = compare_spikes("p", train, train, GRID, 1e4)
    assert (found.differing, found.first, found.count_base) == (0, None, 1000)


def test_one_missing_spike_is_found_where_it_is():
    base = spikes((5, 1), (7, 3), (9, 2))
    other = spikes((5, 1), (9, 2))
    found = compare_spikes("p", base, other, GRID, 100.0)
    assert (found.only_base, found.only_other) == (1, 0)
    assert found.first is not None
    assert (found.first.neuron, found.first.in_base) == (3, True)
    assert found.first.time == pytest.approx(0.7)


def test_twins_in_one_step_are_counted():
    found = compare_spikes("p", spikes((5, 1), (5, 1)), spikes((5, 1)), GRID, 10.0)
    assert found.differing == 1


pair = st.tuples(st.integers(0, 30), st.integers(0, 4))


@given(st.lists(pair, max_size=40), st.lists(pair, max_size=40))
def test_differing_is_the_multiset_symmetric_difference(a, b):
    from collections import Counter

    expected = (Counter(a) - Counter(b)).total() + (Counter(b) - Counter(a)).total()
    found = compare_spikes("p", spikes(*a), spikes(*b), GRID, 10.0, distances=False)
    assert found.differing == expected


@given(st.lists(pair, max_size=40), st.lists(pair, max_size=40))
def test_zero_tolerance_agrees_with_the_grid(a, b):
    within = Alignment("tolerance", 0.1, 1e-9)
    one = compare_spikes("p", spikes(*a), spikes(*b), GRID, 10.0, distances=False)
    two = compare_spikes("p", spikes(*a), spikes(*b), within, 10.0, distances=False)
    assert one.differing == two.differing


def test_a_million_spikes_in_well_under_a_second():
    base, other = random_spikes(1_000_000, 5000), random_spikes(1_000_000, 5000, seed=1)
    start = time.process_time()  # not wall time: other tests share the machine
    compare_spikes("p", base, other, GRID, 1e4, distances=False)
    assert time.process_time() - start < 1.0


def test_off_grid_spikes_are_paired_within_the_tolerance():
    base = Spikes.from_raw([1.0, 2.0, 3.0], [0, 0, 0], 1)
    other = Spikes.from_raw([0.93, 2.02, 3.4], [0, 0, 0], 1)
    found = compare_spikes("p", base, other, Alignment("tolerance", 0.1, 0.1), 10.0)
    assert (found.only_base, found.only_other) == (1, 1)
    assert found.largest_gap == pytest.approx(0.07)


def test_alignment_is_the_grid_only_for_results_on_one_grid():
    on, off = Spikes.from_steps([3], [0], 1, 0.1), Spikes.from_raw([0.33], [0], 1)

    def run(train, dt):
        return Columns("s", dt, 1.0, {"p": train}, {}, {})

    assert alignment(run(on, 0.1), run(on, 0.1)).rule == "grid"
    assert alignment(run(on, 0.1), run(off, 0.1)).rule == "tolerance"
    assert alignment(run(on, 0.1), run(on, 0.05)).tolerance == 0.1


@pytest.mark.parametrize("steps", [-2, -1, 1, 2])
def test_a_shifted_train_is_recognised(steps):
    base = random_spikes(2000, 50)
    other = Spikes.from_steps(np.rint(base.times / 0.1) + steps, base.senders, 50, 0.1)
    found = spike_shift("p", base, other, 0.1)
    assert found is not None
    assert found.steps == steps


def test_unrelated_trains_are_not_called_shifted():
    assert spike_shift("p", random_spikes(2000, 50), random_spikes(2000, 50, seed=1), 0.1) is None


def test_surplus_lists_what_each_side_has_alone():
    a, b = np.array([1, 1, 2, 5]), np.array([1, 2, 3])
    only_a, only_b = surplus(a, b)
    assert (only_a.tolist(), only_b.tolist()) == ([1, 5], [3])
    assert keys(spikes((2, 3)), 0.1, 10).tolist() == [23]


def test_distances_follow_the_difference():
    base = random_spikes(300, 10)
    near = Spikes.from_steps(np.rint(base.times / 0.1) + 1, base.senders, 10, 0.1)
    far = random_spikes(300, 10, seed=3)
    close, wide = (compare_spikes("p", base, o, GRID, 1e4).distances for o in (near, far))
    assert set(close) == {"isi", "spike", "van_rossum", "victor_purpura"}
    assert all(close[name] < wide[name] for name in close)


def test_a_distance_counts_the_units_that_agree_too():
    base = random_spikes(4000, 400)
    fewer = Spikes(base.times[1:], base.senders[1:], 400)
    one = compare_spikes("p", base, fewer, GRID, 1e4).distances["isi"]
    alone = base.senders == base.senders[0]
    here = Spikes(base.times[alone], base.senders[alone], 400)
    rest = Spikes(here.times[1:], here.senders[1:], 400)
    assert one == pytest.approx(compare_spikes("p", here, rest, GRID, 1e4).distances["isi"] / 400)
