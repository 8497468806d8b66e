"""Graded coupling on Brian2: the printed script, weights of phases, what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge import Unsupported, simulate
from spikebridge.api import prepare
from spikebridge.definition.library import from_dict, load
from spikebridge.simulators.base import Options

NUMPY = {"target": "numpy"}
RULE = {
    "kind": "synapse",
    "coupling": "g*weight*max(tanh(x_pre + theta_pre), -0.5)**2",
    "parameters": {"g": 0.8},
}
DELAYS = {"distribution": "uniform", "low": "0 ms", "high": "1 ms"}
CURRENT = {"kind": "current", "population": "A"}
NORMAL = {"distribution": "normal", "mean": 0, "std": 0.5}


def network() -> Any:
    """Two populations, a parameter per unit in what is sent, delays, an input that varies."""
    both: dict[str, Any] = {"port": "x_syn", "synapse": RULE, "weight": NORMAL, "delay": DELAYS}
    return {
        "kind": "network",
        "name": "net",
        "populations": {
            "A": {
                "neuron": "rates/ctrnn",
                "size": 5,
                "parameters": {"theta": "0.2*i"},
                "initial": {"x": "0.3*i"},
            },
            "B": {"neuron": "rates/rate_tanh", "size": 3},
        },
        "projections": {
            "AA": {"pre": "A", "post": "A", "rule": "all_to_all", **both},
            "AB": {"pre": "A", "post": "B", "rule": "all_to_all", **both},
        },
        "stimuli": {
            "wave": {**CURRENT, "port": "I_ext", "amplitude": "sin(t/ms)"},
            "more": {**CURRENT, "port": "x_syn", "amplitude": "t/(20*ms)"},
        },
        "recordings": {
            "A": {"population": "A", "variables": ["x"]},
            "B": {"population": "B", "variables": ["r"]},
        },
        "run": {"duration": "20 ms", "dt": "0.1 ms"},
    }


@pytest.mark.slow
def test_the_printed_script_gives_the_same_numbers(tmp_path: Path) -> None:
    content = from_dict(network())
    found = simulate(content, "brian2", options=NUMPY)
    last = {n: found.columns.traces[n][0].values[-1] for n in "AB"}
    texts = ["import brian2", "brian2.prefs.codegen.target = 'numpy'", *found.sources.values()]
    tail = "print(*A.x_[:], '|', *B.r_[:])"
    (tmp_path / "script.py").write_text("\n".join([*texts, tail]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "script.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    parts = done.stdout.strip().splitlines()[-1].split("|")
    for values, part in zip(last.values(), parts, strict=True):
        assert np.abs(np.array(part.split(), dtype=float) - values).max() < 1e-13
    assert np.abs(last["B"]).max() > 1e-3


def test_every_projection_and_its_sum_are_in_the_text() -> None:
    prepared = prepare(load("networks/wilson_cowan"), "brian2", options=Options(simulator=NUMPY))
    text = "\n".join(prepared.sources.values())
    assert text.count("_matrices = {}") == 4
    assert "E_I.x_syn = E_I_x_syn_base + share_0 + share_1 + share_2 + share_3" in text


def test_a_standalone_program_is_refused() -> None:
    with pytest.raises(Unsupported, match="graded coupling in a standalone program"):
        simulate(load("networks/wilson_cowan"), "brian2", options={"target": "standalone"})


def test_a_current_on_the_recurrent_port_adds_to_the_sum() -> None:
    content = from_dict(network())
    found = simulate(content, "brian2", options=NUMPY).columns
    expected = simulate(content, "reference").columns
    for name in "AB":
        difference = found.traces[name][0].values - expected.traces[name][0].values
        assert np.abs(difference).max() < 1e-13
