"""How much noise helps neurons to follow a sine that is too weak to make them fire?

    python examples/stochastic_resonance.py [--on brian2,nest] [--seconds 2] [--out FOLDER]

Neurons with eight strengths of noise, 50 of each, get the same subthreshold sine. Draws spikes of
three strengths, and the response over the noise: the amplitude of the rate at the sine's frequency,
and the power there over that of the background. Each simulator draws its own noise.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb

NOISES = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0, 16.0])  # mV
EACH, SKIPPED = 50, 200.0
SHOWN = {1: "1 mV", 3: "2 mV", 6: "8 mV"}


def spikes(on: str, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Times (ms) and numbers of the neurons; number // EACH is that of the noise."""
    values = [f"{s} mV" for s in np.repeat(NOISES, EACH)]
    network = sb.load("networks/stochastic_resonance", noise=values, N=len(values))
    network = network.replace(recordings={})
    trains = sb.simulate(network, on, duration=f"{seconds} s").columns.spikes["cells"]
    return np.asarray(trains.times), trains.senders


def response(times: np.ndarray, seconds: float) -> tuple[float, float]:
    """Amplitude of the rate at 5 Hz, and its power over that of independent spikes, both in Hz."""
    late = times[times > SKIPPED]
    rate = len(late) / EACH / (seconds - SKIPPED / 1000)
    vector = abs(np.exp(2j * np.pi * 0.005 * late).mean()) if len(late) else 0.0
    return 2 * rate * vector, rate * vector**2


def draw_spikes(axes: plt.Axes, times: np.ndarray, who: np.ndarray) -> None:
    for row, index in enumerate(SHOWN):
        own = (who // EACH == index) & (who % EACH < 20) & (times < 1000)
        axes.plot(times[own], who[own] % EACH + 26 * row, "k.", ms=1.5)
    t = np.arange(0, 1000.0)
    axes.plot(t, 84 + 5 * np.sin(2 * np.pi * 0.005 * t), "C0", lw=1)
    axes.set(xlabel="t (ms)", xlim=(0, 1000), title="spikes of 20 neurons each")
    axes.set_yticks([10 + 26 * row for row in range(len(SHOWN))], list(SHOWN.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for on, style in zip(options.on.split(","), ("o-", "x--", "+:"), strict=False):
        times, who = spikes(on, options.seconds)
        found = [response(times[who // EACH == n], options.seconds) for n in range(len(NOISES))]
        amplitude, ratio = np.transpose(found)
        axes[1].semilogx(NOISES, amplitude, style, label=on, ms=4)
        axes[2].semilogx(NOISES, ratio, style, label=on, ms=4)
        best = NOISES[[amplitude.argmax(), ratio.argmax()]]
        print(f"{on}: the rate follows best at {best[0]:g} mV, over its background at {best[1]:g}")
    draw_spikes(axes[0], times, who)
    axes[1].set(title="amplitude of the rate at 5 Hz (Hz)")
    axes[2].set(title="power at 5 Hz over background (Hz)")
    for panel in axes[1:]:
        panel.set(xlabel=r"noise $\sigma$ (mV)", xticks=[0.5, 1, 2, 4, 8, 16])
        panel.xaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
        panel.xaxis.set_minor_formatter(mpl.ticker.NullFormatter())
        panel.set_ylim(bottom=0)
        panel.legend()
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "stochastic_resonance.png", dpi=100)
    print(options.out / "stochastic_resonance.png")


if __name__ == "__main__":
    main()
