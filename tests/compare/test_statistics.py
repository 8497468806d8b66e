from __future__ import annotations

import numpy as np
import pytest

from spikebridge.compare.measures import correlations, cv_isi, rates
from spikebridge.compare.statistics import compare_statistics, hedges, ks_distance
from spikebridge.errors import SpikebridgeError
from spikebridge.results.columns import Columns, Spikes

SIZE, DURATION = 200, 2000.0


def poisson(seed, rate=10.0, regular=1):
    """Independent gamma trains: ``regular`` = 1 is Poisson; per-neuron rates vary by 20 %."""
    rng = np.random.default_rng(seed)
    per_ms = rate / 1000 * rng.uniform(0.8, 1.2, SIZE)
    times, senders = [], []
    for unit in range(SIZE):
        gaps = rng.gamma(regular, 1 / regular / per_ms[unit], int(DURATION * per_ms[unit] * 3) + 20)
        train = np.cumsum(gaps)
        train = train[train < DURATION]
        times.append(np.ceil(train / 0.1))
        senders.append(np.full(len(train), unit))
    spikes = Spikes.from_steps(np.concatenate(times), np.concatenate(senders), SIZE, 0.1)
    return Columns("poisson", 0.1, DURATION, {"p": spikes}, {}, {})


def seeds(first, **options):
    return [poisson(first + number, **options) for number in range(5)]


@pytest.fixture(scope="module")
def base():
    return seeds(0)


def test_two_samples_of_one_distribution_agree(base):
    study = compare_statistics({"brian2": base, "nest": seeds(100)})
    assert study.agrees
    assert {effect.statistic for effect in study.effects} == {
        "rate",
        "CV of intervals",
        "correlation",
    }


def test_a_rate_change_of_a_fifth_is_rejected(base):
    study = compare_statistics({"brian2": base, "nest": seeds(100, rate=12.0)})
    rate = next(effect for effect in study.effects if effect.statistic == "rate")
    assert not study.agrees
    assert not rate.inside
    assert rate.effect > 2 * rate.band
    assert rate.change == pytest.approx(0.2, abs=0.03)


def test_the_same_rate_with_regular_firing_is_rejected(base):
    study = compare_statistics({"brian2": base, "nest": seeds(100, regular=3)})
    inside = {effect.statistic: effect.inside for effect in study.effects}
    assert not inside["CV of intervals"]


def test_a_silent_population_is_different_or_undefined(base):
    quiet = [Columns("q", 0.1, DURATION, {"p": Spikes.empty(SIZE)}, {}, {}) for _ in range(5)]
    assert not compare_statistics({"brian2": base, "nest": quiet}).agrees
    both = compare_statistics({"brian2": quiet, "nest": quiet})
    assert both.undefined == ("p: CV of intervals", "p: correlation")
    assert both.agrees


def test_equal_neurons_do_not_hide_a_change():
    def clock(step, seed):
        times = np.repeat(np.arange(100 + seed, 20_000, step), 10)
        spikes = Spikes.from_steps(times, np.tile(np.arange(10), len(times) // 10), 10, 0.1)
        return Columns("c", 0.1, DURATION, {"p": spikes}, {}, {})

    runs = {"a": [clock(500, s) for s in range(3)], "b": [clock(400, s) for s in range(3)]}
    assert not compare_statistics(runs).agrees


def test_too_few_seeds_are_refused(base):
    with pytest.raises(SpikebridgeError, match="2 seeds give no band"):
        compare_statistics({"brian2": base, "nest": base[:2]})
    with pytest.raises(SpikebridgeError, match="nothing to compare"):
        compare_statistics({"brian2": base})


def test_measures_agree_with_elephant():
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain
    from elephant.spike_train_correlation import correlation_coefficient
    from elephant.statistics import cv, isi, mean_firing_rate
    from neo import SpikeTrain

    spikes = poisson(7).spikes["p"]
    # half a step earlier, so that no spike lies on a bin's edge, where conventions differ
    trains = [
        SpikeTrain(np.array(times) - 0.05, units="ms", t_stop=DURATION)
        for times in spikes.per_unit()
    ]
    mine = rates(spikes, 0.0, DURATION)
    theirs = [float(mean_firing_rate(train).rescale("Hz")) for train in trains]
    np.testing.assert_allclose(mine, theirs)
    enough = [train for train in trains if len(train) > 5]
    np.testing.assert_allclose(
        cv_isi(spikes, 0.0, DURATION, 5), [cv(isi(train)) for train in enough]
    )
    binned = BinnedSpikeTrain(trains, bin_size=5 * pq.ms)
    full = correlation_coefficient(binned)
    np.testing.assert_allclose(
        correlations(spikes, 0.0, DURATION, 5.0, SIZE, 0),
        full[np.triu_indices(SIZE, 1)],
        atol=1e-12,
    )


def test_a_single_interval_has_no_cv():
    spikes = Spikes.from_steps([10, 20], [0, 0], 1, 0.1)
    assert len(cv_isi(spikes, 0.0, 10.0, 1)) == 0


def test_effect_sizes():
    a, b = np.array([1.0, 2, 3]), np.array([2.0, 3, 4])
    assert hedges(a, b, 1.0) == pytest.approx(1 - 3 / 15)
    assert ks_distance(a, b) == pytest.approx(1 / 3)
    assert hedges(a, np.empty(0), 1.0) == np.inf
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=300), rng.normal(0.2, 1, 200)
    assert ks_distance(x, y) == pytest.approx(ks_2samp(x, y).statistic)
