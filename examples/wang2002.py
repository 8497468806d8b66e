"""Two motion stimuli compete: a network that decides (Wang 2002).

    python examples/wang2002.py [--on nest] [--cells 1600] [--coherences 0,0.128] [--out FOLDER]

Runs networks/wang2002 once per coherence; each simulator draws the Poisson background itself. Draws
spikes of the two selective populations and their rates: one ramps up over some hundred
milliseconds, wins, and keeps firing when the stimulus (grey) is gone. Prints who won and when.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.results.columns import Columns

ON, OFF, END, COLOURS = 500, 1500, 2000, {"A": "C3", "B": "C0"}


def run(on: str, cells: int, coherence: float, seed: int) -> Columns:
    """One trial with ``cells`` pyramidal cells and a quarter as many interneurons."""
    network = sb.load(
        "networks/wang2002",
        N_E=cells,
        N_I=cells // 4,
        c=coherence,
        t_on=f"{ON} ms",
        t_off=f"{OFF} ms",
    )
    network = network.native(connections=False)
    return sb.simulate(network, on, duration=f"{END} ms", seed=seed).columns


def smooth_rate(times: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Rate (Hz) in windows of 50 ms that move by 5 ms."""
    centres = np.arange(25.0, END - 25.0, 5.0)
    times = np.sort(times)
    counts = np.searchsorted(times, centres + 25) - np.searchsorted(times, centres - 25)
    return centres, counts / size / 0.05


def draw_trial(axes: tuple[plt.Axes, plt.Axes], columns: Columns, size: int) -> dict[str, float]:
    """Spikes above, rates below; the rate of each population over the last 300 ms."""
    last = {}
    for row, (name, colour) in enumerate(COLOURS.items()):
        trains = columns.spikes[name]
        times, who = np.asarray(trains.times), trains.senders
        some = who < 60
        axes[0].plot(times[some], who[some] + 65 * row, ".", color=colour, ms=1)
        axes[1].plot(*smooth_rate(times, size), color=colour, label=name)
        last[name] = float((times > END - 300).sum() / size / 0.3)
    for panel in axes:
        panel.axvspan(ON, OFF, color="0.92", zorder=0)
        panel.set(xlim=(0, END))
    axes[0].set(yticks=[30, 95], yticklabels=["A", "B"])
    axes[1].set(xlabel="t (ms)", ylabel="rate (Hz)")
    axes[1].legend(loc="upper left")
    return last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--cells", type=int, default=1600)
    parser.add_argument("--coherences", default="0,0.128")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    coherences = [float(c) for c in options.coherences.split(",")]
    wide = 5.5 * len(coherences)
    figure, grid = plt.subplots(
        2, len(coherences), figsize=(wide, 4.4), layout="constrained", squeeze=False
    )
    for axes, coherence in zip(grid.T, coherences, strict=True):
        columns = run(options.on, options.cells, coherence, options.seed)
        last = draw_trial(axes, columns, round(0.15 * options.cells))
        axes[0].set(title=f"coherence {100 * coherence:g} %")
        winner = max(last, key=last.__getitem__)
        shown = ", ".join(f"{n} {rate:.1f} Hz" for n, rate in last.items())
        print(f"coherence {100 * coherence:g} %: {winner} has won; in the last 300 ms {shown}")
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "wang2002.png", dpi=100)
    print(options.out / "wang2002.png")


if __name__ == "__main__":
    main()
