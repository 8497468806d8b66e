"""Synapses of spikebridge as ``brian2.Synapses``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.model import Synapse
from ..errors import DefinitionError, Unsupported
from .group import Made, made_of

if TYPE_CHECKING:
    import brian2


def synapses(
    source: Any,
    target: Any,
    model: Any = None,
    *,
    port: str,
    weight: Any = None,
    delay: Any = None,
    connect: Mapping[str, Any] | bool | None = None,
    name: str = "synapses*",
    **numbers: Any,
) -> brian2.Synapses:
    """``brian2.Synapses`` from any spiking group onto a port of a group made by `neuron_group`.

    Args:
        source: anything that spikes.
        target: a group from `neuron_group`, or a part of one.
        model: a `Synapse`, its library name, or None for one that passes its weight on. One with
            states and events of its own, e.g. ``"synapses/stdp_pair"``, has its delay where the
            definition says (``delay_at``); its states are read with `state`.
        port: where the spikes arrive.
        weight: one quantity for all; or one per connection. None, where nothing changes in the
            synapse: ``S.weight`` is a variable; else 1 of the port's unit.
        delay: one quantity for all, or one per connection. None, where nothing changes in the
            synapse: set ``S.delay``. It is Brian2's delay: the module's text says what it means in
            NEST.
        connect: arguments of ``S.connect``, e.g. ``{"p": 0.1}``; True for all to all; None, where
            nothing changes in the synapse, leaves it to you.
        name: of the Brian2 object.
        **numbers: parameters and initial states of the synapse: one value, one per connection, or
            a distribution.

    Raises:
        DefinitionError: the target has no such port, a quantity the wrong unit, or something that
            is needed was not given.
        Unsupported: a synapse that Brian2 cannot have beside objects of your own.
    """
    from ..definition.library import load

    made = made_of(target)
    _check_port(made, port)
    synapse = None if model is None else load(model)
    if synapse is None or (isinstance(synapse, Synapse) and synapse.is_static):
        if numbers:
            raise DefinitionError(
                "a synapse that only passes its weight on has no such parameter or state",
                symbol=min(numbers),
                remedy="drop it, or name a synapse that has it",
            )
        return _static(source, target, made, port, weight, delay, connect, name)
    if not isinstance(synapse, Synapse) or not synapse.is_dynamic:
        raise Unsupported(
            "only synapses that pass on spikes one by one become brian2.Synapses here",
            symbol=synapse.label,
            remedy="describe the network in spikebridge, which moves synaptic states to the neuron",
        )
    from .plastic import Asked, plastic

    given = Asked(synapse, port, weight, delay, connect, name, numbers)
    return plastic(source, target, made, given)


def _check_port(made: Made, port: str) -> None:
    if port not in made.text.receive:
        raise DefinitionError(
            f"there is no port {port!r} for spikes",
            model=made.neuron.label,
            symbol=port,
            remedy=f"choose one of {', '.join(made.text.receive) or '(none)'}",
        )


def _static(
    source: Any,
    target: Any,
    made: Made,
    port: str,
    weight: Any,
    delay: Any,
    connect: Mapping[str, Any] | bool | None,
    name: str,
) -> Any:
    import brian2

    from ..simulators.brian2.quantities import conversions, with_unit, words_of

    unit = made.neuron.ports[port].unit
    words = words_of(unit)
    own = weight is None or np.ndim(weight) > 0
    group = getattr(target, "source", target)
    space = {**group.namespace, **conversions(words)}
    if not own:
        space["weight"] = with_unit(weight, unit, "weight")
    found = brian2.Synapses(
        source,
        target,
        f"weight : {words[1]} (constant)" if own else "",
        on_pre=made.text.receive[port],
        delay=delay if delay is not None and np.ndim(delay) == 0 else None,
        namespace=space,
        name=name,
    )
    if connect is not None and connect is not False:
        found.connect(**({} if connect is True else dict(connect)))
        if np.ndim(weight):
            found.weight = with_unit(weight, unit, "weight")
        if np.ndim(delay):
            found.delay = delay
    return found
