"""Figures of single runs: rasters with the differing spikes marked, activity, traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Columns, Spikes, Trace
from .align import Alignment, common_positions, common_samples, labels
from .plots import ALARM, DASHES, FAINT, INK, color, empty, grid, legend, svg, ticks
from .spikes import lone_spikes
from .traces import BOUND, differences

if TYPE_CHECKING:
    from .comparison import Comparison

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEURONS = 60  # per population in a raster
MARKS = 4000  # spikes per raster panel
SAMPLES = 1500  # points per curve: more than the page has pixels
BINS = 150
POPULATIONS = 6
VARIABLES = 6


def raster(comparison: Comparison) -> tuple[str, str]:
    """Facing rasters, a column per result, and the caption."""
    runs = comparison.runs
    base = runs[comparison.base]
    populations = list(base.spikes)[:POPULATIONS]
    start, stop = _window(comparison, populations)
    heights = [0.5 + min(base.spikes[name].size, NEURONS) / NEURONS for name in populations]
    figure, axes = grid(
        len(populations), len(runs), 1.7, sharex=True, sharey="row", height_ratios=heights
    )
    for row, population in enumerate(populations):
        chosen = _sample(base.spikes[population].size)
        for column, (name, run) in enumerate(runs.items()):
            panel = axes[row, column]
            spikes = run.spikes.get(population)
            if spikes is None:
                empty(panel, "not recorded")
                continue
            _raster_panel(panel, comparison, name, population, chosen, (start, stop))
            if row == 0:
                panel.set_title(f"{name}\n{population}")
            else:
                panel.set_title(population)
            if row == len(populations) - 1:
                panel.set_xlabel("time (ms)")
        axes[row, 0].set_ylabel("neuron")
    return svg(figure, "raster"), _raster_caption(comparison, populations, start, stop)


def _raster_panel(
    panel: Any,
    comparison: Comparison,
    name: str,
    population: str,
    chosen: Ints,
    window: tuple[float, float],
) -> None:
    run = comparison.runs[name]
    times, rows = _placed(run.spikes[population], chosen, window)
    ticks(panel, times, rows, INK, 0.8)
    if name != comparison.base:
        times, rows = _placed(_lone(comparison, name, population), chosen, window)
        ticks(panel, times, rows, ALARM, 1.8)
    panel.set_xlim(*window)
    panel.set_ylim(-0.8, len(chosen) - 0.2)
    marks = np.unique(np.linspace(0, len(chosen) - 1, min(4, len(chosen))).astype(int))
    panel.set_yticks(marks, [str(chosen[mark]) for mark in marks])


def _lone(comparison: Comparison, name: str, population: str) -> Spikes:
    """Spikes of result ``name`` without a partner in the base."""
    base, run = comparison.runs[comparison.base], comparison.runs[name]
    mine = run.spikes[population]
    if population not in base.spikes:
        return mine
    aligned = next(pair.alignment for pair in comparison.pairs if pair.other == name)
    return _lone_of(base.spikes[population], mine, aligned)


def _lone_of(base: Spikes, mine: Spikes, aligned: Alignment) -> Spikes:
    _, (times, senders) = lone_spikes(base, mine, aligned)
    return Spikes(times, senders, max(base.size, mine.size))


def _sample(size: int) -> Ints:
    """Up to `NEURONS` neurons, evenly spread."""
    return np.unique(np.linspace(0, size - 1, min(size, NEURONS)).astype(np.int64))


def _placed(spikes: Spikes, chosen: Ints, window: tuple[float, float]) -> tuple[Floats, Ints]:
    """Times and rows of the chosen neurons' spikes in the window, at most `MARKS`."""
    part = spikes.between(*window)
    row = np.full(max(spikes.size, int(chosen.max(initial=0)) + 1), -1)
    row[chosen] = np.arange(len(chosen))
    rows = row[part.senders]
    shown = rows >= 0
    return part.times[shown][: 2 * MARKS], rows[shown][: 2 * MARKS]


def _window(comparison: Comparison, populations: list[str]) -> tuple[float, float]:
    """The whole run, or a stretch with about `MARKS` shown spikes around the first difference."""
    base = comparison.runs[comparison.base]
    shown = 1
    for name in populations:
        spikes = base.spikes[name]
        chosen = _sample(spikes.size)
        shown = max(shown, int(spikes.counts()[chosen].sum()))
    length = base.duration * min(1.0, MARKS / shown)
    firsts = [p.first_spike.time for p in comparison.pairs if p.first_spike is not None]
    start = max(0.0, min(min(firsts, default=0.0) - length / 3, base.duration - length))
    return start, start + length


def _raster_caption(
    comparison: Comparison, populations: list[str], start: float, stop: float
) -> str:
    runs, total = comparison.runs, len(comparison.runs[comparison.base].spikes)
    parts = [f"Spikes of {' and '.join(runs)}, {start:g} to {stop:g} ms."]
    if any(runs[comparison.base].spikes[name].size > NEURONS for name in populations):
        parts.append(f"At most {NEURONS} evenly spread neurons of each population are shown.")
    if total > len(populations):
        parts.append(f"The first {len(populations)} of {total} populations are shown.")
    parts.append(
        f"Red: spikes without a partner in {comparison.base} ({comparison.differing} differing in "
        "all, shown or not)."
        if comparison.differing
        else "Every spike has its partner."
    )
    return " ".join(parts)


def activity(comparison: Comparison) -> tuple[str, str]:
    """Population rate over time, results laid over one another, and the caption."""
    runs = comparison.runs
    base = runs[comparison.base]
    populations = list(base.spikes)[:POPULATIONS]
    steps = max(1, round(base.duration / BINS / base.dt))
    width = steps * base.dt
    edges = (np.arange(int(base.duration / width + 1e-9) + 1) * steps + 0.5) * base.dt
    figure, axes = grid(len(populations), 1, 1.35, sharex=True)
    for panel, population in zip(axes[:, 0], populations, strict=True):
        for index, run in enumerate(runs.values()):
            spikes = run.spikes.get(population)
            if spikes is None or len(edges) < 2:
                continue
            counts = np.histogram(spikes.times, edges)[0]
            rate = counts / max(spikes.size, 1) / (width / 1000.0)
            panel.stairs(
                rate,
                edges,
                color=color(index),
                linewidth=2.6 if index == 0 else 1.2,
                linestyle=DASHES[index % len(DASHES)],
                alpha=0.45 if index == 0 else 1.0,
            )
        panel.set_title(population)
        panel.set_ylabel("rate (Hz)")
        panel.set_ylim(bottom=0)
        panel.set_xlim(0, base.duration)
    axes[-1, 0].set_xlabel("time (ms)")
    legend(figure, list(runs))
    return svg(figure, "activity"), f"Mean rate per neuron in bins of {width:g} ms."


def traces(comparison: Comparison) -> list[tuple[str, str]]:
    """For every variable the traces, their difference below, and a caption."""
    base = comparison.runs[comparison.base]
    found: list[tuple[str, str]] = []
    for population, some in base.traces.items():
        for trace in some:
            if len(trace.times) and len(trace.units) and len(found) < VARIABLES:
                found.append(_trace_figure(comparison, population, trace, len(found)))
    return found


def _trace_figure(
    comparison: Comparison, population: str, base: Trace, number: int
) -> tuple[str, str]:
    others = _others(comparison.runs, comparison.base, population, base.variable)
    unit = _worst_unit(base, others)
    figure, axes = grid(2, 1, 1.75, sharex=True, height_ratios=[1.5, 1.0])
    top, bottom = axes[:, 0]
    place = int(np.flatnonzero(base.units == unit)[0])
    top.plot(*_thin(base.times, base.values[:, place]), color=color(0), linewidth=3.2, alpha=0.45)
    span, names = 0.0, list(comparison.runs)
    for name, trace in others.items():
        index = names.index(name)
        theirs = trace.values[:, trace.units == unit]
        if theirs.shape[1]:
            dashes = DASHES[index % len(DASHES)]
            top.plot(*_thin(trace.times, theirs[:, 0]), color=color(index), lw=1.2, ls=dashes)
        rows, _ = common_positions(labels(base.times), labels(trace.times))
        gap = differences(*common_samples(base, trace)).max(axis=1, initial=0.0)
        bottom.plot(*_peaks(base.times[rows], gap), color=color(index), lw=1.2)
    for pair in comparison.pairs:
        for compared in pair.traces:
            if (compared.population, compared.variable) == (population, base.variable):
                span = max(span, compared.span)
    _finish_trace(top, bottom, base, span)
    _mark_first(comparison, (top, bottom))
    top.set_title(f"{population}.{base.variable}, neuron {unit}")
    legend(figure, names)
    caption = (
        f"{base.variable} of neuron {unit} of {population} (the one that differs most), and below "
        f"the largest difference from {comparison.base} over the {len(base.units)} recorded "
        f"neurons. Dashed: the bound for identical, 1e-9 of the range of {span:.4g} {base.unit}."
    )
    return svg(figure, f"trace{number}"), caption


def _finish_trace(top: Any, bottom: Any, base: Trace, span: float) -> None:
    bound = BOUND * span
    if bound > 0:
        bottom.axhline(bound, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    bottom.set_yscale("log")
    floor = max(bound * 1e-7, 1e-300)
    low, high = bottom.get_ylim()
    bottom.set_ylim(max(low, floor), max(high, bound * 30, floor * 10))
    unit = "" if base.unit == "1" else f" ({base.unit})"
    top.set_ylabel(f"{base.variable}{unit}")
    bottom.set_ylabel(f"|difference|{unit}")
    bottom.set_xlabel("time (ms)")
    bottom.set_xlim(float(base.times[0]), float(base.times[-1]))
    bottom.grid(axis="y", color=FAINT)
    bottom.set_axisbelow(True)


def _mark_first(comparison: Comparison, panels: tuple[Any, ...]) -> None:
    firsts = [p.first_spike.time for p in comparison.pairs if p.first_spike is not None]
    for panel in panels if firsts else ():
        panel.axvline(min(firsts), color=ALARM, linewidth=1.1)
    if firsts:
        panels[0].annotate(
            "first differing spike",
            (min(firsts), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            color=ALARM,
            va="bottom",
            fontsize=8.5,
        )


def _others(
    runs: Mapping[str, Columns], base: str, population: str, variable: str
) -> dict[str, Trace]:
    return {
        name: trace
        for name, run in runs.items()
        for trace in run.traces.get(population, ())
        if name != base and trace.variable == variable
    }


def _worst_unit(base: Trace, others: Mapping[str, Trace]) -> int:
    """The recorded neuron that differs most, the first where none does."""
    worst = np.zeros(len(base.units))
    for trace in others.values():
        mine, _ = common_positions(base.units, trace.units)
        gap = differences(*common_samples(base, trace)).max(axis=0, initial=0.0)
        worst[mine] = np.maximum(worst[mine], gap)
    return int(base.units[int(np.argmax(worst))])


def _thin(times: Floats, values: Floats) -> tuple[Floats, Floats]:
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


def _peaks(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The largest value of each stretch; zeros are left out of the logarithmic axis."""
    stretch = max(1, -(-len(times) // SAMPLES))
    starts = np.arange(0, len(times), stretch)
    peak = np.maximum.reduceat(values, starts) if len(values) else values
    return times[starts], np.where((peak > 0) & np.isfinite(peak), peak, np.nan)
