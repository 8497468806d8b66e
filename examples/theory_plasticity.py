"""How fast does a plastic weight move under Poisson spikes? Theory, with a simulation over it.

    python examples/theory_plasticity.py [--on reference] [--out FOLDER]

The triplet rule (visual cortex, minimal) at 20 Hz presynaptic spikes: the mean drift of the weight
against the postsynaptic rate. Postsynaptic neurons fire at each spike of a Poisson train of their
own.
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

SYNAPSE = "synapses/stdp_triplet"
VARIANT = "visual_cortex_minimal"
PRE, COUNT, SECONDS = 20.0, 100, 8.0
POST = np.array([5.0, 10.0, 15.0, 20.0, 30.0, 40.0])  # Hz


def network() -> sb.Network:
    """COUNT synapses for each postsynaptic rate; they pass nothing on."""
    size = COUNT * len(POST)
    rates = [f"{r} Hz" for r in np.repeat(POST, COUNT)]
    neuron = sb.load("neurons/lif_delta", t_ref="0.5 ms")
    rule = sb.load(SYNAPSE, variant=VARIANT, w_max=1000)
    return sb.Network(
        {"post": sb.Population("post", neuron, size)},
        {
            "drive": sb.Projection("drive", "own", "post", "spikes", "one_to_one", "30 mV",
                                   "0.5 ms"),
            "plastic": sb.Projection(
                "plastic", "pre", "post", "spikes", "one_to_one", "0 mV", "0.5 ms",
                synapse=rule, initial={"w": 500},
            ),
        },
        {
            "pre": sb.Stimulus("pre", "poisson", size=size, rate=f"{PRE} Hz"),
            "own": sb.Stimulus("own", "poisson", size=size, rate=rates),
        },
        {"w": sb.Recording("w", projection="plastic", variables=("w",), every="1 s")},
        dt="0.5 ms",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="reference")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    found = theory.drift(SYNAPSE, variant=VARIANT)
    print(f"d<w>/dt = {found.text}; 0 at {theory.balance(found, PRE)[0]:.6f} Hz")
    run = sb.simulate(network(), options.on, duration=f"{SECONDS} s")
    w = run.synapses("plastic").values
    # the grid merges spikes of one step, so that theory is asked at the rates that were
    counts = run.columns.spikes["post"].counts().reshape(len(POST), COUNT)
    post = counts.mean(axis=1) / SECONDS
    drifts = ((w[-1] - w[1]) / (SECONDS - 1.0)).reshape(len(POST), COUNT)
    figure, axes = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    rates = np.linspace(0.5, 45.0, 60)
    axes.plot(rates, [found.at(PRE, r) for r in rates], label="theory")
    error = drifts.std(axis=1, ddof=1) / np.sqrt(COUNT)
    axes.errorbar(post, drifts.mean(axis=1), error, fmt="ko", ms=4, label=options.on)
    for rate, mean, e in zip(post, drifts.mean(axis=1), error, strict=True):
        print(f"{rate:.2f} Hz: {mean:+.5f} +- {e:.5f} per s, theory {found.at(PRE, rate):+.5f}")
    axes.axhline(0, color="0.7", lw=0.8)
    axes.set(xlabel="postsynaptic rate (Hz)", ylabel="drift of w (1/s)", title=f"{PRE:g} Hz before")
    axes.legend(fontsize=7)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "theory_plasticity.png", dpi=110)
    print(options.out / "theory_plasticity.png")


if __name__ == "__main__":
    main()
