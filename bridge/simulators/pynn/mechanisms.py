"""NEURON's mechanisms of PyNN's cells, compiled once into the user's cache.

PyNN compiles its NMODL files beside them at the first import: where it is installed may be
read-only, two processes may do it at once, and what the compiler says is lost. So it is done here,
under a lock, and PyNN finds it done. Only the files are compiled that its import and the catalogue
need.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ...errors import SimulationFailed, SimulatorMissing
from ...installed import version_of
from ...passes.kept import cache_folder

FILES = (
    "adexp",
    "alphaisyn",
    "alphasyn",
    "expisyn",
    "gammastim",
    "gsfa_grr",
    "hh_traub",
    "izhikevich",
    "netstim2",
    "poisson_stim_refractory",
    "refrac",
    "stdwa_guetig",
    "stdwa_softlimits",
    "stdwa_songabbott",
    "tsodyksmarkram",
    "vecstim",
)
INSTALL = 'pip install "spikebridge[pynn]"'
COMPILER = "install a C++ compiler and make (Debian: apt install g++ make)"
TOOL = "nrnivmodl"


def nmodl_folder() -> Path:
    """Where PyNN keeps its NMODL files; does not import it."""
    spec = find_spec("pyNN")
    if spec is None or not spec.submodule_search_locations:
        raise SimulatorMissing("PyNN is not installed", remedy=INSTALL)
    return Path(spec.submodule_search_locations[0]) / "neuron" / "nmodl"


def tool() -> Path:
    """NEURON's compiler of mechanisms, which calls a C++ compiler and make.

    Raises:
        SimulatorMissing: one of the three is not here.
    """
    for folder in [str(Path(sys.executable).parent), *os.environ.get("PATH", "").split(os.pathsep)]:
        found = Path(folder) / TOOL
        if folder and os.access(found, os.X_OK):
            break
    else:
        raise SimulatorMissing(f"NEURON's {TOOL} is not here", remedy=INSTALL)
    compiler = os.environ.get("CXX", "").split()[:1] or ["c++", "g++", "clang++"]
    if not any(shutil.which(name) for name in compiler):
        raise SimulatorMissing("no C++ compiler for NEURON's mechanisms", remedy=COMPILER)
    if not shutil.which("make"):
        raise SimulatorMissing("no make for NEURON's mechanisms", remedy=COMPILER)
    return found


def key() -> str:
    """A hash of everything that the compiled mechanisms depend on."""
    content = hashlib.sha256(f"{version_of('neuron')} {sys.platform}".encode())
    for name in FILES:
        content.update((nmodl_folder() / f"{name}.mod").read_bytes())
    return content.hexdigest()[:24]


def compiled() -> Path:
    """The folder with the compiled mechanisms; compiles them (about half a minute) if need be.

    Raises:
        SimulatorMissing: NEURON, PyNN or a compiler is not here.
        SimulationFailed: the compiler refused; holds what it said.
    """
    from filelock import FileLock

    root = cache_folder("nmodl")
    final = root / key()
    if final.is_dir():
        return final
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f".{final.name}.lock"):
        if not final.is_dir():
            _compile(final)
    return final


def _compile(final: Path) -> None:
    command = tool()
    with tempfile.TemporaryDirectory(prefix=f".{final.name}.", dir=final.parent) as folder:
        inside = Path(folder) / "mechanisms"
        inside.mkdir()
        for name in FILES:
            shutil.copy(nmodl_folder() / f"{name}.mod", inside)
        path = os.pathsep.join([str(command.parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            [str(command), "."],
            cwd=inside,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode or not library(inside):
            log = final.with_suffix(".log")
            log.write_text(done.stdout, encoding="utf-8")
            last = " | ".join(line.strip() for line in done.stdout.splitlines()[-8:])
            raise SimulationFailed(
                f"{TOOL} could not compile PyNN's mechanisms: {last}",
                symbol="pynn.neuron",
                remedy=f"all it said is in {log}",
            )
        inside.replace(final)


def library(folder: Path) -> Path | None:
    """The compiled library in ``folder``."""
    return next(iter(sorted(folder.glob("*/*nrnmech.*"))), None)
