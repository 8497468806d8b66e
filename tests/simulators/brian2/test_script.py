"""A translated network is a script of Brian2 alone that gives the same spikes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikebridge import Network, Phase, simulate
from spikebridge.translate import translate

sys.path.insert(0, str(Path(__file__).parents[2] / "agreement"))
from random_networks import random_network
from rewarded import rewarded

TAIL = """
found = {n: m for n, m in list(globals().items()) if isinstance(m, SpikeMonitor)}
np.savez("spikes.npz", **{f"{n}.{k}": x for n, m in found.items() for k, x in
                          (("t", m.t/ms), ("i", m.i[:]))})
"""
# 3: phases; 5, 12: two spikes of an input in a step; 9: a long table; 33: merged populations
SOME = (3, 5, 9, 12, 33)


def by_script(network: Network, folder: Path) -> dict[str, Any]:
    """Steps and units of all spikes, by monitor."""
    files = translate(network, "brian2").write(folder)
    (script,) = (f for f in files if f.suffix == ".py")
    text = 'from brian2 import prefs\nprefs.codegen.target = "numpy"\n' + script.read_text() + TAIL
    script.write_text(text)
    command = [sys.executable, "-W", "ignore", script.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2000:]
    with np.load(folder / "spikes.npz") as found:
        return dict(found)


def check(network: Network, folder: Path) -> int:
    found, dt = by_script(network, folder), network.dt.number
    total = 0
    for name, spikes in simulate(network, "reference").columns.spikes.items():
        (monitor,) = (n[:-2] for n in found if n.endswith(".t") and name in n.split("_spikes")[0])
        first = 0
        for part in monitor.removesuffix("_spikes").split("_"):  # merged: one after the other
            if part == name:
                break
            first += int(network.populations[part].size.number)
        times, units = found[f"{monitor}.t"], found[f"{monitor}.i"] - first
        mine = (units >= 0) & (units < spikes.size)
        steps = np.rint(times[mine] / dt).astype(int) + 1  # labelled by the step's beginning
        expected = sorted(zip(np.rint(spikes.times / dt).astype(int), spikes.senders, strict=True))
        assert sorted(zip(steps, units[mine], strict=True)) == expected
        total += len(expected)
    return total


@pytest.mark.parametrize(
    "seed", [*SOME, *(pytest.param(s, marks=pytest.mark.full) for s in range(60) if s not in SOME)]
)
def test_random_networks(seed: int, tmp_path: Path) -> None:
    assert check(random_network(seed), tmp_path) > 0


def test_a_third_factor_and_names_that_are_the_same(tmp_path: Path) -> None:
    phases = [Phase("40 ms", {"cells.t_ref": "3 ms"}), Phase("60 ms", {"cells.V_th": "19 mV"})]
    network = replace(rewarded(), phases=tuple(phases))
    weights = simulate(network, "reference").columns.traces["drive"][0].values
    assert np.ptp(weights[-1]) > 0.01
    assert check(network, tmp_path) > 20
