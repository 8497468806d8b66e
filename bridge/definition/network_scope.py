"""The units of a network's parameters, and whether a value has the one that its place needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import ONE, Dimension
from .dimensions import dimension_of
from .expressions import Expression
from .values import Value

if TYPE_CHECKING:
    from .network import Network

Scope = Mapping[str, Dimension]


def parameter_scope(network: Network) -> dict[str, Dimension]:
    """Name -> dimension of every parameter; those that follow from others come after them.

    Raises:
        DefinitionError: two are defined by each other.
    """
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


def want(network: Network, place: str, value: Value, scope: Scope, wanted: Dimension) -> None:
    """The value of ``place`` has the dimension ``wanted``; a plain 0 has any.

    Raises:
        UnitError: it has another.
    """
    found = _dimension(network, place, value, scope)
    if found != wanted and not (getattr(value, "number", None) == 0 and found == ONE):
        raise UnitError(
            f"{place} has the unit {found} where {wanted} is needed",
            model=network.label,
            symbol=place,
            remedy=f"give it in {wanted}" if not wanted.is_one else "give a plain number",
        )
