from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from spikebridge.compare.comparison import compare_columns
from spikebridge.compare.statistics import compare_statistics
from spikebridge.errors import SpikebridgeError
from spikebridge.results.columns import Spikes


def altered(run, **changes):
    return replace(run, **changes)


def without_spike(run, population="excitatory", place=40):
    spikes = run.spikes[population]
    fewer = Spikes(np.delete(spikes.times, place), np.delete(spikes.senders, place), spikes.size)
    return replace(run, spikes={**run.spikes, population: fewer})


def with_trace(run, change):
    (trace,) = run.traces["excitatory"]
    return replace(run, traces={"excitatory": (replace(trace, values=change(trace.values)),)})


def test_equal_results_are_identical(lif):
    found = compare_columns([lif("brian2"), lif("nest"), lif("reference")])
    assert found.verdict.kind == "identical"
    assert found.verdict.agrees
    assert found.verdict.causes == {}
    assert str(found.verdict).startswith("Identical. brian2 and nest (grid of 0.1 ms, shift 0")


def test_rounding_leaves_results_identical(lif):
    other = with_trace(lif("nest"), lambda values: values + 1e-12)
    assert compare_columns([lif("brian2"), other]).verdict.kind == "identical"


def test_one_missing_spike_is_different(lif):
    found = compare_columns([lif("brian2"), without_spike(lif("nest"))])
    assert found.verdict.kind == "different"
    assert found.differing == 1
    spike = found.pairs[0].first_spike
    assert spike is not None
    assert spike.time == lif().spikes["excitatory"].times[40]
    assert "1 differing" in str(found.verdict)


def test_a_spike_lost_in_recording_is_told_from_one_that_never_was(lif):
    run = lif("nest")
    place = int(np.flatnonzero(run.spikes["excitatory"].senders == 0)[2])
    found = compare_columns([lif("brian2"), without_spike(run, place=place)])
    assert found.verdict.causes["nest"].rule == "recording"


def test_a_shift_of_one_step_is_named_and_not_applied(lif):
    run = lif("nest")
    late = {name: s.between(0, 299.8).shifted(0.1, 0.1) for name, s in run.spikes.items()}
    found = compare_columns([lif("brian2"), replace(run, spikes=late)])
    assert found.verdict.kind == "different"
    assert found.verdict.causes["nest"].rule == "spike label or delay"
    assert "1 step later" in str(found.verdict)
    assert found.pairs[0].alignment.steps == 0
    assert found.differing > 1000


def test_a_shifted_sample_label_is_named(lif):
    late = with_trace(lif("nest"), lambda values: np.concatenate([values[:1], values[:-1]]))
    found = compare_columns([lif("brian2"), late])
    assert found.verdict.causes["nest"].rule == "sample label"


def test_a_violated_trace_bound_is_different(lif):
    def bump(values):
        changed = values.copy()
        changed[500:, 1] += 1e-7
        return changed

    found = compare_columns([lif("brian2"), with_trace(lif("nest"), bump)])
    assert found.verdict.kind == "different"
    assert found.differing == 0
    first = found.pairs[0].first_sample
    assert first is not None
    assert (first.neuron, first.time) == (1, pytest.approx(50.0))


def test_a_refractory_step_too_many_is_named(lif):
    found = compare_columns([lif("brian2"), lif("nest", refractory=21)])
    assert found.verdict.causes["nest"].rule == "reset or refractory"


def test_a_refractory_count_shows_in_the_shortest_interval():
    from spikebridge.results.columns import Columns

    def driven(steps):
        times = np.arange(10, 1000, steps)
        spikes = Spikes.from_steps(times, np.zeros(len(times), int), 1, 0.1)
        return Columns("s", 0.1, 100.0, {"p": spikes}, {}, {})

    found = compare_columns([driven(21), driven(22)])
    assert found.verdict.causes["s (2)"].rule == "refractory count"


def test_another_parameter_is_named_as_such(lif):
    found = compare_columns([lif("brian2"), lif("nest", drive=12.01)])
    assert found.verdict.causes["nest"].rule == "integration"


def test_an_arriving_input_is_named(lif):
    def kick(values):
        changed = values.copy()
        # neuron 2 at 12 ms has not spiked within 5 ms in this network (checked below)
        changed[120:, 2] += 0.3
        return changed

    run = lif("brian2")
    own = run.spikes["excitatory"]
    times = own.times[(own.senders == 2) & (own.times < 12.0)]
    assert not len(times) or 12.0 - times[-1] > 5.0
    found = compare_columns([run, with_trace(lif("nest"), kick)])
    assert found.verdict.causes["nest"].rule == "arrival"
    other = altered(run, manifest={**run.manifest, "scheme": "rk4"})
    euler = with_trace(lif("nest"), kick)
    euler = altered(euler, manifest={**euler.manifest, "scheme": "euler"})
    cause = compare_columns([other, euler]).verdict.causes["nest"]
    assert cause.rule == "integration or arrival"
    assert "rk4 and euler" in cause.text


def test_other_initial_values_are_named(lif):
    found = compare_columns([lif("brian2"), with_trace(lif("nest"), lambda v: v + 0.5)])
    assert found.verdict.causes["nest"].rule == "initial state"


def test_what_only_one_recorded_is_never_identical(lif):
    found = compare_columns([lif("brian2"), altered(lif("nest"), traces={})])
    assert found.verdict.kind == "different"
    assert "Not compared: excitatory.v" in str(found.verdict)


def test_caveats_of_built_ins_are_told_where_results_differ(lif):
    found = compare_columns([lif("brian2"), without_spike(lif("nest"))])
    assert "iaf_psc_exp: t_ref is rounded up" in str(found.verdict)
    assert "t_ref" not in str(compare_columns([lif("brian2"), lif("nest")]).verdict)


def test_seeds_make_results_equivalent_in_distribution(lif):
    runs = {
        name: [lif(name, seed=first + seed, noise=1.0, duration=500.0) for seed in range(5)]
        for name, first in (("brian2", 0), ("nest", 50))
    }
    pair = compare_columns([runs["brian2"][0], runs["nest"][0]])
    assert pair.verdict.causes["nest"].rule == "seed"
    found = pair.with_evidence(statistics=compare_statistics(runs)).verdict
    assert (found.kind, found.how) == ("equivalent", "in distribution")
    runs["nest"] = [lif("nest", seed=s, noise=1.0, duration=500.0, drive=14.0) for s in range(5)]
    worse = pair.with_evidence(statistics=compare_statistics(runs)).verdict
    assert worse.kind == "different"
    assert "furthest out: rate" in str(worse)


def test_json_holds_what_the_command_line_promises(lif):
    found = compare_columns([lif("brian2"), without_spike(lif("nest"))]).to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["verdict"] == "different"
    assert found["spikes"]["differing"] == 1
    assert set(found["spikes"]["count"]) == {"brian2", "nest"}
    assert found["traces"]["excitatory.v"]["max_abs"] == 0
    assert found["traces"]["excitatory.v"]["max_relative"] == 0
    assert found["alignment"]["nest"]["steps"] == 0
    assert found["matches"]["nest"]["excitatory"] == "iaf_psc_exp (built-in)"
    assert found["seconds"]["nest"] == {"build": 0.8, "run": 0.42, "collect": 0.01}


def test_a_named_base_is_compared_with_all_others(lif):
    found = compare_columns([lif("brian2"), lif("nest"), lif("reference")], base="reference")
    assert [(pair.base, pair.other) for pair in found.pairs] == [
        ("reference", "brian2"),
        ("reference", "nest"),
    ]


def test_what_cannot_be_compared_is_refused(lif):
    with pytest.raises(SpikebridgeError, match="nothing to compare"):
        compare_columns([lif("brian2")])
    with pytest.raises(SpikebridgeError, match="no such result"):
        compare_columns([lif("brian2"), lif("nest")], base="neuron")
    with pytest.raises(SpikebridgeError, match="200 ms"):
        compare_columns([lif("brian2"), lif("nest", duration=200.0)])
    with pytest.raises(SpikebridgeError, match="no population"):
        compare_columns([lif("brian2"), altered(lif("nest"), spikes={}, traces={})])
