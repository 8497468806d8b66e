from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikebridge.results.columns import Columns, ColumnsError, Spikes, Trace
from spikebridge.results.join import concatenate

SIZE, DT = 7, 0.1
pairs = st.lists(st.tuples(st.integers(1, 50), st.integers(0, SIZE - 1)), max_size=60)


@given(pairs)
def test_spikes_on_the_grid_come_out_ordered_and_exact(raw: list[tuple[int, int]]) -> None:
    times = [k * DT * (1 + 1e-12) for k, _ in raw]
    spikes = Spikes.from_raw(times, [s for _, s in raw], SIZE, DT)
    assert list(zip(spikes.times, spikes.senders, strict=True)) == [
        (k * DT, s) for k, s in sorted(raw)
    ]


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.5, 1.25, 3.7]) | st.floats(0, 9), st.integers(0, 6)))
)
def test_spikes_off_the_grid_come_out_ordered_and_unchanged(raw: list[tuple[float, int]]) -> None:
    spikes = Spikes.from_raw([t for t, _ in raw], [s for _, s in raw], SIZE)
    assert list(zip(spikes.times, spikes.senders, strict=True)) == sorted(raw)


@given(pairs)
def test_units_keep_their_own_times_in_order(raw: list[tuple[int, int]]) -> None:
    spikes = Spikes.from_steps([k for k, _ in raw], [s for _, s in raw], SIZE, DT)
    per_unit = spikes.per_unit()
    assert len(per_unit) == SIZE
    assert spikes.counts().tolist() == [len(per_unit[i]) for i in range(SIZE)]
    for i in range(SIZE):
        assert per_unit[i].tolist() == sorted(k * DT for k, s in raw if s == i)
    with pytest.raises(IndexError):
        per_unit[SIZE]


def test_callers_arrays_are_neither_changed_nor_changeable() -> None:
    times, senders = np.array([2.0, 1.0]), np.array([0, 1])
    spikes = Spikes.from_raw(times, senders, 2, DT)
    steps = np.array([5, 3])
    Spikes.from_steps(steps, senders, 2, DT)
    assert times.tolist() == [2.0, 1.0]
    assert senders.tolist() == [0, 1]
    assert steps.tolist() == [5, 3]
    with pytest.raises(ValueError, match="read-only"):
        spikes.times[0] = 0.0


@pytest.mark.parametrize(
    ("times", "senders", "dt", "words"),
    [
        ([0.15], [0], 0.1, "not a multiple of dt"),
        ([np.nan], [0], 0.1, "not a multiple of dt"),
        ([np.nan], [0], None, "not finite"),
        ([1.0], [2], 0.1, "outside 0..1"),
        ([1.0], [-1], None, "outside 0..1"),
        ([1.0, 2.0], [0], 0.1, "senders"),
    ],
)
def test_spikes_that_cannot_be_are_refused(
    times: list[float], senders: list[int], dt: float | None, words: str
) -> None:
    with pytest.raises(ColumnsError, match=words):
        Spikes.from_raw(times, senders, 2, dt)


def test_unordered_arrays_are_refused_not_sorted() -> None:
    with pytest.raises(ColumnsError, match="not ordered"):
        Spikes(np.array([1.0, 1.0]), np.array([1, 0]), 2)


def test_a_spike_at_the_end_of_a_step_belongs_to_that_step() -> None:
    spikes = Spikes.from_raw([1.0, 2.0, 3.0], [0, 0, 0], 1, DT)
    assert spikes.between(1.0, 2.0).times.tolist() == [2.0]


@pytest.mark.parametrize(
    ("times", "units", "shape", "words"),
    [
        ([0.0, 0.1], [0], (2, 2), "values"),
        ([0.0, 0.0], [0], (2, 1), "not increasing"),
        ([0.0, 0.1], [1, 1], (2, 2), "repeat"),
        ([0.0, 0.1], [-1], (2, 1), "negative"),
    ],
)
def test_traces_that_do_not_fit_are_refused(
    times: list[float], units: list[int], shape: tuple[int, int], words: str
) -> None:
    with pytest.raises(ColumnsError, match=words):
        Trace("V_m", "mV", np.array(times), np.array(units), np.zeros(shape))


def test_columns_refuse_times_beyond_their_duration() -> None:
    with pytest.raises(ColumnsError, match="at `E`: a time lies outside"):
        Columns("reference", DT, 1.0, {"E": Spikes.from_raw([1.1], [0], 1, DT)}, {}, {})


def test_an_unrecorded_variable_is_named(columns: Columns) -> None:
    assert columns.trace("inhibitory", "w").unit == "pA"
    assert columns.populations == ("inhibitory", "E/layer.2")
    with pytest.raises(ColumnsError, match=r"E/layer\.2\.nothing"):
        columns.trace("E/layer.2", "nothing")


def _run(steps: list[int], first: float) -> Columns:
    trace = Trace("v", "mV", np.arange(11) * DT, np.array([0]), first + np.arange(11.0)[:, None])
    spikes = Spikes.from_steps(steps, [0] * len(steps), 1, DT)
    return Columns("reference", DT, 1.0, {"E": spikes}, {"E": (trace,)}, {"seed": 1})


def test_phases_join_into_one_run_and_come_apart_again() -> None:
    phases = [_run([1, 10], 0.0), _run([3], 10.0), _run([7], 20.0)]
    whole = concatenate(phases)
    assert whole.duration == pytest.approx(3.0)
    assert whole.spikes["E"].times.tolist() == [k * DT for k in (1, 10, 13, 27)]
    trace = whole.trace("E", "v")
    assert trace.times.tolist() == [k * DT for k in range(31)]
    assert trace.values[:, 0].tolist() == list(range(31))
    assert len(whole.manifest["phases"]) == 3
    second = whole.between(1.0, 2.0)
    assert second.spikes["E"].times.tolist() == phases[1].spikes["E"].times.tolist()
    assert second.trace("E", "v").times.tolist() == phases[1].trace("E", "v").times.tolist()
    assert second.duration == 1.0


def test_phases_that_do_not_match_are_refused() -> None:
    other = Columns("reference", DT, 1.0, {"I": Spikes.empty(1)}, {}, {})
    with pytest.raises(ColumnsError, match="do not match"):
        concatenate([_run([1], 0.0), other])
    with pytest.raises(ColumnsError, match="no phases"):
        concatenate([])
