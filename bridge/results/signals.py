"""Traces as Neo signals, and unit texts as units of `quantities`."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

import numpy as np
import quantities as pq
from neo.core import AnalogSignal, IrregularlySampledSignal

from ..errors import UnitError
from ..units import lookup, parse_unit
from .columns import Trace
from .connections import Connections
from .order import GRID_TOLERANCE, Floats

_PREFIXES = {"G": 1e9, "M": 1e6, "k": 1e3, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_PREFIXES |= {"p": 1e-12, "f": 1e-15}


def to_signal(
    owner: str, trace: Trace, dt: float, connections: Connections | None = None
) -> AnalogSignal | IrregularlySampledSignal:
    """One Neo signal for one variable: channels are the recorded units of the population ``owner``.

    With ``connections`` ``owner`` is a projection and channels are connections; array annotations
    `presynaptic_index` and `postsynaptic_index` (as PyNN calls them) say which units they join.
    Evenly spaced samples give an `AnalogSignal` whose `sampling_period` is in ms (a multiple of
    ``dt`` exactly where it is one), anything else an `IrregularlySampledSignal`. The values are
    not copied and are read-only. Raises `UnitError` for an unknown unit.
    """
    shared = {
        "name": trace.variable,
        "units": to_quantity(trace.unit),
        "channel_ids": trace.units.tolist(),
        **_annotations(owner, trace, connections),
    }
    period = sampling_period(trace.times, dt)
    if period is None:
        return IrregularlySampledSignal(trace.times, trace.values, time_units=pq.ms, **shared)
    start = trace.times[0] if len(trace.times) else 0.0
    return AnalogSignal(
        trace.values,
        sampling_period=pq.Quantity(period, pq.ms),
        t_start=pq.Quantity(start, pq.ms),
        **shared,
    )


def _annotations(owner: str, trace: Trace, connections: Connections | None) -> dict[str, Any]:
    channels = {"channel_index": np.array(trace.units)}
    if connections is None:
        return {"source_population": owner, "array_annotations": channels}
    own = connections.of(trace.units)
    channels |= {"presynaptic_index": np.array(own.pre), "postsynaptic_index": np.array(own.post)}
    return {
        "source_projection": owner,
        "presynaptic_population": own.source,
        "postsynaptic_population": own.target,
        "array_annotations": channels,
    }


def sampling_period(times: Floats, dt: float) -> float | None:
    """The distance of evenly spaced samples in ms (``dt`` for a single one), or None."""
    if len(times) < 2:
        return dt
    period = float(times[-1] - times[0]) / (len(times) - 1)
    steps = round(period / dt)
    if steps and abs(period - steps * dt) <= GRID_TOLERANCE * dt:
        period = steps * dt
    even = times[0] + period * np.arange(len(times))
    return period if (np.abs(times - even) <= 1e-3 * period).all() else None


@cache
def to_quantity(unit: str) -> Any:
    """The unit of `quantities` that a text such as "mV", "pA*ms", "1/ms" or "1" names.

    The text is parsed here: `quantities` would evaluate it. Raises `UnitError`.
    """
    parse_unit(unit)  # says what is wrong with a bad text, and what was probably meant
    tree = ast.parse(unit.strip().replace("^", "**") or "1", mode="eval").body
    found = _product(tree, unit)
    return pq.dimensionless if isinstance(found, int) else found


def _product(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Name(id=name):
            return _named(name)
        case ast.Constant(value=1):
            return 1
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _product(left, text) * _product(right, text)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _product(left, text) / _product(right, text)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _product(left, text) ** ast.literal_eval(right)
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner]):
            return _product(inner, text) ** 0.5
    raise UnitError(f"{text!r} is not a unit", remedy="use products, quotients and powers of units")


@cache
def _named(name: str) -> Any:
    known = getattr(pq, name, None)
    if isinstance(known, pq.UnitQuantity):
        return known
    base = getattr(pq, name[1:], None)
    if name[0] in _PREFIXES and isinstance(base, pq.UnitQuantity):
        return pq.UnitQuantity(name, _PREFIXES[name[0]] * base, symbol=name)
    lookup(name)
    raise UnitError(f"Neo's units know no {name!r}", symbol=name, remedy="use a prefixed SI symbol")
