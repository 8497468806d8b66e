"""Loads compiled modules into the NEST kernel of this process."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...errors import SimulationFailed

if TYPE_CHECKING:
    from .modules import Module


def install(module: Module) -> None:
    """Make the models of ``module`` known to the running kernel. Free to call again.

    ``nest.ResetKernel()`` unloads every module, so call this after each reset and before the
    first node is created. Raises ``SimulationFailed`` with the true cause.
    """
    nest = _nest()
    if str(module.path) in nest.GetKernelStatus("modules"):
        return
    if nest.network_size:
        raise _failed(
            module, "the kernel already has nodes", "install models before creating nodes"
        )
    try:
        with _quiet(nest):
            nest.Install(str(module.path))
    except nest.NESTErrors.DynamicModuleManagementError as error:
        raise _true_cause(module, str(error)) from error
    except nest.NESTErrors.NamingConflict as error:
        raise _failed(module, str(error), "call nest.ResetKernel() first") from error
    if missing := set(module.models) - {*nest.node_models, *nest.synapse_models}:
        raise _failed(module, f"it registered no {', '.join(sorted(missing))}", None)


def _nest() -> Any:
    os.environ.setdefault("PYNEST_QUIET", "1")
    import nest

    return nest


@contextmanager
def _quiet(nest: Any) -> Iterator[None]:
    """Without NEST's line on stdout for every module it loads."""
    before = nest.verbosity
    nest.verbosity = nest.VerbosityLevel.ERROR
    try:
        yield
    finally:
        nest.verbosity = before


def _true_cause(module: Module, message: str) -> SimulationFailed:
    """NEST says 'file not found' whatever is wrong; the dynamic loader knows."""
    try:
        ctypes.CDLL(str(module.path), os.RTLD_NOW | os.RTLD_GLOBAL)
    except OSError as error:
        return _failed(module, str(error), f"remove {module.path.parent} and build again")
    return _failed(module, message, None)


def _failed(module: Module, problem: str, remedy: str | None) -> SimulationFailed:
    return SimulationFailed(
        f"NEST cannot load {module.path.name}: {' '.join(problem.split())}",
        model=", ".join(module.models),
        remedy=remedy,
    )
