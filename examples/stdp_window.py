"""How does a synapse change with the time between pre- and postsynaptic spikes, and their rate?

    python examples/stdp_window.py [--on brian2,nest] [--variant fine] [--figure window.png]

All pairs run at once, 60 pairings each: weight change against post - pre for pair, triplet and
inhibitory STDP, and against the rate of pairing, where only triplets turn depression into
potentiation. For several simulators the largest difference between their weights is printed.
"""

import argparse

import numpy as np

import spikebridge as sb
from spikebridge.api import Run

RULES = ("pair", "triplet", "inhibitory")
FREQUENCY = ("pair_frequency", "triplet_frequency")


def changes(run: Run) -> dict[str, np.ndarray]:
    """Rule -> weight change of each synapse over the run."""
    found = {}
    for rule in (*RULES, *FREQUENCY):
        values = run.synapses(rule).values
        found[rule] = values[-1] - values[0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--variant")
    parser.add_argument("--figure")
    options = parser.parse_args()
    network = sb.load("networks/stdp_windows", variant=options.variant)
    on = options.on.split(",")
    runs = {name: changes(sb.simulate(network, on=name)) for name in on}
    found = runs[on[0]]
    count = len(found["pair"])
    step = network.parameters["dt_step"].number
    differences = (np.arange(count) - (count - 1) / 2) * step
    print("post - pre (ms)" + "".join(f"{rule:>12}" for rule in RULES))
    for k, difference in enumerate(differences):
        print(f"{difference:15g}" + "".join(f"{found[rule][k]:12.4f}" for rule in RULES))
    rates = 1000 * network.parameters["pair_rates"].numbers
    half = len(rates) // 2
    print("\nrate (Hz)     pair +10 ms  pair -10 ms  triplet +10 ms  triplet -10 ms")
    for k in range(half):
        pair, triplet = (found[rule][[k, k + half]] for rule in FREQUENCY)
        print(f"{rates[k]:9g}{pair[0]:16.4f}{pair[1]:13.4f}{triplet[0]:16.4f}{triplet[1]:16.4f}")
    for name in on[1:]:
        worst = max(float(np.abs(runs[name][rule] - found[rule]).max()) for rule in found)
        print(f"\nlargest difference of a weight between {on[0]} and {name}: {worst:.1e}")
    if options.figure:
        draw(options.figure, differences, rates[:half], found)


def draw(
    file: str, differences: np.ndarray, rates: np.ndarray, found: dict[str, np.ndarray]
) -> None:
    """The windows on the left, weight change against rate on the right."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for rule in RULES:
        left.plot(differences, found[rule], ".-", label=rule)
    left.set(xlabel="post - pre (ms)", ylabel="weight change, 60 pairings")
    for rule, style in zip(FREQUENCY, ("--", "-"), strict=True):
        for k, sign in enumerate("+-"):
            values = found[rule][k * len(rates) : (k + 1) * len(rates)]
            label = f"{rule.partition('_')[0]}, {sign}10 ms"
            right.plot(rates, values, f"{style}o", markersize=3, label=label)
    right.set(xlabel="rate of pairing (Hz)", ylabel="weight change, 60 pairings")
    for axes in (left, right):
        axes.axhline(0, color="0.7", linewidth=0.5)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    main()
