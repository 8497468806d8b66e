"""From a name, a network or a neuron to its vector field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import units
from ..definition.draw import draw
from ..definition.expressions import Expression
from ..definition.library import load
from ..definition.model import Neuron
from ..definition.network import Network, Population, Stimulus
from ..definition.values import Quantity
from ..errors import DefinitionError
from .field import Field, field_of_drawn


def field_of(
    model: Any,
    *,
    inputs: Mapping[str, Any] | None = None,
    seed: int | None = None,
    **parameters: Any,
) -> Field:
    """The vector field dx/dt = f(x) of a network of graded units, or of one neuron at rest.

    Args:
        model: library name, path, dictionary, `Network` or `Neuron`.
        inputs: of a neuron: continuous port -> constant value, e.g. ``{"I_ext": "200 pA"}``; ports
            that are left out are 0, and no spikes arrive.
        seed: of the drawn numbers; the network's own where None.
        parameters: values to replace, and ``variant``.

    Delays must be 0: in continuous time f is what the fixed-step schemes tend to as dt -> 0.

    Raises:
        DefinitionError: it passes spikes on, has delays, changes with time, or is a map.
    """
    found = load(model, **parameters)
    if isinstance(found, Neuron):
        network = alone(found, inputs or {})
    elif isinstance(found, Network):
        network = found.whole
        if inputs:
            raise DefinitionError(
                "inputs are those of a single neuron",
                model=found.label,
                symbol=next(iter(inputs)),
                remedy="a network has its inputs as stimuli; set their parameters",
            )
    else:
        raise DefinitionError(
            f"{found.label} is a synapse, which has no vector field of its own",
            model=found.label,
            remedy="ask for a network or a neuron",
        )
    check_constant(network)
    return field_of_drawn(draw(network, duration=network.dt, seed=seed))


def alone(neuron: Neuron, inputs: Mapping[str, Any]) -> Network:
    """One unit of ``neuron`` with constant inputs."""
    for port in inputs:
        if port not in neuron.continuous_ports:
            raise DefinitionError(
                f"there is no continuous port {port!r}",
                model=neuron.label,
                symbol=port,
                remedy=f"known are {', '.join(neuron.continuous_ports) or '(none)'}",
            )
    stimuli = [
        Stimulus(f"to_{p}", "current", population="cell", port=p, amplitude=value)
        for p, value in inputs.items()
    ]
    cell = Population("cell", neuron, Quantity(1.0, units.ONE))
    return Network({"cell": cell}, stimuli={s.name: s for s in stimuli}, name=neuron.label)


def check_constant(network: Network) -> None:
    """Spikes and inputs that change are refused before anything is drawn."""
    for p in network.projections.values():
        if not p.synapse.is_graded:
            raise refused(
                network,
                p.name,
                "it passes spikes on, and a network that spikes has no fixed point",
                "ask for one neuron of it below threshold, or for a network of rate units",
            )
        if p.synapse.states:
            raise refused(
                network,
                p.name,
                "its synapses have states of their own, so that weights move with the rates",
                "use a graded synapse without states",
            )
    for s in network.stimuli.values():
        drawn_per_step = isinstance(s.amplitude, Expression) and "t" in s.amplitude.names
        windowed = s.times is not None or s.stop is not None or s.start is not None
        if s.kind == "current" and (drawn_per_step or windowed):
            raise refused(
                network, s.name, "this input changes with time", "give a constant amplitude"
            )
    if network.phases:
        raise refused(network, "phases", "its phases change it", "leave them out")


def refused(network: Network, symbol: str, why: str, remedy: str) -> DefinitionError:
    """The error for what is no autonomous vector field."""
    return DefinitionError(
        f"it is no vector field dx/dt = f(x): {why}",
        model=network.label,
        symbol=symbol,
        remedy=remedy,
    )
