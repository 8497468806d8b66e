"""How does a network change with its input? A bifurcation diagram, with runs over it.

    python examples/theory_continuation.py [--on reference] [--out FOLDER]

The oscillator of Wilson and Cowan (1972) against its input P: fixed points (full lines stable,
dashed not), folds and Hopf point, the ends of limit cycles, and the extremes of simulated runs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.theory.continuation import branches
from spikebridge.theory.cycles import cycle
from spikebridge.theory.models import field_of

MODEL = "networks/wilson_cowan_1972"


def draw_branches(axes: plt.Axes) -> None:
    for branch in branches(MODEL, "I_E", (0.0, 3.0)):
        E = branch.states[:, 0]
        for shown, style in ((branch.stable, "C0-"), (~branch.stable, "C0--")):
            axes.plot(branch.parameter, np.where(shown, E, np.nan), style)
        for s in branch.special:
            mark = {"fold": "C2s", "Hopf": "C3D", "neutral saddle": "0.5"}[s.kind]
            extra = f", {s.frequency:.2f} Hz, l1 = {s.lyapunov:.2f}" if s.frequency else ""
            if s.kind != "neutral saddle":
                axes.plot(s.parameter, s.state[0], mark, ms=5, label=f"{s.kind}{extra}")
            print(f"{s.kind:15} I_E = {s.parameter:.8f}{extra}")


def ends(on: str, I_E: float) -> np.ndarray:
    """Lowest and highest r_E of a run's last third."""
    columns = sb.simulate(
        MODEL, on, duration="600 ms", dt="0.05 ms", parameters={"I_E": I_E}
    ).columns
    r = columns.trace("E", "r").values[-4000:, 0]
    return np.array([r.min(), r.max()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
    draw_branches(axes)
    worst = 0.0
    for I_E in (0.5, 1.15, 1.25, 1.4, 1.6, 1.75, 2.2, 2.8):
        found = ends(options.on, I_E)
        axes.plot([I_E] * 2, found, "k.", label=options.on if I_E == 0.5 else None)
        orbit = cycle(field_of(MODEL, I_E=I_E))
        if orbit is not None:
            computed = [orbit.states[:, 0].min(), orbit.states[:, 0].max()]
            axes.plot([I_E] * 2, computed, "C3_", ms=10)
            worst = max(worst, float(np.abs(found - computed).max()))
    axes.set(xlabel="$I_E$", ylabel="$r_E$", title="Wilson and Cowan (1972)")
    axes.legend(fontsize=7)
    print(f"{options.on}: ends of cycles within {worst:.4f} of theory")
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "theory_continuation.png", dpi=110)
    print(options.out / "theory_continuation.png")


if __name__ == "__main__":
    main()
