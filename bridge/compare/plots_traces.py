"""Figures of recorded variables: the traces of one neuron and all differences below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Columns, Trace
from .align import common_positions, common_samples, labels
from .plots import ALARM, DASHES, FAINT, INK, color, grid, legend, svg
from .traces import BOUND, differences

if TYPE_CHECKING:
    from .comparison import Comparison

Floats = NDArray[np.float64]

SAMPLES = 1500  # points per curve: more than the page has pixels
VARIABLES = 6


def traces(comparison: Comparison) -> list[tuple[str, str]]:
    """For every variable the traces, their difference below, and a caption."""
    base = comparison.runs[comparison.base]
    found: list[tuple[str, str]] = []
    for population, some in base.traces.items():
        for trace in some if population not in base.connections else ():
            if len(trace.times) and len(trace.units) and len(found) < VARIABLES:
                found.append(_trace_figure(comparison, population, trace, len(found)))
    return found


def _trace_figure(
    comparison: Comparison, population: str, base: Trace, number: int
) -> tuple[str, str]:
    others = others_of(comparison.runs, comparison.base, population, base)
    unit = worst_unit(base, others)
    figure, axes = grid(2, 1, 1.75, sharex=True, height_ratios=[1.5, 1.0])
    top, bottom = axes[:, 0]
    place = int(np.flatnonzero(base.units == unit)[0])
    top.plot(*thin(base.times, base.values[:, place]), color=color(0), linewidth=3.2, alpha=0.45)
    span, names = 0.0, list(comparison.runs)
    for name, trace in others.items():
        index = names.index(name)
        theirs = trace.values[:, trace.units == unit]
        if theirs.shape[1]:
            dashes = DASHES[index % len(DASHES)]
            top.plot(*thin(trace.times, theirs[:, 0]), color=color(index), lw=1.2, ls=dashes)
        rows, _ = common_positions(labels(base.times), labels(trace.times))
        gap = differences(*common_samples(base, trace)).max(axis=1, initial=0.0)
        bottom.plot(*peaks(base.times[rows], gap), color=color(index), lw=1.2)
    for pair in comparison.pairs:
        for compared in pair.traces:
            if (compared.population, compared.variable) == (population, base.variable):
                span = max(span, compared.span)
    _finish_trace(top, bottom, base, span)
    mark_first(comparison, (top, bottom))
    top.set_title(f"{population}.{base.variable}, neuron {unit}", pad=18)
    legend(figure, names)
    caption = (
        f"{base.variable} of neuron {unit} of {population} (the one that differs most), and below "
        f"the largest difference from {comparison.base} over the {len(base.units)} recorded "
        f"neurons. Dashed: the bound for identical, 1e-9 of the range of {span:.4g} {base.unit}."
    )
    return svg(figure, f"trace{number}"), caption


def _finish_trace(top: Any, bottom: Any, base: Trace, span: float) -> None:
    unit = "" if base.unit == "1" else f" ({base.unit})"
    top.set_ylabel(f"{base.variable}{unit}")
    finish_difference(bottom, base, span)


def finish_difference(axes: Any, base: Trace, span: float) -> None:
    """Bound, logarithmic axis and labels of a panel of differences over time."""
    bound = BOUND * span
    if not any(np.isfinite(line.get_ydata()).any() for line in axes.lines):
        place = {"ha": "center", "transform": axes.transAxes}
        axes.text(0.5, 0.75, "no difference at all", **place)
    if bound > 0:
        axes.axhline(bound, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_yscale("log")
    floor = max(bound * 1e-7, 1e-300)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, floor), max(high, bound * 30, floor * 10))
    unit = "" if base.unit == "1" else f" ({base.unit})"
    axes.set_ylabel(f"|difference|{unit}")
    axes.set_xlabel("time (ms)")
    axes.set_xlim(float(base.times[0]), float(base.times[-1]))
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)


def mark_first(comparison: Comparison, panels: tuple[Any, ...]) -> None:
    """A line at the first differing spike."""
    firsts = [p.first_spike.time for p in comparison.pairs if p.first_spike is not None]
    for panel in panels if firsts else ():
        panel.axvline(min(firsts), color=ALARM, linewidth=1.1)
    if firsts:
        late = min(firsts) > 0.75 * comparison.runs[comparison.base].duration
        panels[0].annotate(
            "first differing spike",
            (min(firsts), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-5 if late else 5, 4),
            textcoords="offset points",
            color=ALARM,
            ha="right" if late else "left",
            fontsize=8.5,
        )


def others_of(
    runs: Mapping[str, Columns], base: str, population: str, shown: Trace
) -> dict[str, Trace]:
    """Result -> its trace of the variable, but for the base; of several the same one in order."""
    own = [t for t in runs[base].traces[population] if t.variable == shown.variable]
    place = next(k for k, trace in enumerate(own) if trace is shown)
    found = {}
    for name, run in runs.items():
        theirs = [t for t in run.traces.get(population, ()) if t.variable == shown.variable]
        if name != base and len(theirs) > place:
            found[name] = theirs[place]
    return found


def worst_unit(base: Trace, others: Mapping[str, Trace]) -> int:
    """The recorded neuron that differs most, the first where none does."""
    worst = np.zeros(len(base.units))
    for trace in others.values():
        mine, _ = common_positions(base.units, trace.units)
        gap = differences(*common_samples(base, trace)).max(axis=0, initial=0.0)
        worst[mine] = np.maximum(worst[mine], gap)
    return int(base.units[int(np.argmax(worst))])


def thin(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The curve by the lowest and highest sample of each stretch: no spike is lost."""
    stretch = -(-len(times) // (SAMPLES // 2))
    if stretch < 3:
        return times, values
    whole = len(times) // stretch * stretch
    block = values[:whole].reshape(-1, stretch)
    start = np.arange(len(block)) * stretch
    low, high = block.argmin(axis=1) + start, block.argmax(axis=1) + start
    keep = np.unique(np.concatenate([low, high, np.arange(whole, len(times))]))
    return times[keep], values[keep]


def peaks(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The largest value of each stretch; zeros are left out of the logarithmic axis."""
    stretch = max(1, -(-len(times) // SAMPLES))
    starts = np.arange(0, len(times), stretch)
    peak = np.maximum.reduceat(values, starts) if len(values) else values
    return times[starts], np.where((peak > 0) & np.isfinite(peak), peak, np.nan)
