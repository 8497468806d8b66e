"""Brette et al. (2007), benchmark 1 (COBA), in plain PyNEST: iaf_cond_exp, pairwise_bernoulli."""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json

import nest

parser = argparse.ArgumentParser()
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
imported = time.perf_counter()

n_exc, n_inh, p, delay = 3200, 800, 0.02, 0.2

nest.verbosity = nest.VerbosityLevel.ERROR
nest.ResetKernel()
nest.set(resolution=0.1, local_num_threads=1, rng_seed=1)

nest.SetDefaults(
    "iaf_cond_exp",
    {
        "C_m": 200.0,
        "g_L": 10.0,
        "E_L": -60.0,
        "E_ex": 0.0,
        "E_in": -80.0,
        "tau_syn_ex": 5.0,
        "tau_syn_in": 10.0,
        "V_th": -50.0,
        "V_reset": -60.0,
        "t_ref": 5.0,
    },
)
exc = nest.Create("iaf_cond_exp", n_exc)
inh = nest.Create("iaf_cond_exp", n_inh)
everyone = exc + inh
everyone.V_m = nest.random.uniform(-60.0, -50.0)

nest.CopyModel("static_synapse_hom_w", "excitatory", {"weight": 6.0, "delay": delay})
nest.CopyModel("static_synapse_hom_w", "inhibitory", {"weight": -67.0, "delay": delay})
rule = {"rule": "pairwise_bernoulli", "p": p, "allow_autapses": False}
nest.Connect(exc, everyone, rule, "excitatory")
nest.Connect(inh, everyone, rule, "inhibitory")

# 20 trains of 100 Hz for the first 50 ms, each to 1 % of the neurons.
kick = nest.Create("poisson_generator", params={"rate": 100.0, "stop": 50.0})
parrots = nest.Create("parrot_neuron", 20)
nest.Connect(kick, parrots, "all_to_all", {"delay": delay})
nest.Connect(parrots, everyone, {"rule": "pairwise_bernoulli", "p": 0.01}, "excitatory")

device = {"delay": delay}
recorder = nest.Create("spike_recorder")
nest.Connect(everyone, recorder, "all_to_all", device)
meter = nest.Create("multimeter", params={"record_from": ["V_m", "g_ex", "g_in"], "interval": 0.1})
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
