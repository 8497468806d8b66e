"""A description laid over results: pairs by name, means in bins, errors, the report's section."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikebridge.compare.comparison import compare_columns
from spikebridge.compare.overlay import binned, lay_over, rate
from spikebridge.errors import SpikebridgeError
from spikebridge.results.columns import Columns, Spikes, Trace
from spikebridge.results.connections import Connections

T = np.arange(0, 100.5, 0.5)


def trace(name, values, unit="1", units=1):
    table = np.repeat(np.asarray(values, dtype=float)[:, None], units, axis=1)
    return Trace(name, unit, T, np.arange(units), table)


def measured(simulator="nest", shift=0.0):
    """Ten units, one spike each every 10 ms (100 Hz); synapses A from E with u = 0.5."""
    times = np.repeat(np.arange(10) * 10.0 + 5.0, 10)
    spikes = {"E": Spikes.from_raw(times, np.tile(np.arange(10), 10), 10, dt=0.5)}
    zero = np.zeros(3)
    joined = Connections("E", "E", np.arange(3), zero, zero, zero, zero)
    traces = {
        "E": (trace("s", 2 * T / 100 + shift, units=4),),
        "A": (trace("u", np.full(len(T), 0.5), units=3),),
    }
    return Columns(simulator, 0.5, 100.0, spikes, traces, {}, connections={"A": joined})


def description(**changes):
    traces = {
        "E": (
            trace("r", np.full(len(T), 0.09), "kHz"),
            trace("s", 2 * T / 100 + 0.1),
            trace("u", np.full(len(T), 0.6)),
            trace("nothing", T),
        )
    }
    manifest = {"title": "A mean field"}
    return replace(Columns("reference", 0.5, 100.0, {}, traces, manifest), **changes)


def test_each_quantity_is_laid_over_what_was_measured_of_it():
    found = lay_over({"nest": measured(), "brian2": measured("brian2", shift=0.1)}, description())
    curves = {c.name: c for c in found.curves}
    assert list(curves) == ["E.r", "E.s", "E.u"]
    assert found.left == ("E.nothing: no trace, spikes or synapses of that name were recorded",)
    assert len(curves["E.r"].times) == 10
    assert (curves["E.r"].unit, curves["E.r"].measured) == ("Hz", "spikes of 10 units")
    np.testing.assert_allclose(curves["E.r"].found["nest"], 100.0)
    np.testing.assert_allclose(curves["E.r"].expected, 90.0)
    assert curves["E.r"].rms("nest") == pytest.approx(10.0)
    assert curves["E.r"].worst("nest") == (pytest.approx(10.0), 5.0)
    assert np.isnan(curves["E.r"].share("nest"))  # nothing varied
    assert curves["E.s"].rms("nest") == pytest.approx(0.1)
    assert curves["E.s"].share("nest") == pytest.approx(0.1 / 1.8)
    assert curves["E.s"].rms("brian2") == pytest.approx(0.0, abs=1e-12)
    assert curves["E.u"].measured == "mean of 3 synapses of A"
    assert curves["E.u"].rms("nest") == pytest.approx(0.1)


def test_bins():
    """A spike at the end of a bin is in it; a recording slower than the bins is interpolated."""
    edges = np.array([0.0, 10.0, 20.0])
    spikes = Spikes.from_raw([10.0, 10.5, 20.0], [0, 1, 0], 2, dt=0.5)
    np.testing.assert_allclose(rate(spikes, edges), [50.0, 100.0])
    slow = Trace("x", "1", np.array([0.0, 20.0]), np.array([0]), np.array([[0.0], [4.0]]))
    np.testing.assert_allclose(binned(slow, edges), [1.0, 3.0])


def test_the_report_and_the_verdict(tmp_path):
    pair = compare_columns([measured(), measured("brian2")])
    laid = pair.laid_under(description())
    assert laid.verdict.kind == pair.verdict.kind == "identical"
    shown = laid.to_json()["overlay"]
    assert shown["curves"]["E.u"]["results"]["nest"]["rms"] == pytest.approx(0.1)
    assert pair.to_json()["overlay"] is None
    text = laid.report(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Laid over the results: A mean field" in text
    assert "E.nothing: no trace" in text
    assert 'id="overlay"' not in pair.report(tmp_path / "p.html").read_text(encoding="utf-8")
    assert "E.u on nest: mean 0.5, described 0.6" in str(laid.overlay)


def test_what_cannot_be_laid_over():
    with pytest.raises(SpikebridgeError, match="nest ran for 100 ms, what is laid over it for 50"):
        lay_over({"nest": measured()}, description().between(0.0, 50.0))
    with pytest.raises(SpikebridgeError, match="bin of 200 ms does not fit"):
        lay_over({"nest": measured()}, description(), width=200.0)
    with pytest.raises(SpikebridgeError, match="shares no quantity"):
        lay_over({"nest": measured()}, description(traces={"X": description().traces["E"]}))
