"""A description laid over a simulation: its curves, what was measured, and the error as numbers.

The description is the result of another network, or of a theory, with traces of the same names: a
rate network beside a spiking one. Both are averaged over the units and over the same bins of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SpikebridgeError
from ..records import dataclass
from ..results.columns import Columns, Spikes, Trace

Floats = NDArray[np.float64]

RATE = "r"  # what the library's rate units call their rate
RATES: Mapping[str, float] = {"kHz": 1000.0, "1/ms": 1000.0, "Hz": 1.0}  # unit -> in Hz
BIN = 10.0  # ms


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity of the description beside what was measured of it, bin by bin.

    ``name`` is the description's (``"E.u"``); ``measured`` says of what the means were taken;
    ``found`` are those means by result, ``expected`` the description's, both in ``unit``, at the
    middles ``times`` (ms) of the bins.
    """

    name: str
    unit: str
    measured: str
    times: Floats
    expected: Floats
    found: Mapping[str, Floats]

    def rms(self, result: str) -> float:
        """Root of the mean squared difference over all bins."""
        return float(np.sqrt(np.mean((self.found[result] - self.expected) ** 2)))

    def share(self, result: str) -> float:
        """`rms` as a fraction of the range that was measured; NaN where nothing varied."""
        span = float(np.ptp(self.found[result]))
        return self.rms(result) / span if span > 0 else float("nan")

    def worst(self, result: str) -> tuple[float, float]:
        """The largest difference in a bin and the time (ms) of its middle."""
        gaps = np.abs(self.found[result] - self.expected)
        at = int(np.argmax(gaps))
        return float(gaps[at]), float(self.times[at])


@dataclass(frozen=True, eq=False)
class Overlay:
    """``curves`` of the description ``title``; ``left`` is what had nothing beside it, and why."""

    title: str
    width: float
    curves: tuple[Curve, ...]
    left: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One JSON-able object: per quantity and result the means and errors."""
        return {
            "title": self.title,
            "bin": self.width,
            "left": list(self.left),
            "curves": {
                curve.name: {
                    "unit": curve.unit,
                    "measured": curve.measured,
                    "mean": float(np.mean(curve.expected)),
                    "results": {
                        name: {
                            "mean": float(np.mean(values)),
                            "rms": curve.rms(name),
                            "share": curve.share(name),
                            "largest": curve.worst(name)[0],
                            "at": curve.worst(name)[1],
                        }
                        for name, values in curve.found.items()
                    },
                }
                for curve in self.curves
            },
        }

    def __str__(self) -> str:
        lines = []
        for curve in self.curves:
            for name, values in curve.found.items():
                unit = "" if curve.unit == "1" else f" {curve.unit}"
                lines.append(
                    f"{curve.name} on {name}: mean {np.mean(values):.4g}{unit}, "
                    f"described {np.mean(curve.expected):.4g}{unit}, rms difference "
                    f"{curve.rms(name):.3g}{unit} ({curve.share(name):.1%} of the range)"
                )
        return "\n".join([*lines, *(f"not laid over: {text}" for text in self.left)])


def lay_over(runs: Mapping[str, Columns], description: Columns, *, width: float = BIN) -> Overlay:
    """``description`` over ``runs``, both averaged in bins of ``width`` ms.

    For each trace of a population P of the description there is beside it, in this order: the mean
    of P's trace of that name; for the rate ``r``, the spikes of P per unit and bin; the mean of a
    state of that name of recorded synapses that start from P.

    Raises:
        SpikebridgeError: other durations, a bin longer than the run, or nothing in common.
    """
    title = str(description.manifest.get("title") or "description")
    edges = _edges(runs, description, width)
    curves: list[Curve] = []
    left: list[str] = []
    for population, trace in _traces(description):
        name = f"{population}.{trace.variable}"
        found, measured = {}, ""
        scale, unit = 1.0, trace.unit
        for label, run in runs.items():
            beside = _beside(run, population, trace, edges)
            if beside is not None:
                measured, found[label], scale, unit = beside
        if not found:
            left.append(f"{name}: no trace, spikes or synapses of that name were recorded")
            continue
        expected = binned(trace, edges) * scale
        curves.append(Curve(name, unit, measured, _middles(edges), expected, found))
    if not curves:
        raise SpikebridgeError(
            f"{title} shares no quantity with what it is laid over",
            remedy="give both the same names of populations and variables, and record them",
        )
    return Overlay(title, width, tuple(curves), tuple(left))


def _traces(description: Columns) -> Iterator[tuple[str, Trace]]:
    for population in description.populations:
        for trace in description.traces.get(population, ()):
            if len(trace.units):
                yield population, trace


def _beside(
    run: Columns, population: str, trace: Trace, edges: Floats
) -> tuple[str, Floats, float, str] | None:
    """What was measured of: text, means per bin, factor for the description, unit of both."""
    own = _trace(run.traces.get(population, ()), trace)
    if own is not None:
        return f"mean of {len(own.units)} units", binned(own, edges), 1.0, own.unit
    spikes = run.spikes.get(population)
    if trace.variable == RATE and spikes is not None and trace.unit in RATES:
        return f"spikes of {spikes.size} units", rate(spikes, edges), RATES[trace.unit], "Hz"
    for projection in run.projections:
        if run.connections[projection].source == population:
            own = _trace(run.traces.get(projection, ()), trace)
            if own is not None:
                text = f"mean of {len(own.units)} synapses of {projection}"
                return text, binned(own, edges), 1.0, own.unit
    return None


def _trace(traces: Sequence[Trace], wanted: Trace) -> Trace | None:
    """The trace of the same name and unit that has units."""
    for trace in traces:
        if trace.variable == wanted.variable and len(trace.units) and trace.unit == wanted.unit:
            return trace
    return None


def _edges(runs: Mapping[str, Columns], description: Columns, width: float) -> Floats:
    duration = description.duration
    for label, run in runs.items():
        if abs(run.duration - duration) > 1e-6 * max(run.dt, description.dt):
            raise SpikebridgeError(
                f"{label} ran for {run.duration:g} ms, what is laid over it for {duration:g} ms",
                remedy="run both for the same time",
            )
    count = int((duration + 1e-9) // width) if width > 0 else 0
    if count < 1:
        raise SpikebridgeError(
            f"the bin of {width:g} ms does not fit into {duration:g} ms",
            symbol="width",
            remedy=f"give e.g. {duration / 20:g} ms",
        )
    return np.arange(count + 1, dtype=np.float64) * float(width)


def _middles(edges: Floats) -> Floats:
    middles: Floats = 0.5 * (edges[:-1] + edges[1:])
    return middles


def rate(spikes: Spikes, edges: Floats) -> Floats:
    """Spikes per unit and second (Hz) in each bin; a spike at a bin's end is in that bin."""
    places = np.searchsorted(edges, spikes.times * (1 - 1e-12), side="left") - 1
    counts = np.bincount(
        places[(places >= 0) & (places < len(edges) - 1)], minlength=len(edges) - 1
    )
    return np.asarray(counts / max(spikes.size, 1) / np.diff(edges) * 1000.0, dtype=np.float64)


def binned(trace: Trace, edges: Floats) -> Floats:
    """The mean over units in each bin; between samples of a slow recording it is interpolated."""
    mean = trace.values.mean(axis=1)
    finest = max(float(np.min(np.diff(trace.times))), 1e-9) if len(trace.times) > 1 else 1.0
    each = max(1, int(np.ceil(float(np.diff(edges)[0]) / finest)))
    steps = (np.arange(each) + 0.5) / each
    points = edges[:-1, None] + np.diff(edges)[:, None] * steps
    values = np.interp(points.ravel(), trace.times, mean).reshape(points.shape)
    means: Floats = values.mean(axis=1)
    return means
