"""What do rate synapses learn? The Hebbian rule with decay, and the rate form of triplet STDP.

    python examples/hebbian_rates.py [--on brian2,nest] [--out FOLDER]

Draws four panels: the rates of the two halves of networks/hebbian_rates, its weights against time
with the mean products of the rates to which they go, the weights at the end as a matrix, and the
drift of triplet synapses against the receiver's rate, which turns at A_2/A_3. Prints how far two
simulators are apart, and the seconds that each spent running.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb


def learn(on: str) -> sb.Run:
    """The network on one simulator."""
    return sb.simulate("networks/hebbian_rates", on)


def drift(on: str, r_pre: float, r_post: np.ndarray) -> np.ndarray:
    """dw/dt per s of triplet synapses from one sender to receivers that keep their rates."""
    populations = {
        name: {
            "neuron": "rates/rate_relu",
            "size": len(rates),
            "initial": {"r": rates.tolist()},
            "parameters": {"theta": (-rates).tolist()},  # F(0) is the rate
        }
        for name, rates in {"pre": np.array([r_pre]), "post": r_post}.items()
    }
    projection = {"pre": "pre", "post": "post", "port": "x_syn", "rule": "all_to_all"}
    projection |= {"synapse": "synapses/triplet_rate", "weight": 0, "delay": "0 ms"}
    network = {
        "kind": "network",
        "name": "triplets",
        "populations": populations,
        "projections": {"W": projection},
        "recordings": {"w": {"projection": "W", "variables": ["w"], "every": "1 s"}},
        "run": {"dt": "1 ms", "duration": "1 s"},
    }
    w = sb.simulate(network, on).synapses("W").values
    return np.asarray(w[-1] - w[0])


def draw_rates(axes: plt.Axes, run: sb.Run) -> None:
    r = run.columns.trace("units", "r")
    late = r.times > r.times[-1] - 1000
    for unit, label in ((0, "first half"), (7, "second half")):
        axes.plot(r.times[late] / 1e3, r.values[late, unit], lw=1, label=label)
    axes.set(xlabel="t (s)", ylabel="r", title="rates, the last second")
    axes.legend(fontsize=7)


def draw_weights(axes: plt.Axes, runs: dict[str, sb.Run]) -> None:
    for (on, run), style in zip(runs.items(), ("-", "--", ":"), strict=False):
        w = run.synapses("W")
        for post, colour in ((1, "C0"), (7, "C3")):
            own = (w.pre == 0) & (w.post == post)
            shown = colour if style == "-" else "k"
            axes.plot(w.times / 1e3, w.values[:, own], shown + style, lw=1, label=on)
    r = next(iter(runs.values())).columns.trace("units", "r").values
    late = r[-2000:].T @ r[-2000:] / 2000
    for post in (1, 7):
        axes.axhline(late[0, post], color="0.6", lw=0.8, zorder=0)
    axes.set(
        xlabel="t (s)", ylabel="w", title=r"within and across, to $\langle r_i r_j\rangle/\alpha$"
    )
    axes.legend(fontsize=7)


def draw_matrix(figure: plt.Figure, axes: plt.Axes, run: sb.Run) -> None:
    image = axes.imshow(run.synapses("W").matrix().T, cmap="viridis")
    axes.set(xlabel="from unit j", ylabel="to unit i", title="$w_{ij}$ at the end")
    figure.colorbar(image, ax=axes, shrink=0.8)


def draw_threshold(axes: plt.Axes, on: str) -> None:
    r_post = np.linspace(0, 40, 41)
    for r_pre in (5.0, 10.0, 20.0):
        axes.plot(r_post, drift(on, r_pre, r_post), lw=1, label=f"$r_j$ = {r_pre:g} Hz")
    axes.axvline(19.220326, color="k", ls=":", lw=1)
    axes.axhline(0, color="0.6", lw=0.8)
    axes.set(xlabel="$r_i$ (Hz)", ylabel="dw/dt (1/s)", title="triplets: $A_2/A_3$ = 19.22 Hz")
    axes.legend(fontsize=7)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    runs = {on: learn(on) for on in options.on.split(",")}
    first, *others = runs
    for on in others:
        apart = np.abs(runs[on].synapses("W").values - runs[first].synapses("W").values).max()
        print(f"largest difference of a weight, {first} and {on}: {apart:.1e}")
    for on, run in runs.items():
        print(f"{on}: {run.manifest['seconds']['run']:.2f} s for 10 s of 8 units and 64 synapses")
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.2), layout="constrained")
    draw_rates(axes[0], runs[first])
    draw_weights(axes[1], runs)
    draw_matrix(figure, axes[2], runs[first])
    draw_threshold(axes[3], first)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "hebbian_rates.png", dpi=110)
    print(options.out / "hebbian_rates.png")


if __name__ == "__main__":
    main()
