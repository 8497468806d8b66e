"""Runs a pickled job in a Python process of its own: what a simulator does there stays there."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..errors import SimulationFailed

TAIL = 12  # lines of what a failed child said that an error repeats


def command(worker: str, path: Path) -> list[str]:
    """The command that runs the job in the file ``path`` with the module ``worker``."""
    # -P: a file named like a simulator in the user's folder must not hide it.
    return [sys.executable, "-P", "-m", worker, str(path)]


def run_in_child(job: Any, worker: str, *, who: str, label: str) -> Any:
    """What ``python -m worker JOBFILE`` pickles beside the job, as ``JOBFILE.result``.

    The child works in a temporary folder, so that what a simulator leaves behind goes with it.

    Raises:
        SimulationFailed: the child failed or was killed; holds the end of what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="spikebridge-") as folder:
        path = Path(folder) / "job"
        path.write_bytes(pickle.dumps(job, protocol=5))
        child = subprocess.run(
            command(worker, path),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": folder},
            text=True,
            errors="replace",
            check=False,
        )
        answer = Path(f"{path}.result")
        if child.returncode or not answer.is_file():
            said = _tail(child.stdout)
            raise SimulationFailed(f"{who} {_ending(child.returncode)}: {said}", model=label)
        return pickle.loads(answer.read_bytes())


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _tail(said: str) -> str:
    """The last lines, of a traceback without the lines that only say where."""
    lines = [line.strip() for line in said.splitlines() if line.strip(" ~^")]
    lines = [line for line in lines if not line.startswith('File "')]
    return " | ".join(lines[-TAIL:])


def answer(path: str, result: Any) -> None:
    """Called by the child: ``result`` is there whole or not at all."""
    partial = Path(f"{path}.partial")
    partial.write_bytes(pickle.dumps(result, protocol=5))
    partial.rename(f"{path}.result")
