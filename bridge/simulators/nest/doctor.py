"""What NEST needs on this machine, row by row, for ``spikebridge doctor``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import SimulatorMissing
from . import cache, machine


@dataclass(frozen=True)
class Check:
    """One row: what was looked for, whether it is fine, what was found, how to mend it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def doctor() -> list[Check]:
    """All checks; imports neither NEST nor NESTML."""
    return [
        _row("NEST", lambda: machine.distribution("nest-simulator")),
        _row("NESTML", lambda: machine.distribution("nestml")),
        _row("C++ compiler", _compiler),
        _row("NEST headers", lambda: str(machine.nest_headers())),
        _row("Boost headers", lambda: str(machine.boost_headers())),
        _row("C++ ABI of NEST", lambda: " ".join(machine.abi_flags()) or "libc++"),
        _row("NESTML cache", lambda: str(cache.root())),
    ]


def _compiler() -> str:
    found = machine.compiler()
    return f"{' '.join(found.command)} ({found.version})"


def _row(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except SimulatorMissing as error:
        return Check(name, False, error.problem, error.remedy or "")
