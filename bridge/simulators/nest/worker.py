"""A NEST process: ``python -m spikebridge.simulators.nest.worker JOBFILE`` runs one pickled job.

The answer is pickled beside it, as ``JOBFILE.result``; progress goes to stdout line by line.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

PROGRESS = "spikebridge progress "


def main(path: str) -> int:
    """Run the job in the file ``path``."""
    start = time.perf_counter()
    nest = load_nest()
    from .run import simulate

    job = pickle.loads(Path(path).read_bytes())
    seconds = time.perf_counter() - start
    result = simulate(job, nest, _report if job.report else None)
    result = replace(result, seconds={"start": seconds, **result.seconds})
    partial = Path(f"{path}.partial")
    with partial.open("wb") as file:
        pickle.dump(result, file, protocol=5)
    partial.rename(f"{path}.result")
    return 0


def load_nest() -> Any:
    """NEST without its banner."""
    os.environ.setdefault("PYNEST_QUIET", "1")
    import nest

    return nest


def _report(fraction: float) -> None:
    sys.stdout.write(f"{PROGRESS}{fraction:.6f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
