"""Does a balanced network answer linearly although its units are thresholds?

    python examples/binary_balanced.py [--on brian2] [--N 2000] [--out FOLDER]

Runs networks/binary_balanced for six inputs m_0. Draws the activity of some units, the mean
activities over m_0 beside the finite-K mean field and the limit K -> infinity, m_E = m_I = m_0, and
the distribution of the activities of single units, which the differences of their inputs spread.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import fsolve
from scipy.special import erfc

import spikebridge as sb

INPUTS = (0.056, 0.106, 0.156, 0.206, 0.306, 0.406)  # no threshold is on the lattice of inputs
J, EXTERNAL, THETA, K = np.array([[1, -2], [1, -1.8]]), np.array([1, 0.8]), np.array([1, 0.7]), 100


def mean_field(m_0: float) -> np.ndarray:
    """m_E and m_I for N much larger than K."""

    def off(m: np.ndarray) -> np.ndarray:
        u = np.sqrt(K) * (J @ m + EXTERNAL * m_0)
        spread = np.sqrt(2 * np.maximum(J**2 @ m, 1e-9))
        return erfc((THETA - u) / spread) / 2 - m

    return np.asarray(fsolve(off, [0.6 * m_0, 0.8 * m_0]))


def activities(on: str, N: int, m_0: float) -> tuple[np.ndarray, np.ndarray]:
    """A of E and I from 100 ms on, (samples, units), one per ms."""
    network = sb.load("networks/binary_balanced", N=N, m_0=m_0)
    columns = sb.simulate(network, on, duration="300 ms").columns
    E, inh = (columns.trace(n, "A").values[100:] for n in "EI")
    return E, inh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2")
    parser.add_argument("--N", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    means = []
    for m_0 in INPUTS:
        E, inh = activities(options.on, options.N, m_0)
        means.append((E.mean(), inh.mean()))
        theory = mean_field(m_0)
        print(f"m_0 = {m_0}: m_E {E.mean():.4f} ({theory[0]:.4f}), m_I {inh.mean():.4f} "
              f"({theory[1]:.4f} by the mean field)")  # fmt: skip
        if m_0 == 0.206:
            axes[0].imshow(E[:200, :60].T, aspect="auto", cmap="Greys", interpolation="nearest")
            axes[2].hist(E.mean(axis=0), bins=np.linspace(0, 1, 41), color="C0", density=True)
    grid = np.linspace(0.03, 0.42, 40)
    theory = np.array([mean_field(m_0) for m_0 in grid])
    for column, (name, colour) in enumerate((("E", "C0"), ("I", "C1"))):
        axes[1].plot(INPUTS, np.array(means)[:, column], f"{colour}o", ms=4, label=f"$m_{name}$")
        axes[1].plot(grid, theory[:, column], colour, lw=1)
    axes[1].plot(grid, grid, "k:", lw=1, label=r"$K \to \infty$")
    axes[0].set(xlabel="t (ms)", ylabel="unit", title="activity, $m_0 = 0.206$")
    axes[1].set(xlabel="input $m_0$", title="mean activity, and mean field (lines)")
    axes[2].set(xlabel="activity of a unit over 200 ms", title="excitatory units, $m_0 = 0.206$")
    axes[1].legend()
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "binary_balanced.png", dpi=100)
    print(options.out / "binary_balanced.png")


if __name__ == "__main__":
    main()
