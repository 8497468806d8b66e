"""C++ standalone in a child process with a folder of its own: Brian2's device is process-wide."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from ...errors import SimulationFailed
from .plan import Plan


def run_in_child(plan: Plan) -> Any:
    """The plan's raw results from a compiled program.

    Raises:
        SimulationFailed: the child failed; its last lines are in the message.
    """
    with tempfile.TemporaryDirectory(prefix="spikebridge-") as folder:
        given, made = Path(folder, "plan.pickle"), Path(folder, "raw.pickle")
        given.write_bytes(pickle.dumps(plan))
        command = [sys.executable, "-m", __name__, str(given), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not made.exists():
            raise SimulationFailed(
                f"Brian2's standalone program failed: {_why(done.stderr or done.stdout)}",
                symbol="brian2",
                remedy='choose {"target": "cython"} to see where',
            )
        return pickle.loads(made.read_bytes())


def _why(text: str) -> str:
    """What the compiler or the linker complains of; else the last lines."""
    lines = text.strip().splitlines()
    told = [line for line in lines if re.search(r"error:|undefined reference|No space", line)]
    return " / ".join(told[:5] or lines[-5:])


def run_standalone(plan: Plan, folder: Path) -> Any:
    """Build, compile and run in this process, whose device is standalone from here on."""
    import brian2

    from .build import build
    from .collect import collect
    from .run import queue_phases

    began = perf_counter()
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.seed(plan.seed % 2**32)
    built = build(plan)
    queue_phases(built, plan)
    brian2.device.build(directory=str(folder / "code"), compile=True, run=False)
    compiled = perf_counter()
    brian2.device.run(directory=str(folder / "code"), with_output=False)
    ended = perf_counter()
    raw = collect(built, plan, "standalone")
    return raw.with_seconds(
        {"build": compiled - began, "run": ended - compiled, "collect": perf_counter() - ended}
    )


if __name__ == "__main__":
    _plan = pickle.loads(Path(sys.argv[1]).read_bytes())
    _raw = run_standalone(_plan, Path(sys.argv[1]).parent)
    Path(sys.argv[2]).write_bytes(pickle.dumps(_raw))
