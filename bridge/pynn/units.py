"""PyNN's units (ms, mV, nA, nF, uS, MOhm, Hz) and the coherent set (ms, mV, pA)."""

from __future__ import annotations

from ..units import FREQUENCY, Dimension, parse_unit

_NAMES = {"pA": "nA", "nS": "uS", "pF": "nF", "GOhm": "Mohm", "fC": "pC", "kHz": "Hz", "1": ""}
_CURRENT = 2  # the place of the current's exponent


def scale(dimension: Dimension) -> float:
    """PyNN's unit of a dimension in ms, mV, pA: 1 nA is 1000 pA, 1 Hz is 0.001 kHz."""
    if dimension == FREQUENCY:
        return 1e-3
    return float(1000.0 ** dimension.exponents[_CURRENT])


def scale_of(unit: str) -> float:
    """PyNN's unit for what is measured in ``unit``, in ms, mV, pA."""
    return scale(parse_unit(unit).dimension)


def name_of(unit: str) -> str:
    """What PyNN and Neo call that unit."""
    text = str(parse_unit(unit).dimension)
    return _NAMES.get(text, text.replace("pA", "nA")) or "dimensionless"
