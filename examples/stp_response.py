"""How does the EPSP depend on the presynaptic rate, for depressing and facilitating synapses?

    python examples/stp_response.py [--on nest] [--figure response.png]

Per rate: what a spike releases in the end (u R, relative to A_SE), its closed form for regular
trains, and the first and the last EPSP. A depressing synapse releases as 1/rate at high rates, so
that r u R stays the same; a facilitating one has a rate that it prefers.
"""

import argparse

import numpy as np

import spikebridge as sb
from spikebridge.api import Run

DT = 0.1  # ms
KINDS = ("depressing", "facilitating")


def spike_times(network: sb.Network) -> list[np.ndarray]:
    """Steps at which each train spikes, as the definition says: start + k/rate."""
    start, end = network.parameters["start"].number, network.duration.number
    rates = network.parameters["rates"].numbers
    return [
        np.rint((start + np.arange(int((end - start) * r)) / r) / DT).astype(int) for r in rates
    ]


def theory(kind: str, network: sb.Network) -> np.ndarray:
    """Stationary u R right before a spike of a regular train (Tsodyks, Pawelzik & Markram 1998)."""
    values = {name: getattr(v, "number", None) for name, v in network.parameters.items()}
    rates = network.parameters["rates"].numbers
    use = values[f"U_{kind}"]
    recovery = np.exp(-1 / (rates * values[f"tau_rec_{kind}"]))
    u = np.full(len(rates), use)
    if kind == "facilitating":
        u = use / (1 - (1 - use) * np.exp(-1 / (rates * values["tau_facil"])))
    return u * (1 - recovery) / (1 - (1 - u) * recovery)


def release(kind: str, run: Run, network: sb.Network, last: np.ndarray) -> np.ndarray:
    """u R right before the last spike of each train."""
    units = np.arange(len(last))
    if kind == "depressing":
        resources = run.synapses("depression").values[last, units]
        return network.parameters["U_depressing"].number * resources
    u, resources = (run.synapses("facilitation", name).values[last, units] for name in "uR")
    return u * resources


def heights(kind: str, run: Run, spikes: list[np.ndarray]) -> np.ndarray:
    """First and last EPSP (mV) of each train, above V as the spike arrives."""
    values = run.columns.trace(kind, "V").values
    found = []
    for unit, steps in enumerate(spikes):
        ends = [*steps[1:], len(values)]
        epsp = [values[a + 10 : b + 10, unit] for a, b in zip(steps, ends, strict=True)]
        found.append([e.max() - e[0] for e in (epsp[0], epsp[-1])])
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="nest")
    parser.add_argument("--figure")
    options = parser.parse_args()
    network = sb.load("networks/stp_response")
    run = sb.simulate(network, on=options.on)
    rates = 1000 * network.parameters["rates"].numbers
    spikes = spike_times(network)
    last = np.array([steps[-1] for steps in spikes])
    for kind in KINDS:
        found, expected = release(kind, run, network, last), theory(kind, network)
        epsp = heights(kind, run, spikes)
        print(f"{kind}\nrate (Hz)      u R   theory  r u R (Hz)  first EPSP (mV)  last EPSP (mV)")
        for k, rate in enumerate(rates):
            print(
                f"{rate:9g}{found[k]:9.4f}{expected[k]:9.4f}{rate * found[k]:12.2f}"
                f"{epsp[k, 0]:17.3f}{epsp[k, 1]:16.3f}"
            )
        print(f"largest deviation from theory {np.abs(found - expected).max():.1e}\n")
    if options.figure:
        draw(options.figure, run, rates)


def draw(file: str, run: Run, rates: np.ndarray) -> None:
    """V of three cells of each kind: the transient and the stationary response."""
    import matplotlib.pyplot as plt

    figure, rows = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
    for kind, axes in zip(KINDS, rows, strict=True):
        trace = run.columns.trace(kind, "V")
        for unit in (2, 4, 6):
            axes.plot(
                trace.times, trace.values[:, unit], label=f"{rates[unit]:g} Hz", linewidth=0.8
            )
        axes.set(ylabel="V (mV)", title=kind, xlim=(0, 1500))
        axes.legend(frameon=False, fontsize=8)
    rows[-1].set_xlabel("time (ms)")
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    main()
