"""The published networks, recurrent: no spike differs."""

from __future__ import annotations

import pytest

from spikebridge.api import compare
from spikebridge.cases import NETWORKS
from spikebridge.definition.library import load

FEWER = {"networks/brunel2000": {"order": 250}}  # 1250 neurons; at full size with `full`
DURATION = {"networks/cuba": 200.0, "networks/coba": 100.0, "networks/brunel2000": 100.0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "changes"),
    [pytest.param(m, FEWER.get(m, {}), id=m) for m in NETWORKS]
    + [pytest.param(m, {}, marks=pytest.mark.full, id=f"{m}, all of it") for m in FEWER],
)
def test_networks_agree(model: str, changes: dict[str, int]) -> None:
    found = compare(
        load(model, **changes),
        ("reference", "brian2", "nest"),
        scheme=NETWORKS[model],
        duration=DURATION.get(model, 200.0),
        options={"brian2": {"target": "numpy"}, "nest": {"match": False}},
    )
    assert found.verdict.kind == "identical", str(found.verdict)
    assert found.differing == 0
    assert sum(len(s) for s in found.runs["nest"].spikes.values()) > 500
