"""``dataclass(frozen=True)`` that costs next to nothing to define.

The standard one writes and compiles five functions for every class, 0.5 ms each time a program
starts, and imports `inspect`: together a third of what it took to build a network. Here all classes
share functions that read the fields. ``fields``, ``is_dataclass`` and ``asdict`` of `dataclasses`
work as ever; what they need is made when they ask. Type checkers see the standard one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """As `dataclasses.dataclass(frozen=True, eq=...)`; no other option is taken."""
        if cls is None:
            return lambda decorated: dataclass(decorated, **options)
        if not options.get("frozen") or not options.keys() <= {"frozen", "eq"}:
            raise TypeError(f"{cls.__name__}: take the standard dataclass, or frozen=True and eq")
        return _record(cls, equal=options.get("eq", True))

    def field(*, default: Any = ..., default_factory: Callable[[], Any] | None = None) -> Any:
        """As `dataclasses.field`."""
        return _Field(default, default_factory)

    def replace(record: Any, /, **changes: Any) -> Any:
        """As `dataclasses.replace`, which serves the standard data classes."""
        if not is_record(record):
            import dataclasses

            return dataclasses.replace(record, **changes)
        return type(record)(**{**values_of(record), **changes})


__all__ = ["dataclass", "field", "is_record", "names_of", "needed", "replace", "values_of"]


class _Field(NamedTuple):
    default: Any = ...
    factory: Callable[[], Any] | None = None


def is_record(kind: Any) -> bool:
    """Whether a class, or the class of a value, is one of these."""
    return hasattr(kind, "__record__")


def names_of(kind: Any) -> tuple[str, ...]:
    """The names of the fields, in order."""
    names: tuple[str, ...] = tuple(kind.__record__)
    return names


def values_of(record: Any) -> dict[str, Any]:
    """Name -> value of every field."""
    return {name: getattr(record, name) for name in record.__record__}


def needed(kind: Any) -> tuple[str, ...]:
    """The names of the fields that have no default."""
    return tuple(n for n, f in kind.__record__.items() if f.default is ... and f.factory is None)


def _record(cls: Any, *, equal: bool) -> Any:
    found: dict[str, _Field] = {}
    for base in cls.__mro__[:0:-1]:
        found |= base.__dict__.get("__record__", {})
    for name in cls.__annotations__:
        given = cls.__dict__.get(name, ...)
        found[name] = given if isinstance(given, _Field) else _Field(given)
        if isinstance(given, _Field):
            delattr(cls, name)
            if given.default is not ...:
                setattr(cls, name, given.default)
    cls.__record__ = found
    setattr(cls, "__match_args__", tuple(found))  # noqa: B010  mypy wants a literal
    cls.__init__, cls.__setattr__, cls.__delattr__ = _initialise, _refuse, _refuse
    cls.__signature__, cls.__dataclass_fields__ = _Signature(), _Standard()
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = _repr
    if equal and "__eq__" not in cls.__dict__:
        cls.__eq__ = _equal
        if "__hash__" not in cls.__dict__:
            cls.__hash__ = _hash
    return cls


def _initialise(self: Any, *given: Any, **named: Any) -> None:
    put, fields = object.__setattr__, self.__record__
    if len(given) > len(fields):
        raise TypeError(f"{type(self).__name__} takes {len(fields)} values, not {len(given)}")
    values = iter(given)
    for count, (name, how) in enumerate(fields.items()):
        if count < len(given):
            value = next(values)
        elif name in named:
            value = named.pop(name)
        elif how.factory is not None:
            value = how.factory()
        elif how.default is not ...:
            value = how.default
        else:
            raise TypeError(f"{type(self).__name__} is missing the value of {name!r}")
        put(self, name, value)
    if named:
        wrong = min(named)
        why = "given twice" if wrong in fields else "not a field"
        raise TypeError(f"{type(self).__name__}: {wrong!r} is {why}")
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _refuse(self: Any, name: str, *_: Any) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be changed")


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in values_of(self).items())
    return f"{type(self).__qualname__}({shown})"


def _equal(self: Any, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _compared(record: Any) -> tuple[Any, ...]:
    return tuple([getattr(record, name) for name in record.__record__])


def _as_standard(given: _Field) -> Any:
    import dataclasses

    if given.factory is not None:
        return dataclasses.field(default_factory=given.factory)
    return dataclasses.field() if given.default is ... else dataclasses.field(default=given.default)


class _Standard:
    """What `dataclasses` looks for in a class, made when it does."""

    def __get__(self, instance: object, owner: Any) -> Any:
        import dataclasses

        fields = [(n, _annotation(owner, n), _as_standard(f)) for n, f in owner.__record__.items()]
        twin: Any = dataclasses.make_dataclass(owner.__name__, fields, frozen=True)
        owner.__dataclass_params__ = twin.__dataclass_params__
        owner.__dataclass_fields__ = twin.__dataclass_fields__
        return owner.__dataclass_fields__


class _Signature:
    """The parameters that `inspect.signature` and the documentation show, made when asked for."""

    def __get__(self, instance: object, owner: Any) -> Any:
        import inspect

        kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
        parameters = []
        for name, how in owner.__record__.items():
            default = empty if how.default is ... else how.default
            default = default if how.factory is None else how.factory()
            annotation = _annotation(owner, name)
            parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
        return inspect.Signature(parameters, return_annotation=None)


def _annotation(owner: Any, name: str) -> Any:
    return next(b.__annotations__[name] for b in owner.__mro__ if name in b.__annotations__)
