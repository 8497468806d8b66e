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


class Child:
    """A NEST process that imports NEST while its job is still being made.

    It is ``waiting`` until it gets its one job, and ends with `run`, with `stop`, or by itself when
    this process is gone.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="spikebridge-nest-")
        self._path = Path(self._folder.name) / "job"
        self._errors = Path(f"{self._path}.err").open("w+b")  # noqa: SIM115  closed by `_end`
        self.waiting = True
        self._process = subprocess.Popen(
            command(self._path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment(),
            text=True,
        )

    def run(
        self,
        job: Job,
        label: str,
        progress: Callable[[float], None] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Result:
        """The result of ``job``; the child ends with this call, but for freeing its memory.

        ``meanwhile`` is called once, while the child works.

        Raises:
            SimulationFailed: the child failed or was killed; holds the end of what it printed.
        """
        self.waiting, done = False, False
        try:
            with self._path.open("wb") as file:
                pickle.dump(job, file, protocol=5)
            self._say("go\n")
            if meanwhile:
                meanwhile()
            said, done = _listen(self._process, progress)
            status = 0 if done else self._process.wait()
            answer = Path(f"{self._path}.result")
            if status or not answer.is_file():
                output = _Output(status, said + self._complaints())
                raise SimulationFailed(f"NEST {output.ending}: {output.tail}", model=label)
            with answer.open("rb") as file:
                result: Result = pickle.load(file)
            return result
        finally:
            self._end(done)

    def stop(self) -> None:
        """End the child if it still waits for a job."""
        if self.waiting:
            self.waiting = False
            self._end(False)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died: `_listen` finds out, and why
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _complaints(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    def _end(self, done: bool) -> None:
        if done:
            # The kernel's memory takes a while to free: the user need not wait for it.
            threading.Thread(target=self._process.communicate, daemon=True).start()
        else:
            self._process.kill()
            self._process.communicate()
        self._errors.close()
        self._folder.cleanup()


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


def environment() -> dict[str, str]:
    """The child's variables: quiet, and memory in huge pages unless the user's tunables say.

    A spike's targets lie all over NEST's memory, whose pages of 4 KiB are too many for the
    processor's table of them. glibc reads this before a process begins; elsewhere it means nothing.
    """
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    if "glibc.malloc.hugetlb" not in tunables:
        tunables = ":".join(filter(None, (tunables, "glibc.malloc.hugetlb=1")))
    return {**os.environ, "PYNEST_QUIET": "1", "GLIBC_TUNABLES": tunables}


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
