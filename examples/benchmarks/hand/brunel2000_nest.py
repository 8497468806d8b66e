"""Brunel (2000), model A, in plain PyNEST: the rules, generators and models that NEST offers."""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json

import nest

parser = argparse.ArgumentParser()
parser.add_argument("--order", type=int, default=500)
parser.add_argument("--g", type=float, default=5.0)
parser.add_argument("--eta", type=float, default=2.0)
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
imported = time.perf_counter()

n_exc, n_inh = 4 * options.order, options.order
c_exc, c_inh = n_exc // 10, n_inh // 10
tau, theta, delay = 20.0, 20.0, 1.5
J = 0.1 * 2500 / options.order

nest.verbosity = nest.VerbosityLevel.ERROR
nest.ResetKernel()
nest.set(resolution=0.1, local_num_threads=1, rng_seed=1)

nest.SetDefaults(
    "iaf_psc_delta",
    {"tau_m": tau, "C_m": 1.0, "t_ref": 2.0, "E_L": 0.0, "V_th": theta, "V_reset": 10.0},
)
exc = nest.Create("iaf_psc_delta", n_exc)
inh = nest.Create("iaf_psc_delta", n_inh)
everyone = exc + inh
everyone.V_m = nest.random.uniform(0.0, theta)

# One weight and delay for all synapses of a kind: 8 bytes less per connection, and faster.
nest.CopyModel("static_synapse_hom_w", "excitatory", {"weight": J, "delay": delay})
nest.CopyModel("static_synapse_hom_w", "inhibitory", {"weight": -options.g * J, "delay": delay})
nest.Connect(
    exc,
    everyone,
    {"rule": "fixed_indegree", "indegree": c_exc, "allow_autapses": False},
    "excitatory",
)
nest.Connect(
    inh,
    everyone,
    {"rule": "fixed_indegree", "indegree": c_inh, "allow_autapses": False},
    "inhibitory",
)

noise = nest.Create("poisson_generator", params={"rate": 1000.0 * options.eta * theta / (J * tau)})
nest.Connect(noise, everyone, "all_to_all", "excitatory")

device = {"delay": delay}
recorder = nest.Create("spike_recorder")
nest.Connect(everyone, recorder, "all_to_all", device)
meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
nest.Connect(meter, exc[:5] + inh[:5], "all_to_all", device)
built = time.perf_counter()

with nest.RunManager():
    nest.Run(options.duration)
ran = time.perf_counter()

events = recorder.get("events")
times, senders = events["times"], events["senders"]
traces = meter.get("events")
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
