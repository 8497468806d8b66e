"""One network with a population of every cell, so that one process of a simulator serves all."""

from __future__ import annotations

from typing import Any

import pytest

import spikebridge as sb
from spikebridge.definition.library import load
from spikebridge.definition.network import Network
from spikebridge.installed import version_of

CELLS: dict[str, tuple[str, dict[str, str], str]] = {
    "exp": ("neurons/lif_current", {"exc": "60 pA", "inh": "-45 pA"}, "300 pA"),
    "alpha": ("neurons/lif_alpha", {"exc": "60 pA", "inh": "-45 pA"}, "300 pA"),
    "delta": ("neurons/lif_delta", {"spikes": "2 mV"}, "210 pA"),
    "cond": ("neurons/lif_conductance", {"exc": "2 nS", "inh": "3 nS"}, "300 pA"),
    "adex": ("neurons/adex", {"exc": "2 nS", "inh": "3 nS"}, "700 pA"),
    "izh": ("neurons/izhikevich", {"spikes": "2 mV"}, "10 pA"),
    "hh": ("neurons/hodgkin_huxley", {"exc": "2 nS", "inh": "3 nS"}, "300 pA"),
}
VALUES = {"adex": {"V_peak": "-40 mV"}}  # what a fixed step of NEURON can follow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without PyNN these tests have nothing to run."""
    if version_of("PyNN") is None:
        for item in items:
            if "simulators/pynn" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason="PyNN is not installed"))


def zoo(*cells: str, **more: Any) -> Network:
    """Two units of each of ``cells``, driven by spike trains, steps of current and one another.

    One train holds two spikes in one step. Kept short: the last step of current ends the activity.
    """
    found: dict[str, Any] = {
        "kind": "network",
        "populations": {},
        "projections": {},
        "recordings": {},
        "stimuli": {
            "in": {
                "kind": "spikes",
                "trains": [["0.3 ms", "5 ms", "5 ms", "11.2 ms", "30 ms"], ["7.2 ms", "31 ms"]],
            }
        },
        "run": {"dt": "0.1 ms", "duration": "50 ms", "seed": 3},
    }
    for cell in cells:
        _add(found, cell)
    for name, entries in more.items():
        found[name] |= entries
    network = sb.load(found)
    assert isinstance(network, Network)
    return network


def _add(found: dict[str, Any], cell: str) -> None:
    name, weights, current = CELLS[cell]
    neuron = load(name)
    found["populations"][cell] = {
        "neuron": name,
        "size": 2,
        "parameters": VALUES.get(cell, {}),
    }
    for port, weight in weights.items():
        for pre, delay in (("in", "0.2 ms"), (cell, "1.6 ms")):
            found["projections"][f"{pre}_{cell}_{port}"] = {
                "pre": pre,
                "post": cell,
                "port": port,
                "rule": {"kind": "all_to_all"},
                "weight": weight,
                "delay": delay,
            }
    found["stimuli"][f"{cell}_step"] = {
        "kind": "current",
        "population": cell,
        "port": next(iter(neuron.continuous_ports)),
        "times": ["0 ms", "2 ms", "40 ms"],
        "values": ["10 pA", current, "0 pA"],
    }
    states = [s for s in neuron.states if not s.startswith("J_")]
    found["recordings"][cell] = {"population": cell, "variables": states}
