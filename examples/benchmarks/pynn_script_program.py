"""Brunel's (2000) network as a PyNN script, through PyNN or spikebridge: the import differs."""

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import importlib
import json

parser = argparse.ArgumentParser()
parser.add_argument("--through", default="pyNN", choices=("pyNN", "spikebridge"))
parser.add_argument("--on", default="nest", choices=("nest", "brian2"))
parser.add_argument("--order", type=int, default=500)
parser.add_argument("--duration", type=float, default=500.0)
options = parser.parse_args()
if options.through == "pyNN":
    sim = importlib.import_module(f"pyNN.{options.on}")
    chosen = {"spike_precision": "on_grid"}
else:
    import spikebridge.pynn as sim

    chosen = {"backend": options.on}
imported = time.perf_counter()

order, g, eta, delay = options.order, 5.0, 2.0, 1.5
n_exc, n_inh = 4 * order, order
c_exc, c_inh = n_exc // 10, n_inh // 10
weight = 0.1 * 2500 / order  # mV
rate = 1000.0 * eta * 20.0 / (weight * 20.0)  # Hz, of all that a cell gets from outside

sim.setup(timestep=0.1, min_delay=0.1, max_delay=delay, **chosen)
rng = sim.NumpyRNG(seed=1)
cell = sim.IF_curr_delta(
    tau_m=20.0, v_rest=-70.0, v_thresh=-50.0, v_reset=-60.0, tau_refrac=2.0, cm=1.0
)
# pyNN.nest does not set v of this cell: it begins at NEST's -70 mV, here the resting potential.
cells = sim.Population(n_exc + n_inh, cell, initial_values={"v": -70.0})
exc, inh = cells[:n_exc], cells[n_exc:]
for part, number, strength in ((exc, c_exc, weight), (inh, c_inh, -g * weight)):
    receptor = "excitatory" if strength > 0 else "inhibitory"
    connector = sim.FixedNumberPreConnector(number, with_replacement=True, rng=rng)
    synapse = sim.StaticSynapse(weight=strength, delay=delay)
    sim.Projection(part, cells, connector, synapse, receptor_type=receptor)
outside = sim.Population(n_exc + n_inh, sim.SpikeSourcePoisson(rate=rate))
synapse = sim.StaticSynapse(weight=weight, delay=delay)
sim.Projection(outside, cells, sim.OneToOneConnector(), synapse, receptor_type="excitatory")
cells.record("spikes")
built = time.perf_counter()

sim.run(options.duration)
ran = time.perf_counter()  # spikebridge simulates when it is asked for data: `collect` holds it

block = cells.get_data()
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
