"""Pair STDP on NEST: through spikebridge in three ways against PyNEST with stdp_synapse.

    python examples/benchmarks/plastic_nest.py [--inputs 1000] [--targets 100] [--duration 5000]

1000 Poisson inputs at 12 Hz onto 100 LIF neurons, all to all: 10^5 plastic synapses. Every program
gets the same input spikes and gives the same output spikes. Goals on the time of the run: our own
connection model (generated) and the matched built-in at most 1.05 times stdp_synapse by hand,
NESTML at most 1.5 times.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from common import arguments, in_turn, report, script

DT, DELAY, WMAX, SEED = 0.1, 1.0, 8.0, 7
RULE = {"A_plus": 0.005, "A_minus": 0.00525, "tau": 20.0}
LIF = {"tau_m": 20.0, "C_m": 250.0, "E_L": -70.0, "V_reset": -60.0, "V_th": -54.0, "tau_syn": 5.0}
WAYS = {"matched": {}, "generated": {"synapses": "generated"}, "nestml": {"synapses": "nestml"}}


def input_trains(inputs: int, duration: float) -> list[np.ndarray]:
    """Spike times in ms on the grid, one array per input, none double."""
    rng = np.random.default_rng(SEED)
    steps = round(duration / DT)
    return [
        np.unique(rng.integers(20, steps - 20, rng.poisson(0.012 * duration))) * DT
        for _ in range(inputs)
    ]


def by_hand(inputs: int, targets: int, duration: float) -> dict[str, float]:
    """A PyNEST script as its user writes it."""
    began = time.perf_counter()
    import nest

    imported = time.perf_counter()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = DT
    trains = input_trains(inputs, duration)
    own = {k: v for k, v in LIF.items() if k != "tau_syn"}
    own |= {"tau_syn_ex": LIF["tau_syn"], "t_ref": 0.0, "V_m": LIF["E_L"], "tau_minus": RULE["tau"]}
    post = nest.Create("iaf_psc_exp", targets, own)
    relays = nest.Create("parrot_neuron", inputs)
    generators = nest.Create("spike_generator", inputs)
    generators.set([{"spike_times": np.round(t - DELAY, 1).tolist()} for t in trains])
    nest.Connect(generators, relays, "one_to_one", {"delay": DELAY})
    rule = {"lambda": RULE["A_plus"], "alpha": RULE["A_minus"] / RULE["A_plus"], "Wmax": WMAX}
    rule |= {"mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": RULE["tau"], "weight": WMAX / 2}
    nest.CopyModel("stdp_synapse", "rule", {**rule, "delay": DELAY})
    nest.Connect(relays, post, "all_to_all", {"synapse_model": "rule"})
    recorder = nest.Create("spike_recorder")
    nest.Connect(post, recorder)
    built = time.perf_counter()
    nest.Simulate(duration)
    done = time.perf_counter()
    spikes = recorder.get("n_events")
    ended = time.perf_counter()
    return {
        "import": imported - began,
        "build": built - imported,
        "run": done - built,
        "collect": ended - done,
        "spikes": float(spikes),
    }


def network(inputs: int, targets: int, duration: float) -> Any:
    """The same in spikebridge."""
    from spikebridge.definition.library import load
    from spikebridge.definition.model import Neuron
    from spikebridge.definition.network import Network, Population, Projection, Stimulus

    lif = Neuron(
        name="lif",
        equations="dV/dt = (E_L - V)/tau_m + I/C_m : mV\ndI/dt = -I/tau_syn : pA",
        parameters={
            **{n: f"{LIF[n]} ms" for n in ("tau_m", "tau_syn")},
            **{n: f"{LIF[n]} mV" for n in ("E_L", "V_reset", "V_th")},
            "C_m": f"{LIF['C_m']} pF",
        },
        ports={"syn": {"unit": "pA", "receive": "I += weight"}},
        spike={"condition": "V >= V_th", "effects": "V = V_reset"},
        initial={"V": "E_L"},
    )
    numbers = {"A_plus": RULE["A_plus"], "A_minus": RULE["A_minus"]}
    times = dict.fromkeys(("tau_plus", "tau_minus"), f"{RULE['tau']} ms")
    return Network(
        populations={"post": Population("post", lif, targets)},
        stimuli={"pre": Stimulus("pre", "spikes", trains=tuple(input_trains(inputs, duration)))},
        projections={
            "rule": Projection(
                "rule",
                "pre",
                "post",
                "syn",
                "all_to_all",
                f"{WMAX} pA",
                f"{DELAY} ms",
                synapse=load("synapses/stdp_pair"),
                parameters={**numbers, **times},
            )
        },
        duration=f"{duration} ms",
    )


def through(way: str, inputs: int, targets: int, duration: float) -> dict[str, float]:
    """One run through spikebridge."""
    import spikebridge as sb

    start = time.perf_counter()
    run = sb.simulate(network(inputs, targets, duration), on="nest", options=WAYS[way])
    whole = time.perf_counter() - start
    seconds = run.columns.manifest["seconds"]
    return {
        "build": whole - seconds["run"] - seconds["collect"],
        "run": seconds["run"],
        "collect": seconds["collect"],
        "spikes": float(len(run.columns.spikes["post"].times)),
    }


def main() -> None:
    parser = arguments(__doc__, inputs="1000", targets="100", duration="5000")
    parser.add_argument("--one", choices=["hand", *WAYS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = int(options.inputs), int(options.targets), float(options.duration)
    if options.one:
        found = by_hand(*size) if options.one == "hand" else through(options.one, *size)
        print(json.dumps(found))
        return
    sized = ["--inputs", size[0], "--targets", size[1], "--duration", size[2]]
    names = ["hand", *WAYS]
    programs = {n: script("plastic_nest.py", "--one", n, *sized) for n in names}
    measured = in_turn(programs, options.repeats, options.warm_ups)
    for way in WAYS:
        pair = {way: measured[way], "hand": measured["hand"]}
        goal = {"run": 1.5 if way == "nestml" else 1.05}
        report(f"pair STDP, {way}", pair, goals=goal, as_json=options.json)
    counts = {figures["spikes"] for runs in measured.values() for figures in runs}
    print(f"output spikes: {sorted(counts)}")


if __name__ == "__main__":
    main()
