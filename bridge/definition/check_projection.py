"""Whether a synapse fits the neurons and spikes that a projection brings together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError
from ..units import ONE, Dimension, parse_unit
from .check import check_value
from .check_coupling import pre_scope
from .check_synapse import POST, check_delivery, check_parts, post_names
from .scope import scope_of

if TYPE_CHECKING:
    from .network import Network, Projection, Recording

Scope = Mapping[str, Dimension]


def known(network: Network, kind: str, name: str, names: Iterable[str], user: str) -> None:
    """``name`` must be one of ``names``.

    Raises:
        DefinitionError: with the nearest names.
    """
    names = list(names)
    if name in names:
        return
    import difflib

    near = difflib.get_close_matches(name, names, n=2)
    shown = ", ".join(near or names) or "(none)"
    raise DefinitionError(
        f"{user} names the {kind} {name!r}, which does not exist",
        model=network.label,
        symbol=name,
        remedy=f"did you mean {shown}?" if near else f"known are {shown}",
    )


def check_use(network: Network, projection: Projection, scope: Scope) -> None:
    """Units and names of a synapse where they depend on the projection; its values and events."""
    synapse, where = projection.synapse, f"{network.label}.{projection.name}"
    neuron = network.populations[projection.post].neuron
    port = neuron.ports[projection.port]
    wanted = parse_unit(port.unit).dimension
    given = {"weight": parse_unit(synapse.unit).dimension if synapse.unit else wanted}
    try:
        given |= _post_scope(network, projection) | pre_scope(network, projection, where)
        own = scope_of(synapse)
        check_parts(synapse, own, given)
        if synapse.coupling is None:
            check_delivery(synapse, {**own, **given}, wanted, projection.port)
        _check_values(network, projection, {**scope, **own, "i": ONE, "j": ONE})
    except DefinitionError as error:
        raise error.at(model=where) from None
    if synapse.on_post and neuron.spike is None:
        raise DefinitionError(
            f"{synapse.label} changes at postsynaptic spikes, but {projection.post} never spikes",
            model=where,
            symbol=projection.post,
            remedy="give its neuron a [spike] section",
        )
    _check_events(network, projection)


def _post_scope(network: Network, projection: Projection) -> dict[str, Dimension]:
    neuron = network.populations[projection.post].neuron
    names = post_names(projection.synapse)
    if not names:
        return {}
    own = scope_of(neuron)
    for name in names:
        user = f"{projection.synapse.label} reads {name}{POST} and so"
        known(network, f"variable of {projection.post}", name, own, user)
    return {f"{n}{POST}": own[n] for n in names}


def _check_values(network: Network, projection: Projection, scope: Scope) -> None:
    synapse, user = projection.synapse, f"projection {projection.name}"
    declared = [*synapse.parameters, *(e.name for e in synapse.of_kind("parameter"))]
    for name, value in projection.parameters.items():
        known(network, "parameter", name, declared, user)
        check_value(synapse, name, value, scope)
    for name, value in projection.initial.items():
        known(network, "state", name, synapse.states, user)
        check_value(synapse, name, value, scope)
    for name in synapse.required:
        if name not in projection.parameters:
            raise DefinitionError(
                f"{synapse.label} needs a value for {name!r}",
                symbol=name,
                remedy=f"give it in the parameters of projection {projection.name}",
            )


def _check_events(network: Network, projection: Projection) -> None:
    from .check_network import spiking_sources

    synapse, user = projection.synapse, f"projection {projection.name}"
    for name, driver in projection.events.items():
        known(network, "event", name, synapse.events, user)
        sources = spiking_sources(network)
        known(network, "source", driver, sources, user)
        if not sources[driver]:
            raise DefinitionError(
                f"the third factor {name!r} is driven by {driver}, whose neuron never spikes",
                model=f"{network.label}.{projection.name}",
                symbol=driver,
                remedy="give its neuron a [spike] section, or name another source",
            )
    for name in synapse.events:
        if name not in projection.events:
            raise DefinitionError(
                f"nothing drives the third factor {name!r} of {synapse.label}",
                model=f"{network.label}.{projection.name}",
                symbol=name,
                remedy=f'name a population or stimulus: events = {{{name} = "..."}}',
            )


def check_synapse_recording(network: Network, recording: Recording) -> None:
    """A recording of a projection names states of its synapses."""
    user = f"recording {recording.name}"
    known(network, "projection", recording.projection, network.projections, user)
    if recording.population:
        raise DefinitionError(
            f"{user} names a population and a projection",
            model=network.label,
            symbol=recording.name,
            remedy="make two recordings",
        )
    if recording.projection in network.populations:  # results are kept by name
        raise DefinitionError(
            f"{user}: a population is called {recording.projection} too",
            model=network.label,
            symbol=recording.projection,
            remedy="give the projection a name of its own to record its synapses",
        )
    projection = network.projections[recording.projection]
    synapse = projection.synapse
    states = synapse.states if synapse.is_dynamic or synapse.learns else ()
    for variable in recording.variables:
        known(network, "state", variable, states, f"{user} of {recording.projection}")
