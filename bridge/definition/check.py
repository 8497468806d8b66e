"""Names and units of a definition, checked when it is made, before any simulator is imported."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import ONE, TIME, Dimension, parse_unit
from .dimensions import BOOLEAN, dimension_of
from .equations import Equation, Statement, factor_text
from .expressions import CONSTANTS, FUNCTIONS, Expression
from .parts import unknown
from .values import Array, Value

if TYPE_CHECKING:
    from .model import Neuron, Synapse, _Definition

RESERVED = frozenset({"t", "dt", "xi", "rand", "weight", *FUNCTIONS, *CONSTANTS})


def check_neuron(neuron: Neuron) -> None:
    """Every name defined once, every expression of the right dimension.

    Raises:
        DefinitionError, ExpressionError, UnitError: naming model, line, symbol and remedy.
    """
    scope = scope_of(neuron)
    for name, port in neuron.ports.items():
        if port.kind == "spikes":  # no expression names it: any identifier will do
            _new_name(neuron, name, scope)
        scope_unit = _unit(neuron, name, port.unit)
        if port.kind == "spikes" and not port.receive:
            raise DefinitionError(
                f"port {name!r} receives spikes but does nothing with them",
                model=neuron.label,
                symbol=name,
                remedy='add receive = "I_syn += weight"',
            )
        for statement in port.receive:
            check_statement(neuron, statement, {**scope, "weight": scope_unit})
    _one_clock(neuron)
    _check_equations(neuron, scope)
    _check_spike(neuron, scope)
    _check_initial(neuron, neuron.initial, scope)
    _check_variants(neuron, scope)


def check_synapse(synapse: Synapse) -> None:
    """As `check_neuron`; expressions that need the port's unit are checked in the network."""
    scope = scope_of(synapse)
    if synapse.unit:
        scope["weight"] = _unit(synapse, "weight", synapse.unit)
    _check_initial(synapse, synapse.initial, scope)
    _check_variants(synapse, scope)
    from .check_synapse import check_parts

    check_parts(synapse, scope)


def scope_of(definition: _Definition) -> dict[str, Dimension]:
    """Name -> dimension of everything an expression of the definition may use."""
    scope: dict[str, Dimension] = {"t": TIME}
    for equation in definition.all_equations:
        _new_variable(definition, equation.name, scope)
        scope[equation.name] = equation.dimension.dimension
    for name, port in getattr(definition, "ports", {}).items():
        if port.kind == "continuous":
            _new_variable(definition, name, scope)
            scope[name] = _unit(definition, name, port.unit)
    declared = {e.name for e in definition.of_kind("parameter")}
    for name in definition.parameters:
        if name not in declared:
            _new_variable(definition, name, scope)
    scope.update(_parameter_dimensions(definition, scope, declared))
    return scope


def _unit(definition: _Definition, name: str, text: str) -> Dimension:
    try:
        return parse_unit(text).dimension
    except UnitError as error:
        raise error.at(model=definition.label, line=f"{name}: unit = {text}") from None


def _new_variable(definition: _Definition, name: str, scope: Mapping[str, Dimension]) -> None:
    """A name that expressions use: Python's own words could not be parsed."""
    if keyword.iskeyword(name):
        raise DefinitionError(
            f"{name!r} is a word of Python and cannot be a name",
            model=definition.label,
            symbol=name,
            remedy=f"call it {name}_ or {name}_0",
        )
    _new_name(definition, name, scope)


def _new_name(definition: _Definition, name: str, scope: Mapping[str, Dimension]) -> None:
    if name in scope:
        raise DefinitionError(
            f"{name!r} is defined twice",
            model=definition.label,
            symbol=name,
            remedy="rename or remove one of the two",
        )
    if name in RESERVED or name.startswith(("xi_", "rand_")):
        raise DefinitionError(
            f"{name!r} has a fixed meaning and cannot be redefined",
            model=definition.label,
            symbol=name,
            remedy="choose another name",
        )
    if not name.isidentifier() or not name.isascii():
        raise DefinitionError(
            f"{name!r} is not a name",
            model=definition.label,
            symbol=name,
            remedy="use letters, digits and underscores",
        )


def _parameter_dimensions(
    definition: _Definition, known: Mapping[str, Dimension], declared: set[str]
) -> dict[str, Dimension]:
    """Dimensions of parameters; derived ones follow those they are made of."""
    found: dict[str, Dimension] = {}
    open_names = dict(definition.parameters)
    while open_names:
        ready = [n for n, v in open_names.items() if not _waits(v, set(open_names) - {n}, n)]
        if not ready:
            cycle = " and ".join(sorted(open_names))
            raise DefinitionError(
                f"the parameters {cycle} are defined by each other",
                model=definition.label,
                symbol=min(open_names),
                remedy="give one of them a number",
            )
        for name in ready:
            scope = {n: d for n, d in known.items() if n in declared} | found
            found[name] = _value_dimension(definition, name, open_names.pop(name), scope)
            if name in declared and found[name] != known[name]:
                raise _wrong_unit(definition, name, found[name], known[name])
    return found


def _waits(value: Value, others: set[str], own: str) -> bool:
    return isinstance(value, Expression) and bool(value.names & (others | {own}))


def _value_dimension(
    definition: _Definition, name: str, value: Value, scope: Mapping[str, Dimension]
) -> Dimension:
    if isinstance(value, Expression):
        found = dimension(definition, value, scope, f"{name} = {value}")
        return found if isinstance(found, Dimension) else ONE
    return value.dimension


def _wrong_unit(
    definition: _Definition, name: str, found: Dimension, expected: Dimension
) -> UnitError:
    return UnitError(
        f"{name} has the unit {found} where {expected} is needed",
        model=definition.label,
        symbol=name,
        remedy=f"give it in {expected}",
    )


def dimension(
    definition: _Definition, expression: Expression, scope: Mapping[str, Dimension], line: str
) -> Dimension | str:
    try:
        return dimension_of(expression, scope)
    except DefinitionError as error:
        raise error.at(model=definition.label, line=line) from None


def _check_equations(definition: _Definition, scope: dict[str, Dimension]) -> None:
    for equation in definition.all_equations:
        if equation.expression is not None:
            check_equation(definition, equation, scope)
    no_circle(definition)


def check_equation(
    definition: _Definition, equation: Equation, scope: dict[str, Dimension]
) -> None:
    expression, line = equation.expression, str(equation)
    assert expression is not None
    noise = _drawn(equation)
    expected = equation.dimension.dimension
    if equation.kind == "differential":
        if equation.factor is not None:
            factor = dimension(definition, equation.factor, scope, line)
            expected = expected * factor if isinstance(factor, Dimension) else expected
        expected = expected / TIME
    found = dimension(definition, expression, {**scope, **noise}, line)
    if found == expected or expression.text in ("0", "0.0"):
        return
    what = str(equation).partition(" = ")[0].rpartition("*")[2]
    left = f"{factor_text(equation.factor)}{what}"
    raise UnitError(
        f"the right side has the unit {found}, but {left} needs {expected}",
        model=definition.label,
        line=line,
        symbol=equation.name,
        remedy="check the units of the terms, or the unit after the colon",
    )


def _drawn(equation: Equation) -> dict[str, Dimension]:
    """Random numbers that an equation may use: white noise, or in a map plain numbers."""
    assert equation.expression is not None
    names = equation.expression.names
    normal = [n for n in names if n == "xi" or n.startswith("xi_")]
    if equation.kind != "map":
        return dict.fromkeys(normal, TIME**-0.5) if normal else {}
    uniform = [n for n in names if n == "rand" or n.startswith("rand_")]
    return {**dict.fromkeys((*normal, *uniform), ONE), "dt": TIME}


def _one_clock(neuron: Neuron) -> None:
    """Maps advance by steps, derivatives by time: a unit has one or the other."""
    maps, others = neuron.of_kind("map"), neuron.of_kind("differential")
    if maps and others:
        raise DefinitionError(
            f"{maps[0].name} is a map and {others[0].name} a differential equation",
            model=neuron.label,
            line=str(maps[0]),
            symbol=maps[0].name,
            remedy="make two populations, or write both as maps",
        )


def no_circle(definition: _Definition) -> None:
    inside = {e.name: e.expression for e in definition.of_kind("subexpression")}
    left = {n: e.names & set(inside) for n, e in inside.items() if e is not None}
    while left:
        ready = [n for n, needs in left.items() if not needs & set(left)]
        if not ready:
            names = " and ".join(sorted(left))
            raise DefinitionError(
                f"the subexpressions {names} are defined by each other",
                model=definition.label,
                symbol=min(left),
                remedy="write one of them without the other",
            )
        for name in ready:
            del left[name]


def check_statement(
    definition: _Definition, statement: Statement, scope: Mapping[str, Dimension]
) -> None:
    line = str(statement)
    writable = set(definition.states)
    if statement.target not in writable:
        raise DefinitionError(
            f"{statement.target!r} is not a state variable and cannot be assigned",
            model=definition.label,
            line=line,
            symbol=statement.target,
            remedy=f"states are {', '.join(sorted(writable)) or '(none)'}",
        )
    found = dimension(definition, statement.expression, scope, line)
    expected = scope[statement.target] if statement.op in ("=", "+=", "-=") else ONE
    if found != expected and statement.expression.text not in ("0", "0.0"):
        raise UnitError(
            f"{statement.target} {statement.op} needs {expected}, not {found}",
            model=definition.label,
            line=line,
            symbol=statement.expression.text,
            remedy="check the unit of the statement's right side",
        )


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
    found = _value_dimension(definition, name, value, scope)
    zero = isinstance(value, Array) and not value.numbers.any()
    zero = zero or getattr(value, "number", None) == 0 or getattr(value, "text", "") == "0"
    if found != scope[name] and not (zero and found == ONE):
        raise _wrong_unit(definition, name, found, scope[name])
