"""Brunel (2000), model A, in plain Brian2 (cython): one group, two pathways, PoissonInput."""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json

import numpy as np
from brian2 import (
    Network,
    NeuronGroup,
    PoissonInput,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    prefs,
    seed,
)

parser = argparse.ArgumentParser()
parser.add_argument("--order", type=int, default=500)
parser.add_argument("--g", type=float, default=5.0)
parser.add_argument("--eta", type=float, default=2.0)
parser.add_argument("--duration", type=float, default=1000.0)
options = parser.parse_args()
imported = time.perf_counter()

prefs.codegen.target = "cython"
defaultclock.dt = 0.1 * ms
seed(1)
rng = np.random.default_rng(1)

n_exc, n_inh = 4 * options.order, options.order
n = n_exc + n_inh
c_exc, c_inh = n_exc // 10, n_inh // 10
tau, theta, V_r, delay = 20 * ms, 20 * mV, 10 * mV, 1.5 * ms
J = 0.1 * mV * 2500 / options.order
rate = options.eta * theta / (J * c_exc * tau)

neurons = NeuronGroup(
    n,
    "dv/dt = -v/tau : volt (unless refractory)",
    threshold="v >= theta",
    reset="v = V_r",
    refractory=2 * ms,
    method="exact",
    namespace={"tau": tau, "theta": theta, "V_r": V_r},
)
neurons.v = rng.uniform(0, 20, n) * mV


def fixed_indegree(first: int, size: int, indegree: int) -> tuple[np.ndarray, np.ndarray]:
    """Every neuron draws its sources, itself excluded, with multapses; ordered by source."""
    targets = np.repeat(np.arange(n, dtype=np.int32), indegree)
    inside = (targets >= first) & (targets < first + size)
    sources = rng.integers(0, size - inside, dtype=np.int32)
    sources += inside & (sources >= targets - first)
    order = np.argsort(sources, kind="stable")
    return sources[order], targets[order]


exc, inh = neurons[:n_exc], neurons[n_exc:]
from_exc = Synapses(exc, neurons, on_pre="v_post += J", delay=delay, namespace={"J": J})
i, j = fixed_indegree(0, n_exc, c_exc)
from_exc.connect(i=i, j=j)
from_inh = Synapses(
    inh, neurons, on_pre="v_post -= gJ", delay=delay, namespace={"gJ": options.g * J}
)
i, j = fixed_indegree(n_exc, n_inh, c_inh)
from_inh.connect(i=i, j=j)
outside = PoissonInput(neurons, "v", N=c_exc, rate=rate, weight=J)

spikes = SpikeMonitor(neurons)
states = StateMonitor(neurons, "v", record=[*range(5), *range(n_exc, n_exc + 5)])
network = Network(neurons, from_exc, from_inh, outside, spikes, states)
network.run(0 * ms)  # compiles, so that the steps are timed alone
built = time.perf_counter()

network.run(options.duration * ms)
ran = time.perf_counter()

times, senders = np.asarray(spikes.t / ms), np.asarray(spikes.i)
traces = np.asarray(states.v / mV)
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
