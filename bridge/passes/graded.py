"""Graded synapses: what a unit sends continuously, as an expression of its own states.

A coupling ``weight*f(x_pre)`` adds sum_j w_ij f(x_j(t - d_ij)) to a continuous port: over the step
from t_k on the value of time t_k - d, and 0 where that lies before 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..definition.drawn import DrawnNetwork, DrawnProjection
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..definition.model import Neuron, Synapse
from ..errors import DefinitionError
from ..records import dataclass, field
from .kept import kept
from .learning import rule_of

OF_SYNAPSE = "synapse_"  # before the names of the synapse's parameters


@dataclass(frozen=True)
class Signal:
    """``value`` of the presynaptic unit's states and parameters; the weight multiplies it.

    ``parameters``: names in ``value`` that are the synapse's parameters -> their own names.
    """

    value: Expression
    parameters: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def signal_of(synapse: Synapse, pre: Neuron) -> Signal:
    """What a unit of ``pre`` sends along a graded synapse.

    Raises:
        DefinitionError: the coupling is not the weight times a function of presynaptic states.
    """
    key = (synapse.hash, synapse.label, pre.hash, pre.label)
    return kept("signal", key, Signal, lambda: _derived(synapse, pre))


def check_signal(network: DrawnNetwork, projection: DrawnProjection) -> None:
    """What a graded projection sends at time 0 has a value; its parameters are single numbers.

    Raises:
        DefinitionError: naming the projection, the unit and the remedy.
    """
    if projection.synapse.learns:
        check_rule(network, projection)
        return
    sender = network.populations[projection.pre]
    signal = signal_of(projection.synapse, sender.neuron)
    own = {n: projection.parameters[p] for n, p in signal.parameters.items()}
    _check_single({signal.parameters[n]: v for n, v in own.items()}, projection, network.label)
    scope: dict[str, Any] = {**sender.parameters, **sender.initial, "t": 0.0, **own}
    sent = np.broadcast_to(evaluate(signal.value, scope), (sender.size,))
    _check_finite(sent, projection, network.label)


def check_rule(network: DrawnNetwork, projection: DrawnProjection) -> None:
    """What a graded synapse with states passes on at time 0 has a value, its numbers stay.

    Raises:
        DefinitionError: naming the projection, the unit or parameter, and the remedy.
    """
    sender, receiver = network.populations[projection.pre], network.populations[projection.post]
    rule = rule_of(projection.synapse, sender.neuron, receiver.neuron, projection.port)
    own = {n: v for n, v in projection.parameters.items() if n in rule.passed.names}
    _check_single(own, projection, network.label)
    for change in network.changes:
        if change.owner == projection.name and change.key in own:
            raise DefinitionError(
                f"a phase changes {change.key}, with which signals on their way have been sent",
                model=f"{network.label}.{projection.name}",
                line=f"coupling = {projection.synapse.coupling}",
                symbol=change.key,
                remedy="let the phase change another parameter, or the weight",
            )
    scope = {**sender.parameters, **sender.initial}
    read = {n: evaluate(e, scope) for n, e in rule.pre.items()}
    sent = np.broadcast_to(evaluate(rule.passed, {**own, **read}), (sender.size,))
    _check_finite(sent, projection, network.label)


def _check_single(own: Mapping[str, Any], projection: DrawnProjection, label: str) -> None:
    for name, value in own.items():
        if np.ndim(value):
            raise DefinitionError(
                f"{name} has one value per connection, but a sum over units needs one for all",
                model=f"{label}.{projection.name}",
                line=f"coupling = {projection.synapse.coupling}",
                symbol=name,
                remedy=f"multiply the weights by {name}, or make it a parameter of the sender",
            )


def _check_finite(sent: Any, projection: DrawnProjection, label: str) -> None:
    if not np.isfinite(sent).all():
        unit = int(np.flatnonzero(~np.isfinite(sent))[0])
        raise DefinitionError(
            f"what unit {unit} of {projection.pre} sends has no finite value at time 0",
            model=f"{label}.{projection.name}",
            line=f"coupling = {projection.synapse.coupling}",
            symbol=projection.pre,
            remedy="give other initial values, or write it so that it has a value everywhere",
        )


def _derived(synapse: Synapse, pre: Neuron) -> Signal:
    from ..definition.algebra import free_names, symbol, written
    from ..definition.check_synapse import PRE
    from .substitute import inlined
    from .system import System

    assert synapse.coupling is not None
    coupling, system = inlined(synapse, synapse.coupling), System(pre)
    own = {*synapse.parameters, *(e.name for e in synapse.of_kind("parameter"))}
    read = {n for n in coupling.names if n.endswith(PRE) and n not in own}
    value = coupling.sympy({*own, *read, "weight"})
    slope = value.diff(symbol("weight"))
    if (value - slope * symbol("weight")).expand() != 0 or "weight" in free_names(slope):
        raise _refused(synapse, "it is not proportional to the weight")
    parts = {symbol(n): symbol(f"{OF_SYNAPSE}{n}") for n in own}
    parts |= {symbol(n): system.expand(Expression(n.removesuffix(PRE))) for n in read}
    value = slope.subs(parts, simultaneous=True)
    names = free_names(value)
    known = {*pre.states, *system.declared} - {*pre.continuous_ports, *system.noise}
    foreign = names - known - set(map(str, parts.values())) - {"t"}
    inputs = sorted(names & {*pre.continuous_ports, *system.noise})
    if inputs or foreign:
        raise _refused(synapse, f"it reads {(inputs or sorted(foreign))[0]}, which is no state")
    renamed = {f"{OF_SYNAPSE}{n}": n for n in sorted(own) if f"{OF_SYNAPSE}{n}" in names}
    return Signal(written(value), renamed)


def _refused(synapse: Synapse, why: str) -> DefinitionError:
    return DefinitionError(
        f"the coupling of {synapse.label} cannot be summed: {why}",
        model=synapse.label,
        line=f"coupling = {synapse.coupling}",
        symbol="coupling",
        remedy="write weight*f(x_pre) with x a state, or a function of states, of the sender",
    )
