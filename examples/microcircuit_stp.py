"""How well does a rate description with u, R and s stand for a spiking microcircuit?

    python examples/microcircuit_stp.py [--on nest,reference] [--out FOLDER] [--report]

Runs networks/microcircuit_stp on two simulators with the same noise and lays its rate
description, networks/microcircuit_stp_rate, over it: rates, u, R and s in bins of 10 ms, and their
errors. Fits the transfer function F again, to Siegert's formula with the threshold of a grid, and
says how far it is from it. With --report it also writes the whole comparison as a page.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import quad
from scipy.special import erfcx

import spikebridge as sb

TAU, T_REF, V_TH, V_RESET, SIGMA, DT = 20.0, 2.0, 20.0, 10.0, 4.0, 0.1  # ms and mV
TITLES = {"r": "rate (Hz)", "u": "u", "R": "R", "s_E": "s (1/ms)", "s_I": "s (1/ms)"}


def siegert(mu: float) -> float:
    """Rate (kHz) of the neuron; the threshold is higher because it is looked for every dt only."""
    threshold = V_TH + 0.5826 * SIGMA * np.sqrt(2 * DT / TAU)
    low, high = ((v - mu) / (np.sqrt(2) * SIGMA) for v in (V_RESET, threshold))
    return float(1 / (T_REF + TAU * np.sqrt(np.pi) * quad(lambda u: erfcx(-u), low, high)[0]))


def polynomial() -> tuple[np.ndarray, float, float]:
    """Coefficients of log T, the largest error in Hz, and the largest relative one above 0.1 Hz."""
    x = np.linspace(-5, 3.5, 400)
    rate = np.array([siegert(V_TH + SIGMA * each) for each in x])
    wanted = np.log((1 / rate - T_REF) / TAU)
    fit = np.polynomial.Polynomial.fit(x, wanted, 6, w=(rate / rate.max()) ** 0.35).convert()
    fit = np.polynomial.Polynomial(np.round(fit.coef, 6))  # as the file has them
    found = 1 / (T_REF + TAU * np.exp(fit(x)))
    fast = rate > 1e-4
    relative = np.abs(found / rate - 1)[fast].max()
    return fit.coef, 1000 * np.abs(found - rate).max(), float(relative)


def draw(overlay: object, path: Path) -> None:
    """One panel per quantity; the description dashed."""
    figure, axes = plt.subplots(2, 3, figsize=(11, 5), sharex=True, layout="constrained")
    for panel, curve in zip(axes.ravel(), overlay.curves, strict=False):
        for number, (name, values) in enumerate(curve.found.items()):
            panel.plot(curve.times, values, f"C{number}", lw=2.4 - number, label=f"spiking, {name}")
        panel.plot(curve.times, curve.expected, "k--", lw=1.2, label="rate description")
        population, variable = curve.name.split(".")
        panel.set_title(f"{population}: {TITLES[variable]}", fontsize=9)
        panel.set_xlim(0, None)
    for panel in axes[-1]:
        panel.set_xlabel("t (ms)")
    axes[0, 0].legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest,reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of neurons")
    options = parser.parse_args()
    coefficients, worst, relative = polynomial()
    print("log T:", ", ".join(f"{c:.6f}" for c in coefficients))
    print(f"F is within {worst:.2f} Hz of the formula, above 0.1 Hz within {relative:.1%}")
    found = sb.compare(
        "networks/microcircuit_stp",
        options.on.split(","),
        overlay="networks/microcircuit_stp_rate",
        parameters={"N_E": 400 * options.scale, "N_I": 100 * options.scale},
        frozen_noise=True,
    )
    print(found.verdict)
    print(found.overlay)
    draw(found.overlay, options.out / "microcircuit_stp.png")
    if options.report:
        print(found.report(options.out / "microcircuit_stp.html"))


if __name__ == "__main__":
    main()
