"""The microcircuit, its rate description, and two areas that hold a memory."""

from __future__ import annotations

import numpy as np
import pytest

from spikebridge import compare, simulate
from spikebridge.api import Run

ALL = ["reference", "brian2", "nest"]
NUMPY = {"brian2": {"target": "numpy"}}
SMALL = {"N_E": 40, "N_I": 10}
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["microcircuit_stp", "two_areas"])
def test_spiking_areas_agree_spike_by_spike(name: str) -> None:
    cue = {"t_cue": "10 ms", "T_cue": "40 ms", "A_cue": "12 mV"}
    found = compare(
        f"networks/{name}",
        ALL,
        parameters={**SMALL, **cue},
        duration="60 ms",
        frozen_noise=True,
        options=NUMPY,
    )
    assert (found.verdict.kind, found.differing) == ("identical", 0)
    assert all(sum(len(s) for s in run.spikes.values()) > 60 for run in found.runs.values())


def test_the_rate_description_agrees_to_rounding() -> None:
    rates = "networks/microcircuit_stp_rate"
    cue = {"t_cue": "20 ms", "T_cue": "60 ms"}
    found = compare(rates, ALL, parameters=cue, duration="100 ms", options=NUMPY)
    assert found.verdict.kind == "identical"
    trace = found.runs["nest"].trace("E", "r")
    assert trace.unit == "kHz"
    assert 0.02 < trace.values.max() < 0.06


def test_the_description_lies_over_the_simulation() -> None:
    """The mean rate within 15 %, u and R within a tenth of their range, for one small network."""
    found = compare(
        "networks/microcircuit_stp",
        ["reference", "nest"],
        overlay="networks/microcircuit_stp_rate",
        parameters={"N_E": 100, "N_I": 25, "t_cue": "50 ms", "T_cue": "150 ms"},
        duration="250 ms",
        frozen_noise=True,
    )
    assert found.differing == 0
    assert found.overlay is not None
    curves = {c.name: c for c in found.overlay.curves}
    assert list(curves) == ["E.r", "E.u", "E.R", "E.s_E", "I.r", "I.s_I"]
    r = curves["E.r"]
    assert np.mean(r.expected) == pytest.approx(np.mean(r.found["nest"]), rel=0.15)
    assert curves["E.u"].share("nest") < 0.1
    assert curves["E.R"].share("nest") < 0.15


def rates(run: Run, start: float, stop: float) -> dict[str, float]:
    """Hz, of the excitatory neurons of each area."""
    spikes = {n: run.columns.spikes[f"{n}.E"] for n in ("V1", "PFC")}
    seconds = (stop - start) / 1000.0
    return {n: len(s.between(start, stop)) / s.size / seconds for n, s in spikes.items()}


@pytest.mark.full
def test_the_memory_needs_the_feedback() -> None:
    held, lost = (
        simulate(
            "networks/two_areas",
            "nest",
            duration="700 ms",
            parameters={"N_E": 160, "N_I": 40, "t_cue": "100 ms", **variant},
        )
        for variant in ({}, {"variant": "no_feedback"})
    )
    for run in (held, lost):
        assert max(rates(run, 20, 100).values()) < 8
        assert rates(run, 100, 200)["V1"] > 30
    assert min(rates(held, 450, 700).values()) > 20
    assert max(rates(lost, 450, 700).values()) < 8
