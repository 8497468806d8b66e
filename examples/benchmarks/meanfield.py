"""The mean field of networks/ai to 0.5 %, against simulating the network to the same error.

    python examples/benchmarks/meanfield.py [--on nest] [--repeats 3]

One thread, in turn. The simulation is as long as its standard error needs, found once from 2 s of
it; its time is build + run. Then how the theory's time grows with the number of neurons (synapses
per neuron as they are) and with the length of its period. Goals: 60 s, and no slower than the
simulation.
"""

from __future__ import annotations

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
# ruff: noqa: E402
import time
from typing import Any

import numpy as np

import spikebridge as sb
from spikebridge.theory.meanfield import mean_field

ERROR = 0.005
SETTLE = 200.0  # ms
PART = 50.0  # ms: longer than the network remembers


def theory(**more: Any) -> tuple[float, float, float]:
    """Seconds, rate of E (Hz), its relative error."""
    began = time.perf_counter()
    a = mean_field("networks/ai", tolerance=ERROR, **more)["E"]
    return time.perf_counter() - began, a.mean, a.error / a.mean


def simulation(on: str, duration: float, seed: int) -> tuple[float, float, float]:
    """The same of a simulation of ``duration`` ms."""
    network = sb.load("networks/ai").replace(recordings={})
    began = time.perf_counter()
    columns = sb.simulate(network, on, duration=SETTLE + duration, seed=seed).columns
    took = time.perf_counter() - began
    spikes = columns.spikes["E"]
    edges = np.arange(SETTLE, SETTLE + duration + 1e-6, PART)
    rates = np.histogram(spikes.times, edges)[0] / (spikes.size * PART * 1e-3)
    error = rates.std(ddof=1) / np.sqrt(len(rates))
    return took, float(rates.mean()), float(error / rates.mean())


def said(name: str, runs: list[tuple[float, float, float]]) -> None:
    took, rate, error = (np.median(x) for x in zip(*runs, strict=True))
    print(f"{name:44} {took:7.1f} s  {rate:7.3f} Hz +- {100 * error:.2f} %", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    first = simulation(options.on, 2000.0, seed=1)
    duration = PART * np.ceil(2000.0 * (first[2] / ERROR) ** 2 / PART)
    theories, simulations = [], []
    for k in range(options.repeats):
        theories.append(theory(seed=k + 1))
        simulations.append(simulation(options.on, duration, seed=k + 2))
    said("mean field", theories)
    said(f"{options.on}, {1e-3 * duration:.1f} s of 5000 neurons", simulations)
    for factor in (1, 4, 16):
        sizes = {"N_E": 4000 * factor, "N_I": 1000 * factor, "C_E": 400, "C_I": 100}
        said(f"mean field of {5000 * factor} neurons", [theory(**sizes)])
    for window in (409.6, 819.2, 1638.4):
        said(f"mean field, periods of {window:g} ms", [theory(window=window)])


if __name__ == "__main__":
    main()
