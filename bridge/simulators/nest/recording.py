"""A job as a PyNEST script: what `build` and `run` tell NEST, word for word.

They are run in a kernel of their own against a recorder that passes every call on to NEST and
writes it down, so that the script makes the very network that a run makes; only ``Simulate`` is
written down alone. Lists of more than 100 numbers are read from .npy files.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SimulationFailed
from ...records import dataclass
from .child import environment
from .job import Job

LONGEST = 100
PASSED_ON = ("ResetKernel", "set", "CopyModel", "Connect", "SetDefaults")
MAKING = ("Create", "NodeCollection", "GetConnections")


@dataclass(frozen=True, eq=False)
class Script:
    """``text`` reads ``arrays``: file name -> array."""

    text: str
    arrays: Mapping[str, Any]


def script_in_child(job: Job, label: str) -> Script:
    """The script of ``job``, made by a NEST process.

    Raises:
        SimulationFailed: NEST refused; holds the last lines of what it said.
    """
    with tempfile.TemporaryDirectory(prefix="spikebridge-nest-") as folder:
        given, made = Path(folder, "job"), Path(folder, "script")
        given.write_bytes(pickle.dumps(job, protocol=5))
        command = [sys.executable, "-P", "-m", __name__, str(given), str(made)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment()
        )
        if done.returncode or not made.exists():
            said = " | ".join((done.stderr or done.stdout).strip().splitlines()[-8:])
            raise SimulationFailed(f"NEST could not build the network: {said}", model=label)
        script: Script = pickle.loads(made.read_bytes())
        return script


def record(job: Job, nest: Any) -> Script:
    """Build ``job`` and go through its run without simulating."""
    from .build import build
    from .run import apply_change, by_step, warm_up

    log = Log()
    recorder = Recorder(nest, log)
    built = build(job, recorder)
    warm_up(job, built, recorder)
    now, changes = 0, by_step(job)
    for step in sorted({*changes, job.steps}):
        if step > now:
            recorder.Simulate((step - now) * job.dt)
        now = step
        for change in changes.get(step, ()):
            apply_change(change, built, job, recorder)
    for name, nodes in built.nodes.items():
        log.name(nodes, name)
    for name, device in built.recorders.items():
        log.name(device, f"{name}_spikes")
    for meter, device in zip(job.meters, built.meters, strict=True):
        log.name(device, f"{meter.population}_meter")
    return Script(log.text(job), log.arrays)


class Log:
    """The lines of a script; what calls return is named at the end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.arrays: dict[str, Any] = {}
        self.names: dict[str, str] = {}

    def new(self, kind: str) -> str:
        """A place for the name of one more collection."""
        key = f"\N{LEFT DOUBLE QUOTATION MARK}{len(self.names)}\N{RIGHT DOUBLE QUOTATION MARK}"
        self.names[key] = f"{kind}_{len(self.names)}"
        return key

    def name(self, made: Any, name: str) -> None:
        """Let the collection ``made`` be called ``name``, with as many _ as it takes."""
        from .script import own

        name = own(name)
        while name in self.names.values():
            name += "_"
        self.names[made.text] = name

    def text(self, job: Job) -> str:
        """The whole script."""
        head = ["import nest", "import numpy as np", ""]
        if job.warm:
            until = f"until {job.warm * job.dt:g} ms neurons stand still, for devices to reach them"
            head.append(f"# times count from there: {until}")
        body = "\n".join([*head, *self._with_modules(job)])
        for key, name in self.names.items():
            body = body.replace(key, name)
        return body + "\n"

    def _with_modules(self, job: Job) -> Iterable[str]:
        """`install` speaks to NEST itself, right after the kernel was reset."""
        last = max(k for k, line in enumerate(self.lines) if line.startswith("nest.set("))
        yield from self.lines[: last + 1]
        for module in job.modules:
            yield "# compiled on this machine from the .nestml or .cc files beside this script"
            yield f"nest.Install({str(module.path)!r})"
        yield from self.lines[last + 1 :]

    def shown(self, value: Any) -> str:
        """Python for an argument."""
        if isinstance(value, Handle):
            return str(value.text)
        if isinstance(value, Enum):
            return f"nest.{type(value).__name__}.{value.name}"
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{k!r}: {self.shown(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            return self._rows(value)
        if isinstance(value, list | tuple | np.ndarray):
            return self._array(value)
        found: str = repr(value.item() if isinstance(value, np.generic) else value)
        return found

    def _array(self, value: Any) -> str:
        array = np.asarray(value)
        if array.ndim > 1 or array.dtype.kind not in "iufb":
            return "[" + ", ".join(map(self.shown, value)) + "]"
        end = "" if isinstance(value, np.ndarray) else ".tolist()"
        if array.size <= LONGEST:
            return f"np.array({array.tolist()!r})" if not end else repr(array.tolist())
        file = f"array_{len(self.arrays)}.npy"
        self.arrays[file] = array
        return f"np.load({file!r}){end}"

    def _rows(self, rows: list[Mapping[str, Any]]) -> str:
        """A dictionary for each node: column by column where there are many."""
        if len(rows) <= 3 or any(row.keys() != rows[0].keys() for row in rows):
            return "[" + ", ".join(map(self.shown, rows)) + "]"
        columns = ", ".join(self._column([row[key] for row in rows]) for key in rows[0])
        return f"[dict(zip({tuple(rows[0])!r}, row)) for row in zip({columns})]"

    def _column(self, values: list[Any]) -> str:
        if not np.ndim(values[0]):
            return self.shown(values)
        ends = np.cumsum([len(v) for v in values])[:-1]
        whole = np.concatenate([np.asarray(v) for v in values])
        return f"np.split({self.shown(whole)}, {self.shown(ends)})"


class Handle:
    """A collection of NEST and how the script calls it."""

    def __init__(self, text: str, real: Any, log: Log) -> None:
        self.__dict__.update(text=text, real=real, log=log)

    def __len__(self) -> int:
        return len(self.real)

    def __getitem__(self, key: Any) -> Handle:
        return Handle(f"{self.text}[{self.log.shown(key)}]", self.real[key], self.log)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.log.lines.append(f"{self.text}.{name} = {self.log.shown(value)}")
        setattr(self.real, name, value)

    def set(self, values: Any) -> None:
        """Pass on and write down."""
        self.log.lines.append(f"{self.text}.set({self.log.shown(values)})")
        self.real.set(values)


class Recorder:
    """What stands for the module ``nest``."""

    def __init__(self, nest: Any, log: Log) -> None:
        self.__dict__.update(real=nest, log=log)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.real, name)
        if name not in (*PASSED_ON, *MAKING, "Simulate"):
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            shown = [*map(self.log.shown, arguments)]
            shown += [f"{n}={self.log.shown(v)}" for n, v in named.items()]
            line = f"nest.{name}({', '.join(shown)})"
            if name == "Simulate":
                self.log.lines.append(line)
                return None
            found = real(*map(_real, arguments), **{n: _real(v) for n, v in named.items()})
            if name not in MAKING:
                self.log.lines.append(line)
                return found
            kind = arguments[0] if name == "Create" else name.lower()
            key = self.log.new(str(kind))
            self.log.lines.append(f"{key} = {line}")
            return Handle(key, found, self.log)

        return call

    def __setattr__(self, name: str, value: Any) -> None:
        self.log.lines.append(f"nest.{name} = {self.log.shown(value)}")
        setattr(self.real, name, value)


def _real(value: Any) -> Any:
    return value.real if isinstance(value, Handle) else value


def _main(given: str, made: str) -> None:
    from .worker import load_nest

    job = pickle.loads(Path(given).read_bytes())
    Path(made).write_bytes(pickle.dumps(record(job, load_nest()), protocol=5))


if __name__ == "__main__":
    from spikebridge.simulators.nest import recording  # so that its classes are pickled by name

    recording._main(*sys.argv[1:])  # noqa: SLF001
    sys.stdout.flush()
    os._exit(0)
