"""The manifest: where a result came from, as plain JSON values."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import PurePath
from typing import Any

import numpy as np

from ..installed import version_of
from ..records import dataclass, values_of
from .columns import ColumnsError

# Every distribution that can have had a part in a result, by its distribution name.
DISTRIBUTIONS = (
    "spikebridge",
    "numpy",
    "scipy",
    "sympy",
    "brian2",
    "nest-simulator",
    "nestml",
    "PyNN",
    "neuron",
    "neo",
)


@dataclass(frozen=True)
class Timings:
    """Wall-clock seconds of the three stages of a run."""

    build: float
    run: float
    collect: float


def build_manifest(
    *,
    definition_hash: str,
    title: str,
    simulator: str,
    parameters: Mapping[str, Any],
    seed: int | None,
    dt: float,
    duration: float,
    scheme: Any,
    matches: Any,
    timings: Timings,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything needed to say which definition ran where, with which settings.

    ``dt`` and ``duration`` in ms; ``scheme`` names the integrator (a text, or one per
    population); ``matches`` says which built-ins stood in for which models. ``extra`` adds keys.
    Versions are read from the installed distributions: no simulator is imported.
    Raises `ColumnsError` where a value is no JSON value.
    """
    own: dict[str, Any] = {
        "definition_hash": definition_hash,
        "title": title,
        "simulator": simulator,
        "parameters": parameters,
        "seed": seed,
        "dt": dt,
        "duration": duration,
        "scheme": scheme,
        "matches": matches,
        "timings": values_of(timings),
        "versions": versions(),
        "host": host(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    clash = own.keys() & (extra or {}).keys()
    if clash:
        raise ColumnsError(f"manifest: extra repeats {', '.join(sorted(clash))}")
    plain = to_plain({**own, **(extra or {})})
    return dict(plain)


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    found = ((name, version_of(name)) for name in DISTRIBUTIONS)
    return tuple((name, version) for name, version in found if version is not None)


def look_around() -> None:
    """Find versions and machine now: a manifest made later in this process takes no time."""
    versions()
    host()


def versions() -> dict[str, str]:
    """Python's version and that of every installed distribution of `DISTRIBUTIONS`."""
    import platform

    return {"python": platform.python_version(), **dict(_installed())}


@cache
def _machine() -> tuple[str, str]:
    import platform

    return platform.platform(), platform.machine()


def host() -> dict[str, str | int]:
    """The machine: operating system, processor, number of processors this process may use."""
    system, machine = _machine()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "platform": system,
        "machine": machine,
        "cpu_count": usable or 1,
    }


def to_plain(value: Any, where: str = "manifest") -> Any:
    """``value`` as JSON values: numpy numbers and arrays become numbers and lists.

    JSON has no infinities: they become the texts "inf", "-inf", "nan", so that any reader of the
    file can parse it. Raises `ColumnsError` for anything that is no JSON value.
    """
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case np.generic() | np.ndarray():
            return to_plain(value.tolist(), where)
        case Mapping():
            return {_key(k, where): to_plain(v, f"{where}.{k}") for k, v in value.items()}
        case set() | frozenset():
            return [to_plain(v, where) for v in sorted(value)]
        case Sequence() if not isinstance(value, bytes):
            return [to_plain(v, f"{where}[{i}]") for i, v in enumerate(value)]
        case date() | PurePath():
            return value.isoformat() if isinstance(value, date) else str(value)
    raise ColumnsError(f"{type(value).__name__} is no JSON value", symbol=where)


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise ColumnsError(f"the key {key!r} is not a text", symbol=where)
    return key
