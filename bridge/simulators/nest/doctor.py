"""What NEST needs on this machine, row by row, for ``spikebridge doctor``."""

from __future__ import annotations

from ..checks import Check, check
from . import cache, machine

__all__ = ["Check", "doctor"]


def doctor() -> list[Check]:
    """All checks; imports neither NEST nor NESTML."""
    return [
        check("NEST", lambda: machine.distribution("nest-simulator")),
        check("NESTML", lambda: machine.distribution("nestml")),
        check("C++ compiler", _compiler),
        check("NEST headers", lambda: str(machine.nest_headers())),
        check("Boost headers", lambda: str(machine.boost_headers())),
        check("C++ ABI of NEST", lambda: " ".join(machine.abi_flags()) or "libc++"),
        check("NESTML cache", lambda: str(cache.root())),
    ]


def _compiler() -> str:
    found = machine.compiler()
    return f"{' '.join(found.command)} ({found.version})"
