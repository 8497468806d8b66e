"""The published networks, recurrent and at full size: no spike differs."""

from __future__ import annotations

import pytest

from spikebridge.api import compare
from spikebridge.cases import NETWORKS

DURATION = {"networks/cuba": 200.0, "networks/coba": 100.0, "networks/brunel2000": 100.0}


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_networks_agree(model: str) -> None:
    found = compare(
        model,
        ("reference", "brian2", "nest"),
        scheme=NETWORKS[model],
        duration=DURATION.get(model, 200.0),
        options={"brian2": {"target": "numpy"}, "nest": {"match": False}},
    )
    assert found.verdict.kind == "identical", str(found.verdict)
    assert found.differing == 0
    assert sum(len(s) for s in found.runs["nest"].spikes.values()) > 500
