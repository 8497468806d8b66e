"""Can a PyNN script use a neuron that no simulator has? An adaptive threshold, beside IF_curr_exp.

    python examples/pynn_cell_type.py

One script, on pyNN.nest and pyNN.brian2: a population of our own model and one of PyNN's cells
drive each other; spike trains and a step of current drive both. Prints the spikes of each and how
many differ; and those of the same network as spikebridge's reference runs it.

pyNN.brian2 labels a step by its beginning, and counts the step of the spike as refractory: LEAD is
what spike times, source spikes and the period of PyNN's own cell are moved by.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import brian2
import numpy as np

import spikebridge as sb
import spikebridge.pynn

DT = 0.1
LEAD = {"pyNN.nest": 0.0, "pyNN.brian2": DT}
TRAINS = ([5.0, 10.0, 10.2, 30.0, 31.0, 61.0], [7.0, 8.0, 9.0, 40.0, 41.5, 42.0])
ADAPTIVE_THRESHOLD = {
    "kind": "neuron",
    "title": "Leaky integrate-and-fire neuron whose threshold jumps at a spike and falls back",
    "scheme": "exact",
    "equations": """
        tau_m*dV/dt = -(V - V_rest) + R_m*(I_syn + I_ext) : mV
        tau_theta*dtheta/dt = theta_rest - theta : mV
        tau_syn*dI_syn/dt = -I_syn : pA
    """,
    "parameters": {
        "tau_m": "15 ms",
        "tau_theta": "40 ms",
        "tau_syn": "4 ms",
        "R_m": "0.05 GOhm",
        "V_rest": "-65 mV",
        "V_reset": "-65 mV",
        "theta_rest": "-52 mV",
        "jump": "6 mV",
        "t_ref": "2 ms",
    },
    "initial": {"V": "V_rest", "theta": "theta_rest"},
    "ports": {
        "spikes": {"unit": "pA", "receive": "I_syn += weight"},
        "I_ext": {"unit": "pA", "kind": "continuous"},
    },
    "spike": {
        "condition": "V >= theta",
        "effects": "V = V_reset; theta += jump",
        "refractory": {"period": "t_ref", "clamp": ["V"]},
    },
}


def script(sim: Any, lead: float) -> dict[str, list[np.ndarray]]:
    """The PyNN script; spike times by population."""
    sim.setup(timestep=DT, min_delay=DT, spike_precision="on_grid")
    Cell = spikebridge.pynn.cell_type(ADAPTIVE_THRESHOLD, sim)
    own = sim.Population(3, Cell(tau_m=[12.0, 15.0, 20.0], jump=5.0), label="own")
    own.initialize(V=-60.0)
    theirs = sim.Population(2, sim.IF_curr_exp(tau_refrac=2.0 + lead), label="theirs")
    times = [np.array(train) - lead for train in TRAINS]
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=times), label="source")

    def connect(pre: Any, post: Any, weight: float, receptor: str) -> None:
        synapse = sim.StaticSynapse(weight=weight, delay=1.5)
        sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)

    connect(source, own, 0.35, "spikes")
    connect(source, theirs, 0.5, "excitatory")
    connect(own, theirs, 1.0, "excitatory")
    connect(theirs, own, -0.2, "spikes")
    current = sim.DCSource(amplitude=0.45, start=12.0, stop=180.0)
    current.inject_into(own)
    own.record(["spikes", "theta"])
    theirs.record("spikes")
    sim.run(200.0)
    found = {p.label: p.get_data("spikes").segments[0].spiketrains for p in (own, theirs)}
    sim.end()
    return {n: [np.asarray(t) + lead for t in trains] for n, trains in found.items()}


def differing(one: list[np.ndarray], other: list[np.ndarray]) -> int:
    """Spikes that one has and the other has not, on the grid."""
    pairs = zip(one, other, strict=True)
    return sum(len(np.setxor1d(np.rint(a / DT), np.rint(b / DT))) for a, b in pairs)


def by_reference() -> list[np.ndarray]:
    """`own` on spikebridge's reference; PyNN's cell is its definition, `neurons/lif_current`."""
    network = {
        "kind": "network",
        "populations": {
            "own": {
                "neuron": ADAPTIVE_THRESHOLD,
                "size": 3,
                "parameters": {"tau_m": ["12 ms", "15 ms", "20 ms"], "jump": "5 mV"},
                "initial": {"V": "-60 mV"},
            },
            "theirs": {
                "neuron": "neurons/lif_current",
                "size": 2,
                "parameters": {
                    "tau_m": "20 ms",
                    "R_m": "0.02 GOhm",
                    "tau_exc": "5 ms",
                    "tau_inh": "5 ms",
                    "V_rest": "-65 mV",
                    "V_reset": "-65 mV",
                    "V_th": "-50 mV",
                    "t_ref": "2 ms",
                },
                "initial": {"V": "-65 mV"},
            },
        },
        "stimuli": {
            "source": {"kind": "spikes", "trains": [[f"{t} ms" for t in x] for x in TRAINS]},
            "step": {
                "kind": "current",
                "population": "own",
                "port": "I_ext",
                "amplitude": "450 pA",
                "start": "12 ms",
                "stop": "180 ms",
            },
        },
        "projections": {
            f"{pre}_{post}": {
                "pre": pre,
                "post": post,
                "port": port,
                "rule": "all_to_all",
                "weight": weight,
                "delay": "1.5 ms",
            }
            for pre, post, port, weight in (
                ("source", "own", "spikes", "350 pA"),
                ("source", "theirs", "exc", "500 pA"),
                ("own", "theirs", "exc", "1000 pA"),
                ("theirs", "own", "spikes", "-200 pA"),
            )
        },
        "run": {"dt": f"{DT} ms", "duration": "200 ms"},
    }
    spikes = sb.simulate(network, "reference").columns.spikes["own"]
    return [spikes.times[spikes.senders == k] for k in range(3)]


def main() -> None:
    """Run it on both and compare."""
    brian2.prefs.codegen.target = "numpy"  # few neurons: nothing is compiled
    runs = {}
    for name, lead in LEAD.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyNN about NEST's older calls
            runs[name] = script(import_module(name), lead)
        counts = {p: [len(t) for t in trains] for p, trains in runs[name].items()}
        print(f"{name}: spikes per unit {counts}")
    one, other = runs.values()
    for population in one:
        print(f"{population}: {differing(one[population], other[population])} differing spikes")
    print(f"own, against the reference: {differing(one['own'], by_reference())} differing spikes")


if __name__ == "__main__":
    main()
