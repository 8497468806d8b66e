"""What do small binary networks do, exactly? Probabilities and attractors, with runs over them.

    python examples/theory_binary.py [--on reference] [--out FOLDER]

Left: the density of the potential of one unit of binary_small, a mixture of 8 Gaussians, and its
part with A = 1; steps are simulated. Middle: the distribution of the number of active units of
80 excitatory ones with 20 inhibitory, from the lumped chain, and simulated. Right: the
multistability diagram of four units: how many states are stationary for each pair of stimuli,
with the rectangles of two cycles.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.theory.attractors import rectangles
from spikebridge.theory.binary import from_matrix, to_network
from spikebridge.theory.chain import chain
from spikebridge.theory.dualism import marginal
from spikebridge.theory.lumped import lump
from spikebridge.theory.oscillations import oscillations

FOUR = [[0, 4, -3, -3], [4, 0, -3, -3], [5, 5, 0, -1], [5, 5, -1, 0]]
GROUPS = {"E": range(80), "I": range(80, 100)}


def draw_potential(axes: plt.Axes, on: str) -> float:
    """Returns the largest difference of the simulated density in a bin."""
    exact = chain("networks/binary_small", copies=1)
    network = sb.load("networks/binary_small", copies=400)
    V = sb.simulate(network, on, duration="2 s").columns.trace("unit_0", "V").values[50:]
    edges = np.linspace(-2.5, 3.0, 56)
    found, _ = np.histogram(V, edges, density=True)
    middles = 0.5 * (edges[1:] + edges[:-1])
    axes.stairs(found, edges, color="k", lw=0.8, label=on)
    axes.plot(middles, marginal(exact, 0, middles), "C0", label="p(V)")
    share = (exact.P @ exact.on)[0]
    axes.fill_between(middles, share * marginal(exact, 0, middles, active=1), alpha=0.3)
    axes.set(xlabel="$V_0$", ylabel="density", title="three units")
    axes.legend(fontsize=7)
    return float(np.abs(found - marginal(exact, 0, middles)).max())


def draw_numbers(axes: plt.Axes, on: str) -> float:
    """Returns the difference of the mean activities of E."""
    J = np.zeros((100, 100))
    J[:80, :80], J[80:, :80], J[:, 80:] = 0.030, 0.034, -0.045
    np.fill_diagonal(J, 0)
    numbers = {"M": 1, "I": 0.4, "theta": 1, "sigma": 0.7}
    exact = lump(from_matrix(J, groups=GROUPS, **numbers))
    A = (
        sb.simulate(to_network(J, **numbers), on, duration="40 s")
        .columns.trace("units", "A")
        .values
    )
    count = A[100:, :80].sum(axis=1).astype(int)
    p = np.bincount(exact.counts[:, 0], weights=exact.P, minlength=81)
    axes.plot(np.bincount(count, minlength=81) / len(count), "k.", ms=3, label=on)
    axes.plot(p, "C0", label="lumped chain")
    axes.set(xlabel="active E units of 80", ylabel="probability", title="80 E and 20 I units")
    axes.legend(fontsize=7)
    return float(abs(count.mean() / 80 - exact.mean[0]))


def draw_diagram(axes: plt.Axes) -> None:
    four = from_matrix(FOUR, M=3, theta=1, groups={"E": [0, 1], "I": [2, 3]})
    E, inh = np.linspace(-1.2, 3.5, 300), np.linspace(-3.5, 2.0, 300)
    degree = rectangles(four).degree(E, inh)
    shown = axes.pcolormesh(E, inh, degree.T, cmap="Blues", vmin=0, vmax=4)
    axes.figure.colorbar(shown, ax=axes, ticks=range(5), label="stationary states")
    for found, colour in zip(oscillations(four), ("C1", "C3", "C1", "C3") * 5, strict=False):
        if len(found.cycle) == 4 or found.cycle == (5, 6):
            low, high = np.maximum(found.low, -9), np.minimum(found.high, 9)
            axes.add_patch(plt.Rectangle(low, *(high - low), fill=False, ec=colour, lw=1.5))
            axes.text(*(low + 0.08), "-".join(map(str, found.cycle)), fontsize=6, color=colour)
    axes.set(xlabel="$I_E$", ylabel="$I_I$", xlim=E[[0, -1]], ylim=inh[[0, -1]], title="four units")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
    off = draw_potential(axes[0], options.on)
    mean = draw_numbers(axes[1], options.on)
    draw_diagram(axes[2])
    print(f"{options.on}: density of V within {off:.4f}, mean activity of E within {mean:.5f}")
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "theory_binary.png", dpi=110)
    print(options.out / "theory_binary.png")


if __name__ == "__main__":
    main()
