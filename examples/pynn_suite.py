"""Which of PyNN's own system tests and example scripts run on spikebridge, and with PyNN's spikes?

    pip download --no-deps --no-binary :all: pynn   # then unpack it
    python examples/pynn_suite.py PYNN_FOLDER [--on nest] [--only small_network]

PyNN's wheel ships neither; its source distribution has both. The scenarios of the system tests run
with `spikebridge.pynn` as their simulator. The examples run unmodified, through
`python -m spikebridge.pynn` and, on the same simulator, through PyNN itself with spikes on the
grid and min_delay = timestep where the script says nothing of it; what both have written is
compared.
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

FIXTURES = """
import pytest
import spikebridge.pynn


class Sim:
    __name__ = "spikebridge.pynn"

    def __getattr__(self, name):
        return getattr(spikebridge.pynn, name)

    def setup(self, *given, spike_precision="on_grid", **more):
        return spikebridge.pynn.setup(*given, **more, backend="{on}")


def run_with_simulators(*names):
    return pytest.mark.parametrize("sim", [pytest.param(Sim(), id="{on}")])
"""
ON_GRID = """
import importlib, runpy, sys
sim = importlib.import_module("pyNN.{on}")
setup = sim.setup


def on_grid(timestep=0.1, min_delay="auto", **more):
    least = timestep if min_delay == "auto" else min_delay
    return setup(timestep, least, **{{**more, "spike_precision": "on_grid"}})


sim.setup = on_grid
sys.argv = sys.argv[1:]
sys.path[0] = "."
runpy.run_path(sys.argv[0], run_name="__main__")
"""
CASES = {"VAbenchmarks": (["CUBA"], ["COBA"])}  # arguments besides the simulator
OTHERS = ("csa", "nineml", "nrn_artificial", "distrib")  # need further packages, NEURON or MPI
LONGEST = 300.0  # s


def scenarios(folder: Path, on: str) -> None:
    """PyNN's system tests, with their summary."""
    with tempfile.TemporaryDirectory() as work:
        tests = Path(work) / "scenarios"
        shutil.copytree(folder / "test/system/scenarios", tests)
        (tests / "fixtures.py").write_text(FIXTURES.replace("{on}", on))
        command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, str(tests)], check=False, cwd=work, capture_output=True, text=True
        )
        lines = done.stdout.splitlines()
        print(*(x[:100] for x in lines if x.startswith("FAILED")), lines[-1], sep="\n", flush=True)


def example(script: Path, arguments: list[str], on: str) -> str:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as work:
        ours, theirs = (Path(work) / x for x in ("spikebridge", "pynn"))
        for place in (ours, theirs):
            shutil.copytree(script.parent, place)
            (place / "Results").mkdir(exist_ok=True)
        first = theirs / "on_grid.py"
        first.write_text(ON_GRID.format(on=on))
        mine = _ran(["-m", "spikebridge.pynn", "--on", on], ours, script, [on, *arguments])
        other = _ran([first.name], theirs, script, [on, *arguments])
        name = " ".join([script.stem, *arguments])
        if mine or other:
            return f"| {name} | {mine or 'yes'} | PyNN itself: {other or 'yes'} |"
        return f"| {name} | yes | {_compared(ours, theirs)} |"


def _ran(launcher: list[str], place: Path, script: Path, arguments: list[str]) -> str:
    """Why the script ended in an error; "" where it did not."""
    command = [sys.executable, *launcher, script.name, *arguments]
    try:
        done = subprocess.run(
            command, check=False, cwd=place, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return f"no end within {LONGEST:g} s"
    said = [x for x in done.stderr.splitlines() if x.strip()]
    return said[-1][:140] if done.returncode else ""


def _compared(ours: Path, theirs: Path) -> str:
    found = [[_data(f) for f in sorted(p.rglob("*.pkl"))] for p in (ours, theirs)]
    if not found[0] or len(found[0]) != len(found[1]):
        return "writes no data"
    spikes = differing = 0
    off = 0.0
    for (mine, signals), (other, others) in zip(*found, strict=True):
        spikes += sum(map(len, mine))
        differing += sum(len(a ^ b) for a, b in zip(mine, other, strict=True))
        for name, values in signals.items():
            if name in others and others[name].shape == values.shape:
                off = max(off, float(np.abs(values[1:] - others[name][1:]).max()))
    return f"{spikes} spikes, {differing} differ; signals within {off:.1e}"


def _data(path: Path) -> tuple[list[set[float]], dict[str, Any]]:
    """Spike times (ms, to 1 us) of each train, and signals by name."""
    block = pickle.loads(path.read_bytes())
    trains, signals = [], {}
    for k, segment in enumerate(block.segments):
        times = (t.rescale("ms").magnitude for t in segment.spiketrains)
        trains += [set(np.round(t, 3).tolist()) for t in times]
        signals |= {f"{k} {a.name}": a.magnitude for a in segment.analogsignals}
    return trains, signals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="PyNN's source distribution, unpacked")
    parser.add_argument("--on", default="nest")
    parser.add_argument("--only", default="", help="examples whose name has this in it")
    options = parser.parse_args()
    if not options.only:
        scenarios(options.folder, options.on)
    for script in sorted((options.folder / "examples").glob("*.py")):
        if options.only in script.stem and not any(x in script.stem for x in OTHERS):
            for arguments in CASES.get(script.stem, ([],)):
                print(example(script, arguments, options.on), flush=True)


if __name__ == "__main__":
    main()
