"""What do the four regimes of Brunel (2000), figure 8, look like, and do the simulators agree?

    python examples/brunel_regimes.py [--on nest] [--order 200] [--duration 1000]

Each simulator draws its own connections and Poisson input. Printed are rate, irregularity (CV of
the intervals) and synchrony (variance of the population's count in 1 ms over that of independent
neurons: 1 is asynchronous).
"""

import argparse

import numpy as np

import spikebridge as sb

REGIMES = ("SR", "SI_fast", "AI", "SI_slow")


def measures(spikes: object, duration: float, skipped: float = 200.0) -> tuple[float, float, float]:
    """Rate (Hz), mean CV of the intervals, and synchrony of the spikes after ``skipped`` ms."""
    late = spikes.between(skipped, duration)
    rate = 1000 * len(late) / late.size / (duration - skipped)
    trains = late.per_unit()
    intervals = [np.diff(trains[i]) for i in range(late.size)]
    cv = [np.std(gap) / np.mean(gap) for gap in intervals if len(gap) > 2]
    edges = np.arange(skipped, duration + 0.5, 1.0)
    counts, _ = np.histogram(late.times, edges)
    synchrony = counts.var() / counts.mean() if counts.any() else float("nan")
    return rate, float(np.mean(cv)) if cv else float("nan"), float(synchrony)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2,nest")
    parser.add_argument("--order", type=int, default=200)
    parser.add_argument("--duration", type=float, default=1000.0)
    options = parser.parse_args()

    print(f"{'regime':10}{'on':10}{'rate/Hz':>10}{'CV':>8}{'synchrony':>11}")
    for regime in REGIMES:
        network = sb.load("networks/brunel2000", variant=regime, order=options.order).native()
        for on in options.on.split(","):
            run = sb.simulate(network, on=on, duration=f"{options.duration} ms")
            rate, cv, synchrony = measures(run.columns.spikes["E"], options.duration)
            print(f"{regime:10}{on:10}{rate:10.1f}{cv:8.2f}{synchrony:11.1f}", flush=True)


if __name__ == "__main__":
    main()
