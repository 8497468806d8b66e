"""Balanced binary network in plain PyNEST: mcculloch_pitts_neuron, changes from a spike_recorder.

python binary_nest.py [--units 10000] [--duration 1000]
"""

from __future__ import annotations

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json
import math

import nest

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=10_000)
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
imported = time.perf_counter()

N, K, m_0 = options.units // 2, 100, 0.206
weights = {"E": {"EI": 1.0}, "I": {"E": -2.0, "I": -1.8}}  # of the first onto the second

nest.verbosity = nest.VerbosityLevel.ERROR
nest.ResetKernel()
nest.set(resolution=0.1, local_num_threads=1, rng_seed=1)
units = {
    "E": nest.Create(
        "mcculloch_pitts_neuron", N, {"tau_m": 10.0, "theta": 1.0 - math.sqrt(K) * m_0}
    ),
    "I": nest.Create(
        "mcculloch_pitts_neuron", N, {"tau_m": 9.0, "theta": 0.7 - 0.8 * math.sqrt(K) * m_0}
    ),
}
rule = {"rule": "pairwise_bernoulli", "p": K / N, "allow_autapses": True}
# One weight and delay for all synapses of a kind: 8 bytes less per connection, and faster.
for pre, targets in weights.items():
    for post, weight in targets.items():
        synapse, values = f"from_{pre}_to_{post}", {"weight": weight / math.sqrt(K), "delay": 0.1}
        nest.CopyModel("static_synapse_hom_w", synapse, values)
        nest.Connect(
            units[pre], units["E"] + units["I"] if post == "EI" else units[post], rule, synapse
        )
recorder = nest.Create("spike_recorder")
nest.Connect(units["E"] + units["I"], recorder)
built = time.perf_counter()

with nest.RunManager():
    nest.Run(options.duration)
ran = time.perf_counter()

events = recorder.get("events")
times, senders = events["times"], events["senders"]
ended = time.perf_counter()

print(
    json.dumps(
        {
            "import": imported - began,
            "build": built - imported,
            "run": ran - built,
            "collect": ended - ran,
            "spikes": len(times),
        }
    )
)
