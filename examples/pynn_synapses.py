"""Synapses that change, through PyNN: who has the same, in one comparison for each.

A cell is driven through four synapses of each kind, and kicked from time to time so that it spikes.
Every simulator that can run the synapse takes part; the others say why they cannot.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

import spikebridge as sb
from spikebridge.compare import compare_columns
from spikebridge.errors import Unsupported

SIMULATORS = ("reference", "brian2", "nest", "pynn.nest", "pynn.brian2", "pynn.neuron")
URM = "synapses/tsodyks_uziel_markram"
CASES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "depression": (URM, {"tau_psc": "5 ms"}, "400 pA", "dendritic"),
    "facilitation": (
        URM,
        {"tau_psc": "5 ms", "U": "0.04", "tau_rec": "100 ms", "tau_facil": "1000 ms"},
        "900 pA",
        "dendritic",
    ),
    "depression, tau_d = tau_syn": (
        "synapses/depression",
        {"tau_d": "5 ms"},
        "400 pA",
        "dendritic",
    ),
    "pair STDP, delay behind": ("synapses/stdp_pair", {}, "300 pA", "dendritic"),
    "pair STDP, delay before": ("synapses/stdp_pair", {}, "300 pA", "axonal"),
}


def network(case: str) -> Any:
    """Four trains onto one cell through the synapse, and a fifth that kicks it."""
    name, parameters, weight, delay_at = CASES[case]
    synapse = replace(sb.load(name), delay_at=delay_at)
    rng = np.random.default_rng(4)
    steps = [np.sort(rng.choice(np.arange(20, 1900), 20, replace=False)) for _ in range(4)]
    trains = [[f"{k / 10} ms" for k in train] for train in steps]
    learns = "w" in synapse.states
    recordings: dict[str, Any] = {"cell": {"population": "cell", "variables": ["V"]}}
    if learns:
        recordings["w"] = {"projection": "syn", "variables": ["w"], "every": "20 ms"}
    return sb.load(
        {
            "kind": "network",
            "populations": {
                "cell": {
                    "neuron": "neurons/lif_current",
                    "size": 1,
                    "parameters": {"tau_exc": "5 ms"},
                }
            },
            "stimuli": {
                "in": {"kind": "spikes", "trains": trains},
                "kick": {"kind": "regular", "size": 1, "rate": "70 Hz", "start": "8 ms"},
            },
            "projections": {
                "syn": {
                    "pre": "in",
                    "post": "cell",
                    "port": "exc",
                    "synapse": synapse,
                    "rule": {"kind": "all_to_all"},
                    "weight": weight,
                    "delay": "1.5 ms",
                    "parameters": parameters,
                },
                "kicks": {
                    "pre": "kick",
                    "post": "cell",
                    "port": "exc",
                    "rule": {"kind": "all_to_all"},
                    "weight": "1500 pA",
                    "delay": "1 ms",
                },
            },
            "recordings": recordings,
            "run": {"dt": "0.1 ms", "duration": "200 ms", "seed": 1},
        }
    )


# Its Tsodyks-Markram synapse is wrong in compiled code: docs/pynn.md.
OPTIONS = {"pynn.brian2": {"target": "numpy"}}


def runs(net: Any) -> dict[str, Any]:
    """Simulator -> its columns; prints why the others cannot run it."""
    found = {}
    for name in SIMULATORS:
        try:
            found[name] = sb.simulate(net, name, options=OPTIONS.get(name)).columns
        except Unsupported as error:
            print(f"  {name}: {error}")
    return found


def main() -> None:
    """One comparison for every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, action="append")
    for case in parser.parse_args().case or CASES:
        print(f"\n== {case}")
        found = runs(network(case))
        print(compare_columns(list(found.values())).verdict)
        reference = found["reference"]
        for name, columns in found.items():
            moved = f"{name}: {len(columns.spikes['cell'])} spikes"
            if "syn" in columns.traces:
                w, there = columns.trace("syn", "w").values, reference.trace("syn", "w").values
                moved += f", final weights apart by {np.abs(w[-1] - there[-1]).max():.2g}"
                moved += f" of {np.abs(there[-1] - there[0]).max():.2g} moved"
            print(f"  {moved}")


if __name__ == "__main__":
    main()
