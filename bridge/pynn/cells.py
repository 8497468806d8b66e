"""`cell_type`: a definition as a cell type of PyNN."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..errors import Unsupported
from .describe import Described, describe

BACKENDS = {
    "pyNN.nest": "nest_cells",
    "pyNN.brian2": "brian2_cells",
    "spikebridge.pynn": "script_cells",
}


def cell_type(
    model: Any,
    sim: Any,
    *,
    scheme: str = "auto",
    match: bool = True,
    receptors: Mapping[str, str] | None = None,
) -> type[Any]:
    """A class for ``sim.Population(n, Cell(**parameters))``, usable beside PyNN's own cells.

    Parameters and initial values are the definition's, by its names and in PyNN's units (ms, mV,
    nA, nF, uS, MOhm, Hz); states and subexpressions can be recorded; spike ports are the receptor
    types. On pyNN.nest it runs as a built-in of NEST where that is the same model, else compiled
    from NESTML; on pyNN.brian2 as equations. Call it after ``sim.setup(...)``, and on NEST before
    the first population, since NEST loads no model into a kernel that has nodes.

    Args:
        model: library name, path of a TOML file, dictionary or `Neuron`.
        sim: the module ``pyNN.nest``, ``pyNN.brian2`` or ``spikebridge.pynn``.
        scheme: integration scheme, as for `simulate`.
        match: take NEST's built-in where one has the same steps.
        receptors: PyNN's receptor type -> spike port, e.g. ``{"excitatory": "spikes"}``; by default
            the ports' own names.

    Raises:
        DefinitionError: it is no neuron. Unsupported: PyNN or the simulator cannot have it.
        SimulatorMissing, SimulationFailed: NESTML or the compiler is missing or refuses.
    """
    name = getattr(sim, "__name__", str(sim))
    if name not in BACKENDS:
        raise Unsupported(
            f"cell types of spikebridge run on {', '.join(BACKENDS)}, not on {name}",
            symbol="sim",
            remedy="import one of them; models that are standard cells run on NEURON with "
            'simulate(network, on="pynn.neuron")',
        )
    described = describe(model, scheme, receptors)
    backend = import_module(f".{BACKENDS[name]}", __package__)
    made: type[Any] = backend.make(described, match)
    return made


def attributes(described: Described) -> dict[str, Any]:
    """What PyNN asks of every cell class."""
    return {
        "__doc__": described.neuron.title or described.neuron.label,
        "described": described,
        "default_parameters": dict(described.parameters),
        "default_initial_values": dict(described.initial),
        "receptor_types": tuple(described.receptors),
        "conductance_based": described.kind == "conductance",
        "voltage_based_synapses": described.kind == "voltage",
        "injectable": bool(described.program.currents),
        "recordable": ["spikes", *described.recordable],
        "units": described.units,
        "always_local": False,
        "extra_parameters": {},
    }


def class_name(described: Described) -> str:
    """A Python name from the definition's."""
    words = described.neuron.label.rpartition("/")[2].replace("_", " ").title().split()
    return "".join(c for c in "".join(words) if c.isalnum()) or "Cell"
