"""Does one theory fit every kind of unit? Six networks, their mean fields, and simulations.

    python examples/meanfield.py [--on brian2] [--only ai,adex] [--scale 4] [--out FOLDER]

LIF with voltage jumps, LIF with conductances, AdEx, exponential IF, tanh rates, binary units: the
same call, `mean_field(network)`, knows of each only its program. Prints a table of predicted and
simulated means, irregularity and spectra, and draws the spectra of single units. `--scale` makes
the networks of LIF with conductances, AdEx and exponential IF larger, with as many synapses per
neuron: the theory is that of a large network, and stays the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import spikebridge as sb
from spikebridge.theory.meanfield import Activity, mean_field, populations

STIM = 500.0  # ms that a simulation settles
AT = (10.0, 20.0, 50.0)  # Hz of the table


def balanced(
    neuron: str, scale: int, weights: tuple[str, str], rate: str, **numbers: str
) -> dict[str, Any]:
    """2000 excitatory and 500 inhibitory neurons (times ``scale``), 200 and 50 synapses each,
    Poisson input.
    """
    ports = "exc", "inh"
    projections: dict[str, Any] = {}
    for post in "EI":
        for pre, degree, port, weight in zip("EI", (200, 50), ports, weights, strict=True):
            rule = {"kind": "fixed_indegree", "indegree": degree}
            projections[post + pre] = {
                "pre": pre,
                "post": post,
                "port": port,
                "weight": weight,
                "delay": "1.5 ms",
                "rule": {**rule, "autapses": False, "multapses": False},
            }
        projections[f"external_{post}"] = {
            "pre": f"external_{post}",
            "post": post,
            "port": ports[0],
            "weight": weights[0],
            "delay": "1.5 ms",
            "rule": {"kind": "one_to_one"},
        }
    sizes = {"E": 2000 * scale, "I": 500 * scale}
    return {
        "kind": "network",
        "title": neuron,
        "populations": {
            n: {"neuron": neuron, "size": size, "parameters": numbers} for n, size in sizes.items()
        },
        "projections": projections,
        "stimuli": {
            f"external_{n}": {"kind": "poisson", "size": size, "rate": rate, "draw": "native"}
            for n, size in sizes.items()
        },
        "run": {"dt": "0.1 ms", "duration": "1 s"},
    }


def binary() -> dict[str, Any]:
    """1000 and 250 stochastic binary units."""
    projections = {}
    for post in "EI":
        for pre, degree, weight in (("E", 100, 0.15), ("I", 25, -0.75)):
            rule = {"kind": "fixed_indegree", "indegree": degree}
            projections[post + pre] = {
                "pre": pre,
                "post": post,
                "port": "x_syn",
                "synapse": "synapses/graded",
                "weight": weight,
                "delay": "0.5 ms",
                "rule": {**rule, "autapses": False, "multapses": False},
            }
    numbers = {"tau_m": "10 ms", "c_1": 0, "c_2": 1, "c_3": 0.5, "theta": 1}
    populations_ = {
        n: {"neuron": "binary/ginzburg", "size": size, "parameters": numbers}
        for n, size in (("E", 1000), ("I", 250))
    }
    return {
        "kind": "network",
        "title": "binary",
        "populations": populations_,
        "projections": projections,
        "run": {"dt": "0.5 ms", "duration": "1 s"},
    }


def networks(scale: int = 1) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Name -> network and what its mean field is asked with."""
    fast = {"tau_exc": "2 ms", "tau_inh": "2 ms"}
    return {
        "LIF, jumps (ai)": (sb.load("networks/ai"), {}),
        "LIF, conductances": (
            balanced("neurons/lif_conductance", scale, ("0.6 nS", "6 nS"), "4 kHz"),
            {"window": 400.0},
        ),
        "AdEx": (
            balanced("neurons/adex", scale, ("0.75 nS", "6 nS"), "8 kHz", tau_w="50 ms"),
            {"window": 800.0},
        ),
        "exponential IF": (
            balanced("neurons/exponential_if", scale, ("15 pA", "-100 pA"), "2.2 kHz", **fast),
            {"window": 400.0},
        ),
        "tanh rates": (
            sb.load("networks/random_tanh", N=2000),
            {"dt": "1 ms", "window": 2000.0, "tolerance": 0.02},
        ),
        "binary": (binary(), {"window": 512.0}),
    }


class Simulated:
    """Mean, irregularity, spectra of a run; of spikes per ms, of signals per sample."""

    def __init__(self, network: Any, a: Activity, on: str, seconds: float) -> None:
        found = sb.load(network) if isinstance(network, dict) else network
        units = min(a.size, 1000)
        signal = {}
        if not a.spiking:
            name, scale = "A" if a.two_valued else "x", a.output.numbers.get("synapse_scale", 1.0)
            signal = {"S": sb.Recording("S", a.output.population, (name,), f"0:{units}", "1 ms")}
        found = found.replace(recordings=signal)
        columns = sb.simulate(found, on, duration=STIM + 1e3 * seconds, dt=a.dt).columns
        if a.spiking:
            spikes = columns.spikes[a.output.population]
            late = spikes.times > STIM
            bins = ((spikes.times[late] - STIM) / 1.0 - 1e-9).astype(int)
            y = np.zeros((int(1e3 * seconds), a.size))
            np.add.at(y, (np.minimum(bins, len(y) - 1), spikes.senders[late]), 1e3)
            self.cv = intervals_cv(spikes.times[late], spikes.senders[late])
        else:
            trace = columns.trace(a.output.population, name).values[int(STIM) :]
            y = trace if a.two_valued else scale * np.tanh(trace)
            self.cv = float("nan")
        self.mean, self.std = float(y.mean()), float(y.std())
        parts = np.array_split(y, 20)
        self.mean_error = float(np.std([p.mean() for p in parts]) / 19**0.5)
        self.std_error = float(np.std([p.std() for p in parts]) / 19**0.5)
        self.frequencies, self.single, self.average = spectra(y, a.spiking)


def intervals_cv(times: np.ndarray, senders: np.ndarray) -> float:
    order = np.lexsort((times, senders))
    t, s = times[order], senders[order]
    intervals = np.diff(t)[np.diff(s) == 0]
    return float(intervals.std() / intervals.mean())


def spectra(y: np.ndarray, spiking: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies (Hz), mean spectrum of one unit, spectrum of the average (Hz, or unit^2 ms)."""
    from scipy.signal import welch

    scale = 0.5 if spiking else 500.0  # one-sided densities per Hz
    length = min(1024, len(y))
    f, single = welch(y[:, :300], 1000.0, nperseg=length, axis=0)
    _, average = welch(y.mean(axis=1), 1000.0, nperseg=length)
    return f[1:], scale * single.mean(axis=1)[1:], scale * average[1:]


def values(a: Activity, s: Simulated) -> tuple[float, float]:
    """What the table compares: means, of signals around 0 their deviation."""
    return (a.mean, s.mean) if a.spiking or a.two_valued else (a.variance**0.5, s.std)


def row(name: str, a: Activity, average: np.ndarray, s: Simulated) -> str:
    theory, run = values(a, s)
    error = s.mean_error if a.spiking or a.two_valued else s.std_error
    own = a.error if a.spiking or a.two_valued else float("nan")  # none is known of a std
    what = "Hz  " if a.spiking else "m   " if a.two_valued else "std "
    cv = f"{a.cv:5.3f}/{s.cv:5.3f}" if a.spiking else 11 * " "
    shown = []
    for f in AT:
        near = np.abs(s.frequencies - f) < max(2.0, 0.15 * f)
        here = np.interp(s.frequencies[near], a.frequencies, a.spectrum).mean()
        together = np.interp(s.frequencies[near], a.frequencies, average).mean()
        shown.append(
            f"{here / s.single[near].mean():4.2f} {together / s.average[near].mean():4.2f}"
        )
    return (
        f"{name:18} {what} {theory:8.4f} +- {own:6.4f} {run:8.4f} +- {error:6.4f} "
        f"{100 * (theory / run - 1):+5.1f} % "
        f"{cv}  " + "   ".join(shown)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", default="brian2")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", default="", help="parts of names, with commas between")
    parser.add_argument("--scale", type=int, default=1, help="size of the three balanced networks")
    parser.add_argument("--out", type=Path, default=Path("figures"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    at = ", ".join(f"{f:g}" for f in AT)
    heading = f"theory/run: one unit, average at {at} Hz"
    print(f"{'network':24} {'theory':>17} {'run':>17} {'':8} {'CV':11}  {heading}")
    words = [x.lower() for x in options.only.split(",") if x] or [""]
    chosen = {
        n: x for n, x in networks(options.scale).items() if any(w in n.lower() for w in words)
    }
    columns = max(min(len(chosen), 3), 1)
    rows = -(-len(chosen) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.6 * columns, 3.0 * rows), layout="constrained", squeeze=False
    )
    for (name, (network, asked)), ax in zip(chosen.items(), axes.flat, strict=False):
        found = mean_field(network, **asked)
        a = next(x for x in found.activity.values() if x.output.population in ("E", "units"))
        together = populations(found)
        average = together.spectrum(a.label).real
        s = Simulated(network, a, options.on, options.seconds)
        f, factor = together.resonance
        modes = f"resonance {f:.0f} Hz ({factor:.1f}), {together.growing} growing"
        took = f"{modes}; {found.seconds:.0f} s, {found.rounds} rounds"
        print(row(name, a, average, s), f" {took}", flush=True)
        draw(ax, name, a, average, s)
        axes[0, 0].legend(fontsize=7)
        figure.savefig(options.out / "meanfield.png", dpi=110)
    print(options.out / "meanfield.png")


def draw(ax: plt.Axes, name: str, a: Activity, average: np.ndarray, s: Simulated) -> None:
    band = (a.frequencies > 0.9) & (a.frequencies < 250)
    ax.loglog(s.frequencies, s.single, ".", color="0.7", ms=3, label="simulated, one unit")
    ax.loglog(a.frequencies[band], a.spectrum[band], "C0", label="theory, one unit")
    ax.loglog(s.frequencies, s.average, ".", color="0.5", ms=3, label="simulated, average")
    ax.loglog(a.frequencies[band], average[band], "C3", label="theory, average")
    theory, run = values(a, s)
    ax.set(xlim=(1, 250), title=f"{name}: {theory:.3g}, simulated {run:.3g}", xlabel="Hz")


if __name__ == "__main__":
    main()
