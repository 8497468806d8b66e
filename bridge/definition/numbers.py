"""Values as numbers: evaluation of parameters, counts and selections; random streams."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import DefinitionError
from .evaluate import evaluate
from .expressions import Expression
from .network import Network
from .values import Array, Quantity, Random, Value

Scope = Mapping[str, Any]


def network_scope(network: Network) -> dict[str, Any]:
    """The network's parameters as numbers in the coherent set; a random one stays what it is."""
    scope: dict[str, Any] = {n: v for n, v in network.parameters.items() if isinstance(v, Random)}
    left = {n: v for n, v in network.parameters.items() if n not in scope}
    while left:
        for name, value in list(left.items()):
            if not (isinstance(value, Expression) and value.names & set(left)):
                scope[name] = number_of(left.pop(name), scope)
    return scope


def number_of(value: Value, scope: Scope) -> Any:
    """A value that is not random, as a number or an array."""
    match value:
        case Quantity(number=number):
            return number
        case Array(numbers=numbers):
            return numbers
        case Expression():
            _check_numbers(value, scope)
            return plain(evaluate(value, scope))
    raise DefinitionError("a random value cannot stand here", remedy="give one number")


def _check_numbers(value: Expression, scope: Scope) -> None:
    """A random parameter is drawn per connection, where a weight or delay is its name alone."""
    for name in sorted(value.names):
        if isinstance(scope.get(name), Random):
            raise DefinitionError(
                f"{name} is random and cannot stand in `{value}`",
                symbol=name,
                remedy=f'write weight = "{name}" in a projection, or give {name} a number',
            )


def plain(value: Any) -> Any:
    """A float where there is one number."""
    return float(value) if np.ndim(value) == 0 else value


def stream(seed: int, *path: str) -> np.random.Generator:
    """The generator of one item: independent of all others, the same on every machine."""
    name = hashlib.sha256("/".join(path).encode()).digest()[:16]
    entropy = [seed, int.from_bytes(name, "little")]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))


def chosen_units(selection: Any, size: int, what: str) -> Any:
    """Unit indices of ``None`` (all), a number n (the first n), ``"0:10:2"``, or a list."""
    if selection is None:
        return np.arange(size)
    if isinstance(selection, str):
        return np.arange(size)[_slice(selection, what)]
    if isinstance(selection, slice):
        return np.arange(size)[selection]
    indices = (
        np.arange(selection) if isinstance(selection, int) else np.asarray(selection, np.int64)
    )
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        raise DefinitionError(
            f"unit {int(indices.min() if indices.min() < 0 else indices.max())} does not exist",
            model=what,
            symbol="units",
            remedy=f"give 0..{size - 1}",
        )
    return indices.astype(np.int64)


def _slice(text: str, what: str) -> slice:
    try:
        return slice(*(int(part) if part.strip() else None for part in text.split(":")))
    except (ValueError, TypeError):
        raise DefinitionError(
            f"{text!r} selects no units",
            model=what,
            symbol="units",
            remedy='write a list, a number, or "first:last:step"',
        ) from None


def count_of(number: Any, what: str) -> int:
    """A positive whole number."""
    value = float(number)
    if not np.isfinite(value) or value < 1 or abs(value - round(value)) > 1e-9 * max(1.0, value):
        raise DefinitionError(
            f"{what} = {value:g} is not a positive whole number",
            symbol=what,
            remedy=f"give e.g. {max(1, round(value)) if np.isfinite(value) else 100}",
        )
    return round(value)
