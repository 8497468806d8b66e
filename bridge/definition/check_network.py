"""Names and units of a network, checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import FREQUENCY, ONE, TIME, Dimension, parse_unit
from .areas import DOT, flat_name, parameter_paths
from .check import check_value, scope_of
from .check_coupling import check_coupling, check_loops
from .check_projection import check_synapse_recording, check_use, known
from .dimensions import dimension_of
from .expressions import Expression
from .values import Array, Random, Value

if TYPE_CHECKING:
    from .network import Network, Phase, Population, Projection, Recording, Stimulus

Scope = Mapping[str, Dimension]


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
    scope = _parameter_scope(network)
    clash = set(network.populations) & set(network.stimuli)
    if clash:
        raise DefinitionError(
            f"{min(clash)!r} names a population and a stimulus",
            model=network.label,
            symbol=min(clash),
            remedy="rename one of them",
        )
    _want(network, "dt", network.dt, scope, TIME)
    _want(network, "duration", network.duration, scope, TIME)
    for population in network.populations.values():
        _check_population(network, population, scope)
    for stimulus in network.stimuli.values():
        _check_stimulus(network, stimulus, scope)
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


def _parameter_scope(network: Network) -> dict[str, Dimension]:
    scope: dict[str, Dimension] = {}
    left = dict(network.parameters)
    while left:
        ready = [
            n for n, v in left.items() if not (isinstance(v, Expression) and v.names & set(left))
        ]
        if not ready:
            raise DefinitionError(
                f"the parameters {' and '.join(sorted(left))} are defined by each other",
                model=network.label,
                symbol=min(left),
                remedy="give one of them a number",
            )
        for name in ready:
            scope[name] = _dimension(network, name, left.pop(name), scope)
    return scope


def _dimension(network: Network, place: str, value: Value, scope: Scope) -> Dimension:
    if not isinstance(value, Expression):
        return value.dimension
    try:
        found = dimension_of(value, scope)
    except DefinitionError as error:
        raise error.at(model=network.label, line=f"{place} = {value}") from None
    return found if isinstance(found, Dimension) else ONE


def _want(network: Network, place: str, value: Value, scope: Scope, wanted: Dimension) -> None:
    found = _dimension(network, place, value, scope)
    if found != wanted and not (getattr(value, "number", None) == 0 and found == ONE):
        raise UnitError(
            f"{place} has the unit {found} where {wanted} is needed",
            model=network.label,
            symbol=place,
            remedy=f"give it in {wanted}" if not wanted.is_one else "give a plain number",
        )


def _check_population(network: Network, population: Population, scope: Scope) -> None:
    neuron = population.neuron
    own = scope_of(neuron)
    _want(network, f"{population.name}.size", population.size, scope, ONE)
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


def _check_stimulus(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    name = stimulus.name
    if stimulus.kind == "current":
        _check_current(network, stimulus, scope)
    elif stimulus.kind == "spikes":
        if stimulus.trains is None:
            raise DefinitionError(
                f"stimulus {name} has no trains",
                model=network.label,
                symbol=name,
                remedy="give trains = [[..]]",
            )
        if any(train.dimension != TIME for train in stimulus.trains):
            raise UnitError(
                f"the trains of stimulus {name} are not times",
                model=network.label,
                symbol=name,
                remedy="give them in ms",
            )
    else:
        if stimulus.rate is None or stimulus.size is None:
            raise DefinitionError(
                f"the {stimulus.kind} stimulus {name} needs size and rate",
                model=network.label,
                symbol=name,
                remedy='give size = 100 and rate = "10 Hz"',
            )
        _want(network, f"{name}.size", stimulus.size, scope, ONE)
        if stimulus.kind == "regular":
            _check_regular(network, stimulus, {**scope, "i": ONE, "N": ONE})
        else:
            _check_poisson(network, stimulus, scope)


def _check_poisson(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    name, renewed = stimulus.name, stimulus.every is not None
    if isinstance(stimulus.rate, Expression) and "xi" in stimulus.rate.names and not renewed:
        raise DefinitionError(
            f"the rate of {name} is random, but nothing says how long a value holds",
            model=network.label,
            line=f"rate = {stimulus.rate}",
            symbol="xi",
            remedy='give every = "50 ms"',
        )
    if renewed and isinstance(stimulus.rate, Array):
        raise DefinitionError(
            f"the rates of {name} are one per train, and cannot be renewed",
            model=network.label,
            symbol="every",
            remedy="drop every, or give one rate",
        )
    known_here = {**scope, "t": TIME, **({"xi": ONE} if renewed else {})}
    _want(network, f"{name}.rate", stimulus.rate, known_here, FREQUENCY)  # type: ignore[arg-type]
    for key in ("start", "stop", "every"):
        value = getattr(stimulus, key)
        if value is not None:
            _want(network, f"{name}.{key}", value, scope, TIME)


def _check_regular(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    wanted = {"rate": FREQUENCY, "start": TIME, "stop": TIME, "count": ONE}
    for key, dimension in wanted.items():
        value = getattr(stimulus, key)
        if value is not None:
            _want(network, f"{stimulus.name}.{key}", value, scope, dimension)


def _check_current(network: Network, stimulus: Stimulus, scope: Scope) -> None:
    name = stimulus.name
    known(network, "population", stimulus.population, network.populations, f"stimulus {name}")
    neuron = network.populations[stimulus.population].neuron
    known(network, "continuous port", stimulus.port, neuron.continuous_ports, f"stimulus {name}")
    unit = parse_unit(neuron.ports[stimulus.port].unit).dimension
    if stimulus.amplitude is not None:
        _want(network, f"{name}.amplitude", stimulus.amplitude, {**scope, "t": TIME}, unit)
    elif stimulus.times is None or stimulus.values is None:
        raise DefinitionError(
            f"the current {name} has no amplitude",
            model=network.label,
            symbol=name,
            remedy="give amplitude, or times and values",
        )
    else:
        _want(network, f"{name}.times", stimulus.times, scope, TIME)
        _want(network, f"{name}.values", stimulus.values, scope, unit)
    for key in ("start", "stop"):
        value = getattr(stimulus, key)
        if value is not None:
            _want(network, f"{name}.{key}", value, scope, TIME)


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
    _want(network, f"{name}.weight", projection.weight, scope, unit)
    _want(network, f"{name}.delay", projection.delay, scope, TIME)
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
    _want(network, f"{projection.name}.dt_w", projection.dt_w, scope, TIME)


def _check_recording(network: Network, recording: Recording, scope: Scope) -> None:
    user = f"recording {recording.name}"
    if recording.projection:
        check_synapse_recording(network, recording)
    else:
        _check_population_recording(network, recording, user)
    if recording.every is not None:
        _want(network, f"{recording.name}.every", recording.every, scope, TIME)


def _check_population_recording(network: Network, recording: Recording, user: str) -> None:
    known(network, "population", recording.population, network.populations, user)
    neuron = network.populations[recording.population].neuron
    for variable in recording.variables:
        names = (*neuron.states, *neuron.subexpressions)
        known(network, "variable", variable, names, f"{user} of {recording.population}")


def _check_phase(network: Network, phase: Phase, scope: Scope) -> None:
    _want(network, "phase.at", phase.at, scope, TIME)
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
        _want(network, f"{owner}.weight", value, {**scope, "weight": unit}, unit)
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
