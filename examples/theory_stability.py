"""Where does a rate network rest, when does it oscillate? Theory, with a simulation over it.

    python examples/theory_stability.py [--on reference] [--out FOLDER]

Left: the phase plane of Wilson and Cowan's oscillator: nullclines, fixed point and limit cycle from
the definition, a simulated path over them. Right: largest and smallest r_E on the cycle and the
fixed points against the input I_E, and what runs of the simulator reach.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.theory.cycles import cycle
from spikebridge.theory.models import field_of
from spikebridge.theory.plane import plane
from spikebridge.theory.stability import stability

DT = "0.02 ms"  # the scheme is of first order: its cycles are 0.3 % longer at this step


def rates(on: str, I_E: float, duration: str) -> np.ndarray:
    """Simulated r_E and r_I, (samples, 2)."""
    columns = sb.simulate(
        "networks/wilson_cowan", on, duration=duration, dt=DT, parameters={"I_E": I_E}
    ).columns
    return np.stack([columns.trace(p, "r").values[:, 0] for p in ("E", "I")], axis=1)


def draw_plane(axes: plt.Axes, on: str) -> None:
    field = field_of("networks/wilson_cowan")
    found, orbit = plane(field), cycle(field)
    assert orbit is not None
    for (name, line), colour in zip(found.nullclines.items(), ("C0", "C1"), strict=True):
        axes.plot(*line.T, ".", color=colour, ms=1.5, label=f"d{name}/dt = 0")
    axes.plot(*orbit.states.T, "0.6", lw=4, label=f"cycle, {orbit.period:.3f} ms")
    axes.plot(*rates(on, -1.0, "200 ms").T, "k", lw=0.7, label=on)
    for point in stability(field).points:
        axes.plot(*point.state.values(), "ko" if point.stable else "kx")
    axes.set(xlabel="$r_E$", ylabel="$r_I$", title="phase plane, $I_E = -1$")
    axes.legend(fontsize=7)


def draw_inputs(axes: plt.Axes, on: str) -> float:
    """Returns the largest difference between the ends of simulated and computed cycles."""
    worst = 0.0
    for I_E in np.linspace(-4.0, 2.0, 13):
        field = field_of("networks/wilson_cowan", I_E=float(I_E))
        (point,) = stability(field).points
        axes.plot(I_E, point.state["E.r"], "C0o" if point.stable else "C0x", ms=5)
        orbit = None if point.stable else cycle(field)
        late = rates(on, float(I_E), "600 ms")[-5000:, 0]
        ends = [late.min(), late.max()]
        axes.plot([I_E] * 2, ends, "k.", ms=3)
        if orbit is not None:
            computed = [orbit.states[:, 0].min(), orbit.states[:, 0].max()]
            axes.plot([I_E] * 2, computed, "C3_", ms=9)
            worst = max(worst, float(np.abs(np.subtract(ends, computed)).max()))
        else:
            worst = max(worst, abs(ends[0] - point.state["E.r"]))
    axes.set(xlabel="$I_E$", ylabel="$r_E$", title=f"points: {on}; marks: theory")
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.6), layout="constrained")
    draw_plane(axes[0], options.on)
    worst = draw_inputs(axes[1], options.on)
    print(f"{options.on}: fixed points and cycles within {worst:.4f} of theory")
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "theory_stability.png", dpi=110)
    print(options.out / "theory_stability.png")


if __name__ == "__main__":
    main()
