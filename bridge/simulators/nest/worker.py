"""A NEST process: ``python -m spikebridge.simulators.nest.worker JOBFILE BEGAN``.

It imports NEST, waits for a line on stdin that says that the job is there, and runs it. The answer
is pickled beside the job, as ``JOBFILE.result``; progress goes to stdout line by line. BEGAN is the
parent's `time.perf_counter` when it started this process.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

from ...records import replace

PROGRESS = "spikebridge progress "
DONE = "spikebridge done\n"
UNUSED = ("matplotlib", "pandas")  # NEST imports them where they are: 0.4 s


def main(path: str, began: float) -> None:
    """Run the job in the file ``path``."""
    gc.disable()  # the process ends with its job; looking for cycles takes a tenth of the start
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]
    nest = load_nest()
    from .run import simulate

    seconds = time.perf_counter() - began
    if not sys.stdin.readline():
        return  # the parent is gone
    job = pickle.loads(Path(path).read_bytes())
    result = simulate(job, nest, _report if job.report else None)
    result = replace(result, seconds={"start": seconds, **result.seconds})
    partial = Path(f"{path}.partial")
    with partial.open("wb") as file:
        pickle.dump(result, file, protocol=5)
    partial.rename(f"{path}.result")
    sys.stdout.write(DONE)


def load_nest() -> Any:
    """NEST without its banner."""
    os.environ.setdefault("PYNEST_QUIET", "1")
    import nest

    return nest


def _report(fraction: float) -> None:
    sys.stdout.write(f"{PROGRESS}{fraction:.6f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # the kernel goes with the process: freeing 10^7 connections one by one takes long
