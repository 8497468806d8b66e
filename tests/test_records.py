"""Records behave as the standard frozen data classes do."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from spikebridge import Neuron
from spikebridge.records import dataclass, field, is_record, names_of, needed, replace, values_of


@dataclass(frozen=True)
class Point:
    """Two numbers and a list."""

    x: float
    y: float = 2.0
    more: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Named(Point):
    """Fields of the base come first."""

    name: str = ""


@dataclass(frozen=True, eq=False)
class Same:
    """Equal only to itself."""

    x: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", float(self.x))


@dataclasses.dataclass(frozen=True)
class Standard:
    """What `Point` is to be like."""

    x: float
    y: float = 2.0
    more: list[int] = dataclasses.field(default_factory=list)


def test_values_are_given_by_place_or_name_or_default() -> None:
    point = Point(1.0, more=[3])
    assert (point.x, point.y, point.more) == (1.0, 2.0, [3])
    assert Point(1.0).more is not Point(1.0).more
    assert values_of(Named(1.0, name="a")) == {"x": 1.0, "y": 2.0, "more": [], "name": "a"}
    assert Same(1).x == 1.0


@pytest.mark.parametrize(
    "given", [((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_wrong_values_are_refused(given: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    for kind in (Point, Standard):
        with pytest.raises(TypeError):
            kind(*given[0], **given[1])


def test_they_do_not_change() -> None:
    point: Any = Point(1.0)
    for change in (lambda: setattr(point, "x", 2.0), lambda: delattr(point, "x")):
        with pytest.raises(dataclasses.FrozenInstanceError, match=r"Point\.x"):
            change()
    assert replace(point, y=3.0) == Point(1.0, 3.0)
    assert replace(Standard(1.0), y=3.0) == Standard(1.0, 3.0)


def test_they_are_equal_by_value_unless_told_otherwise() -> None:
    assert Point(1.0) == Point(1.0) != Point(2.0)
    assert Point(1.0) != Named(1.0)
    assert hash(Port := (Point(1.0, 2.0, ()),)) == hash(Port)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1.0))
    assert Same(1.0) != Same(1.0)
    assert len({Same(1.0), Same(1.0)}) == 2


def test_they_look_and_travel_as_the_standard_ones() -> None:
    assert repr(Point(1.0)) == repr(Standard(1.0)).replace("Standard", "Point")
    assert pickle.loads(pickle.dumps(Named(1.0))) == Named(1.0)
    match Point(1.0, 5.0):
        case Point(x, y):
            assert (x, y) == (1.0, 5.0)


def test_the_standard_library_knows_them() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [f.name for f in dataclasses.fields(Named)] == ["x", "y", "more", "name"]
    assert dataclasses.asdict(Point(1.0)) == dataclasses.asdict(Standard(1.0))
    assert dataclasses.replace(Point(1.0), x=4.0) == Point(4.0)
    assert list(inspect.signature(Point).parameters) == ["x", "y", "more"]
    assert str(inspect.signature(Same)) == "(x: 'float') -> None"


def test_what_asks_by_itself() -> None:
    assert is_record(Neuron)
    assert not is_record(Standard)
    assert names_of(Named) == ("x", "y", "more", "name")
    assert needed(Named) == ("x",)


def test_other_options_are_left_to_the_standard_library() -> None:
    class Plain:
        x: int

    with pytest.raises(TypeError, match="standard dataclass"):
        dataclass(Plain)
    with pytest.raises(TypeError, match="standard dataclass"):
        dataclass(frozen=True, order=True)(Plain)
