"""Two areas that hold a memory by feedback, and forget without it.

    python examples/two_areas.py [--on nest] [--out FOLDER] [--scale 1]

Runs networks/two_areas, two microcircuits included as V1 and PFC, with feedback and without, and
prints the rates before the cue, during it, and late in the delay. Draws the spikes and the rates.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb

CUE = (300.0, 400.0)  # ms
WINDOWS = {"before": (100.0, 300.0), "cue": CUE, "delay": (1000.0, 1500.0)}
WIDTH = 10.0


def rate(spikes: object, start: float, stop: float) -> float:
    """Hz per neuron."""
    return len(spikes.between(start, stop)) / spikes.size / (stop - start) * 1000.0


def draw(columns: object, raster: plt.Axes, lines: plt.Axes, title: str) -> None:
    edges, base = np.arange(0.0, columns.duration + WIDTH / 2, WIDTH), 0
    for number, (name, spikes) in enumerate(columns.spikes.items()):
        shown = spikes.senders < 100 if name.endswith("E") else spikes.senders < 25
        raster.plot(spikes.times[shown], base + spikes.senders[shown], f"C{number}.", ms=1)
        base += min(spikes.size, 100 if name.endswith("E") else 25)
        counts, _ = np.histogram(spikes.times, edges)
        means = counts / spikes.size / WIDTH * 1000.0
        lines.plot(edges[:-1] + WIDTH / 2, means, f"C{number}", lw=1.2, label=name)
    for axes in (raster, lines):
        axes.axvspan(*CUE, color="0.9", zorder=0)
        axes.set_xlim(0, columns.duration)
    raster.set(title=title, yticks=[], ylabel="neurons")
    lines.set(xlabel="t (ms)", ylabel="rate (Hz)", ylim=(0, 75))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of neurons")
    options = parser.parse_args()
    sizes = {"N_E": 400 * options.scale, "N_I": 100 * options.scale}
    figure, axes = plt.subplots(2, 2, figsize=(11, 5.5), sharex=True, layout="constrained")
    variants = {"with feedback": {}, "without feedback": {"variant": "no_feedback"}}
    for column, (title, variant) in enumerate(variants.items()):
        run = sb.simulate("networks/two_areas", options.on, parameters={**sizes, **variant})
        for name, spikes in run.columns.spikes.items():
            rates = ", ".join(f"{w} {rate(spikes, *at):.1f} Hz" for w, at in WINDOWS.items())
            print(f"{title:17} {name:6} {rates}")
        draw(run.columns, *axes[:, column], title)
    axes[1, 0].legend(fontsize=7, ncols=2)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "two_areas.png", dpi=110)
    print(options.out / "two_areas.png")


if __name__ == "__main__":
    main()
