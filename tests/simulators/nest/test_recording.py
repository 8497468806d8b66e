"""A translated network is a PyNEST script that gives the spikes of a run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spikebridge import Network, simulate
from spikebridge.errors import SimulationFailed
from spikebridge.simulators.nest.job import Group, Job, NodeModel
from spikebridge.simulators.nest.recording import script_in_child
from spikebridge.translate import translate

sys.path.insert(0, str(Path(__file__).parents[2] / "agreement"))
from random_networks import random_network

TAIL = """
found = {n: x for n, x in list(globals().items()) if n.endswith("_spikes")}
np.savez("spikes.npz", **{f"{n}.{k}": x.get("events", k) for n, x in found.items()
                          for k in ("times", "senders")},
         **{f"{n}.first": globals()[n.removesuffix("_spikes")][0].global_id for n in found})
"""
SOME = (3, 12)  # four plastic rules, parrots and a warm-up; phases, currents


def check(network: Network, folder: Path) -> int:
    """Runs the script; its number of spikes."""
    files = translate(network, "nest").write(folder)
    (script,) = (f for f in files if f.suffix == ".py")
    text = script.read_text()
    script.write_text(text + TAIL)
    command = [sys.executable, script.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2000:]
    late = re.search(r"until ([\d.]+) ms neurons stand still", text)
    dt, total = network.dt.number, 0
    with np.load(folder / "spikes.npz") as found:
        for name, spikes in simulate(network, "nest").columns.spikes.items():
            times = found[f"{name}_spikes.times"] - (float(late.group(1)) if late else 0.0)
            units = found[f"{name}_spikes.senders"] - found[f"{name}_spikes.first"]
            mine = sorted(zip(np.rint(times / dt).astype(int), units, strict=True))
            steps = np.rint(spikes.times / dt).astype(int)
            assert mine == sorted(zip(steps, spikes.senders, strict=True))
            total += len(mine)
    return total


@pytest.mark.parametrize(
    "seed", [*SOME, *(pytest.param(s, marks=pytest.mark.full) for s in range(60) if s not in SOME)]
)
def test_random_networks(seed: int, tmp_path: Path) -> None:
    assert check(random_network(seed), tmp_path) > 0


def test_what_nest_refuses_is_told() -> None:
    node = NodeModel("iaf_psc_exp", {"tau_m": -1.0}, {}, {}, {})
    job = Job(0.1, 10, 1, 1, 1, (), (Group("A", 2, node),), (), (), (), (), ())
    with pytest.raises(SimulationFailed, match="time constants must be strictly positive"):
        script_in_child(job, "network")
