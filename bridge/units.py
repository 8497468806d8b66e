"""Units: text, numbers, Brian2, quantities and pint values -> (number, dimension).

Inside spikebridge every number is a float in one coherent set: ms, mV, pA (hence nS, GOhm, pF,
kHz), with um for lengths and mM for concentrations. A `Dimension` holds the exponents of these.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import UnitError
from .records import dataclass

if TYPE_CHECKING:
    from fractions import Fraction

_BASE = ("ms", "mV", "pA", "um", "mM")


@dataclass(frozen=True)
class Dimension:
    """Exponents of (time, voltage, current, length, concentration)."""

    exponents: tuple[int | Fraction, ...] = (0,) * 5

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(tuple(a + b for a, b in zip(self.exponents, other.exponents, strict=True)))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, power: int | float | Fraction) -> Dimension:
        factor = _ratio(power)
        return Dimension(tuple(e * factor for e in self.exponents))

    @property
    def is_one(self) -> bool:
        return not any(self.exponents)

    def __str__(self) -> str:
        return _COMMON.get(self) or self._spelled_out()

    def _spelled_out(self) -> str:
        over = [_power(b, e) for b, e in zip(_BASE, self.exponents, strict=True) if e > 0]
        under = [_power(b, -e) for b, e in zip(_BASE, self.exponents, strict=True) if e < 0]
        return "/".join(["*".join(over) or "1", *under])


def _ratio(power: int | float | Fraction) -> int | Fraction:
    """The exponent as a whole number, or else as a fraction; equal ones have equal hashes."""
    if power == int(power):
        return int(power)
    from fractions import Fraction

    return Fraction(power).limit_denominator(1000)


def _power(base: str, exponent: int | Fraction) -> str:
    if exponent == 1:
        return base
    text = str(exponent) if exponent.denominator == 1 else repr(float(exponent))
    return f"{base}**{text}"


@dataclass(frozen=True)
class Unit:
    """A unit: its value in the coherent set and its dimension."""

    scale: float
    dimension: Dimension


def _dimension(**exponents: int) -> Dimension:
    order = ("time", "voltage", "current", "length", "concentration")
    return Dimension(tuple(exponents.get(name, 0) for name in order))


ONE = _dimension()
TIME = _dimension(time=1)
VOLTAGE = _dimension(voltage=1)
CURRENT = _dimension(current=1)
LENGTH = _dimension(length=1)
CONCENTRATION = _dimension(concentration=1)
FREQUENCY = _dimension(time=-1)
CONDUCTANCE = _dimension(current=1, voltage=-1)
RESISTANCE = _dimension(voltage=1, current=-1)
CAPACITANCE = _dimension(current=1, time=1, voltage=-1)
CHARGE = _dimension(current=1, time=1)

_COMMON = {
    ONE: "1",
    FREQUENCY: "kHz",
    CONDUCTANCE: "nS",
    RESISTANCE: "GOhm",
    CAPACITANCE: "pF",
    CHARGE: "fC",
}

_PREFIXES = {"G": 9, "M": 6, "k": 3, "": 0, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
# symbol, long names, dimension, power of ten of the unprefixed unit in the coherent set
_FAMILIES: tuple[tuple[tuple[str, ...], Dimension, int], ...] = (
    (("s", "second"), TIME, 3),
    (("V", "volt"), VOLTAGE, 3),
    (("A", "amp", "ampere"), CURRENT, 12),
    (("S", "siemens"), CONDUCTANCE, 9),
    (("Ohm", "ohm"), RESISTANCE, -9),
    (("F", "farad"), CAPACITANCE, 12),
    (("C", "coulomb"), CHARGE, 15),
    (("Hz", "hertz"), FREQUENCY, -3),
    (("m", "metre", "meter"), LENGTH, 6),
    (("M", "molar"), CONCENTRATION, 3),
)


def _table() -> dict[str, Unit]:
    units = {
        prefix + name: Unit(float(f"1e{power + base}"), dimension)
        for names, dimension, base in _FAMILIES
        for prefix, power in _PREFIXES.items()
        for name in names
    }
    units["cm"] = units["cmetre"] = units["cmeter"] = Unit(1e4, LENGTH)
    units["minute"] = Unit(6e4, TIME)
    return units


UNITS: dict[str, Unit] = _table()
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*\*?\s*(.*?)\s*$", re.DOTALL)


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """The unit that ``text`` names: ``"mV"``, ``"pA*ms"``, ``"1/ms"``, ``"mV/ms**0.5"``, ``"1"``.

    Raises:
        UnitError: unknown name, or anything but products, quotients and powers of units.
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**") or "1", mode="eval").body
    except SyntaxError:
        raise UnitError(
            f"{text!r} is not a unit", remedy="write e.g. mV, nS, pA*ms, 1/ms"
        ) from None
    return _unit_of(tree, text)


def _unit_of(node: ast.expr, text: str) -> Unit:
    match node:
        case ast.Name(id=name):
            return lookup(name)
        case ast.Constant(value=1):
            return Unit(1.0, ONE)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            a, b = _unit_of(left, text), _unit_of(right, text)
            return Unit(a.scale * b.scale, a.dimension * b.dimension)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            a, b = _unit_of(left, text), _unit_of(right, text)
            return Unit(a.scale / b.scale, a.dimension / b.dimension)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _unit_of(left, text), _exponent(right, text)
            return Unit(float(base.scale**power), base.dimension**power)
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            base = _unit_of(inner, text)
            return Unit(base.scale**0.5, base.dimension**0.5)
    raise UnitError(f"{text!r} is not a unit", remedy="use products, quotients and powers of units")


def _exponent(node: ast.expr, text: str) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_exponent(operand, text)
    raise UnitError(f"the exponent in unit {text!r} is not a number")


def lookup(name: str) -> Unit:
    """The unit called ``name``; an unknown one is an error that suggests the nearest."""
    if name in UNITS:
        return UNITS[name]
    import difflib

    near = difflib.get_close_matches(name, UNITS, n=3)
    near = near or ["ms", "mV", "pA", "nS", "pF", "Hz"]
    raise UnitError(
        f"unknown unit {name!r}", symbol=name, remedy=f"did you mean {', '.join(near)}?"
    )


def split_text(text: str) -> tuple[float, Unit] | None:
    """``"20 ms"`` -> (20.0, ms); None where the text is not a number with a unit."""
    found = _NUMBER.match(text)
    if not found:
        return None
    number, rest = found.groups()
    rest = re.sub(r"\s*([*/^()])\s*", r"\1", rest)
    if rest and not re.fullmatch(r"[/\w\s*.()^-]+", rest):
        return None
    if rest.startswith("/"):
        rest = "1" + rest
    if not rest:
        return float(number), Unit(1.0, ONE)
    if not re.match(r"[A-Za-z1(]", rest):
        return None
    return float(number), parse_unit(re.sub(r"\s+", "*", rest))


def read(value: Any) -> tuple[Any, Dimension]:
    """A value of any accepted kind as (number or float array in the coherent set, dimension).

    Accepted: ``"20 ms"``, numbers and sequences of numbers or texts, Brian2 quantities, quantities
    and pint quantities. None of these libraries is imported here.
    """
    if isinstance(value, str):
        parts = split_text(value)
        if parts is None:
            raise UnitError(f"{value!r} is not a number with a unit", remedy='write e.g. "20 ms"')
        return parts[0] * parts[1].scale, parts[1].dimension
    for adapter in (_from_brian2, _from_quantities, _from_pint):
        found = adapter(value)
        if found is not None:
            return found
    if isinstance(value, bool | int | float | np.number):
        return float(value), ONE
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return value.astype(float), ONE
    if isinstance(value, Sequence):
        return _from_sequence(value)
    raise UnitError(f"{value!r} is not a value", remedy='give a number or text such as "20 ms"')


def _from_sequence(value: Sequence[Any]) -> tuple[Any, Dimension]:
    pairs = [read(item) for item in value]
    dimensions = {dimension for _, dimension in pairs}
    if len(dimensions) > 1:
        raise UnitError(
            "the values of one list have different units", remedy="give all of them the same unit"
        )
    return np.array(
        [number for number, _ in pairs], dtype=float
    ), dimensions.pop() if pairs else ONE


def _plain(magnitude: Any) -> Any:
    array = np.asarray(magnitude, dtype=float)
    # 15 digits: the last bit of a float says which library scaled it, not what the user wrote
    return float(f"{float(array):.15g}") if array.ndim == 0 else array


def _from_brian2(value: Any) -> tuple[Any, Dimension] | None:
    dim = getattr(value, "dim", None)
    exponents = getattr(dim, "_dims", None)
    return None if exponents is None else _from_si(np.asarray(value), [float(e) for e in exponents])


def _from_si(number: Any, exponents: Sequence[float]) -> tuple[Any, Dimension]:
    """SI number with exponents of (m, kg, s, A, K, mol, cd) -> coherent set."""
    metre, kilogram, second, ampere, kelvin, mole, candela = exponents
    if kelvin or candela:
        raise UnitError("temperatures and light intensities are not supported")
    volt = kilogram  # V = kg m2 s-3 A-1
    length = metre - 2 * volt + 3 * mole  # mM = mol m-3
    parts = (second + 3 * volt, volt, ampere + volt, length, mole)
    dimension = Dimension(tuple(map(_ratio, parts)))
    scale = 1e3 ** parts[0] * 1e3 ** parts[1] * 1e12 ** parts[2] * 1e6 ** parts[3]
    return _plain(np.asarray(number, dtype=float) * float(f"{scale:.12g}")), dimension


def _from_quantities(value: Any) -> tuple[Any, Dimension] | None:
    dimensionality = getattr(value, "dimensionality", None)
    if dimensionality is None or not hasattr(value, "magnitude") or hasattr(value, "_REGISTRY"):
        return None
    simple = value.simplified
    order = ("m", "kg", "s", "A", "K", "mol", "cd")
    powers = {unit.symbol: float(power) for unit, power in simple.dimensionality.items()}
    return _from_si(simple.magnitude, [powers.get(name, 0.0) for name in order])


def _from_pint(value: Any) -> tuple[Any, Dimension] | None:
    if not hasattr(value, "_REGISTRY") or not hasattr(value, "to_base_units"):
        return None
    base = value.to_base_units()
    powers = dict(base.dimensionality)
    order = ("length", "mass", "time", "current", "temperature", "substance", "luminosity")
    exponents = [float(powers.get(f"[{name}]", 0.0)) for name in order]
    grams = 1e3 ** exponents[1] if "gram" in str(base.units).replace("kilogram", "") else 1.0
    return _from_si(np.asarray(base.magnitude) / grams, exponents)


def to_text(number: float, dimension: Dimension) -> str:
    """``"20 ms"``: the number with the coherent unit; reads back to the same float."""
    shown = repr(float(number)).removesuffix(".0")
    return shown if dimension.is_one else f"{shown} {dimension}"
