"""Figures of recorded synapses: trajectories, distributions at both ends, differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Trace
from .align import common_positions, common_samples, labels
from .plots import DASHES, FAINT, INK, color, grid, legend, svg
from .plots_traces import finish_difference, mark_first, others_of, peaks, thin, worst_unit
from .traces import differences, variable_span

if TYPE_CHECKING:
    from .comparison import Comparison

Floats = NDArray[np.float64]

FIGURES = 4
DRAWN = 20  # trajectories, spread over the connections by their last value
BINS = 30


def synapses(comparison: Comparison) -> list[tuple[str, str]]:
    """For every recorded state of synapses a figure and a caption."""
    base = comparison.runs[comparison.base]
    found: list[tuple[str, str]] = []
    for projection in base.projections:
        for trace in base.traces.get(projection, ()):
            if len(trace.times) and len(trace.units) and len(found) < FIGURES:
                found.append(_figure(comparison, projection, trace, len(found)))
    return found


def _figure(comparison: Comparison, projection: str, base: Trace, number: int) -> tuple[str, str]:
    others = others_of(comparison.runs, comparison.base, projection, base)
    figure, axes = grid(2, 2, 2.1, width_ratios=[2.2, 1.0])
    unit = "" if base.unit == "1" else f" ({base.unit})"
    worst = worst_unit(base, others)
    names = list(comparison.runs)
    _trajectories(axes[0, 0], base, others, worst, names)
    _ends(axes[0, 1], {comparison.base: base, **others}, names, unit)
    spread, span = _over_time(axes[1, 0], base, others, names), _span(base, others)
    finish_difference(axes[1, 0], base, span)
    _last_differences(axes[1, 1], base, others, names, unit)
    axes[0, 0].set_ylabel(f"{base.variable}{unit}")
    axes[0, 0].set_xlim(float(base.times[0]), float(base.times[-1]))
    mark_first(comparison, (axes[0, 0], axes[1, 0]))
    axes[0, 0].set_title(f"{projection}.{base.variable}", pad=18)
    legend(figure, names)
    place = comparison.runs[comparison.base].connections[projection].named(worst)
    return svg(figure, f"synapses{number}"), _caption(comparison, base, span, place, spread)


def _caption(comparison: Comparison, base: Trace, span: float, place: str, spread: float) -> str:
    shown = min(DRAWN, len(base.units))
    return (
        f"{base.variable} of {shown} of the {len(base.units)} recorded connections on "
        f"{comparison.base}, thick the one that differs most, {place}, dashed on the others. "
        "Right: all values at the first (thin) and the last sample (thick). Below the largest "
        f"difference from {comparison.base} over all connections (at most {spread:.3g}; dashed: "
        f"the bound for identical, 1e-9 of the range of {span:.4g}), and the connections' "
        "differences at the last sample."
    )


def _span(base: Trace, others: Mapping[str, Trace]) -> float:
    found = [variable_span(*common_samples(base, trace)) for trace in others.values()]
    return max(found, default=0.0)


def _trajectories(
    axes: Any, base: Trace, others: Mapping[str, Trace], worst: int, names: list[str]
) -> None:
    order = np.argsort(base.values[-1], kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, DRAWN).astype(int))]
    for column in chosen:
        axes.plot(*thin(base.times, base.values[:, column]), color=color(0), lw=0.7, alpha=0.5)
    place = int(np.flatnonzero(base.units == worst)[0])
    axes.plot(*thin(base.times, base.values[:, place]), color=color(0), lw=3.2, alpha=0.45)
    for name, trace in others.items():
        index = names.index(name)
        theirs = trace.values[:, trace.units == worst]
        if theirs.shape[1]:
            dashes = DASHES[index % len(DASHES)]
            axes.plot(*thin(trace.times, theirs[:, 0]), color=color(index), lw=1.2, ls=dashes)


def _ends(axes: Any, traces: Mapping[str, Trace], names: list[str], unit: str) -> None:
    """Histograms of the first and the last sample, on common bins."""
    ends = [t.values[k] for t in traces.values() for k in (0, -1)]
    finite = np.concatenate([values[np.isfinite(values)] for values in ends])
    edges = _edges(finite)
    for name, trace in traces.items():
        index = names.index(name)
        dashes = DASHES[index % len(DASHES)]
        for row, width in ((0, 0.8), (-1, 1.8)):
            counts, _ = np.histogram(trace.values[row], edges)
            axes.stairs(counts, edges, color=color(index), lw=width, ls=dashes)
    axes.set_xlabel(f"first and last value{unit}")
    axes.set_ylabel("connections")
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)


def _edges(values: Floats) -> Floats:
    if not len(values):
        return np.linspace(0.0, 1.0, BINS + 1)
    low, high = float(values.min()), float(values.max())
    if low == high:  # one bin of a width that can be seen
        low, high = low - max(abs(low), 1.0) * 0.05, high + max(abs(high), 1.0) * 0.05
    return np.linspace(low, high, BINS + 1)


def _over_time(axes: Any, base: Trace, others: Mapping[str, Trace], names: list[str]) -> float:
    """The largest difference over all connections against time; returns the largest of all."""
    largest = 0.0
    for name, trace in others.items():
        rows, _ = common_positions(labels(base.times), labels(trace.times))
        gap = differences(*common_samples(base, trace)).max(axis=1, initial=0.0)
        largest = max(largest, float(gap.max(initial=0.0)))
        axes.plot(*peaks(base.times[rows], gap), color=color(names.index(name)), lw=1.2)
    return largest


def _last_differences(
    axes: Any, base: Trace, others: Mapping[str, Trace], names: list[str], unit: str
) -> None:
    """Histogram of what the others have more or less than the base in the last common sample."""
    gaps = {}
    for name, trace in others.items():
        mine, theirs = common_samples(base, trace)
        gaps[name] = (theirs - mine)[-1] if len(mine) else np.empty(0)
    finite = np.concatenate([np.empty(0), *(gap[np.isfinite(gap)] for gap in gaps.values())])
    axes.set_xlabel(f"difference at the end{unit}")
    axes.set_ylabel("connections")
    if not finite.any():
        place = {"ha": "center", "va": "center", "transform": axes.transAxes, "color": INK}
        axes.text(0.5, 0.5, "none", **place)
        return
    edges = _edges(finite) if np.ptp(finite) else finite[0] * np.linspace(0.5, 1.5, BINS + 1)
    for name, gap in gaps.items():
        counts, _ = np.histogram(gap, np.sort(edges))
        axes.stairs(counts, np.sort(edges), color=color(names.index(name)), lw=1.4)
    axes.ticklabel_format(axis="x", scilimits=(-2, 3))
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
