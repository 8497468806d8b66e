"""A row of ``spikebridge doctor``."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import SimulatorMissing
from ..records import dataclass


@dataclass(frozen=True)
class Check:
    """One row: what was looked for, whether it is fine, what was found, how to mend it."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def check(name: str, look: Callable[[], str]) -> Check:
    """The row of what ``look`` finds, or of what it misses."""
    try:
        return Check(name, True, look())
    except SimulatorMissing as error:
        return Check(name, False, error.problem, error.remedy or "")
