"""Does the error fall at the order of the scheme as dt halves? AdEx and COBA with rk4.

    python examples/convergence.py [DIR]

Compares Brian2 and NEST at dt = 0.2 to 0.025 ms with the adaptive reference, which finds
spikes off the grid, and writes one report per model. Input, connections and delays are drawn once,
so that the runs differ in dt alone. The order of the scheme is asked of the time before the first
spike, where no spike has been rounded to the grid yet.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import spikebridge as sb
from spikebridge.definition.bench import Drive, bench
from spikebridge.studies import convergence_study

OPTIONS = {"brian2": {"target": "numpy"}, "nest": {"match": False}}


def adex() -> sb.Network:
    """Five AdEx neurons under a step current and frozen conductance input."""
    drive = Drive(current=700.0, weights={"exc": 3.0, "inh": 2.0})
    return bench(sb.load("neurons/adex"), duration=100.0, drive=drive)


def coba() -> sb.Network:
    """COBA with 400 neurons that start low enough to stay silent for some ms."""
    network = sb.load("networks/coba", N=400, p=0.1)
    low = {"V": {"distribution": "uniform", "low": "-60 mV", "high": "-57 mV"}}
    populations = {n: replace(p, initial=low) for n, p in network.populations.items()}
    recordings = {n: replace(r, units=20) for n, r in network.recordings.items()}
    return network.replace(populations=populations, recordings=recordings)


def study(name: str, network: sb.Network, duration: float, stop: float, folder: Path) -> None:
    """Report one model; the orders stand in the page and are printed."""
    settings = {"scheme": "rk4", "dt": 0.1, "duration": duration}
    found = sb.compare(network, ("brian2", "nest"), options=OPTIONS, **settings)
    studies = [
        convergence_study(network, on, scheme="rk4", duration=stop, options=OPTIONS[on])
        for on in ("brian2", "nest")
    ]
    folder.mkdir(parents=True, exist_ok=True)
    page = found.with_evidence(convergence=studies).report(folder / f"{name}.html")
    for each in studies:
        for quantity in each.quantities:
            errors = ", ".join(f"{dt}: {e:.2g}" for dt, e in sorted(quantity.errors.items())[::-1])
            print(f"{name} {each.simulator} {quantity.name}: order {quantity.fitted.order:.2f}")
            print(f"    error in {quantity.unit} at dt in ms: {errors}")
    print(page)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "convergence")
    study("adex", adex(), 100.0, 17.0, target)
    study("coba", coba(), 50.0, 10.0, target)
