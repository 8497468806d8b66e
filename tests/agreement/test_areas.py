"""A network of two areas on every simulator: the same spikes, recorded under the areas' names."""

from __future__ import annotations

from typing import Any

import pytest

from spikebridge import compare
from spikebridge.definition.library import from_dict
from spikebridge.results.files import load as load_columns
from spikebridge.results.files import save

OPTIONS = {"brian2": {"target": "numpy"}}
TWO: dict[str, Any] = {
    "kind": "network",
    "name": "two",
    "parameters": {"n": 50, "q": "60 pA*ms"},
    "include": {
        "V1": {"network": "networks/coupled_lif", "parameters": {"N": "n", "p": 0.2}},
        "V2": {
            "network": "networks/coupled_lif",
            "parameters": {"N": "2*n", "p": 0.2, "q": "2*q"},
        },
    },
    "projections": {
        "V1_V2": {
            "pre": "V1.E",
            "post": "V2.E",
            "port": "I_syn",
            "synapse": "synapses/gating",
            "rule": {"kind": "fixed_probability", "p": 0.1},
            "weight": "q",
            "delay": "2 ms",
        }
    },
    "phases": [{"at": "50 ms", "changes": {"V1.E.tau_m": "15 ms"}}],
    "run": {"duration": "100 ms", "scheme": "exact"},
}


@pytest.mark.slow
def test_two_areas_spike_alike(tmp_path: Any) -> None:
    found = compare(from_dict(TWO), ["reference", "brian2", "nest"], options=OPTIONS)
    assert (found.verdict.kind, found.differing) == ("identical", 0)
    for columns in found.runs.values():
        assert list(columns.spikes) == ["V1.E", "V1.I", "V2.E", "V2.I"]
        assert all(len(s) > 20 for s in columns.spikes.values())
    block = tmp_path / "two.h5"
    save(found.runs["nest"], block)
    again = load_columns(block)
    assert list(again.spikes) == ["V1.E", "V1.I", "V2.E", "V2.I"]
    assert {t.variable for t in again.traces["V1.E"]} == {"V"}
    assert "V1.E" in found.report(tmp_path / "two.html").read_text(encoding="utf-8")
