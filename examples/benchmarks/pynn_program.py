"""The CUBA network written for PyNN, on the backend named: build, run, and the data as Neo."""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import importlib
import json

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--on", default="nest", choices=("nest", "brian2"))
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
sim = importlib.import_module(f"pyNN.{options.on}")
imported = time.perf_counter()

n_exc, n_inh, p, delay = 3200, 800, 0.02, 0.2

sim.setup(timestep=0.1, min_delay=delay, max_delay=delay)
cell = sim.IF_curr_exp(
    tau_m=20.0,
    cm=0.2,
    v_rest=-49.0,
    v_thresh=-50.0,
    v_reset=-60.0,
    tau_refrac=5.0,
    tau_syn_E=5.0,
    tau_syn_I=10.0,
    i_offset=0.0,
)
everyone = sim.Population(n_exc + n_inh, cell)
exc, inh = everyone[:n_exc], everyone[n_exc:]
everyone.initialize(v=np.random.default_rng(1).uniform(-60.0, -50.0, n_exc + n_inh))

connector = sim.FixedProbabilityConnector(p, allow_self_connections=False)
excitatory = sim.StaticSynapse(weight=0.0162, delay=delay)  # nA
inhibitory = sim.StaticSynapse(weight=-0.09, delay=delay)
sim.Projection(exc, everyone, connector, excitatory, receptor_type="excitatory")
sim.Projection(inh, everyone, connector, inhibitory, receptor_type="inhibitory")
everyone.record("spikes")
(exc[:5] + inh[:5]).record("v")
built = time.perf_counter()

sim.run(options.duration)
ran = time.perf_counter()

block = everyone.get_data()
channels, times = block.segments[0].spiketrains.multiplexed
spikes = len(times)
ended = time.perf_counter()

print(
    json.dumps(
        {
            "import": imported - began,
            "build": built - imported,
            "run": ran - built,
            "collect": ended - ran,
            "spikes": spikes,
        }
    )
)
