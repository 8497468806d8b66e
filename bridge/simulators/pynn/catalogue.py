"""PyNN's standard cells as definitions, and what each backend makes of them: ``catalog.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...definition.expressions import Expression, parse
from ...passes.catalog import Catalogue
from ...units import read


@dataclass(frozen=True)
class Played:
    """What a backend makes of a cell.

    ``step``: the scheme of the contract whose step it makes, or "own". ``records``: state -> what
    the backend is asked to record, and the factor to PyNN's unit. ``settable``: states whose
    initial value can be set. ``shared``: parameters that are one for all units. ``equal``: pairs of
    which the backend takes one for the other. ``limits``: what parameters and ``dt`` must fulfil,
    each with the reason. ``mute``: why it may send to nothing. ``departures`` from the contract.
    """

    step: str
    records: Mapping[str, tuple[str, float]]
    settable: frozenset[str]
    shared: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    limits: tuple[tuple[Expression, str], ...] = ()
    mute: str = ""
    departures: tuple[str, ...] = field(default=())


@lru_cache(maxsize=1)
def _text() -> str:
    return Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(_text())


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The cells as `passes.match` wants them."""
    return Catalogue(_text(), owner="pynn")


def scale(cell: str, name: str) -> float:
    """PyNN's unit of a parameter, state or ``weight`` of ``cell``, in ms, mV, pA: 1 nF is 1000."""
    unit = _tables()["cell"][cell]["units"].get(name)
    return 1.0 if unit is None else float(read(f"1 {unit}")[0])


def ours(cell: str) -> tuple[str, ...]:
    """Parameters of the entry of ``cell`` that PyNN does not have."""
    return tuple(_tables()["cell"][cell].get("ours", ()))


def played(cell: str, backend: str) -> Played | None:
    """What ``backend`` makes of ``cell``; None where it has no such cell."""
    found = _tables()["cell"][cell].get(backend)
    if found is None:
        return None
    return Played(
        step=found["step"],
        records={n: (name, factor) for n, (name, factor) in found["records"].items()},
        settable=frozenset(found["settable"]),
        shared=tuple(found.get("shared", ())),
        equal=tuple(found.get("equal", ())),
        limits=tuple((parse(text), why) for text, why in found.get("limits", ())),
        mute=found.get("mute", ""),
        departures=(*_tables()["backend"][backend]["departures"], *found.get("departures", ())),
    )
