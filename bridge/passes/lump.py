"""Linear synaptic states move to the postsynaptic neuron: O(synapses) becomes O(neurons).

``s_ij`` of tau_s ds_ij/dt = -s_ij + sum_k delta(t - t_j^k), I_i = sum_j w_ij s_ij is the first
case: the sum S_i = sum_j w_ij s_ij obeys the same equation, and jumps by w_ij/tau_s. So does every
linear system; a factor that all synapses of a neuron share, as (E - V_i), is applied to the sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.drawn import (
    DrawnCurrent,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
    Number,
)
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..definition.model import Neuron, Synapse
from ..definition.network import STATIC
from ..definition.scope import scope_of
from ..definition.values import Quantity
from ..errors import DefinitionError
from ..records import dataclass, replace
from ..units import TIME
from .lumpable import obstacle, weight_scales

if TYPE_CHECKING:
    from .lump_neuron import Lumped


def lump(network: DrawnNetwork) -> DrawnNetwork:
    """The network with every lumpable synapse made static; the trajectories are the same.

    Projections with the same synapse, with equal parameters, onto one port share their states. A
    continuous port that loses all its input to lumping becomes a subexpression of the same name;
    one that is also driven otherwise gets the name ``<port>_external`` and is part of the sum.
    """
    plan = _Plan(network)
    for population in network.populations:
        groups = _groups(network, population)
        if groups:
            plan.rewrite(population, groups)
    return plan.result()


def lump_report(network: DrawnNetwork) -> tuple[str, ...]:
    """One sentence per projection whose synapse has states: lumped, or why it stays in place."""
    found = []
    for projection in network.projections.values():
        if projection.synapse.is_static or projection.synapse.coupling is None:
            continue
        reason = why_not(network, projection)
        what = "lumped into the postsynaptic neuron" if reason is None else f"not lumped: {reason}"
        found.append(f"{projection.name} ({projection.synapse.label}): {what}")
    return tuple(found)


def why_not(network: DrawnNetwork, projection: DrawnProjection) -> str | None:
    """Why the states of one projection stay per synapse; None where they are lumped."""
    synapse = projection.synapse
    if synapse.learns:
        return "its states move with the units on both sides"
    reason = obstacle(synapse)
    if reason is not None:
        return reason
    for name, value in numbers_of(projection).items():
        if np.ptp(value) > 0:
            return f"{name} differs between synapses"
    if projection.port not in network.populations[projection.post].neuron.continuous_ports:
        return f"port {projection.port} is not continuous"
    changed = any(c.kind == "weight" and c.owner == projection.name for c in network.changes)
    if changed and weight_scales(synapse):
        return (
            "its weight changes during the run, and with it what earlier spikes left behind; with "
            "the weight in on_pre it would change later spikes only"
        )
    if projection.native and any(np.any(v) for v in _initial(projection).values()):
        return "the connections are drawn by the simulator and the initial states are not 0"
    return None


def numbers_of(projection: DrawnProjection) -> dict[str, Number]:
    """Every synapse parameter as a number: the drawn ones, then the definition's own."""
    found: dict[str, Any] = dict(projection.parameters)
    waiting = {n: v for n, v in projection.synapse.parameters.items() if n not in found}
    for name, value in list(waiting.items()):
        if not isinstance(value, Expression):
            # an array or a distribution that nobody drew counts as heterogeneous
            number = value.number if isinstance(value, Quantity) else np.array([0.0, 1.0])
            found[name] = number
            del waiting[name]
    while waiting:
        ready = [n for n, v in waiting.items() if not v.names & set(waiting)]  # type: ignore[union-attr]
        for name in ready:
            found[name] = evaluate(waiting.pop(name), found)  # type: ignore[arg-type]
    return found


def _initial(projection: DrawnProjection) -> dict[str, Number]:
    """The synapses' initial states: as drawn, else as the definition says."""
    scope = {n: _one(v) for n, v in numbers_of(projection).items()}
    found: dict[str, Number] = dict.fromkeys(projection.synapse.states, 0.0)
    for name, value in projection.synapse.initial.items():
        if name not in projection.initial:
            number = evaluate(value, scope) if isinstance(value, Expression) else value.number  # type: ignore[union-attr]
            found[name] = float(number)
    return found | dict(projection.initial)


def _one(value: Number) -> float:
    return float(np.ravel(value)[0])


@dataclass(frozen=True, eq=False)
class _Group:
    """Projections that share their lumped states."""

    port: str
    projections: tuple[DrawnProjection, ...]


def _groups(network: DrawnNetwork, population: str) -> list[_Group]:
    found: dict[Any, list[DrawnProjection]] = {}
    for projection in network.projections_to(population):
        if why_not(network, projection) is None:
            numbers = tuple(sorted((n, _one(v)) for n, v in numbers_of(projection).items()))
            key = (projection.port, projection.synapse.hash, numbers)
            found.setdefault(key, []).append(projection)
    return [_Group(key[0], tuple(members)) for key, members in found.items()]


class _Plan:
    """The rewritten parts of one network."""

    def __init__(self, network: DrawnNetwork) -> None:
        self.network = network
        self.populations: dict[str, DrawnPopulation] = dict(network.populations)
        self.projections: dict[str, DrawnProjection] = dict(network.projections)
        self.currents: list[DrawnCurrent] = list(network.currents)

    def result(self) -> DrawnNetwork:
        return replace(
            self.network,
            populations=self.populations,
            projections=self.projections,
            currents=tuple(self.currents),
        )

    def rewrite(self, population: str, groups: list[_Group]) -> None:
        lumped = {p.name for g in groups for p in g.projections}
        external: dict[str, str] = {}
        for port in dict.fromkeys(g.port for g in groups):
            external[port] = self._keep_external(population, port, lumped)
        for group in groups:
            self._rewrite_group(population, group, external[group.port])

    def _keep_external(self, population: str, port: str, lumped: set[str]) -> str:
        """The new name of a port that is driven by more than the lumped projections, else ""."""
        neuron = self.populations[population].neuron
        others = [
            p.name
            for p in self.network.projections_to(population)
            if p.port == port and p.name not in lumped
        ]
        driven = [c for c in self.currents if (c.population, c.port) == (population, port)]
        if not others and not driven:
            return ""
        name = _external_name(neuron, port)
        for other in others:
            self.projections[other] = replace(self.projections[other], port=name)
        self.currents = [replace(c, port=name) if c in driven else c for c in self.currents]
        return name

    def _rewrite_group(self, population: str, group: _Group, external: str) -> None:
        old, first = self.populations[population], group.projections[0]
        from .lump_neuron import lump_neuron

        made = lump_neuron(old.neuron, first.synapse, group.port, external)
        numbers = numbers_of(first)
        _check_times(f"{self.network.label}.{first.name}", first.synapse, numbers)
        parameters = {**old.parameters, **{made.parameters[n]: _one(v) for n, v in numbers.items()}}
        initial = {**old.initial, **_sums(old.size, group, made)}
        self.populations[population] = replace(
            old, neuron=made.neuron, parameters=parameters, initial=initial
        )
        for projection in group.projections:
            self.projections[projection.name] = replace(
                projection, port=made.port, synapse=STATIC, parameters={}, initial={}, axonal=0
            )


def _check_times(place: str, synapse: Synapse, numbers: Mapping[str, Number]) -> None:
    """In the neuron a time constant may have another name, by which it is not known as one."""
    scope = scope_of(synapse)
    for name, value in numbers.items():
        if name.startswith("tau") and scope.get(name) == TIME and _one(value) <= 0:
            raise DefinitionError(
                f"the time constant {name} of {synapse.label} is {_one(value):g} ms",
                model=place,
                symbol=name,
                remedy="give a positive time",
            )


def _external_name(neuron: Neuron, port: str) -> str:
    taken = {e.name for e in neuron.all_equations} | {*neuron.parameters, *neuron.ports}
    name = f"{port}_external"
    while name in taken:
        name += "_"
    return name


def _sums(size: int, group: _Group, made: Lumped) -> Mapping[str, Number]:
    """Initial values of the lumped states: sums over the synapses of each neuron."""
    totals: dict[str, Any] = dict.fromkeys(made.states.values(), 0.0)
    for projection in group.projections:
        for name, value in _initial(projection).items():
            if np.any(value):
                assert projection.targets is not None
                scale = projection.weights if weight_scales(projection.synapse) else 1.0
                amounts = np.broadcast_to(np.multiply(scale, value), projection.targets.shape)
                sums = np.bincount(projection.targets, amounts, minlength=size)
                totals[made.states[name]] = totals[made.states[name]] + sums
    return totals
