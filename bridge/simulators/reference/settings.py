"""The options of the reference simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...errors import DefinitionError

MODES = ("fixed", "adaptive")
METHODS = ("DOP853", "RK45", "Radau", "LSODA")


@dataclass(frozen=True)
class Settings:
    """``mode``: "fixed" (the contract on the grid) or "adaptive" (the equations themselves).

    ``rtol``, ``atol`` (in ms, mV, pA, ...), ``method`` and ``max_step`` (ms) steer the adaptive
    integrator; the fixed mode has none of them.
    """

    mode: str = "fixed"
    rtol: float = 1e-10
    atol: float = 1e-10
    method: str = "DOP853"
    max_step: float = 1.0

    def __post_init__(self) -> None:
        _choose("mode", self.mode, MODES)
        _choose("method", self.method, METHODS)
        for name in ("rtol", "atol", "max_step"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 < value:
                raise DefinitionError(
                    f"the option {name} is {value!r}",
                    model="reference",
                    symbol=name,
                    remedy="give a positive number",
                )


def _choose(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise DefinitionError(
            f"the option {name} is {value!r}",
            model="reference",
            symbol=name,
            remedy=f"choose one of {', '.join(known)}",
        )


def read_settings(options: Mapping[str, Any]) -> Settings:
    """Settings from the simulator options of a run.

    Raises:
        DefinitionError: an unknown option or value.
    """
    known = [f.name for f in fields(Settings)]
    for name in options:
        if name not in known:
            raise DefinitionError(
                f"the reference has no option {name!r}",
                model="reference",
                symbol=name,
                remedy=f"known are {', '.join(known)}",
            )
    return Settings(**options)
