"""Names and units of a network, checked when it is made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import DefinitionError
from ..units import ONE, TIME, parse_unit
from .areas import DOT, flat_name, parameter_paths
from .check import check_value
from .check_coupling import check_coupling, check_loops
from .check_projection import check_synapse_recording, check_use, known
from .check_stimulus import check_stimulus
from .network_scope import Scope, parameter_scope, want
from .scope import scope_of
from .values import Array, Random, Value

if TYPE_CHECKING:
    from .network import Network, Phase, Population, Projection, Recording


def check_network(network: Network) -> None:
    """Every reference leads somewhere and every value has the dimension its place needs.

    Raises:
        DefinitionError, ExpressionError, UnitError: naming the item, the symbol and the remedy.
    """
    if network.include:  # the whole is checked when it is made
        _check_whole(network)
        return
    if not network.populations:
        raise DefinitionError(
            "the network has no populations", model=network.label, remedy="add [populations.E]"
        )
    scope = parameter_scope(network)
    clash = set(network.populations) & set(network.stimuli)
    if clash:
        raise DefinitionError(
            f"{min(clash)!r} names a population and a stimulus",
            model=network.label,
            symbol=min(clash),
            remedy="rename one of them",
        )
    want(network, "dt", network.dt, scope, TIME)
    want(network, "duration", network.duration, scope, TIME)
    for population in network.populations.values():
        _check_population(network, population, scope)
    for stimulus in network.stimuli.values():
        check_stimulus(network, stimulus, scope)
    for projection in network.projections.values():
        _check_projection(network, projection, scope)
    check_loops(network)
    for recording in network.recordings.values():
        _check_recording(network, recording, scope)
    for phase in network.phases:
        _check_phase(network, phase, scope)


def _check_whole(network: Network) -> None:
    """Errors name the parameters of areas as the author writes them."""
    try:
        _ = network.whole
    except DefinitionError as error:
        own = network.parameters
        paths = [p for p in parameter_paths(network) if DOT in p and flat_name(p) not in own]
        for path in paths:
            for part in ("problem", "line", "symbol", "remedy"):
                text = getattr(error, part)
                if isinstance(text, str):
                    setattr(error, part, re.sub(rf"\b{flat_name(path)}\b", path, text))
        raise error.at() from None


def _check_population(network: Network, population: Population, scope: Scope) -> None:
    neuron = population.neuron
    own = scope_of(neuron)
    want(network, f"{population.name}.size", population.size, scope, ONE)
    wide = {**scope, **own, "i": ONE, "N": ONE}
    for name, value in population.parameters.items():
        parameters = [*neuron.parameters, *(e.name for e in neuron.of_kind("parameter"))]
        known(network, "parameter", name, parameters, f"population {population.name}")
        check_value(neuron, name, value, {**wide, name: own[name]})
    for name, value in population.initial.items():
        known(network, "state", name, neuron.states, f"population {population.name}")
        check_value(neuron, name, value, {**wide, name: own[name]})
    for name in neuron.required:
        if name not in population.parameters:
            raise DefinitionError(
                f"{neuron.label} needs a value for {name!r}",
                model=f"{network.label}.{population.name}",
                symbol=name,
                remedy=f"give it in the parameters of population {population.name}",
            )


def spiking_sources(network: Network) -> dict[str, bool]:
    """Name -> whether it spikes, of everything a projection can start from."""
    found = {n: p.neuron.spike is not None for n, p in network.populations.items()}
    return found | {n: True for n, s in network.stimuli.items() if s.kind != "current"}


def _check_projection(network: Network, projection: Projection, scope: Scope) -> None:
    name = projection.name
    sources = spiking_sources(network)
    known(network, "source", projection.pre, sources, f"projection {name}")
    if not sources[projection.pre] and not projection.synapse.is_graded:
        raise DefinitionError(
            f"projection {name} starts from {projection.pre}, whose neuron never spikes",
            model=network.label,
            symbol=projection.pre,
            remedy="give its neuron a [spike] section, or take a graded synapse (synapses/graded)",
        )
    if projection.post in network.stimuli:
        raise DefinitionError(
            f"projection {name} leads to the stimulus {projection.post}, which receives nothing",
            model=network.label,
            symbol=projection.post,
            remedy=f"name a population: {', '.join(network.populations)}",
        )
    known(network, "population", projection.post, network.populations, f"projection {name}")
    neuron = network.populations[projection.post].neuron
    known(network, "port", projection.port, neuron.ports, f"projection {name}")
    port, synapse = neuron.ports[projection.port], projection.synapse
    wanted = "continuous" if synapse.coupling is not None else "spikes"
    if port.kind != wanted:
        raise DefinitionError(
            f"{synapse.label} needs a port of kind {wanted}, but {projection.port} of "
            f"{projection.post} is {port.kind}",
            model=f"{network.label}.{name}",
            symbol=projection.port,
            remedy=f"its ports are {', '.join(f'{n} ({p.kind})' for n, p in neuron.ports.items())}",
        )
    unit = parse_unit(synapse.unit or port.unit).dimension
    want(network, f"{name}.weight", projection.weight, scope, unit)
    want(network, f"{name}.delay", projection.delay, scope, TIME)
    check_coupling(network, projection)
    check_use(network, projection, scope)
    _check_interval(network, projection, scope)
    if projection.native and isinstance(projection.weight, Array):
        raise DefinitionError(
            f"projection {name} is native but lists its weights",
            model=network.label,
            remedy="drop native, or give one weight",
        )


def _check_interval(network: Network, projection: Projection, scope: Scope) -> None:
    if projection.dt_w is None:
        return
    where = f"{network.label}.{projection.name}"
    if not projection.synapse.learns:
        raise DefinitionError(
            f"dt_w says how often weights move step by step, but {projection.synapse.label} is no "
            "graded synapse with states",
            model=where,
            symbol="dt_w",
            remedy="drop dt_w",
        )
    if isinstance(projection.dt_w, Random | Array):
        raise DefinitionError(
            "dt_w is not one time", model=where, symbol="dt_w", remedy='write e.g. "1 ms"'
        )
    want(network, f"{projection.name}.dt_w", projection.dt_w, scope, TIME)


def _check_recording(network: Network, recording: Recording, scope: Scope) -> None:
    user = f"recording {recording.name}"
    if recording.projection:
        check_synapse_recording(network, recording)
    else:
        _check_population_recording(network, recording, user)
    if recording.every is not None:
        want(network, f"{recording.name}.every", recording.every, scope, TIME)


def _check_population_recording(network: Network, recording: Recording, user: str) -> None:
    known(network, "population", recording.population, network.populations, user)
    neuron = network.populations[recording.population].neuron
    for variable in recording.variables:
        names = (*neuron.states, *neuron.subexpressions)
        known(network, "variable", variable, names, f"{user} of {recording.population}")


def _check_phase(network: Network, phase: Phase, scope: Scope) -> None:
    want(network, "phase.at", phase.at, scope, TIME)
    for path, value in phase.changes.items():
        owner, dot, key = path.rpartition(DOT)
        if not dot:
            raise DefinitionError(
                f"a phase changes {path!r}",
                model=network.label,
                symbol=path,
                remedy='write "population.parameter", "projection.weight" or "stimulus.rate"',
            )
        owners = [*network.populations, *network.projections, *network.stimuli]
        known(network, "item", owner, owners, "a phase")
        _check_change(network, owner, key, value, scope)


def _check_change(network: Network, owner: str, key: str, value: Value, scope: Scope) -> None:
    if owner in network.populations:
        neuron = network.populations[owner].neuron
        own = scope_of(neuron)
        known(network, "parameter", key, neuron.parameters, f"a phase, for {owner},")
        check_value(neuron, key, value, {**scope, **own, "i": ONE, "N": ONE})
        return
    if owner in network.projections:
        projection = network.projections[owner]
        synapse = projection.synapse
        moving = tuple(synapse.parameters) if synapse.learns else ()
        known(network, "quantity", key, ("weight", *moving), f"a phase, for {owner},")
        if key != "weight":
            inside = {**scope, **scope_of(synapse), "i": ONE, "j": ONE}
            check_value(synapse, key, value, inside)
            return
        port = network.populations[projection.post].neuron.ports[projection.port]
        unit = parse_unit(projection.synapse.unit or port.unit).dimension
        want(network, f"{owner}.weight", value, {**scope, "weight": unit}, unit)
        return
    stimulus = network.stimuli[owner]
    keys = {"current": ("amplitude",), "poisson": ("rate",)}.get(stimulus.kind, ())
    known(network, "quantity", key, keys, f"a phase, for {owner},")
    if isinstance(value, Random):
        raise DefinitionError(
            f"{owner}.{key} cannot be random",
            model=network.label,
            symbol=f"{owner}.{key}",
            remedy="give one number",
        )
