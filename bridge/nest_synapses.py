"""Synapses of spikebridge inside your own PyNEST script: `spikebridge.nest.install_synapse`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .definition.connectivity import Connections
from .definition.draw_synapses import draw_initial, draw_parameters
from .definition.library import load
from .definition.model import Synapse
from .definition.network import Projection
from .definition.numbers import plain
from .errors import DefinitionError, Unsupported
from .passes.synapse_program import check_gaps, synapse_program
from .simulators.nest.install import install as _load
from .simulators.nest.sources import build_sources
from .simulators.nest.synapse_cpp import synapse_code

__all__ = ["InstalledSynapse", "install_synapse"]


@dataclass(frozen=True, eq=False)
class InstalledSynapse:
    """A connection model that the kernel of this process knows until ``nest.ResetKernel()``.

    ``name`` is the ``synapse_model`` of ``nest.Connect``. ``parameters`` are common to all
    connections of a model (``nest.SetDefaults``, or ``nest.CopyModel`` for a second set);
    ``states`` may be given per connection and are up to date whenever they are read. The delay is
    dendritic, as everywhere in NEST. ``text`` is the C++ that was compiled.
    """

    name: str
    parameters: tuple[str, ...]
    states: tuple[str, ...]
    defaults: Mapping[str, float]
    text: str


def install_synapse(
    model: Any, *, dt: float = 0.1, events: Mapping[str, Any] | None = None, **parameters: Any
) -> InstalledSynapse:
    """Make a synapse known to the running kernel; call again after ``ResetKernel``.

    It works onto every neuron that archives its spikes, built-in or compiled.

    Args:
        model: library name, path of a TOML file, dictionary or `Synapse`.
        dt: the kernel's resolution in ms.
        events: third factor -> the nodes whose spikes it is.
        parameters: of the definition, in ms, mV, pA or as ``"20 ms"``.

    Raises:
        DefinitionError: it has no states, or not this parameter or event.
        Unsupported: it reads the neuron, which NEST's own neurons do not allow.
        SimulatorMissing, SimulationFailed: the compiler is missing or refuses.
    """
    synapse = load(model, **parameters)
    if not isinstance(synapse, Synapse) or not synapse.is_dynamic:
        raise DefinitionError(
            f"{synapse.label} is no synapse with states that delivers events",
            model=synapse.label,
            remedy="use static_synapse, or a neuron that holds the states (spikebridge lumps them)",
        )
    program = synapse_program(synapse)
    if program.post_reads:
        raise Unsupported(
            f"it reads {program.post_reads[0]}_post, which only neurons compiled for it keep",
            model=synapse.label,
            symbol=f"{program.post_reads[0]}_post",
            remedy='run the whole network: spikebridge.simulate(network, on="nest")',
        )
    values, initial = _numbers(synapse)
    check_gaps(program, values, synapse.label)
    code = synapse_code(program)
    for module in build_sources({code.model: code.text}):
        _load(module)
    defaults = {code.keys[n]: values[n] for n in program.parameters}
    defaults |= {code.keys[n]: initial[n] for n in program.states}
    _set_defaults(code.model, {**defaults, "dt": dt, **_factors(synapse, code.factors, events)})
    return InstalledSynapse(code.model, program.parameters, program.states, defaults, code.text)


def _numbers(synapse: Synapse) -> tuple[dict[str, float], dict[str, float]]:
    """Parameters and initial states of one connection, in ms, mV, pA."""
    one = Connections(np.zeros(1, np.int64), np.zeros(1, np.int64))
    drawn = Projection("synapse", "", "", "", "one_to_one", 1.0, "1 ms", synapse)  # type: ignore[arg-type]
    values = draw_parameters(drawn, {}, one, 0, synapse.label)
    initial = draw_initial(drawn, dict(values), one, 0, synapse.label)
    return _scalars(values), _scalars(initial)


def _scalars(numbers: Mapping[str, Any]) -> dict[str, float]:
    return {n: plain(np.ravel(v)[0]) for n, v in numbers.items()}


def _factors(
    synapse: Synapse, keys: Mapping[str, str], events: Mapping[str, Any] | None
) -> dict[str, Any]:
    given = dict(events or {})
    for name in {*given, *synapse.events}:
        if name not in given or name not in synapse.events:
            problem = f"nothing drives the third factor {name!r}"
            raise DefinitionError(
                problem if name in synapse.events else f"there is no third factor {name!r}",
                model=synapse.label,
                symbol=name,
                remedy=f"give events = {{{', '.join(f'{n!r}: nodes' for n in synapse.events)}}}",
            )
    return {f"{keys[n]}_nodes": list(nodes.tolist()) for n, nodes in given.items()}


def _set_defaults(model: str, values: Mapping[str, Any]) -> None:
    import nest

    nest.SetDefaults(model, dict(values))
