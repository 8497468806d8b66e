"""Do Brian2 and NEST agree in distribution on Brunel's four regimes?

    python examples/brunel_statistics.py [AI SI_slow SI_fast SR] [--order 500] [--duration "10 s"]

Each simulator draws its own connections and Poisson input, five seeds each. Rate, CV of intervals
and mean correlation must differ between the simulators by no more than between two seeds of one of
them. The full study takes about half an hour on one core.
"""

import argparse

import spikebridge as sb
from spikebridge.studies import seed_study

REGIMES = ("AI", "SI_slow", "SI_fast", "SR")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("regimes", nargs="*", default=REGIMES)
    parser.add_argument("--order", type=int, default=500)
    parser.add_argument("--duration", default="10 s")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for regime in options.regimes:
        network = sb.load("networks/brunel2000", variant=regime, order=options.order, native=True)
        found = seed_study(
            network,
            ("brian2", "nest"),
            seeds=range(1, options.seeds + 1),
            duration=options.duration,
            discard=500.0,
        )
        print(regime, "agree" if found.agrees else "DIFFER")
        for effect in found.effects:
            shown = effect.to_json()
            means = {n: sum(v) / len(v) for n, v in shown["means"].items()}
            values = ", ".join(f"{n} {mean:.4g}" for n, mean in means.items())
            print(
                f"    {effect.population} {effect.statistic}: {values} {effect.unit}, "
                f"effect {effect.effect:.3f} in a band of {effect.band:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
