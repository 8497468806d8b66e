"""Synapses that are static in other words, and those that are not."""

from __future__ import annotations

from typing import Any

import pytest

from spikebridge.definition.library import load
from spikebridge.definition.model import Synapse
from spikebridge.passes.match import NoMatch
from spikebridge.passes.match_synapse import SynapseMatch, match_synapse


@pytest.mark.parametrize(
    ("deliver", "factor"), [("weight", 1.0), ("k*weight", 3.0), ("(weight + weight*k)/2", 2.0)]
)
def test_weight_times_parameters_is_static(deliver: str, factor: float) -> None:
    found = match_synapse(Synapse(parameters={"k": 3.0}, deliver=deliver))  # type: ignore[arg-type]
    assert isinstance(found, SynapseMatch) and found.builtin == "static_synapse"
    assert found.weight_factor({"k": 3.0}) == factor


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"deliver": "weight**2"}, "not the weight times"),
        ({"deliver": "weight + k"}, "not the weight times"),
        ({"deliver": "weight*V_post"}, "not the weight times"),
        ({"deliver": "weight*x", "equations": "dx/dt = -x/(1*ms) : 1"}, "states x"),
        ({"coupling": "weight*k"}, "continuously"),
    ],
)
def test_others_are_not(entries: dict[str, Any], reason: str) -> None:
    found = match_synapse(Synapse(parameters={"k": 3.0}, **entries))
    assert isinstance(found, NoMatch) and reason in found.text


def test_library() -> None:
    assert isinstance(match_synapse(load("synapses/static")), SynapseMatch)
    assert isinstance(match_synapse(load("synapses/gating")), NoMatch)
