"""Coupled LIF neurons as the equations are printed: one clock-driven s_ij per synapse, in Brian2.

    tau_m dV_i/dt = -(V_i - V_rest) + R_m (sum_j w_ij s_ij + I_0)
    tau_s ds_ij/dt = -s_ij + sum_k delta(t - t_j^k)

Connections and initial potentials come from a file, so that both programs run the same network.
Between two steps the sum decays with tau_s, exactly as its terms do: `I` takes the sum over the
synapses at the start of every step and decays within it. With --held the sum is held constant
during a step, as `(summed)` alone does: first order in dt, and so other spikes.
"""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json

import numpy as np
from brian2 import (
    Gohm,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    device,
    ms,
    mV,
    pA,
    prefs,
    set_device,
)

parser = argparse.ArgumentParser()
parser.add_argument("inputs", help=".npz with i, j, w (pA ms), V (mV), delay, tau_s (ms), I_0 (pA)")
parser.add_argument("--duration", type=float, default=1000.0)
parser.add_argument("--held", action="store_true")
parser.add_argument("--standalone", action="store_true", help="as C++, compiled in `build`")
parser.add_argument("--out", help="where the spikes go (.npz)")
options = parser.parse_args()
imported = time.perf_counter()

if options.standalone:
    set_device("cpp_standalone", build_on_run=False)
else:
    prefs.codegen.target = "cython"
defaultclock.dt = 0.1 * ms
given = np.load(options.inputs)
tau_s, delay = float(given["tau_s"]) * ms, float(given["delay"]) * ms

printed = "dV/dt = (-(V - V_rest) + R_m*({current} + I_0))/tau_m : volt (unless refractory)\n"
if options.held:
    equations = printed.format(current="I_syn") + "I_syn : amp"
else:
    equations = printed.format(current="I") + "dI/dt = -I/tau_s : amp\nI_syn : amp"
neurons = NeuronGroup(
    len(given["V"]),
    equations,
    threshold="V >= V_th",
    reset="V = V_reset",
    refractory=2.1 * ms,  # Brian2 counts from the start of the spike's step: 2 ms after it
    method="exact",
    namespace={
        "tau_m": 20 * ms,
        "tau_s": tau_s,
        "R_m": 0.1 * Gohm,
        "V_rest": -65 * mV,
        "V_th": -50 * mV,
        "V_reset": -65 * mV,
        "I_0": float(given["I_0"]) * pA,
    },
)
neurons.V = given["V"] * mV
synapses = Synapses(
    neurons,
    neurons,
    """
    ds/dt = -s/tau_s : Hz (clock-driven)
    I_syn_post = w*s : amp (summed)
    w : amp*second (constant)
    """,
    on_pre="s += 1/tau_s",
    delay=delay,
    method="exact",
    namespace={"tau_s": tau_s},
)
synapses.connect(i=given["i"], j=given["j"])
synapses.w = given["w"] * pA * ms
for updater in synapses.summed_updaters.values():
    updater.when = "start"  # the sum of s_ij(t), before any state goes on to t + dt
if not options.held:
    neurons.run_regularly("I = I_syn", when="before_groups")

spikes = SpikeMonitor(neurons)
states = StateMonitor(neurons, "V", record=[*range(5), *range(800, 805)])
network = Network(neurons, synapses, spikes, states)
length = options.duration * ms
if options.standalone:
    network.run(length)
    device.build(directory=None, run=False)  # into a temporary folder
else:
    network.run(0 * ms)  # compiles, so that the steps are timed alone
built = time.perf_counter()

if options.standalone:
    device.run(with_output=False)
else:
    network.run(length)
ran = time.perf_counter()

# Brian2 labels a spike with the start of its step; the contract, with the end.
steps = np.rint(np.asarray(spikes.t / defaultclock.dt)).astype(int) + 1
senders = np.asarray(spikes.i)
traces = np.asarray(states.V / mV)
ended = time.perf_counter()

if options.out:
    order = np.lexsort((senders, steps))
    np.savez(options.out, steps=steps[order], senders=senders[order])
print(
    json.dumps(
        {
            "import": imported - began,
            "build": built - imported,
            "run": ran - built,
            "collect": ended - ran,
            "spikes": len(steps),
        }
    )
)
