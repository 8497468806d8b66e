"""Five small rate networks on two simulators, one panel each, and how far the two are apart.

    python examples/rate_networks.py [--on brian2,nest] [--out FOLDER]

Panels: three parameter sets of Wilson and Cowan's oscillator, their limit cycle of 1972, two CTRNN
units, winner-take-all, and a random weight matrix driven by a sine. Lines are the first simulator,
dots the second. Prints the largest difference of any rate.
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

Traces = tuple[np.ndarray, np.ndarray]  # t, (samples, units)


class Runs:
    """Traces of the networks on all simulators, and the largest differences between them."""

    def __init__(self, simulators: list[str]) -> None:
        self.simulators = simulators
        self.apart: dict[str, float] = {}

    def of(
        self, name: str, population: str, variable: str, duration: float, **parameters: Any
    ) -> list[Traces]:
        network = sb.load(f"networks/{name}", **parameters)
        found = []
        for on in self.simulators:
            columns = sb.simulate(network, on, duration=f"{duration} ms").columns
            trace = columns.trace(population, variable)
            found.append((trace.times, trace.values))
        off = max(float(np.abs(values - found[0][1]).max()) for _, values in found)
        self.apart[name] = max(off, self.apart.get(name, 0.0))
        return found


def draw(axes: plt.Axes, found: list[Traces], units: Any, colours: list[str], label: str) -> None:
    """Units of the first simulator as lines, of the others as dots."""
    for unit, colour in zip(units, colours, strict=True):
        t, values = found[0]
        axes.plot(t, values[:, unit], colour, lw=1.2, label=label.format(unit))
        for t, values in found[1:]:
            every = max(1, len(t) // 40)
            axes.plot(t[::every], values[::every, unit], "k.", ms=2.5)


def draw_bands(axes: plt.Axes, runs: Runs) -> None:
    for variant, colour in (("theta", "C2"), ("beta", "C0"), ("gamma", "C3")):
        found = runs.of("wilson_cowan", "E", "r", 300, variant=variant)
        draw(axes, found, [0], [colour], variant)
    axes.set(title="wilson_cowan", ylabel="$r_E$", ylim=(0.2, 0.95))
    axes.legend(ncols=3, loc="upper right")


def draw_1972(axes: plt.Axes, runs: Runs) -> None:
    for population, colour in (("E", "C0"), ("I", "C1")):
        found = runs.of("wilson_cowan_1972", population, "r", 200)
        draw(axes, found, [0], [colour], f"${population}$")
    axes.set(title="wilson_cowan_1972", ylabel="rate")
    axes.legend(loc="upper right")


def draw_ctrnn(axes: plt.Axes, runs: Runs) -> None:
    found = runs.of("ctrnn_oscillator", "units", "x", 900)
    draw(axes, found, [0, 1], ["C0", "C1"], "$x_{}$")
    axes.set(title="ctrnn_oscillator", ylabel="x")
    axes.legend(loc="upper right", ncols=2)


def draw_winner(axes: plt.Axes, runs: Runs) -> None:
    """The relaxation, and in grey what iterating the printed equation gives instead."""
    found = runs.of("winner_take_all", "units", "r", 200)
    draw(axes, found, [0, 1], ["C0", "C1"], "unit {}")
    r = np.array([0.51, 0.5])
    jumps = [r]
    for _ in range(19):
        r = 1 / (1 + np.exp(-(3 - 8 * r[::-1])))
        jumps.append(r)
    t = 10.0 * np.arange(20)
    axes.plot(t, np.array(jumps)[:, 0], color="0.75", drawstyle="steps-post", zorder=0)
    axes.set(title="winner_take_all", ylabel="r")
    axes.legend(loc="center right")


def draw_matrix(axes: plt.Axes, runs: Runs) -> None:
    found = runs.of("rate_matrix", "units", "r", 600)
    units = range(6)
    draw(axes, found, units, [f"C{u}" for u in units], "")
    axes.set(title="rate_matrix, 6 of 100 units", ylabel="r")


def draw_apart(axes: plt.Axes, runs: Runs) -> None:
    names = list(runs.apart)
    axes.barh(names, [max(runs.apart[n], 1e-17) for n in names], color="0.6")
    axes.set(xscale="log", xlim=(1e-17, 1e-6), title="largest difference")
    axes.axvline(1e-9, color="C3", ls=":")
    axes.invert_yaxis()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    plt.rcParams.update({"font.size": 8, "legend.fontsize": 7})
    runs = Runs(options.on.split(","))
    figure, grid = plt.subplots(2, 3, figsize=(11, 5.2), layout="constrained")
    panels = (draw_bands, draw_1972, draw_ctrnn, draw_winner, draw_matrix, draw_apart)
    for panel, axes in zip(panels, grid.flat, strict=True):
        panel(axes, runs)
        if panel is not draw_apart:
            axes.set(xlabel="t (ms)")
            axes.margins(x=0)
    for name, off in runs.apart.items():
        print(f"{name}: {', '.join(runs.simulators)} within {off:.1e}")
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "rate_networks.png", dpi=100)
    print(options.out / "rate_networks.png")


if __name__ == "__main__":
    main()
