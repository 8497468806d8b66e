"""Whether a continuous synapse fits the neuron it is coupled to: names, units, no loops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import Dimension, parse_unit
from .check_synapse import POST, PRE, post_names, pre_names
from .dimensions import dimension_of
from .scope import scope_of

if TYPE_CHECKING:
    from .expressions import Expression
    from .model import Neuron, Synapse
    from .network import Network, Population, Projection


def check_coupling(network: Network, projection: Projection) -> None:
    """The coupling has the unit of the port, and every ``V_post`` it needs exists.

    Raises:
        DefinitionError, UnitError: naming projection, population, symbol and remedy.
    """
    synapse = projection.synapse
    if synapse.coupling is None:
        return
    neuron = network.populations[projection.post].neuron
    where = f"{network.label}.{projection.name}"
    if not synapse.states and not synapse.is_graded:
        raise DefinitionError(
            f"{synapse.label} is coupled continuously but has no state that spikes could change",
            model=where,
            line=f"coupling = {synapse.coupling}",
            symbol="coupling",
            remedy="read the sender (weight*r_pre), or give it a state: `ds/dt = -s/tau_s : 1`",
        )
    if projection.native and synapse.is_graded:
        raise DefinitionError(
            f"projection {projection.name} is native, and {synapse.label} needs its list of pairs",
            model=where,
            symbol="native",
            remedy="drop native = true",
        )
    port = neuron.ports[projection.port]
    scope = _scope(synapse, neuron, projection.post, where)
    scope |= pre_scope(network, projection, where)
    scope["weight"] = parse_unit(synapse.unit or port.unit).dimension
    try:
        found = dimension_of(synapse.coupling, scope)
    except DefinitionError as error:
        raise error.at(model=where, line=f"coupling = {synapse.coupling}") from None
    wanted = parse_unit(port.unit).dimension
    if found != wanted:
        raise UnitError(
            f"what {synapse.label} adds has the unit {found}, but the port {projection.port} of "
            f"{projection.post} needs {wanted}",
            model=where,
            line=f"coupling = {synapse.coupling}",
            symbol=synapse.coupling.text,
            remedy=_remedy(synapse, neuron),
        )
    if synapse.learns:
        _check_spikes(synapse, where)
        pre = network.populations[projection.pre]
        _check_reads(synapse, PRE, pre_names(synapse), pre, where)
        _check_reads(
            synapse, POST, post_names(synapse), network.populations[projection.post], where
        )


def _check_spikes(synapse: Synapse, where: str) -> None:
    """What moves step by step meets no spikes."""
    spiking = ("on_pre", "on_post", "deliver", "events")
    for part in spiking:
        if getattr(synapse, part):
            raise DefinitionError(
                f"{part} is for spikes, but {synapse.label} reads both units in every step",
                model=where,
                symbol=part,
                remedy="write what it does into the equations, or into on_step",
            )


def _check_reads(
    synapse: Synapse, side: str, names: tuple[str, ...], population: Population, where: str
) -> None:
    """What moves a weight over a step is known at its beginning: states, and functions of them."""
    neuron = population.neuron
    needs = {e.name: set(_names(e.expression)) for e in neuron.of_kind("subexpression")}
    moving = {*neuron.continuous_ports, "t", "xi", "rand"}
    for name in names:
        reached = {name, *_reached(name, needs)}
        inside = sorted(n for n in reached if n in moving or n.startswith(("xi_", "rand_")))
        if inside or name not in (*neuron.states, *neuron.subexpressions):
            what = f"which depends on {inside[0]}" if inside else "a parameter"
            raise DefinitionError(
                f"{synapse.label} reads {name}{side}, {what} of {population.name}",
                model=where,
                symbol=f"{name}{side}",
                remedy="read a state, or a subexpression of states and parameters",
            )


def pre_scope(network: Network, projection: Projection, where: str) -> dict[str, Dimension]:
    """Dimensions of the presynaptic names that a graded synapse reads."""
    synapse, names = projection.synapse, pre_names(projection.synapse)
    if not names:
        return {}
    if projection.pre not in network.populations:
        raise DefinitionError(
            f"{synapse.label} reads {names[0]}{PRE}, but {projection.pre} is a stimulus",
            model=where,
            symbol=f"{names[0]}{PRE}",
            remedy="start from a population, or drive the port by a current",
        )
    neuron = network.populations[projection.pre].neuron
    own = scope_of(neuron)
    for name in names:
        if name not in own:
            raise DefinitionError(
                f"{synapse.label} reads {name}{PRE}, but {neuron.label} in population "
                f"{projection.pre} has no {name}",
                model=where,
                symbol=f"{name}{PRE}",
                remedy=f"this one has {', '.join(sorted(set(own) - {'t'}))}",
            )
    return {f"{n}{PRE}": own[n] for n in names}


def _remedy(synapse: Synapse, neuron: Neuron) -> str:
    names = post_names(synapse)
    if not names:
        return "check the synapse's unit of weight"
    own = scope_of(neuron)
    units = ", ".join(f"{n}{POST} ({own[n]})" for n in names)
    return f"check the synapse's unit of weight, and {units} of {neuron.label}"


def _scope(synapse: Synapse, neuron: Neuron, population: str, where: str) -> dict[str, Dimension]:
    """Dimensions of the synapse's own names and of the postsynaptic ones that it reads."""
    post, scope = scope_of(neuron), dict(scope_of(synapse))
    for name in post_names(synapse):
        if name not in post:
            import difflib

            near = difflib.get_close_matches(name, post, n=2) or sorted(set(post) - {"t"})
            raise DefinitionError(
                f"{synapse.label} reads {name}{POST}, but {neuron.label} in population "
                f"{population} has no {name}",
                model=where,
                symbol=f"{name}{POST}",
                remedy=f"take a neuron that has it; this one has {', '.join(near)}",
            )
        scope[f"{name}{POST}"] = post[name]
    return scope


def check_loops(network: Network) -> None:
    """No coupling reads what it feeds: that equation would have to be solved in every step.

    Raises:
        DefinitionError: naming the projection, the population and the symbol.
    """
    for population in network.populations.values():
        coupled = [
            p
            for p in network.projections.values()
            if p.post == population.name and p.synapse.coupling is not None
        ]
        needs = _needs(population.neuron, coupled)
        for projection in coupled:
            read = _read(projection.synapse)
            found = sorted(n for n in read if projection.port in {n, *_reached(n, needs)})
            if found:
                raise DefinitionError(
                    f"{projection.synapse.label} reads {found[0]}{POST}, which depends on the port "
                    f"{projection.port} of {population.name} that it feeds",
                    model=f"{network.label}.{projection.name}",
                    symbol=f"{found[0]}{POST}",
                    remedy="read a state of the neuron, e.g. V_post",
                )


def _needs(neuron: Neuron, coupled: list[Projection]) -> Mapping[str, set[str]]:
    """What every subexpression and continuous port is computed from in one instant."""
    needs = {e.name: set(_names(e.expression)) for e in neuron.of_kind("subexpression")}
    for projection in coupled:
        needs.setdefault(projection.port, set()).update(_read(projection.synapse))
    return needs


def _read(synapse: Synapse) -> set[str]:
    """The postsynaptic names that the coupling itself reads, without ``_post``."""
    inside = {e.name: set(_names(e.expression)) for e in synapse.of_kind("subexpression")}
    inside["coupling"] = set(_names(synapse.coupling))
    reached = _reached("coupling", inside)
    return {n for n in post_names(synapse) if f"{n}{POST}" in reached}


def _names(expression: Expression | None) -> Iterator[str]:
    yield from () if expression is None else expression.names


def _reached(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [name]
    while left:
        for inner in needs.get(left.pop(), set()) - found:
            found.add(inner)
            left.append(inner)
    return found
