"""Who plays units that act on each other continuously: NEST's own, or a generated node."""

from __future__ import annotations

from collections.abc import Mapping

from ...definition.drawn import DrawnNetwork
from ...passes.program import Program
from ...passes.stepwise import is_stepwise
from ..base import Options, refuse
from ..courses import Course
from .cast import Cast
from .settings import chosen_options

Driven = Mapping[str, Mapping[str, Course]]


def coupled_casts(
    network: DrawnNetwork, programs: Mapping[str, Program], driven: Driven, options: Options
) -> dict[str, Cast]:
    """The cast of every population that takes part in graded coupling.

    Populations that act on each other are played alike: NEST's neurons understand their own kind.

    Raises:
        Unsupported: nothing in NEST does what they do, or the built-in asked for does not.
    """
    found: dict[str, Cast] = {}
    for names in groups_of(network):
        casts = _builtin(network, names, programs, driven, options)
        if isinstance(casts, str):
            if chosen_options(options)["units"] == "builtin":
                raise refuse(
                    "nest",
                    f"built-in units for {', '.join(names)}",
                    casts,
                    'choose units = "auto", which generates a node',
                )
            from .graded import rate_cast

            changes = _sends_changes(network, names, programs)
            casts = {
                n: rate_cast(network, n, programs[n], driven[n], casts, changes) for n in names
            }
        found |= casts
    return found


def _sends_changes(
    network: DrawnNetwork, names: tuple[str, ...], programs: Mapping[str, Program]
) -> bool:
    """Whether a group sends events: its signals change at few steps, its weights never.

    What events brought is kept as a sum, in which no weight can be changed afterwards. Units that
    spike or receive spikes have no second kind of event.
    """
    if any(programs[n].condition is not None or programs[n].receive for n in names):
        return False
    own = [p for p in network.projections.values() if p.synapse.is_graded and p.post in names]
    if any(p.synapse.learns for p in own):
        return False
    if any(c.owner == p.name for p in own for c in network.changes):
        return False
    return all(is_stepwise(p.synapse, network.populations[p.pre].neuron) for p in own)


def is_graded(network: DrawnNetwork, name: str) -> bool:
    """Whether population ``name`` takes part in graded coupling."""
    mine = (p for p in network.projections.values() if p.synapse.is_graded)
    return any(name in (p.pre, p.post) for p in mine)


def groups_of(network: DrawnNetwork) -> list[tuple[str, ...]]:
    """Populations joined by graded projections, in the order of the network."""
    left = [n for n in network.populations if is_graded(network, n)]
    joined = [(p.pre, p.post) for p in network.projections.values() if p.synapse.is_graded]
    groups = []
    while left:
        group, more = {left[0]}, True
        while more:
            reached = {n for pair in joined if group & set(pair) for n in pair}
            group, more = group | reached, not reached <= group
        groups.append(tuple(n for n in left if n in group))
        left = [n for n in left if n not in group]
    return groups


def _builtin(
    network: DrawnNetwork,
    names: tuple[str, ...],
    programs: Mapping[str, Program],
    driven: Driven,
    options: Options,
) -> dict[str, Cast] | str:
    """NEST's own neurons for one group, or why it has none."""
    chosen = chosen_options(options)
    if not chosen["match"] or chosen["units"] == "generated":
        return "matching is switched off"
    if not all(network.populations[n].neuron.of_kind("map") for n in names):
        from .rates import rate_casts

        return rate_casts(network, names, programs, driven, options)
    from .binary import binary_casts

    return binary_casts(network, names, programs, driven)
