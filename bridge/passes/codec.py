"""Frozen data classes <-> JSON. Expressions come back through the parser, never as code."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ..definition.expressions import Expression, parse
from ..records import is_record, values_of

Name = Annotated[str, "a name"]  # a text that is printed into programs, and must be a name


def to_data(value: Any) -> Any:
    """``value`` as JSON-able data: a data class of expressions, numbers, texts and tables."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Expression():
            return value.text
        case Mapping():
            return {name: to_data(item) for name, item in value.items()}
        case frozenset():
            return sorted(value)
        case tuple() | list():
            return [to_data(item) for item in value]
    if not is_record(value):
        raise TypeError(f"{type(value).__name__} cannot be kept")
    return {name: to_data(item) for name, item in values_of(value).items()}


def from_data(kind: Any, data: Any) -> Any:
    """The value of type ``kind`` that `to_data` wrote as ``data``.

    Raises:
        ValueError, ExpressionError: ``data`` is not of that type; a name is not a name.
    """
    if is_record(kind):
        return _read_class(kind, data)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _read_union(inner, data)
    if origin is Annotated:
        return _name(_checked(str, data))
    if origin is Mapping:
        return {_name(n): from_data(inner[1], v) for n, v in _checked(dict, data).items()}
    if origin is frozenset:
        return frozenset(from_data(inner[0], item) for item in _checked(list, data))
    if origin is tuple:
        items = _checked(list, data)
        kinds = [inner[0]] * len(items) if inner[-1] is Ellipsis else inner
        return tuple(from_data(k, item) for k, item in zip(kinds, items, strict=True))
    return _checked(kind, data)


def _read_class(kind: Any, data: Any) -> Any:
    if kind is Expression:
        return parse(_checked(str, data))
    hints = _hints(kind)
    if set(_checked(dict, data)) != set(hints):
        raise ValueError(f"not the fields of {kind.__name__}")
    return kind(**{name: from_data(hint, data[name]) for name, hint in hints.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _read_union(kinds: tuple[Any, ...], data: Any) -> Any:
    """The first kind that fits; kinds of one union do not look alike."""
    for kind in kinds:
        try:
            return from_data(kind, data)
        except ValueError:
            continue
    raise ValueError(f"{data!r} is none of {kinds}")


def _name(text: str) -> str:
    if not text.isidentifier():
        raise ValueError(f"{text!r} is not a name")
    return text


def _checked(kind: type, data: Any) -> Any:
    """``data`` if it is of the plain type ``kind``; true is not a number."""
    if kind is float and type(data) is int:
        return float(data)
    if type(data) is not kind:
        raise ValueError(f"{data!r} is not {kind.__name__}")
    return data
