"""I have a Brian2 script and want one model of the library in it.

    python examples/plugin_brian2.py

`spikebridge.brian2` returns ordinary Brian2 objects: here an adaptive exponential neuron (adex)
between a PoissonGroup, a NeuronGroup with equations of its own and ordinary monitors.
"""

import brian2 as b2
from brian2 import Hz, ms, mV, nS, pA

import spikebridge.brian2 as bridge


def main() -> None:
    b2.seed(1)
    b2.defaultclock.dt = 0.05 * ms

    cells = bridge.neuron_group("neurons/adex", 50)
    cells.V = "-70*mV + 10*mV*rand()"
    cells.I_ext = 500 * pA

    # the user's own objects
    noise = b2.PoissonGroup(200, 20 * Hz)
    readout = b2.NeuronGroup(
        1, "dv/dt = -v/(20*ms) : volt", threshold="v > 10*mV", reset="v = 0*mV", method="exact"
    )

    into = bridge.synapses(
        noise, cells, port="exc", weight=2 * nS, delay=1 * ms, connect={"p": 0.1}
    )
    out_of = b2.Synapses(cells, readout, on_pre="v_post += 0.5*mV", delay=2 * ms)
    out_of.connect()

    spikes, reads = b2.SpikeMonitor(cells), b2.SpikeMonitor(readout)
    trace = b2.StateMonitor(cells, "V", record=[0])
    network = b2.Network(cells, noise, readout, into, out_of, spikes, reads, trace)
    network.run(500 * ms)

    print(f"{len(into)} synapses, {spikes.num_spikes} spikes of 50 cells in 500 ms")
    print(f"{reads.num_spikes} spikes of the readout")
    print(f"V of cell 0 between {trace.V.min() / mV:.1f} and {trace.V.max() / mV:.1f} mV")


if __name__ == "__main__":
    main()
