"""Units between the coherent set (ms, mV, pA) and Brian2's quantities, for the plugin face."""

from __future__ import annotations

import re
from typing import Any

from ...definition.values import Array, Quantity, read_value
from ...errors import DefinitionError, Unsupported
from ...units import parse_unit

Words = tuple[str, str]  # coherent unit fit for an identifier ("mV"), Brian2's words ("volt")
_BASES = ("second", "volt", "amp", "metre", "mmolar")


def words_of(text: str) -> Words:
    """The unit ``text`` in both languages.

    Raises:
        Unsupported: a root of a unit, which Brian2's equations cannot declare.
    """
    dimension = parse_unit(text).dimension
    over: list[str] = []
    under: list[str] = []
    for word, power in zip(_BASES, dimension.exponents, strict=True):
        if power.denominator != 1:
            raise Unsupported(f"Brian2 cannot declare a variable in {text}", symbol=text)
        (over if power > 0 else under).extend([word] * abs(int(power)))
    return re.sub(r"\W", "_", str(dimension)), "/".join(["*".join(over) or "1", *under])


def quantity(words: str) -> Any:
    """One of the coherent set's unit with the dimension that ``words`` names, e.g. 1 mV."""
    import brian2

    bases = (brian2.ms, brian2.mV, brian2.pA, brian2.umetre, brian2.mmolar)
    known = dict(zip(_BASES, bases, strict=True)) | {"1": 1.0}
    over, *under = words.split("/")
    value: Any = 1.0
    for word in over.split("*"):
        value = value * known[word]
    for word in under:
        value = value / known[word]
    return value


def conversions(words: Words) -> dict[str, Any]:
    """What statements multiply with to write and to read a quantity."""
    short, own = words
    return {f"as_{short}": quantity(own), f"in_{short}": 1 / quantity(own)}


def with_unit(value: Any, unit: str, symbol: str) -> Any:
    """A value of any kind as a Brian2 quantity in ``unit``.

    Raises:
        DefinitionError: it is no number, or in another unit.
    """
    read = read_value(value, symbol=symbol)
    if not isinstance(read, Quantity | Array) or read.dimension != parse_unit(unit).dimension:
        raise DefinitionError(
            f"{value!r} is no number in {unit}", symbol=symbol, remedy=f"give it in {unit}"
        )
    number = read.number if isinstance(read, Quantity) else read.numbers
    return number * quantity(words_of(unit)[1])
