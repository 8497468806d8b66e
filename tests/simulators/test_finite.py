"""A state that runs away is an error on every simulator, with the same text."""

from __future__ import annotations

from typing import Any

import pytest

import spikebridge as sb
from spikebridge.definition.library import load
from spikebridge.definition.network import Network, Population
from spikebridge.errors import SimulationFailed

CUBIC = {
    "kind": "neuron",
    "name": "runaway",
    "equations": "dx/dt = x**3/ms : 1",
    "spike": {"condition": "x < -1", "effects": "x = 0"},
    "initial": {"x": 0.0},
}


@pytest.mark.parametrize(
    ("on", "options"), [("reference", {}), ("brian2", {"target": "numpy"}), ("nest", {})]
)
def test_population_state_and_unit(on: str, options: dict[str, Any]) -> None:
    cell = load(CUBIC)
    quiet = Population("quiet", cell, 2)  # simulators may merge the two
    loud = Population("loud", cell, 3, initial={"x": [0.0, 3.0, 0.0]})
    network = Network({"quiet": quiet, "loud": loud}, duration="20 ms", scheme="euler")
    with pytest.raises(SimulationFailed, match=r"loud\.x of unit 1 is not finite") as caught:
        sb.simulate(network, on, options=options)
    assert caught.value.remedy == "use a step smaller than 0.1 ms, or another scheme"
