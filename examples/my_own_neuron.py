"""My neuron is in no library: does it run on both simulators, and do they agree?

    python examples/my_own_neuron.py

A quadratic integrate-and-fire neuron with adaptation, in the words of the paper's equations; 200 of
them with one current each and random delays. NEST has no such built-in: its model is generated and
compiled at the first run (half a minute, then cached).
"""

import numpy as np

import spikebridge as sb

neuron = sb.Neuron(
    title="Quadratic integrate-and-fire neuron with adaptation and exponential currents",
    equations="""
    C*dV/dt = k*(V - V_r)*(V - V_t) - w + I_syn + I_0 : mV
    tau_w*dw/dt = b*(V - V_r) - w : pA
    tau_s*dI_syn/dt = -I_syn : pA
    """,
    parameters={
        "C": "100 pF",
        "k": "0.7 nS/mV",
        "V_r": "-60 mV",
        "V_t": "-40 mV",
        "tau_w": "30 ms",
        "b": "2 nS",
        "d": "60 pA",
        "tau_s": "5 ms",
        "I_0": "0 pA",
    },
    ports={"syn": {"unit": "pA", "receive": "I_syn += weight"}},
    spike={"condition": "V >= 0*mV", "effects": "V = -50*mV\nw += d"},
    initial={"V": "V_r"},
    scheme="rk4",
)

size = 200
network = sb.Network(
    populations=[
        sb.Population(
            "cells",
            neuron,
            size,
            parameters={"I_0": "(80 + 0.5*i)*pA"},  # i: the unit's index
            initial={"V": {"distribution": "uniform", "low": "-65 mV", "high": "-45 mV"}},
        )
    ],
    projections=[
        sb.Projection(
            "recurrent",
            "cells",
            "cells",
            "syn",
            rule={"kind": "fixed_indegree", "indegree": 20},
            weight={"distribution": "normal", "mean": "10 pA", "std": "20 pA"},
            delay={"distribution": "uniform", "low": "0.5 ms", "high": "5 ms"},
        )
    ],
    recordings=[sb.Recording("some", "cells", ("V", "w"), units=[0, 100, 199])],
    name="my_network",
)


def main() -> None:
    comparison = sb.compare(network, on=["brian2", "nest"], duration="500 ms")
    print(comparison.verdict)
    run = comparison.runs["nest"]
    print(f"mean rate {np.mean(run.spikes['cells'].counts()) / 0.5:.1f} Hz")
    print("what NEST runs:", run.manifest["matches"][0])


if __name__ == "__main__":
    main()
