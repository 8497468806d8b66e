"""spikebridge for users of PyNN: your own equations as a cell type of pyNN.nest or pyNN.brian2.

>>> import pyNN.nest as sim, spikebridge.pynn
>>> sim.setup(timestep=0.1)
>>> Cell = spikebridge.pynn.cell_type("neurons/lif_adaptive", sim)
>>> cells = sim.Population(10, Cell(tau_a=80.0))
"""

from __future__ import annotations

from .cells import cell_type

__all__ = ["cell_type"]
