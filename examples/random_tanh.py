"""Is the activity of a random network chaotic? Sompolinsky, Crisanti & Sommers on two simulators.

    python examples/random_tanh.py [--on brian2,nest] [-N 1000] [--duration 2000] [--out FOLDER]

Draws three panels: some units above and below the transition, the autocovariance of x for g = 2
with that of the mean-field theory, and the distance between two simulators, which the chaotic
activity makes grow from the rounding of one sum, the faster the larger g is.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb

TAU = 10.0  # ms
LAGS = np.array([0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12])  # in tau
THEORY = np.array([
    1.924805, 1.908956, 1.863003, 1.699660, 1.481662, 1.251242,
    1.034578, 0.843781, 0.548370, 0.351061, 0.223385,
])  # fmt: skip


def run(on: str, g: float, N: int, duration: float, dt: float = 0.5) -> tuple[np.ndarray, ...]:
    """t (ms) and x of all units."""
    network = sb.load("networks/random_tanh", g=g, N=N)
    recordings = {n: replace(r, units=None) for n, r in network.recordings.items()}
    network = network.replace(recordings=recordings)
    trace = sb.simulate(network, on, duration=f"{duration} ms", dt=f"{dt} ms").columns
    found = trace.trace("units", "x")
    return found.times, found.values


def autocovariance(x: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Mean over units and time of x(t) x(t + lag); ``lags`` in samples."""
    return np.array([(x[: len(x) - n] * x[n:]).mean() for n in lags])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("-N", type=int, default=1000)
    parser.add_argument("--duration", type=float, default=2000.0, help="ms of the autocovariance")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    simulators = options.on.split(",")
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for g, colour in ((0.9, "C0"), (2.0, "C3")):
        t, x = run(simulators[0], g, 200, 400.0)
        axes[0].plot(t / TAU, x[:, :4], colour, lw=0.8, label=[f"g = {g}", None, None, None])
    axes[0].set(xlabel=r"$t/\tau$", ylabel="x", title="four units, N = 200")
    axes[0].legend(fontsize=7)
    for on in simulators:
        t, x = run(on, 2.0, options.N, options.duration)
        steps = np.rint(LAGS * TAU / (t[1] - t[0])).astype(int)
        found = autocovariance(x[t >= 0.15 * options.duration], steps)
        axes[1].plot(LAGS, found, ".-", label=on)
        print(f"{on:8}", " ".join(f"{value:.4f}" for value in found))
    print("theory  ", " ".join(f"{value:.4f}" for value in THEORY))
    axes[1].plot(LAGS, THEORY, "k--", label="mean field")
    axes[1].set(xlabel=r"lag$/\tau$", ylabel=r"$\Delta$", title=f"g = 2, N = {options.N}")
    axes[1].legend(fontsize=7)
    if len(simulators) > 1:
        for g, colour in ((0.9, "C0"), (2.0, "C3"), (5.0, "C2")):
            (t, a), (_, b) = (run(on, g, 200, 2000.0) for on in simulators[:2])
            distance = np.sqrt(((a - b) ** 2).mean(axis=1))
            axes[2].semilogy(t / TAU, np.maximum(distance, 1e-18), colour, label=f"g = {g}")
        axes[2].set(xlabel=r"$t/\tau$", ylabel="rms difference", title=" and ".join(simulators[:2]))
        axes[2].legend(fontsize=7)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "random_tanh.png", dpi=110)
    print(options.out / "random_tanh.png")


if __name__ == "__main__":
    main()
