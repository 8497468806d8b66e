"""What the names of a definition stand for: each is defined once, and has one dimension."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import ONE, TIME, Dimension, parse_unit
from .dimensions import dimension_of
from .expressions import CONSTANTS, FUNCTIONS, Expression
from .values import Value

if TYPE_CHECKING:
    from .model import _Definition

RESERVED = frozenset({"t", "dt", "xi", "rand", "weight", *FUNCTIONS, *CONSTANTS})


def scope_of(definition: _Definition) -> dict[str, Dimension]:
    """Name -> dimension of everything an expression of the definition may use."""
    scope: dict[str, Dimension] = {"t": TIME}
    for equation in definition.all_equations:
        _new_variable(definition, equation.name, scope)
        scope[equation.name] = equation.dimension.dimension
    for name, port in getattr(definition, "ports", {}).items():
        if port.kind == "continuous":
            _new_variable(definition, name, scope)
            scope[name] = unit_of(definition, name, port.unit)
    declared = {e.name for e in definition.of_kind("parameter")}
    for name in definition.parameters:
        if name not in declared:
            _new_variable(definition, name, scope)
    scope.update(_parameter_dimensions(definition, scope, declared))
    return scope


def unit_of(definition: _Definition, name: str, text: str) -> Dimension:
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
    new_name(definition, name, scope)


def new_name(definition: _Definition, name: str, scope: Mapping[str, Dimension]) -> None:
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
            found[name] = value_dimension(definition, name, open_names.pop(name), scope)
            if name in declared and found[name] != known[name]:
                raise wrong_unit(definition, name, found[name], known[name])
    return found


def _waits(value: Value, others: set[str], own: str) -> bool:
    return isinstance(value, Expression) and bool(value.names & (others | {own}))


def value_dimension(
    definition: _Definition, name: str, value: Value, scope: Mapping[str, Dimension]
) -> Dimension:
    if isinstance(value, Expression):
        found = dimension(definition, value, scope, f"{name} = {value}")
        return found if isinstance(found, Dimension) else ONE
    return value.dimension


def wrong_unit(
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
