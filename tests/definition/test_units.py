"""Values of every accepted kind become the same float in ms, mV, pA."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikebridge import UnitError
from spikebridge.units import (
    CAPACITANCE,
    CHARGE,
    CONCENTRATION,
    CONDUCTANCE,
    CURRENT,
    FREQUENCY,
    LENGTH,
    ONE,
    RESISTANCE,
    TIME,
    VOLTAGE,
    Dimension,
    parse_unit,
    read,
    to_text,
)

TEXTS = [
    ("20 ms", 20.0, TIME),
    ("20ms", 20.0, TIME),
    ("20*ms", 20.0, TIME),
    ("1 s", 1000.0, TIME),
    ("-65 mV", -65.0, VOLTAGE),
    ("0.065 V", 65.0, VOLTAGE),
    ("1 nA", 1000.0, CURRENT),
    ("10 nS", 10.0, CONDUCTANCE),
    ("1 uS", 1000.0, CONDUCTANCE),
    ("100 MOhm", 0.1, RESISTANCE),
    ("0.2 nF", 200.0, CAPACITANCE),
    ("1 pC", 1000.0, CHARGE),
    ("5 Hz", 0.005, FREQUENCY),
    ("2 1/ms", 2.0, FREQUENCY),
    ("3 /ms", 3.0, FREQUENCY),
    ("4 pA*ms", 4.0, CHARGE),
    ("4 pA ms", 4.0, CHARGE),
    ("1 um", 1.0, LENGTH),
    ("1 cm", 1e4, LENGTH),
    ("2 mM", 2.0, CONCENTRATION),
    ("1.5 mV/ms**0.5", 1.5, VOLTAGE / TIME**0.5),
    ("1e-3", 1e-3, ONE),
]


@pytest.mark.parametrize(("text", "number", "dimension"), TEXTS)
def test_text(text: str, number: float, dimension: Dimension) -> None:
    found, unit = read(text)
    assert found == pytest.approx(number, rel=1e-15)
    assert unit == dimension


@pytest.mark.parametrize("text", ["", "ms", "twenty ms", "20 parsec", "20 ms +", "20 ms - 1"])
def test_text_that_is_no_value(text: str) -> None:
    with pytest.raises(UnitError) as caught:
        read(text)
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["mv", "Mhz", "siemen", "mV + mV", "exp(mV)", "mV**ms", "2*mV"])
def test_unknown_units(text: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(text)


dimensions = st.sampled_from(
    [
        ONE,
        TIME,
        VOLTAGE,
        CURRENT,
        CONDUCTANCE,
        CAPACITANCE,
        VOLTAGE / TIME**0.5,
        CURRENT / VOLTAGE**2,
    ]
)


@given(st.floats(allow_nan=False, allow_infinity=False), dimensions)
def test_to_text_reads_back_to_the_same_float(number: float, dimension: Dimension) -> None:
    found, unit = read(to_text(number, dimension))
    assert (found, unit) == (number, dimension)


def quantities() -> list[tuple[str, Any]]:
    import brian2
    import pint
    import quantities as pq

    registry = pint.UnitRegistry()
    return [
        ("brian2", lambda x, unit: x * getattr(brian2, unit)),
        ("quantities", lambda x, unit: x * getattr(pq, unit)),
        ("pint", lambda x, unit: x * registry(unit)),
    ]


SAME = [("ms", TIME, 1.0), ("mV", VOLTAGE, 1.0), ("pA", CURRENT, 1.0), ("nS", CONDUCTANCE, 1.0)]
SAME += [("pF", CAPACITANCE, 1.0), ("Hz", FREQUENCY, 1e-3), ("um", LENGTH, 1.0)]


@pytest.mark.parametrize(("unit", "dimension", "scale"), SAME)
@pytest.mark.parametrize("number", [1.0, -65.0, 0.1, 16.2])
def test_other_libraries(unit: str, dimension: Dimension, scale: float, number: float) -> None:
    pytest.importorskip("pint")
    pytest.importorskip("brian2")
    for library, make in quantities():
        if library != "brian2" and unit == "um":
            continue  # called otherwise there
        if library == "quantities" and unit == "nS":
            continue
        found, unit_found = read(make(number, unit))
        assert unit_found == dimension, library
        assert found == pytest.approx(number * scale, rel=1e-14), library
        array, _ = read(make(np.array([number, 2 * number]), unit))
        assert array == pytest.approx([number * scale, 2 * number * scale], rel=1e-14), library


def test_other_libraries_give_the_float_that_was_meant() -> None:
    """20*brian2.ms is 0.02 s inside; the same 20.0 as from text must come back."""
    pytest.importorskip("pint")
    pytest.importorskip("brian2")
    for library, make in quantities():
        for number in (20.0, 0.1, -65.0, 16.2, 1.0 / 3.0):
            unit = "ms" if number > 0 else "mV"
            assert read(make(number, unit))[0] == pytest.approx(number, rel=2e-15), library


def test_lists() -> None:
    numbers, dimension = read(["1 mV", "0.002 V"])
    assert numbers == pytest.approx([1.0, 2.0])
    assert dimension == VOLTAGE
    assert read([1, 2.5])[1] == ONE
    with pytest.raises(UnitError, match="different units"):
        read(["1 mV", "1 pA"])


@pytest.mark.parametrize("value", [object(), {1, 2}, None])
def test_no_values(value: Any) -> None:
    with pytest.raises(UnitError):
        read(value)
