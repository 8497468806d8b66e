"""Three noisy binary units: simulated on two simulators, against the exact Markov chain.

    python examples/binary_small.py [--on brian2,nest] [--out FOLDER]

Draws the activity of one network, the stationary probabilities of its 8 states and the correlations
of activities and potentials. Points are simulated (native noise, 400 copies), bars computed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy.special import erfc

import spikebridge as sb

J = np.array([[0, 2, -3], [1.5, 0, -2.5], [3, 2, 0]])
INPUT, SIGMA = np.array([0.6, 0.3, -0.9]), np.array([0.5, 0.5, 0.8])
STATES = np.array([[s >> i & 1 for i in range(3)] for s in range(8)])
PAIRS = ([0, 0, 1], [1, 2, 2])


def chain() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stationary probabilities, correlations of A, correlations of V."""
    h = STATES @ J.T / 2 + INPUT
    p = erfc((0.5 - h) / (np.sqrt(2) * SIGMA)) / 2
    T = np.prod(np.where(STATES[:, None, :], p, 1 - p), axis=2)
    values, vectors = np.linalg.eig(T)
    P = vectors[:, np.argmax(values.real)].real
    P /= P.sum()
    of_A = np.cov(STATES.T, aweights=P, bias=True)
    of_V = np.cov(h.T, aweights=P, bias=True) + np.diag(SIGMA**2)
    return P, correlation(of_A), correlation(of_V)


def correlation(covariance: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diag(covariance))
    return (covariance / np.outer(scale, scale))[PAIRS]


def simulated(on: str) -> tuple[np.ndarray, np.ndarray]:
    """A and V, (unit, time, copy)."""
    network = sb.load("networks/binary_small", copies=400)
    columns = sb.simulate(network, on, duration="2 s").columns
    units = [f"unit_{i}" for i in range(3)]
    A, V = (np.array([columns.trace(u, n).values[50:] for u in units]) for n in "AV")
    return A, V


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    P, corr_A, corr_V = chain()
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    axes[1].bar(range(8), P, color="0.8")
    axes[2].bar(np.arange(6), [*corr_A, *corr_V], color=["C0"] * 3 + ["C1"] * 3, alpha=0.4)
    for on, marker in zip(options.on.split(","), "x+1", strict=False):
        A, V = simulated(on)
        found = np.bincount((A[0] + 2 * A[1] + 4 * A[2]).astype(int).ravel(), minlength=8)
        found = found / found.sum()
        axes[1].plot(found, f"k{marker}", label=on)
        both = [np.corrcoef(x.reshape(3, -1))[PAIRS] for x in (A, V)]
        axes[2].plot(np.concatenate(both), f"k{marker}", label=on)
        off = np.abs(np.concatenate(both) - [*corr_A, *corr_V]).max()
        print(f"{on}: P within {np.abs(found - P).max():.1e}, correlations within {off:.1e}")
    axes[0].imshow(A[:, :60, 0], aspect="auto", cmap="Greys", interpolation="nearest")
    axes[0].set(xlabel="step", ylabel="unit", yticks=range(3), title="activity")
    names = [format(s, "03b")[::-1] for s in range(8)]
    axes[1].set(xticks=range(8), xlabel=r"$A_0A_1A_2$", title="stationary probability")
    axes[1].set_xticklabels(names, fontsize=8)
    axes[1].legend(fontsize=7)
    axes[2].set(xticks=range(6), title="correlations of A (blue) and V (orange)")
    axes[2].set_xticklabels(["01", "02", "12"] * 2)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "binary_small.png", dpi=110)
    print(options.out / "binary_small.png")


if __name__ == "__main__":
    main()
