"""A small recurrent LIF network in numpy: results of known origin to compare."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from spikebridge.results.columns import Columns, Spikes, Trace
from spikebridge.results.manifest import Timings, build_manifest

SIZES = {"excitatory": 160, "inhibitory": 40}
RECORDED = 3


@cache
def _network(
    seed: int, dt: float, duration: float, drive: float, refractory: int, noise: float
) -> tuple[Any, ...]:
    """Step numbers, senders, membrane potentials (samples, RECORDED) and times."""
    rng = np.random.default_rng(seed)
    size, steps = sum(SIZES.values()), round(duration / dt)
    weights = (rng.random((size, size)) < 0.1) * np.where(
        np.arange(size)[:, None] < SIZES["excitatory"], 0.6, -3.0
    )
    v, current, wait = rng.uniform(-60, -50, size), np.zeros(size), np.zeros(size, dtype=int)
    delay = round(1.0 / dt)
    arriving = np.zeros((delay + 1, size))
    bias = drive * rng.uniform(0.9, 1.2, size)
    found, trace = [], [v[:RECORDED].copy()]
    kick = noise * np.sqrt(dt)
    for step in range(1, steps + 1):
        free = wait == 0
        change = dt / 20.0 * (-60 - v + current + bias)
        if noise:
            change = change + kick * rng.standard_normal(size)
        v = np.where(free, v + change, v)
        wait = np.maximum(wait - 1, 0)
        slot = step % (delay + 1)
        current = current * np.exp(-dt / 5.0) + arriving[slot]
        arriving[slot] = 0
        fired = np.flatnonzero(free & (v >= -50))
        v[fired], wait[fired] = -60, refractory
        arriving[(step + delay) % (delay + 1)] += weights[fired].sum(axis=0)
        found.append((np.full(len(fired), step), fired))
        trace.append(v[:RECORDED].copy())
    times = np.arange(steps + 1) * dt
    return (
        np.concatenate([step for step, _ in found]),
        np.concatenate([sender for _, sender in found]),
        np.array(trace),
        times,
    )


def network_run(
    simulator: str = "brian2",
    *,
    seed: int = 0,
    dt: float = 0.1,
    duration: float = 300.0,
    drive: float = 12.0,
    refractory: int = 20,
    noise: float = 0.0,
) -> Columns:
    """One run of the network as a simulator would return it."""
    steps, senders, v, times = _network(seed, dt, duration, drive, refractory, noise)
    spikes, first = {}, 0
    for name, size in SIZES.items():
        mine = (senders >= first) & (senders < first + size)
        spikes[name] = Spikes.from_steps(steps[mine], senders[mine] - first, size, dt)
        first += size
    trace = Trace("v", "mV", times, np.arange(RECORDED), v)
    matches = [
        {
            "population": name,
            "model": "iaf_psc_exp",
            "builtin": True,
            "caveats": ["t_ref is rounded up"],
        }
        for name in SIZES
    ]
    manifest = build_manifest(
        definition_hash="9f2c41aa0b7d",
        title="synthetic/lif",
        simulator=simulator,
        parameters={"tau_m": "20 ms", "tau_syn": "5 ms", "drive": drive},
        seed=seed,
        dt=dt,
        duration=duration,
        scheme="exact",
        matches=matches if simulator == "nest" else [],
        timings=Timings(0.8, 0.42, 0.01),
    )
    return Columns(simulator, dt, duration, spikes, {"excitatory": (trace,)}, manifest)


@pytest.fixture(scope="session")
def lif() -> Callable[..., Columns]:
    """The function that makes runs."""
    return network_run
