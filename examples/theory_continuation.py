"""How does a network change with its inputs? Bifurcation diagrams, with runs over one of them.

    python examples/theory_continuation.py [--on reference] [--out FOLDER]

The oscillator of Wilson and Cowan (1972) against its input P: fixed points (full lines stable,
dashed not), folds and Hopf point, the branch of cycles from there to a homoclinic orbit, and the
extremes of simulated runs. Then the curves of folds and Hopf points of `networks/wilson_cowan`
against both of its inputs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.theory.continuation import CycleBranch, branches, curves

MODEL = "networks/wilson_cowan_1972"
PLANE = "networks/wilson_cowan"
MARKS = {"cusp": "k^", "Bogdanov-Takens": "ks", "generalised Hopf": "kD"}


def draw_branches(axes: plt.Axes) -> CycleBranch:
    for branch in branches(MODEL, "I_E", (0.0, 3.0), cycles=True):
        line(axes, branch.parameter, branch.states[:, 0], branch.stable, "C0")
        for s in branch.special:
            mark = {"fold": "C2s", "Hopf": "C3D", "neutral saddle": "0.5"}[s.kind]
            extra = f", {s.frequency:.2f} Hz, l1 = {s.lyapunov:.2f}" if s.frequency else ""
            if s.kind != "neutral saddle":
                axes.plot(s.parameter, s.state[0], mark, ms=5, label=f"{s.kind}{extra}")
            print(f"{s.kind:15} I_E = {s.parameter:.8f}{extra}")
        for found in branch.cycles:
            for side in (found.lowest, found.highest):
                line(axes, found.parameter, side[:, 0], found.stable, "C3")
            print(f"cycles end: {found.ends[1]}")
            cycles = found
    return cycles


def line(axes: plt.Axes, p: np.ndarray, x: np.ndarray, stable: np.ndarray, colour: str) -> None:
    axes.plot(p, np.where(stable, x, np.nan), colour)
    axes.plot(p, np.where(stable, np.nan, x), colour, ls="--")


def ends(on: str, I_E: float) -> np.ndarray:
    """Lowest and highest r_E of a run's last third."""
    columns = sb.simulate(
        MODEL, on, duration="600 ms", dt="0.05 ms", parameters={"I_E": I_E}
    ).columns
    r = columns.trace("E", "r").values[-4000:, 0]
    return np.array([r.min(), r.max()])


def draw_runs(axes: plt.Axes, cycles: CycleBranch, on: str) -> None:
    worst = 0.0
    for I_E in (0.5, 1.15, 1.25, 1.4, 1.6, 1.75, 2.2, 2.8):
        found = ends(on, I_E)
        axes.plot([I_E] * 2, found, "k.", label=on if I_E == 0.5 else None)
        for orbit in cycles.at(I_E):
            computed = [orbit.states[:, 0].min(), orbit.states[:, 0].max()]
            worst = max(worst, float(np.abs(found - computed).max()))
    print(f"{on}: ends of cycles within {worst:.4f} of the branch")
    axes.set(xlabel="$I_E$", ylabel="$r_E$", title="Wilson and Cowan (1972)")
    axes.legend(fontsize=7)


def draw_curves(axes: plt.Axes) -> None:
    for curve in curves(PLANE, "I_E", (-4.0, 4.0), "I_I", (-7.0, 0.0)):
        colour = {"fold": "C0", "Hopf": "C3"}[curve.kind]
        line(axes, *curve.parameters.T, ~(curve.lyapunov > 0), colour)
        for s in curve.special:
            axes.plot(*s.parameters, MARKS[s.kind], mfc="w", ms=5)
            where = ", ".join(f"{v:.8f}" for v in s.parameters)
            print(f"on the {curve.kind} curve: {s.kind} at I_E, I_I = {where}")
    for kind, colour in (("folds", "C0"), ("Hopf points", "C3")):
        axes.plot([], [], colour, label=kind)
    for kind, mark in MARKS.items():
        axes.plot([], [], mark, mfc="w", label=kind)
    axes.set(xlabel="$I_E$", ylabel="$I_I$", title=PLANE)
    axes.legend(fontsize=7)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, size in (("theory_continuation", (6.5, 4)), ("theory_two_parameters", (5.5, 4))):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        if name == "theory_continuation":
            draw_runs(axes, draw_branches(axes), options.on)
        else:
            draw_curves(axes)
        figure.savefig(options.out / f"{name}.png", dpi=110)
        print(options.out / f"{name}.png")


if __name__ == "__main__":
    main()
