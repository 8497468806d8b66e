"""Columns of the reference, with their manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...definition.drawn import DrawnNetwork
from ...results.columns import Columns, Spikes, Trace
from ...results.manifest import Timings, build_manifest
from ..base import Prepared


def columns_of(
    prepared: Prepared,
    network: DrawnNetwork,
    spikes: Mapping[str, Spikes],
    traces: Mapping[str, tuple[Trace, ...]],
    seconds: Mapping[str, float],
    first: int,
    state: Any,
) -> Columns:
    """The result on a clock that starts at step ``first``."""
    duration = (network.steps - first) * network.dt
    manifest = build_manifest(
        definition_hash=network.hash,
        title=network.label,
        simulator="reference",
        parameters=network.parameters,
        seed=network.seed,
        dt=network.dt,
        duration=duration,
        scheme={m["population"]: m["scheme"] for m in prepared.matches},
        matches=list(prepared.matches),
        timings=Timings(**seconds),
        extra={
            "seconds": dict(seconds),
            "start": first * network.dt,
            "options": dict(prepared.options.simulator),
        },
    )
    return Columns("reference", network.dt, duration, spikes, traces, manifest, state)
