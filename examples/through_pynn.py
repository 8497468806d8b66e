"""Do five ways to run one cell agree, NEURON's among them? An AdEx and a Hodgkin-Huxley cell.

    python examples/through_pynn.py [adex|hodgkin_huxley ...]

Runs one neuron under a step of current on Brian2, on NEST, and through PyNN on NEST, Brian2 and
NEURON: `pynn.*` takes the standard cell that is the same model by algebra. Prints which cell that
is, where each backend departs from the time-step contract, the spikes, and how the error of
NEURON's own integrator falls as dt does. AdEx has V_peak = -40 mV here: at the library's 20 mV a
step of NEURON would turn back, which is refused with the reason.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import spikebridge as sb
from spikebridge.definition.bench import Drive, bench
from spikebridge.studies import convergence_study

NAMES = ("brian2", "nest", "pynn.nest", "pynn.brian2", "pynn.neuron")
OPTIONS = {"brian2": {"target": "numpy"}, "pynn.brian2": {"target": "numpy"}}
DRIVES = {"adex": 700.0, "hodgkin_huxley": 300.0}
DURATION = 60.0  # ms; the current acts from 10 to 90 % of it
VALUES = {"adex": {"V_peak": "-40 mV"}}


def network_of(name: str) -> sb.Network:
    """One neuron under steps of current alone."""
    neuron = sb.load(f"neurons/{name}")
    found = bench(neuron, size=1, duration=DURATION, drive=Drive(DRIVES[name]))
    cells = replace(found.populations["cells"], parameters=VALUES.get(name, {}))
    stimuli = {"step": found.stimuli["step"]}
    return found.replace(populations={"cells": cells}, projections={}, stimuli=stimuli)


def show(name: str) -> None:
    """The comparison of one cell, and NEURON's convergence before its first spike."""
    network = network_of(name)
    found = sb.compare(network, NAMES, dt="0.05 ms", options=OPTIONS)
    exact = sb.simulate(network, "reference", dt="0.05 ms", options={"mode": "adaptive"})
    times = exact.columns.spikes["cells"].times
    print(f"{name}: {found.verdict.title}; the adaptive reference spikes at {times.round(3)} ms")
    for label, run in found.runs.items():
        match = run.manifest["matches"][0]
        times = run.spikes["cells"].times
        runs = match.get("model", "equations")
        print(f"  {label}: {runs}, {len(times)} spikes, first at {times[:3].round(2)} ms")
        for departure in match.get("caveats", ()):
            print(f"      departs: {departure}")
    for label, cause in found.verdict.causes.items():
        print(f"  {label}: {cause.text}")
    first = min(run.spikes["cells"].times[0] for run in found.runs.values())
    until = float(int(first))  # ms; a whole number of every step
    study = convergence_study(
        network, "pynn.neuron", dts=(0.04, 0.02, 0.01), duration=until, stop=0.9 * until
    )
    for quantity in study.quantities:
        errors = ", ".join(f"{dt}: {e:.2g}" for dt, e in sorted(quantity.errors.items())[::-1])
        print(
            f"  pynn.neuron {quantity.name}: order {quantity.fitted.order:.2f}, error at {errors}"
        )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or DRIVES:
        show(chosen)
