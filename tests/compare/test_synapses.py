"""Weights in a verdict: compared like traces, the first synapse that differs, and why it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import spikebridge as sb
from spikebridge.compare.comparison import Comparison, compare_columns
from spikebridge.results.columns import Columns, Trace

DELAY = 5.0
RELAY = sb.Neuron(
    "dV/dt = -V/(1*ms) : 1\ndA/dt = -A/(20*ms) : 1",
    ports={
        "force": {"unit": "1", "receive": "V += weight"},
        "syn": {"unit": "1", "receive": "A += weight"},
    },
    spike={"condition": "V >= 1", "effects": "V = 0"},
    name="relay",
)


def trains(seed: int, delay: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pre and post trains of four pairs; some post spikes reach the synapse with a pre spike."""
    rng = np.random.default_rng(seed)
    pre = [np.unique(rng.integers(100, 9000, 20)) for _ in range(4)]
    post = [np.union1d(rng.integers(100, 9000, 20), p[7:12] - round(delay * 10)) for p in pre]
    return [p * 0.1 for p in pre], [q[q > 10] * 0.1 for q in post]


def network(
    delay_at: str = "dendritic", coincident: str = "simultaneous", **changed: str
) -> sb.Network:
    """Four plastic synapses from relay to relay, all spikes forced."""
    synapse = sb.load("synapses/stdp_pair", **changed)
    synapse = replace(synapse, delay_at=delay_at, coincident=coincident)
    pre, post = trains(1, DELAY)
    forced = [[np.round(t - 0.1, 1) for t in some] for some in (pre, post)]
    one = {"rule": "one_to_one", "weight": 2.0, "delay": "0.1 ms"}
    return sb.Network(
        populations=[sb.Population("a", RELAY, 4), sb.Population("b", RELAY, 4)],
        stimuli=[
            sb.Stimulus(n, "spikes", trains=tuple(t))
            for n, t in zip(("fa", "fb"), forced, strict=True)
        ],
        projections=[
            sb.Projection("fa", "fa", "a", "force", **one),
            sb.Projection("fb", "fb", "b", "force", **one),
            sb.Projection(
                "exc", "a", "b", "syn", "one_to_one", 0.1, f"{DELAY} ms", synapse=synapse
            ),
        ],
        recordings=[
            sb.Recording("w", projection="exc", variables=("w",)),
            sb.Recording("A", "b", ("A",)),
        ],
        duration="1 s",
    )


@cache
def run(*place: str, **changed: str) -> Columns:
    return sb.simulate(network(*place, **changed), "reference").columns


def with_weights(columns: Columns, change: Callable[[np.ndarray], np.ndarray]) -> Columns:
    (trace,) = columns.traces["exc"]
    return with_trace(columns, replace(trace, values=change(trace.values)))


def with_trace(columns: Columns, trace: Trace) -> Columns:
    return replace(columns, traces={**columns.traces, "exc": (trace,)})


def cause(found: Comparison) -> str:
    (one,) = found.verdict.causes.values()
    return one.rule


def test_equal_weights_are_identical() -> None:
    found = compare_columns([run(), with_weights(run(), lambda w: w + 1e-13)])
    assert found.verdict.kind == "identical"
    assert found.pairs[0].first_synapse is None
    assert "exc.w" in found.to_json()["traces"]


def test_weights_beyond_the_bound_are_different() -> None:
    (trace,) = run().traces["exc"]
    span = np.ptp(trace.values)

    def change(w: np.ndarray) -> np.ndarray:
        later = w.copy()
        later[300:, 2] += 3e-9 * span
        return later

    found = compare_columns([run(), with_weights(run(), change)])
    assert found.verdict.kind == "different"
    first = found.pairs[0].first_synapse
    assert first is not None
    assert (first.pre, first.post, first.time) == (2, 2, pytest.approx(30.0))
    assert "connection 2 (a 2 -> b 2) of exc at 30 ms: w by" in str(found.verdict)
    entry = found.pairs[0].to_json()["traces"]["exc.w"]
    assert entry["first"] == {"connection": 2, "pre": 2, "post": 2, "time": first.time}
    assert entry["max_relative"] == pytest.approx(3e-9, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "shift", "kind"),
    [
        (0.5, 0.0, "identical"),
        (0.5, 1e-16, "identical"),
        (0.5, 1e-6, "different"),
        (0.0, 0.0, "identical"),
    ],
)
def test_constant_weights_have_no_range_but_a_scale(value: float, shift: float, kind: str) -> None:
    flat = with_weights(run(), lambda w: np.full_like(w, value))
    found = compare_columns([flat, with_weights(flat, lambda w: w + shift)])
    assert found.verdict.kind == kind
    assert np.isfinite(found.pairs[0].largest_relative)


def test_a_second_recording_of_a_state_is_compared_too() -> None:
    (trace,) = run().traces["exc"]
    again = replace(trace, times=trace.times[::10], values=trace.values[::10])
    base = replace(run(), traces={**run().traces, "exc": (trace, again)})
    wrong = replace(again, values=again.values + 0.1)
    other = replace(base, traces={**base.traces, "exc": (trace, wrong)})
    found = compare_columns([base, other])
    assert found.verdict.kind == "different"
    assert list(found.pairs[0].to_json()["traces"]) == ["b.A", "exc.w", "exc.w (2)"]


def test_synapses_between_other_units_are_not_compared() -> None:
    known = run().connections["exc"]
    moved = replace(run(), connections={"exc": replace(known, pre=known.pre[::-1])})
    found = compare_columns([run(), moved])
    assert found.pairs[0].unshared == ("exc.w (the connections join other units)",)
    assert found.verdict.kind == "different"


def test_delay_location_is_named() -> None:
    found = compare_columns([run(), run("axonal")])
    assert cause(found) == "delay location"
    assert "0 ms axonal and 5 ms dendritic in reference" in str(found.verdict)


def test_delay_location_is_inferred_from_the_spikes() -> None:
    axonal = run("axonal")
    told_nothing = replace(axonal, connections=run().connections)
    assert cause(compare_columns([run(), told_nothing])) == "delay location"


def test_coincident_spikes_are_named() -> None:
    found = compare_columns([run(), run(coincident="pre first")])
    assert cause(found) == "coincident spikes"
    first = found.pairs[0].first_synapse
    assert first is not None and first.pre is not None
    pre, post = trains(1, DELAY)
    met = np.intersect1d(np.rint(pre[first.pre] * 10), np.rint(post[first.pre] * 10 + DELAY * 10))
    assert (np.abs(met / 10 - first.time) < 0.15).any()


@pytest.mark.parametrize("every", ["1 ms", "50 ms"])
def test_causes_are_found_in_a_closed_loop_with_frozen_inputs(every: str) -> None:
    """Later differing spikes are a consequence, and inputs are known though no population."""

    def closed(coincident: str) -> Columns:
        synapse = replace(sb.load("synapses/stdp_pair"), coincident=coincident)
        found = sb.Network(
            populations=[sb.Population("E", sb.load("neurons/lif_current"), 5)],
            stimuli=[sb.Stimulus("in", "poisson", size=200, rate="20 Hz")],
            projections=[
                sb.Projection(
                    "exc", "in", "E", "exc", "all_to_all", "40 pA", "2 ms", synapse=synapse
                )
            ],
            recordings=[sb.Recording("w", projection="exc", variables=("w",), every=every)],
            duration="500 ms",
        )
        return sb.simulate(found, "reference").columns

    found = compare_columns([closed("simultaneous"), closed("post first")])
    assert found.differing > 0
    first = found.pairs[0].first_spike
    assert first is not None
    assert cause(found) == "coincident spikes"


def test_stale_weights_are_named() -> None:
    """What a simulator answers that updates a weight at presynaptic spikes only."""
    pre, _ = trains(1, DELAY)

    def stale(w: np.ndarray) -> np.ndarray:
        steps = np.arange(len(w))
        last = [np.searchsorted(np.rint(p * 10), steps, side="left") for p in pre]
        known = [np.concatenate([[0], np.rint(p * 10).astype(int) + 1]) for p in pre]
        return np.stack([w[known[i][last[i]], i] for i in range(4)], axis=1)

    found = compare_columns([run(), with_weights(run(), stale)])
    assert found.verdict.kind == "different"
    assert cause(found) == "stale weights"


def test_another_amount_is_not_called_stale() -> None:
    found = compare_columns([run(), run(A_plus="0.0051")])
    assert cause(found) == "synapse"
    assert "right after a presynaptic spike" in str(found.verdict)


def test_amplitude_in_flight_is_named() -> None:
    """The amplitudes of one run are taken at arrival: sent as spikes of a weight each."""
    (trace,) = run().traces["exc"]
    pre, _ = trains(1, DELAY)
    arrivals = [(p + DELAY, unit) for unit in range(4) for p in pre[unit]]
    steps = np.array([round(t * 10) for t, _ in arrivals])
    units = np.array([unit for _, unit in arrivals])
    given = 0.1 * trace.values[steps, units]
    sent = sb.Network(
        populations=[sb.Population("b", RELAY, 4)],
        stimuli=[sb.Stimulus("s", "spikes", trains=tuple([s * 0.1 - 0.1] for s in steps))],
        projections=[
            sb.Projection(
                "s",
                "s",
                "b",
                "syn",
                {"kind": "pairwise_list", "sources": range(len(units)), "targets": units},
                list(given),
                "0.1 ms",
            )
        ],
        recordings=[sb.Recording("A", "b", ("A",))],
        duration="1 s",
    )
    late = sb.simulate(sent, "reference").columns.trace("b", "A")
    other = replace(run(), traces={**run().traces, "b": (late,)})
    found = compare_columns([run(), other])
    within = {trace.variable: trace.within for trace in found.pairs[0].traces}
    assert within == {"A": False, "w": True}
    assert cause(found) == "amplitude in flight"


def test_the_report_shows_weights_and_their_differences(tmp_path: Path) -> None:
    found = compare_columns([run(), run("axonal")])
    text = found.report(tmp_path / "report.html").read_text(encoding="utf-8")
    section = text[text.index('<section id="synapses">') :].partition("</section>")[0]
    assert section.count("<svg") == 1
    first = found.pairs[0].first_synapse
    assert first is not None
    assert "the one that differs most, connection" in section
    assert "first and last value" in section and "difference at the end" in section
    traces = text[text.index('<section id="traces">') :].partition("</section>")[0]
    assert traces.count("<svg") == 1  # of the neurons
    assert f"{first.place} from {first.time:g} ms" in text.replace("&gt;", ">")


def test_no_synapses_no_section(tmp_path: Path) -> None:
    bare = replace(run(), traces={"b": run().traces["b"]}, connections={})
    page = compare_columns([bare, bare]).report(tmp_path / "report.html")
    assert 'id="synapses"' not in page.read_text(encoding="utf-8")


def test_constant_and_equal_weights_can_be_drawn(tmp_path: Path) -> None:
    flat = with_weights(run(), lambda w: np.zeros_like(w))
    text = compare_columns([flat, flat]).report(tmp_path / "report.html").read_text("utf-8")
    assert "no difference at all" in text


def test_two_recordings_of_a_state_are_drawn_each(tmp_path: Path) -> None:
    """The second one holds other connections: it is compared with its like."""
    (trace,) = run().traces["exc"]
    parts = [
        replace(trace, units=trace.units[some], values=trace.values[:, some])
        for some in (slice(0, 2), slice(2, 4))
    ]
    both = replace(run(), traces={**run().traces, "exc": tuple(parts)})
    found = compare_columns([both, both])
    assert found.verdict.kind == "identical"
    text = found.report(tmp_path / "report.html").read_text("utf-8")
    section = text[text.index('<section id="synapses">') :].partition("</section>")[0]
    assert section.count("<svg") == 2


@pytest.mark.slow
def test_weights_of_nest_are_identical() -> None:
    found = sb.compare(network(), on=("reference", "nest"))
    assert found.verdict.kind == "identical", str(found.verdict)
    worst = found.to_json()["traces"]["exc.w"]
    assert worst["max_relative"] <= 1e-9
