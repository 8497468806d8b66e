"""Brette et al. (2007), benchmark 1 (COBA), in plain Brian2 (cython), integrated with rk4.

rk4 as in the definition: `exponential_euler` is cheaper and of first order.
"""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json

import numpy as np
from brian2 import (
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    nS,
    pF,
    prefs,
    seed,
)

parser = argparse.ArgumentParser()
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
imported = time.perf_counter()

prefs.codegen.target = "cython"
defaultclock.dt = 0.1 * ms
seed(1)
rng = np.random.default_rng(1)

n_exc, n_inh, p, delay = 3200, 800, 0.02, 0.2 * ms
n = n_exc + n_inh

neurons = NeuronGroup(
    n,
    """
    dv/dt = (g_L*(E_L - v) + g_exc*(E_exc - v) + g_inh*(E_inh - v))/C_m : volt (unless refractory)
    dg_exc/dt = -g_exc/tau_exc : siemens
    dg_inh/dt = -g_inh/tau_inh : siemens
    """,
    threshold="v >= V_th",
    reset="v = V_r",
    refractory=5 * ms,
    method="rk4",
    namespace={
        "C_m": 200 * pF,
        "g_L": 10 * nS,
        "E_L": -60 * mV,
        "E_exc": 0 * mV,
        "E_inh": -80 * mV,
        "tau_exc": 5 * ms,
        "tau_inh": 10 * ms,
        "V_th": -50 * mV,
        "V_r": -60 * mV,
    },
)
neurons.v = rng.uniform(-60, -50, n) * mV

exc, inh = neurons[:n_exc], neurons[n_exc:]
w_exc, w_inh = {"w": 6 * nS}, {"w": 67 * nS}
from_exc = Synapses(exc, neurons, on_pre="g_exc_post += w", delay=delay, namespace=w_exc)
from_exc.connect("i != j", p=p)
from_inh = Synapses(inh, neurons, on_pre="g_inh_post += w", delay=delay, namespace=w_inh)
from_inh.connect("i + N_exc != j", p=p, namespace={"N_exc": n_exc})

# 20 trains of 100 Hz for the first 50 ms, each to 1 % of the neurons.
kick = PoissonGroup(20, rates="100*Hz*int(t < 50*ms)")
from_kick = Synapses(kick, neurons, on_pre="g_exc_post += w", delay=delay, namespace=w_exc)
from_kick.connect(p=0.01)

spikes = SpikeMonitor(neurons)
states = StateMonitor(
    neurons, ["v", "g_exc", "g_inh"], record=[*range(5), *range(n_exc, n_exc + 5)]
)
network = Network(neurons, kick, from_exc, from_inh, from_kick, spikes, states)
network.run(0 * ms)  # compiles, so that the steps are timed alone
built = time.perf_counter()

network.run(options.duration * ms)
ran = time.perf_counter()

times, senders = np.asarray(spikes.t / ms), np.asarray(spikes.i)
traces = [np.asarray(states.v / mV), np.asarray(states.g_exc / nS), np.asarray(states.g_inh / nS)]
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
