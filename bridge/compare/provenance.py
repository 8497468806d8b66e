"""What a manifest says about how a result was made, in the few forms a comparison needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..results.columns import Columns

# simulators whose distribution has another name; "pynn" is that of pynn.nest and the others
DISTRIBUTIONS = {"nest": "nest-simulator", "reference": "spikebridge", "pynn": "PyNN"}
STAGES = ("build", "run", "collect")


def seconds(columns: Columns) -> dict[str, float]:
    """Seconds spent on build, run and collect, as far as the manifest has them."""
    timings = columns.manifest.get("timings") or {}
    return {stage: float(timings[stage]) for stage in STAGES if stage in timings}


def matches(columns: Columns) -> dict[str, str]:
    """Population (or model) -> what ran for it: "iaf_psc_exp (built-in)", "lif (compiled)", ..."""
    found = columns.manifest.get("matches") or {}
    if not isinstance(found, Mapping):
        found = {str(index): entry for index, entry in enumerate(found)}
    return {_owner(key, entry): _stands_for(entry) for key, entry in found.items()}


def _owner(key: str, entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("population") or key)
    return str(key)


def _stands_for(entry: Any) -> str:
    """A simulator lists ``model`` and whether it is ``builtin``, or names what ``runs``."""
    if not isinstance(entry, Mapping):
        return str(entry)
    name, builtin = str(entry.get("model") or entry.get("runs") or ""), entry.get("builtin")
    if isinstance(builtin, str):
        return f"{builtin} (built-in)"
    if builtin is None:
        return name
    return f"{name} ({'built-in' if builtin else 'compiled'})"


def caveats(columns: Columns) -> tuple[str, ...]:
    """Every departure from the contract that the matched built-ins are known for."""
    found = columns.manifest.get("matches") or {}
    entries = found.values() if isinstance(found, Mapping) else found
    return tuple(dict.fromkeys(_caveats(entries)))


def _caveats(entries: Any) -> Iterator[str]:
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        some = entry.get("caveats") or ()
        for caveat in [some] if isinstance(some, str) else some:
            text = caveat.get("text") if isinstance(caveat, Mapping) else caveat
            yield f"{_stands_for(entry).split(' (')[0]}: {text}"


def scheme(columns: Columns) -> str:
    """Integration scheme as text (one per population where they differ), empty if not stated."""
    found = columns.manifest.get("scheme") or ""
    if isinstance(found, Mapping) and len(set(map(str, found.values()))) == 1:
        return str(next(iter(found.values())))
    if isinstance(found, Mapping):
        return ", ".join(f"{name}: {value}" for name, value in found.items())
    return str(found)


def version(columns: Columns) -> str:
    """Version of the distribution that the simulator comes in, empty where not stated."""
    found = columns.manifest.get("versions") or {}
    distribution = DISTRIBUTIONS.get(columns.simulator.partition(".")[0], columns.simulator)
    return str(found.get(distribution, ""))
