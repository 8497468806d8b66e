"""Values of parameters: a number with a unit, an expression, an array or a distribution."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import units
from ..errors import DefinitionError, UnitError
from ..records import dataclass
from ..units import Dimension
from .distributions import Distribution
from .expressions import Expression, parse


@dataclass(frozen=True)
class Quantity:
    """A number in the coherent set and its dimension."""

    number: float
    dimension: Dimension

    def __str__(self) -> str:
        return units.to_text(self.number, self.dimension)


@dataclass(frozen=True, eq=False)
class Array:
    """One number per unit or per connection, in the coherent set."""

    numbers: NDArray[np.float64]
    dimension: Dimension


@dataclass(frozen=True)
class Random:
    """A distribution whose parameters are in the coherent set."""

    distribution: Distribution
    dimension: Dimension


Value = Quantity | Expression | Array | Random

_WITHOUT_UNIT = ("sigma",)  # of a lognormal


def read_value(value: Any, *, model: str | None = None, symbol: str | None = None) -> Value:
    """Any accepted way to write a value -> Value.

    Text is a number with a unit (``"20 ms"``) or an expression (``"0.1*N_E"``); a mapping with
    the key ``distribution`` is random; sequences and arrays are per unit.

    Raises:
        UnitError, ExpressionError, DefinitionError: with model and symbol filled in.
    """
    try:
        return _read(value, model)
    except DefinitionError as error:
        line = f"{symbol} = {value}" if symbol and isinstance(value, str) else None
        raise error.at(model=model, line=line, symbol=symbol) from None


def _read(value: Any, model: str | None) -> Value:
    if isinstance(value, Quantity | Expression | Array | Random):
        return value
    if isinstance(value, Mapping):
        return _random(value)
    if isinstance(value, str) and _is_expression(value):
        return parse(value, model=model)
    number, dimension = units.read(value)
    if isinstance(number, np.ndarray):
        return Array(number, dimension)
    return Quantity(number, dimension)


@lru_cache(maxsize=1024)
def _is_expression(text: str) -> bool:
    """Whether ``text`` names something that is no unit (or is no number with a unit at all)."""
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval")
    except SyntaxError:
        return units.split_text(text) is None
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    if names - set(units.UNITS):
        return True
    try:
        return units.split_text(text) is None
    except UnitError:  # units and numbers, but more than one product: 10*mV/(2 + 3)
        return True


def _random(value: Mapping[str, Any]) -> Random:
    entries = dict(value)
    kind = entries.pop("distribution", None)
    if kind is None:
        raise DefinitionError(
            f"a table of values needs the key 'distribution', not {', '.join(entries)}",
            remedy='write e.g. {distribution = "normal", mean = "-60 mV", std = "5 mV"}',
        )
    if kind == "lognormal":
        return _lognormal(entries)
    read = {name: units.read(entry) for name, entry in entries.items()}
    dimensions = {dimension for _, dimension in read.values()}
    if len(dimensions) > 1:
        raise UnitError(
            f"the parameters of {kind} have different units",
            symbol=kind,
            remedy="give all of them in the unit of the variable",
        )
    numbers = {name: float(number) for name, (number, _) in read.items()}
    return Random(Distribution(str(kind), numbers), dimensions.pop())


def _lognormal(entries: dict[str, Any]) -> Random:
    """exp(mu + sigma*N(0,1)) in units of ``scale`` (default 1): mu and sigma carry no unit."""
    scale, dimension = units.read(entries.pop("scale", 1.0))
    read = {name: units.read(entry) for name, entry in entries.items()}
    if any(not d.is_one for _, d in read.values()):
        raise UnitError(
            "mu and sigma of a lognormal carry no unit", remedy='give the unit as scale = "1 pA"'
        )
    numbers = {name: float(number) for name, (number, _) in read.items()}
    numbers["mu"] = numbers.get("mu", 0.0) + float(np.log(scale))
    return Random(Distribution("lognormal", numbers), dimension)


def dump_value(value: Value) -> Any:
    """What TOML holds for ``value``; `read_value` of it gives the same value."""
    if isinstance(value, Quantity):
        return value.number if value.dimension.is_one else str(value)
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Array):
        if value.dimension.is_one:
            return value.numbers.tolist()
        return [units.to_text(x, value.dimension) for x in value.numbers.ravel()]
    return _dump_random(value)


def _dump_random(value: Random) -> dict[str, Any]:
    kind, numbers = value.distribution.kind, dict(value.distribution.parameters)
    if kind == "lognormal":
        unit = {} if value.dimension.is_one else {"scale": units.to_text(1.0, value.dimension)}
        return {"distribution": kind, **numbers, **unit}
    shown: dict[str, Any] = {"distribution": kind}
    for name, number in numbers.items():
        plain = value.dimension.is_one
        shown[name] = number if plain else units.to_text(number, value.dimension)
    return shown


def canonical_value(value: Value) -> Any:
    """JSON-able content of ``value`` for the hash: independent of how it was written."""
    if isinstance(value, Quantity):
        return ["quantity", repr(value.number), str(value.dimension)]
    if isinstance(value, Expression):
        return ["expression", value.canonical]
    if isinstance(value, Array):
        import hashlib

        data = np.ascontiguousarray(value.numbers)
        return [
            "array",
            list(data.shape),
            hashlib.sha256(data.tobytes()).hexdigest(),
            str(value.dimension),
        ]
    return ["random", _dump_random(value)]
