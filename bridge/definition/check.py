"""Names and units of a definition, checked when it is made, before any simulator is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import ONE, TIME, Dimension
from .check_equations import check_equations, check_statement, one_clock
from .dimensions import BOOLEAN
from .parts import unknown
from .scope import dimension, new_name, scope_of, unit_of, value_dimension, wrong_unit
from .values import Array, Value

if TYPE_CHECKING:
    from .model import Neuron, Synapse, _Definition


def check_neuron(neuron: Neuron) -> None:
    """Every name defined once, every expression of the right dimension.

    Raises:
        DefinitionError, ExpressionError, UnitError: naming model, line, symbol and remedy.
    """
    scope = scope_of(neuron)
    for name, port in neuron.ports.items():
        if port.kind == "spikes":  # no expression names it: any identifier will do
            new_name(neuron, name, scope)
        scope_unit = unit_of(neuron, name, port.unit)
        if port.kind == "spikes" and not port.receive:
            raise DefinitionError(
                f"port {name!r} receives spikes but does nothing with them",
                model=neuron.label,
                symbol=name,
                remedy='add receive = "I_syn += weight"',
            )
        for statement in port.receive:
            check_statement(neuron, statement, {**scope, "weight": scope_unit})
    one_clock(neuron)
    check_equations(neuron, scope)
    _check_spike(neuron, scope)
    _check_initial(neuron, neuron.initial, scope)
    _check_variants(neuron, scope)


def check_synapse(synapse: Synapse) -> None:
    """As `check_neuron`; expressions that need the port's unit are checked in the network."""
    scope = scope_of(synapse)
    if synapse.unit:
        scope["weight"] = unit_of(synapse, "weight", synapse.unit)
    _check_initial(synapse, synapse.initial, scope)
    _check_variants(synapse, scope)
    from .check_synapse import check_parts

    check_parts(synapse, scope)


def _check_spike(neuron: Neuron, scope: dict[str, Dimension]) -> None:
    spike = neuron.spike
    if spike is None:
        return
    if dimension(neuron, spike.condition, scope, spike.condition.text) != BOOLEAN:
        raise DefinitionError(
            "the threshold is not a condition",
            model=neuron.label,
            line=spike.condition.text,
            symbol=spike.condition.text,
            remedy="write e.g. V >= V_th",
        )
    for statement in spike.effects:
        check_statement(neuron, statement, scope)
    if spike.refractory is not None:
        found = dimension(neuron, spike.refractory, scope, f"period = {spike.refractory}")
        if found != TIME:
            raise UnitError(
                f"the refractory period has the unit {found}, not ms",
                model=neuron.label,
                symbol=spike.refractory.text,
                remedy='give a time, e.g. "2 ms"',
            )
    for name in spike.clamp:
        if name not in neuron.states:
            raise DefinitionError(
                f"clamp names {name!r}, which is not a state",
                model=neuron.label,
                symbol=name,
                remedy=f"states are {', '.join(neuron.states)}",
            )


def _check_initial(
    definition: _Definition, initial: Mapping[str, Value], scope: Mapping[str, Dimension]
) -> None:
    for name, value in initial.items():
        if name not in definition.states:
            raise DefinitionError(
                f"an initial value is given for {name!r}, which is not a state",
                model=definition.label,
                symbol=name,
                remedy=f"states are {', '.join(definition.states)}",
            )
        check_value(definition, name, value, scope)


def _check_variants(definition: _Definition, scope: Mapping[str, Dimension]) -> None:
    """A variant gives numbers to parameters that there are."""
    known = [*definition.parameters, *(e.name for e in definition.of_kind("parameter"))]
    for variant, values in definition.variants.items():
        left = {n: v for n, v in values.items() if n not in known}
        unknown(left, f"the variant {variant}", tuple(known), definition.label)
        for name, value in values.items():
            check_value(definition, name, value, scope)


def check_value(
    definition: _Definition, name: str, value: Value, scope: Mapping[str, Dimension]
) -> None:
    """A value given for ``name`` must have the dimension of ``name``."""
    found = value_dimension(definition, name, value, scope)
    zero = isinstance(value, Array) and not value.numbers.any()
    zero = zero or getattr(value, "number", None) == 0 or getattr(value, "text", "") == "0"
    if found != scope[name] and not (zero and found == ONE):
        raise wrong_unit(definition, name, found, scope[name])
