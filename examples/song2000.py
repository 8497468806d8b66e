"""Does competition by STDP end in two groups of synapses, and the same two on Brian2 and NEST?

    python examples/song2000.py [--seeds 3] [--duration "1000 s"] [--variant fast] [--figure f.png]

The network of Song, Miller & Abbott (2000): 1000 excitatory Poisson inputs compete on one neuron.
Every seed has its own inputs and initial efficacies, the same on both simulators. Printed are, per
seed, the fraction of synapses in the upper mode (w > 1/2) and of those between the modes
(1/4 < w < 3/4), and whether the simulators differ by less than two seeds of one simulator do.
A run takes about half a minute per simulator and seed; --variant fast --duration "300 s" learns
four times faster.
"""

import argparse
from itertools import combinations

import numpy as np

import spikebridge as sb

BINS = 10


def final_efficacies(on: str, options: argparse.Namespace, seed: int) -> np.ndarray:
    """w of the 1000 synapses at the end of a run."""
    network = sb.load("networks/song2000", variant=options.variant)
    run = sb.simulate(network, on=on, duration=options.duration, seed=seed)
    return run.synapses("excitation").values[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--duration", default="1000 s")
    parser.add_argument("--variant")
    parser.add_argument("--figure")
    options = parser.parse_args()
    names, seeds = options.on.split(","), range(1, options.seeds + 1)
    upper: dict[str, list[float]] = {name: [] for name in names}
    all_values: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for seed in seeds:
        for name in names:
            w = final_efficacies(name, options, seed)
            upper[name].append(float(np.mean(w > 0.5)))
            all_values[name].append(w)
            between = np.mean((w > 0.25) & (w < 0.75))
            counts = np.histogram(w, BINS, (0, 1))[0]
            print(
                f"seed {seed} {name:9s} upper {upper[name][-1]:.3f}  between {between:.3f}  "
                f"histogram {counts.tolist()}",
                flush=True,
            )
    judge(upper, all_values)
    if options.figure:
        draw(options.figure, all_values)


def judge(upper: dict[str, list[float]], values: dict[str, list[np.ndarray]]) -> None:
    """The difference between simulators against the band between seeds of one of them."""
    band = max((abs(a - b) for f in upper.values() for a, b in combinations(f, 2)), default=0.0)
    for one, two in combinations(upper, 2):
        effect = abs(np.mean(upper[one]) - np.mean(upper[two]))
        worst = max(np.abs(a - b).max() for a, b in zip(values[one], values[two], strict=True))
        print(
            f"{one} and {two}: fractions differ by {effect:.4f}, seeds by up to {band:.4f}: "
            f"{'inside' if effect <= band else 'OUTSIDE'} the band; largest difference of an "
            f"efficacy {worst:.1e}"
        )


def draw(file: str, values: dict[str, list[np.ndarray]]) -> None:
    """Histograms of all seeds, as in figure 2 of the paper."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    for name, found in values.items():
        axes.hist(np.concatenate(found), 40, (0, 1), histtype="step", density=True, label=name)
    axes.set(xlabel="g / g_max", ylabel="density")
    axes.legend(frameon=False)
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    main()
