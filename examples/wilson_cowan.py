"""When do excitation and inhibition oscillate, and how fast? Wilson-Cowan on two simulators.

    python examples/wilson_cowan.py [--on brian2,nest] [--out FOLDER]

Draws three panels: the rates on the limit cycle, the plane of r_E and r_I with the nullclines, and
the largest and smallest r_E against the input I_E, with the two Hopf points between which the fixed
point is unstable. Prints the period at each of the variants theta, beta and gamma.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb

HOPF = (-2.6670247331, 0.6670247331)


def rates(on: str, duration: float = 400.0, **parameters: object) -> tuple[np.ndarray, ...]:
    """t, r_E and r_I of the network on one simulator."""
    network = sb.load("networks/wilson_cowan", **parameters)
    columns = sb.simulate(network, on, duration=f"{duration} ms").columns
    E, inh = columns.trace("E", "r"), columns.trace("I", "r")
    return E.times, E.values[:, 0], inh.values[:, 0]


def period(t: np.ndarray, r: np.ndarray) -> float:
    """Mean time between upward passes of the middle of the last half."""
    t, r = t[len(t) // 2 :], r[len(r) // 2 :]
    middle = 0.5 * (r.min() + r.max())
    up = np.flatnonzero((r[:-1] < middle) & (r[1:] >= middle))
    return float(np.diff(t[up] + (middle - r[up]) / (r[up + 1] - r[up]) * (t[1] - t[0])).mean())


def logit(r: np.ndarray) -> np.ndarray:
    """The inverse of the logistic function."""
    return np.log(r / (1 - r))


def draw_rates(axes: plt.Axes, simulators: list[str]) -> None:
    for on, style in zip(simulators, ("-", "--", ":"), strict=False):
        t, E, inh = rates(on)
        colours = ("C0", "C1") if style == "-" else ("k", "k")
        axes.plot(t, E, colours[0] + style, lw=1, label=f"$r_E$ {on}")
        axes.plot(t, inh, colours[1] + style, lw=1, label=f"$r_I$ {on}")
    axes.set(xlabel="t (ms)", ylabel="rate", xlim=(0, 200), title="$I_E = -1$")
    axes.legend(fontsize=7)


def draw_plane(axes: plt.Axes, on: str) -> None:
    _, E, inh = rates(on)
    axes.plot(E, inh, "k", lw=1, label="trajectory")
    grid = np.linspace(0.002, 0.998, 500)
    axes.plot(grid, (12 * grid - 1 - logit(grid)) / 10, "C0", label="$dr_E/dt = 0$")
    axes.plot((logit(grid) + 2 * grid + 4) / 10, grid, "C1", label="$dr_I/dt = 0$")
    axes.set(xlabel="$r_E$", ylabel="$r_I$", xlim=(0, 1), ylim=(0, 1), title="phase plane")
    axes.legend(fontsize=7)


def draw_branch(axes: plt.Axes, on: str) -> None:
    inputs = np.linspace(-4, 2, 25)
    ends = np.array([rates(on, 800.0, I_E=float(x))[1][4000:] for x in inputs])
    axes.plot(inputs, ends.max(axis=1), "k.-", inputs, ends.min(axis=1), "k.-")
    for point in HOPF:
        axes.axvline(point, color="C3", ls=":")
    axes.set(xlabel="$I_E$", ylabel="largest and smallest $r_E$", title="two Hopf points")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    simulators = options.on.split(",")
    for variant in ("theta", "beta", "gamma"):
        found = [period(*rates(on, 1000.0, variant=variant)[:2]) for on in simulators]
        shown = ", ".join(f"{on} {p:.4f} ms" for on, p in zip(simulators, found, strict=True))
        print(f"{variant:6} {1000 / found[0]:6.2f} Hz; period {shown}")
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    draw_rates(axes[0], simulators)
    draw_plane(axes[1], simulators[0])
    draw_branch(axes[2], simulators[-1])
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "wilson_cowan.png", dpi=110)
    print(options.out / "wilson_cowan.png")


if __name__ == "__main__":
    main()
