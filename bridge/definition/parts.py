"""Parts of a definition, and how their texts and tables are read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..errors import DefinitionError
from ..records import dataclass
from .equations import Statement, parse_statements
from .expressions import Expression, parse
from .values import Quantity, Value, read_value


def frozen(mapping: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A read-only copy."""
    return MappingProxyType(dict(mapping or {}))


@dataclass(frozen=True)
class Port:
    """Where input arrives.

    ``kind="spikes"``: an event of amount ``weight`` (in ``unit``) runs the ``receive`` statements.
    ``kind="continuous"``: the port's name is a quantity in the equations, 0 where nothing drives
    it, constant over each step.
    """

    name: str
    unit: str
    kind: str = "spikes"
    receive: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Spike:
    """The spike event: condition, effects, and the refractory rule of the time-step contract."""

    condition: Expression
    effects: tuple[Statement, ...] = ()
    refractory: Expression | None = None
    clamp: tuple[str, ...] = ()


def read_values(values: Mapping[str, Any], label: str) -> Mapping[str, Value]:
    """Every entry read by `read_value`, read-only."""
    if not isinstance(values, Mapping):
        raise DefinitionError(
            f"{values!r} stands where a table of values is needed",
            model=label,
            remedy='write name = "20 ms", one a line',
        )
    return frozen({n: read_value(v, model=label, symbol=n) for n, v in values.items()})


def read_variants(variants: Any, label: str) -> Mapping[str, Mapping[str, Value]]:
    """Named sets of parameters, each read by `read_values`."""
    tables = table(variants, "variants", '[variants.fast], tau = "2 ms"', label)
    return frozen({n: read_values(v, label) for n, v in tables.items()})


def as_statements(value: Any, label: str) -> tuple[Statement, ...]:
    """Statements from their text."""
    return parse_statements(value, model=label) if isinstance(value, str) else tuple(value)


def as_expression(value: Any, label: str) -> Expression | None:
    """An expression from its text."""
    if value is None or isinstance(value, Expression):
        return value
    return parse(value, model=label)


def read_port(name: str, value: Any, label: str) -> Port:
    """A port from its table: {unit, kind, receive}."""
    if isinstance(value, Port):
        return value
    entries = table(value, f"port {name!r}", '{unit = "pA", receive = "I += weight"}', label)
    receive = as_statements(entries.pop("receive", ""), label)
    unit, kind = (
        entries.pop("unit", "1"),
        entries.pop("kind", "spikes" if receive else "continuous"),
    )
    unknown(entries, f"port {name!r}", ("unit", "kind", "receive"), label)
    if kind not in ("spikes", "continuous"):
        raise DefinitionError(
            f"port {name!r} has the unknown kind {kind!r}",
            model=label,
            symbol=name,
            remedy='write "spikes" or "continuous"',
        )
    return Port(name, unit, kind, receive)


def read_spike(value: Any, label: str) -> Spike | None:
    """The spike event from its table: {condition, effects, refractory}."""
    if value is None or isinstance(value, Spike):
        return value
    entries = table(value, "spike", '{condition = "V >= V_th"}', label)
    condition = entries.pop("condition", None)
    if condition is None:
        raise DefinitionError(
            "the spike has no condition",
            model=label,
            symbol="condition",
            remedy='add condition = "V >= V_th"',
        )
    effects = as_statements(entries.pop("effects", ""), label)
    held = entries.pop("refractory", None) or {}
    refractory = table(held, "spike.refractory", '{period = "t_ref"}', label)
    unknown(entries, "spike", ("condition", "effects", "refractory"), label)
    period = refractory.pop("period", None)
    clamp = refractory.pop("clamp", ())
    unknown(refractory, "spike.refractory", ("period", "clamp"), label)
    return Spike(
        parse(condition, model=label, line=condition),
        effects,
        None if period is None else _period(period, label),
        (clamp,) if isinstance(clamp, str) else tuple(clamp),
    )


def _period(value: Any, label: str) -> Expression:
    """An expression, or a time as every other value is written: ``"2 ms"``, ``2*brian2.ms``."""
    read = read_value(value, model=label, symbol="period")
    if isinstance(read, Quantity) and not read.dimension.is_one:
        return parse(str(read).replace(" ", "*", 1), model=label)
    return parse(value, model=label)


def unknown(left: Mapping[str, Any], where: str, known: tuple[str, ...], label: str) -> None:
    """Refuse keys that nobody reads."""
    if left:
        raise DefinitionError(
            f"{where} has the unknown key {min(left)!r}",
            model=label,
            symbol=min(left),
            remedy=f"known are {', '.join(known)}",
        )


def table(value: Any, where: str, example: str, label: str) -> dict[str, Any]:
    """The entries of a table; anything else is refused."""
    if isinstance(value, Mapping):
        return dict(value)
    raise DefinitionError(
        f"{where} is {value!r}, not a table", model=label, symbol=where, remedy=f"write {example}"
    )
