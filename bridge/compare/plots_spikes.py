"""Figures of spikes: rasters with the differing spikes marked, and activity over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Spikes
from .plots import ALARM, INK, color, empty, grid, legend, svg, ticks
from .spikes import lone_spikes

if TYPE_CHECKING:
    from .comparison import Comparison

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEURONS = 120  # per population in a raster
MARKS = 4000  # spikes per raster panel
FEW = 30  # differing spikes that get a ring, so that a single one is found
BINS = 100
WIDTHS = (3.2, 1.9, 0.9)  # of curves laid over one another: equal ones stay visible
POPULATIONS = 6


def raster(comparison: Comparison) -> tuple[str, str]:
    """Facing rasters, a column per result, and the caption."""
    runs = comparison.runs
    base = runs[comparison.base]
    populations = list(base.spikes)[:POPULATIONS]
    start, stop = _window(comparison, populations)
    heights = [0.5 + min(base.spikes[name].size, NEURONS) / NEURONS for name in populations]
    figure, axes = grid(
        len(populations), len(runs), 1.9, sharex=True, sharey="row", height_ratios=heights
    )
    for row, population in enumerate(populations):
        chosen = _sample(comparison, population)
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
    ticks(panel, times, rows, INK, 1.0)
    times, rows = _placed(_lone(comparison, name, population), chosen, window)
    ticks(panel, times, rows, ALARM, 1.8)
    if 0 < len(times) <= FEW:  # an empty unclipped line would upset the layout
        panel.plot(times, rows, "o", color=ALARM, ms=8, mfc="none", clip_on=False)
    panel.set_xlim(*window)
    panel.set_ylim(-0.8, len(chosen) - 0.2)
    marks = np.unique(np.linspace(0, len(chosen) - 1, min(4, len(chosen))).astype(int))
    panel.set_yticks(marks, [str(chosen[mark]) for mark in marks])


def _lone(comparison: Comparison, name: str, population: str) -> Spikes:
    """Spikes of result ``name`` without a partner: in the base, or for the base in any other."""
    mine = comparison.runs[name].spikes[population]
    times, senders = [np.empty(0)], [np.empty(0, dtype=np.int64)]
    for pair in comparison.pairs:
        if name not in (pair.base, pair.other):
            continue
        partner = comparison.runs[pair.other if name == pair.base else pair.base]
        if population in partner.spikes:
            lone, _ = lone_spikes(mine, partner.spikes[population], pair.alignment)
            times.append(lone[0])
            senders.append(lone[1])
    return Spikes.from_raw(np.concatenate(times), np.concatenate(senders), mine.size)


def _sample(comparison: Comparison, population: str) -> Ints:
    """Up to `NEURONS` neurons, evenly spread, and the first few whose spikes differ."""
    size = comparison.runs[comparison.base].spikes[population].size
    spread = np.linspace(0, size - 1, min(size, NEURONS)).astype(np.int64)
    shown = [spread]
    for name, run in comparison.runs.items():
        if population in run.spikes and size > NEURONS:
            shown.append(np.unique(_lone(comparison, name, population).senders[:FEW]))
    chosen = np.unique(np.concatenate(shown))
    return chosen[chosen < size]


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
        chosen = _sample(comparison, name)
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
        parts.append(
            f"{NEURONS} evenly spread neurons of a population are shown, and the first to differ."
        )
    if total > len(populations):
        parts.append(f"The first {len(populations)} of {total} populations are shown.")
    parts.append(
        f"Red: spikes that {_facing(comparison)} ({comparison.differing} in all, shown or not)."
        if comparison.differing
        else "Every spike has its partner."
    )
    return " ".join(parts)


def _facing(comparison: Comparison) -> str:
    if len(comparison.pairs) == 1:
        return "the other result has not"
    return f"{comparison.base} has not, and in {comparison.base} those that any other has not"


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
                linewidth=WIDTHS[min(index, len(WIDTHS) - 1)],
                alpha=0.45 if index == 0 else 1.0,
            )
        panel.set_title(population)
        panel.set_ylabel("rate (Hz)")
        panel.set_ylim(bottom=0)
        panel.set_xlim(0, base.duration)
    axes[-1, 0].set_xlabel("time (ms)")
    legend(figure, list(runs), dashed=False)
    return svg(figure, "activity"), f"Mean rate per neuron in bins of {width:g} ms."
