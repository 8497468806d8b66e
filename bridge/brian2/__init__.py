"""spikebridge inside a Brian2 script: models as ordinary Brian2 objects.

>>> import brian2, spikebridge.brian2
>>> G = spikebridge.brian2.neuron_group("neurons/lif_current", 100, tau_m=15 * brian2.ms)
>>> S = spikebridge.brian2.synapses(G, G, port="spikes", weight=20 * brian2.pA,
...                                 delay=1.5 * brian2.ms, connect={"p": 0.1})

They run beside any other object, with Brian2's units, clock, schedule and spike times.

Brian2 stamps a spike with the start of its step, NEST and spikebridge with the end: one dt more.
With Brian2's own schedule, input to currents and conductances then acts at the same steps as in
NEST for equal delays. Input that jumps the variable tested by the threshold (delta synapses) acts
one test late; for identity set ``network.schedule = spikebridge.brian2.SCHEDULE`` and make every
delay one dt shorter. Synapses that change keep Brian2's own schedule.
"""

from __future__ import annotations

from .connect import synapses
from .group import make_group, neuron_group, set_numbers
from .plastic import state

__all__ = ["SCHEDULE", "make_group", "neuron_group", "set_numbers", "state", "synapses"]

SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]
