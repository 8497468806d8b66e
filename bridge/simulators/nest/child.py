"""Runs a job in a NEST process of its own: the user's kernel stays as it is."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...errors import SimulationFailed
from .job import Job, Result
from .worker import DONE, PROGRESS

WORKER = "spikebridge.simulators.nest.worker"


def run_in_child(
    job: Job,
    label: str,
    progress: Callable[[float], None] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Result:
    """The result of ``job``; the child ends with this call, but for freeing its memory.

    ``meanwhile`` is called once, while the child starts.

    Raises:
        SimulationFailed: the child failed or was killed; holds the end of what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="spikebridge-nest-") as folder:
        path = Path(folder) / "job"
        with path.open("wb") as file:
            pickle.dump(job, file, protocol=5)
        output = _run(path, progress, meanwhile)
        answer = Path(f"{path}.result")
        if output.status or not answer.is_file():
            raise SimulationFailed(f"NEST {output.ending}: {output.tail}", model=label)
        with answer.open("rb") as file:
            result: Result = pickle.load(file)
        return result


class _Output:
    """How a child ended and the last it said."""

    def __init__(self, status: int, said: str) -> None:
        self.status = status
        lines = [line.strip() for line in said.splitlines() if line.strip(" ~^")]
        self.tail = " | ".join(lines[-8:])

    @property
    def ending(self) -> str:
        if self.status < 0:
            return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended with status {self.status}"


def command(path: Path) -> list[str]:
    """The command that runs the job in the file ``path``."""
    # -P: a file nest.py in the user's folder must not hide NEST.
    return [sys.executable, "-P", "-m", WORKER, str(path), str(time.perf_counter())]


def _run(
    path: Path,
    progress: Callable[[float], None] | None,
    meanwhile: Callable[[], object] | None,
) -> _Output:
    environment = {**os.environ, "PYNEST_QUIET": "1"}
    with Path(f"{path}.err").open("w+b") as errors:
        child = subprocess.Popen(
            command(path), stdout=subprocess.PIPE, stderr=errors, env=environment, text=True
        )
        done = False
        try:
            if meanwhile:
                meanwhile()
            said, done = _listen(child, progress)
            status = 0 if done else child.wait()
        finally:
            if done:
                # The kernel's memory takes a while to free: the user need not wait for it.
                threading.Thread(target=child.communicate, daemon=True).start()
            elif child.poll() is None:
                child.kill()
                child.wait()
        errors.seek(0)
        said += errors.read().decode(errors="replace")
    return _Output(status, said)


def _listen(
    child: subprocess.Popen[str], progress: Callable[[float], None] | None
) -> tuple[str, bool]:
    """What the child says, and whether its result is there."""
    lines: list[str] = []
    assert child.stdout is not None
    for line in child.stdout:
        if line == DONE:
            return "".join(lines), True
        if progress and line.startswith(PROGRESS):
            with contextlib.suppress(ValueError):
                progress(float(line.removeprefix(PROGRESS)))
        else:
            lines.append(line)
    return "".join(lines), False
