from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import neo
import numpy as np
import pytest
import quantities as pq

from spikebridge.errors import UnitError
from spikebridge.results.columns import Columns, Spikes
from spikebridge.results.neo import to_block
from spikebridge.results.signals import to_quantity
from spikebridge.results.trains import LazySpikeTrainList

LABELS = [("inhibitory", 0), ("inhibitory", 1), *[("E/layer.2", i) for i in range(5)]]
TIMES = [[], [], [10.0], [1.5, 2.0], [], [1.0], []]


@pytest.fixture
def segment(columns: Columns) -> neo.Segment:
    return to_block(columns).segments[0]


def built(trains: LazySpikeTrainList) -> int:
    return len(trains._built)


def labels(trains: Any) -> list[tuple[str, int]]:
    return [(t.annotations["source_population"], t.annotations["source_index"]) for t in trains]


def test_every_unit_has_a_train_in_pynns_convention(segment: neo.Segment) -> None:
    assert len(segment.spiketrains) == 7
    assert labels(segment.spiketrains) == LABELS
    for i, train in enumerate(segment.spiketrains):
        assert isinstance(train, neo.SpikeTrain)
        np.testing.assert_allclose(train.magnitude, TIMES[i], atol=1e-12)
        assert (train.units, train.t_start, train.t_stop) == (pq.ms, 0 * pq.ms, 10 * pq.ms)
        assert train.annotations["channel_id"] == i
        assert train.segment is segment
    assert segment.spiketrains[3].name == "E/layer.2[1]"


def test_the_block_carries_the_manifest_as_one_text(columns: Columns) -> None:
    block = to_block(columns)
    assert json.loads(block.annotations["manifest"]) == columns.manifest
    assert block.annotations["simulator"] == "reference"
    assert block.annotations["dt"] == 0.1
    assert block.name == "two populations"
    assert block.rec_datetime.isoformat() == columns.manifest["date"]


def test_signals_are_named_and_labelled(columns: Columns, segment: neo.Segment) -> None:
    names = [(s.annotations["source_population"], s.name) for s in segment.analogsignals]
    assert names == [
        ("E/layer.2", "V_m"), ("E/layer.2", "q"), ("E/layer.2", "r"), ("inhibitory", "V_m")
    ]  # fmt: skip
    signal = segment.analogsignals[0]
    assert signal.sampling_period == 0.1 * pq.ms
    assert signal.units == pq.mV
    assert signal.array_annotations["channel_index"].tolist() == [1, 3]
    np.testing.assert_array_equal(signal.magnitude, columns.trace("E/layer.2", "V_m").values)
    assert segment.analogsignals[1].dimensionality.string == "ms*pA"
    assert segment.analogsignals[2].units == pq.dimensionless
    (uneven,) = segment.irregularlysampledsignals
    assert uneven.name == "w"
    assert uneven.times.rescale("ms").magnitude.tolist() == [0.0, 0.3, 1.0]


def test_one_index_builds_one_train(segment: neo.Segment) -> None:
    trains = segment.spiketrains
    assert built(trains) == 0
    train = trains[3]
    assert built(trains) == 1
    assert trains[np.int64(3)] is train
    assert trains[-4] is train
    assert len(trains) == 7
    assert str(trains) == "SpikeTrainList containing 4 spikes from 7 neurons"
    assert built(trains) == 1


def test_slices_and_the_ends(segment: neo.Segment) -> None:
    part = segment.spiketrains[2:7:2]
    assert isinstance(part, neo.core.spiketrainlist.SpikeTrainList)
    assert labels(part) == LABELS[2:7:2]
    assert built(segment.spiketrains) == 3
    assert len(segment.spiketrains[5:5]) == 0
    for outside in (7, -8):
        with pytest.raises(IndexError):
            segment.spiketrains[outside]
    with pytest.raises(TypeError):
        segment.spiketrains[1.5]


def test_changes_to_a_train_stay(segment: neo.Segment) -> None:
    segment.spiketrains[3].annotate(layer=4)
    assert segment.spiketrains[3].annotations["layer"] == 4
    assert list(segment.spiketrains)[3].annotations["layer"] == 4


def test_the_multiplexed_form_builds_nothing(columns: Columns, segment: neo.Segment) -> None:
    ids, times = segment.spiketrains.multiplexed
    assert ids.tolist() == [5, 3, 3, 2]
    np.testing.assert_allclose(times.rescale("ms").magnitude, [1.0, 1.5, 2.0, 10.0])
    assert segment.spiketrains.all_channel_ids == list(range(7))
    assert segment.spiketrains.t_stop == 10 * pq.ms
    assert built(segment.spiketrains) == 0
    single = LazySpikeTrainList({"E": columns.spikes["E/layer.2"]}, 10.0)
    assert np.shares_memory(single.multiplexed[1], columns.spikes["E/layer.2"].times)


def test_the_list_can_be_changed_like_neos_own(segment: neo.Segment) -> None:
    extra = neo.SpikeTrain([3.0], units="ms", t_stop=10.0, channel_id=7)
    segment.spiketrains.append(extra)
    assert len(segment.spiketrains) == 8
    assert segment.spiketrains[7] is extra
    assert len(segment.spiketrains[6:]) == 2
    assert segment.spiketrains.all_channel_ids == list(range(8))
    assert sorted(segment.spiketrains.multiplexed[1].magnitude) == [1.0, 1.5, 2.0, 3.0, 10.0]
    segment.spiketrains[0] = extra
    assert next(iter(segment.spiketrains)) is extra
    segment.spiketrains.clear()
    assert len(segment.spiketrains) == 0


def test_lists_add_up(columns: Columns, segment: neo.Segment) -> None:
    other = to_block(columns).segments[0].spiketrains
    assert labels(segment.spiketrains + other) == LABELS * 2
    assert labels(segment.spiketrains + list(other)) == LABELS * 2
    assert labels(list(other) + segment.spiketrains) == LABELS * 2
    segment.spiketrains += list(other[:2])
    assert len(segment.spiketrains) == 9


def test_neos_own_functions_accept_the_segment(columns: Columns, segment: neo.Segment) -> None:
    assert segment.t_start == 0 * pq.ms
    assert segment.t_stop >= 10 * pq.ms
    part = segment.time_slice(1.2 * pq.ms, 9 * pq.ms)
    assert [t.magnitude.tolist() for t in part.spiketrains][3] == pytest.approx([1.5, 2.0])
    found = to_block(columns).filter(source_population="E/layer.2", objects=neo.SpikeTrain)
    assert len(found) == 5
    assert segment.data_children_recur[0] is segment.analogsignals[0]


def test_a_pickled_block_stays_lazy_and_whole(columns: Columns) -> None:
    trains = pickle.loads(pickle.dumps(to_block(columns))).segments[0].spiketrains
    assert isinstance(trains, LazySpikeTrainList)
    assert built(trains) == 0
    assert labels(trains) == LABELS
    assert [t.magnitude.tolist() for t in trains] == [pytest.approx(t) for t in TIMES]


def test_a_deep_copy_is_independent(columns: Columns) -> None:
    block = to_block(columns)
    again = copy.deepcopy(block).segments[0]
    again.spiketrains[3].annotate(layer=4)
    assert labels(again.spiketrains) == LABELS
    assert again.spiketrains[0].segment is again
    assert "layer" not in block.segments[0].spiketrains[3].annotations


@pytest.mark.filterwarnings("ignore")
def test_elephant_accepts_the_trains(segment: neo.Segment) -> None:
    conversion = pytest.importorskip("elephant.conversion")
    statistics = pytest.importorskip("elephant.statistics")
    # Elephant's bins leave out their right edge, so the spike at t_stop (unit 2) counts in none.
    binned = conversion.BinnedSpikeTrain(segment.spiketrains, bin_size=1 * pq.ms)
    assert binned.to_array().sum(axis=1).tolist()[:6] == [0, 0, 0, 2, 0, 1]
    rate = statistics.mean_firing_rate(segment.spiketrains[3])
    assert float(rate.rescale("Hz")) == pytest.approx(200.0)
    histogram = statistics.time_histogram(segment.spiketrains[2:], bin_size=5 * pq.ms)
    assert int(histogram.magnitude.sum()) == 3


def test_no_populations_make_an_empty_segment() -> None:
    segment = to_block(Columns("nest", 0.1, 1.0, {}, {}, {})).segments[0]
    assert len(segment.spiketrains) == 0
    assert list(segment.spiketrains) == []
    assert len(segment.spiketrains.multiplexed[0]) == 0


def test_a_big_block_is_built_without_touching_its_spikes() -> None:
    draw = np.random.default_rng(3)
    spikes = Spikes.from_steps(draw.integers(1, 10**4, 10**6), draw.integers(0, 10**4, 10**6),
                               10**4, 0.1)  # fmt: skip
    columns = Columns("nest", 0.1, 1000.0, {"E": spikes}, {}, {})
    trains = to_block(columns).segments[0].spiketrains
    assert len(trains) == 10**4
    expected = spikes.times[spikes.senders == 1234]
    np.testing.assert_array_equal(trains[1234].magnitude, expected)
    assert built(trains) == 1


@pytest.mark.parametrize(
    ("text", "si"),
    [
        ("mV", 1e-3 * pq.V),
        ("pA", 1e-12 * pq.A),
        ("nS", 1e-9 * pq.S),
        ("GOhm", 1e9 * pq.ohm),
        ("fC", 1e-15 * pq.C),
        ("pA*ms", 1e-15 * pq.A * pq.s),
        ("1/ms", 1e3 / pq.s),
        ("mV/ms**0.5", 1e-3 * pq.V / (1e-3 * pq.s) ** 0.5),
        ("mV^2", 1e-6 * pq.V**2),
        ("sqrt(ms)", (1e-3 * pq.s) ** 0.5),
        ("1", 1 * pq.dimensionless),
    ],
)
def test_unit_texts_become_quantities(text: str, si: pq.Quantity) -> None:
    ratio = (pq.Quantity(1.0, to_quantity(text)) / si).simplified
    assert ratio.dimensionality.string == "dimensionless"
    assert float(ratio) == pytest.approx(1.0, rel=1e-12)


def test_unknown_units_are_refused() -> None:
    with pytest.raises(UnitError, match="furlong"):
        to_quantity("furlong")
    with pytest.raises(UnitError):
        to_quantity("__import__('os')")
