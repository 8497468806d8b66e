"""What rates and spectra does theory predict of a spiking network? A simulation over it.

    python examples/theory_lif.py [--on nest] [--out FOLDER]

Brunel's network with 2000 excitatory and 500 inhibitory neurons, connections and Poisson trains
drawn by the simulator. Left: rates against the external drive eta. Right: the power spectrum of the
excitatory rate, and what is left of it in theory where only the mean of the input is modulated.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge import theory
from spikebridge.results.columns import Columns

SIZE = {"order": 500, "J": "0.2 mV", "g": 6}
BIN = 1.0  # ms


def simulated(on: str, eta: float, seconds: float) -> Columns:
    network = sb.load("networks/brunel2000", native=True, eta=eta, **SIZE).replace(recordings={})
    return sb.simulate(network, on, duration=f"{seconds} s").columns


def spectrum(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Hz: power spectrum of the rate of E, averaged over 250 ms pieces."""
    edges = np.arange(200.0, columns.duration + BIN, BIN)
    counts, _ = np.histogram(columns.spikes["E"].times, edges)
    rate = counts / columns.spikes["E"].size / BIN * 1e3
    pieces = rate[: len(rate) // 250 * 250].reshape(-1, 250)
    power = np.abs(np.fft.rfft(pieces - rate.mean(), axis=1)) ** 2 * BIN / 1e3 / 250
    return np.fft.rfftfreq(250, BIN / 1e3), power.mean(axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.4), layout="constrained")
    etas = np.linspace(1.0, 2.0, 11)
    points = [theory.working_point("networks/brunel2000", grid=True, eta=e, **SIZE) for e in etas]
    left.plot(etas, [p.rates["E"] for p in points], label="theory")
    for eta, seconds in ((1.2, 1.7), (1.6, 0.6), (2.0, 0.6)):
        columns = simulated(options.on, eta, seconds)
        late = columns.spikes["E"].times > 200.0
        measured = late.sum() / columns.spikes["E"].size / (columns.duration - 200.0) * 1e3
        predicted = np.interp(eta, etas, [p.rates["E"] for p in points])
        print(f"eta {eta}: {measured:.2f} Hz on {options.on}, theory {predicted:.2f} Hz")
        left.plot(eta, measured, "ko", ms=4, label=options.on if eta == 1.2 else None)
        if eta == 1.2:
            f, power = spectrum(columns)
            right.loglog(f[1:60], power[1:60], "k.", ms=4, label=options.on)
    f = np.geomspace(3.0, 250.0, 80)
    for variance, style in ((True, "-"), (False, ":")):
        found = theory.linear(points[2], f, variance=variance)
        label = "mean and variance" if variance else "mean only"
        right.loglog(f, np.real(found.spectra[:, 0, 0]), f"C0{style}", label=label)
    left.set(xlabel="external drive eta", ylabel="rate of E (Hz)")
    right.set(xlabel="frequency (Hz)", ylabel="Hz", title="spectrum of the rate of E, eta 1.2")
    for axes in (left, right):
        axes.legend(fontsize=7)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "theory_lif.png", dpi=110)
    print(options.out / "theory_lif.png")


if __name__ == "__main__":
    main()
