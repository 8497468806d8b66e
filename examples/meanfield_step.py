"""How does a network answer when its input steps up? Theory bin by bin, with a simulation over it.

    python examples/meanfield_step.py [--on brian2] [--steps 20] [--out FOLDER]

The external rate of networks/ai goes up by a quarter every 200 ms for 100 ms. Draws the rate in
bins of 1 ms: the theory's sweep, and the average over so many steps of the simulated network.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.records import replace
from spikebridge.theory.meanfield import transient

PERIOD = 200  # ms, from 100 ms on with the higher rate
RATE = "rate_ext*(1 + 0.25*int(t/(100*ms) - 2*floor(t/(200*ms)) >= 1))"


def network() -> Any:
    found = sb.load("networks/ai")
    return found.replace(stimuli={n: replace(s, rate=RATE) for n, s in found.stimuli.items()})


def simulated(on: str, steps: int) -> np.ndarray:
    """Rate of E in bins of 1 ms (Hz), (steps, PERIOD); the first period settles."""
    run = sb.simulate(network(), on, duration=float(PERIOD * (steps + 1)))
    spikes = run.columns.spikes["E"]
    edges = np.arange(PERIOD, PERIOD * (steps + 1) + 1) + 0.05  # a bin has the spikes of ten steps
    counts = np.histogram(spikes.times, edges)[0]
    return 1e3 * counts.reshape(steps, PERIOD) / spikes.size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    course = transient(network(), duration=float(PERIOD), units=4096, trials=options.trials)["E"]
    runs = simulated(options.on, options.steps)
    mean = runs.mean(axis=0)
    error = runs.std(axis=0, ddof=1) / np.sqrt(options.steps)
    off = course.mean - mean
    late = slice(150, 200)
    chance = np.hypot(error, course.error).mean()
    for name, part in (("before", slice(50, 100)), ("after", late)):
        print(f"{name} {course.mean[part].mean():.2f} Hz, simulated {mean[part].mean():.2f} Hz")
    print(f"bins of 1 ms: rms difference {off.std():.2f} Hz, of which chance {chance:.2f}")
    print("first bins", np.round(course.mean[100:105], 1), "simulated", np.round(mean[100:105], 1))
    figure, ax = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
    t = np.arange(PERIOD) - 99.5
    ax.fill_between(t, mean - error, mean + error, color="0.8")
    ax.plot(t, mean, "k.", ms=3, label=f"{options.on}, {options.steps} steps")
    ax.plot(t, course.mean, "C3", lw=1.2, label="theory")
    ax.set(xlabel="time from the step (ms)", ylabel="rate (Hz)", xlim=(-20, 60))
    ax.legend()
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "meanfield_step.png", dpi=110)
    print(options.out / "meanfield_step.png")


if __name__ == "__main__":
    main()
