"""Figures over many neurons, seeds and steps: distributions, effects in their bands, orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .convergence import Convergence, Quantity
from .measures import MEASURES, Settings, measure
from .plots import ALARM, DASHES, FAINT, INK, color, empty, grid, legend, svg
from .statistics import Effect, StatisticsComparison

if TYPE_CHECKING:
    from .comparison import Comparison

Floats = NDArray[np.float64]

POPULATIONS = 6
STEPS = 400  # points of a distribution function
COLUMNS = 3


def distributions(comparison: Comparison) -> tuple[str, str]:
    """Cumulative distributions of rate, CV and correlation per population, and the caption."""
    samples, names, settings = _samples(comparison)
    populations = list(dict.fromkeys(population for population, _ in samples))[:POPULATIONS]
    figure, axes = grid(len(populations), len(MEASURES), 1.75)
    for row, population in enumerate(populations):
        for column, (statistic, (unit, _)) in enumerate(MEASURES.items()):
            panel = axes[row, column]
            drawn = _distribution(panel, samples.get((population, statistic), {}), names)
            panel.set_title(population if column == 0 else "")
            panel.set_xlabel(statistic + ("" if unit == "1" else f" ({unit})"))
            panel.set_ylabel("share of pairs" if statistic == "correlation" else "share of neurons")
            if not drawn:
                empty(panel, "too few spikes")
    legend(figure, names)
    whose = "all seeds" if comparison.statistics else "this run"
    caption = (
        f"Cumulative distributions over the neurons of {whose}: rate; coefficient of variation of "
        f"the intervals of neurons with at least {settings.intervals} of them; Pearson correlation "
        f"of spike counts in {settings.bin:g} ms bins between at most {settings.pairs_of} neurons."
    )
    return svg(figure, "distributions"), caption


Samples = Mapping[tuple[str, str], Mapping[str, Floats]]


def _samples(comparison: Comparison) -> tuple[Samples, list[str], Settings]:
    study = comparison.statistics
    if study is not None:
        return study.samples, list(study.seeds), study.settings
    settings, runs = Settings(), comparison.runs
    samples = {
        (population, statistic): {
            name: measure(statistic, run, population, settings)
            for name, run in runs.items()
            if population in run.spikes
        }
        for population in runs[comparison.base].spikes
        for statistic in MEASURES
    }
    return samples, list(runs), settings


def _distribution(panel: Any, by_name: Mapping[str, Floats], names: Sequence[str]) -> bool:
    drawn = False
    for index, name in enumerate(names):
        values = np.sort(by_name.get(name, np.empty(0)))
        if not len(values):
            continue
        share = np.arange(1, len(values) + 1) / len(values)
        keep = np.unique(np.linspace(0, len(values) - 1, STEPS).astype(int))
        panel.plot(
            values[keep],
            share[keep],
            drawstyle="steps-post",
            color=color(index),
            linestyle=DASHES[index % len(DASHES)],
            linewidth=3.2 if index == 0 else 1.4,
            alpha=0.45 if index == 0 else 1.0,
        )
        drawn = True
    panel.set_ylim(0, 1.02)
    panel.grid(color=FAINT)
    panel.set_axisbelow(True)
    return drawn


def bands(statistics: StatisticsComparison) -> tuple[str, str]:
    """Every effect in units of its own band, and the caption."""
    effects = list(reversed(statistics.effects))
    figure, axes = grid(1, 1, 0.6 + 0.3 * len(effects))
    panel = axes[0, 0]
    panel.axvspan(-1, 1, color=FAINT, linewidth=0, alpha=0.8)
    panel.axvline(0, color=INK, linewidth=0.8)
    places = [_in_bands(effect) for effect in effects]
    reach = min(max([1.5, *(abs(place) * 1.15 for place in places)]), 20.0)
    for row, (effect, place) in enumerate(zip(effects, places, strict=True)):
        shown = float(np.clip(place, -reach * 0.98, reach * 0.98))
        paint = color(1) if effect.inside else ALARM
        panel.plot([0, shown], [row, row], color=paint, linewidth=1.4)
        panel.plot([shown], [row], "o" if effect.inside else "D", color=paint, markersize=6)
    panel.set_yticks(range(len(effects)), [_effect_label(effect) for effect in effects])
    panel.set_ylim(-0.7, len(effects) - 0.3)
    panel.set_xlim(-reach, reach)
    panel.set_xlabel("effect / band (1 = furthest apart two seeds of one simulator are)")
    panel.tick_params(axis="y", length=0)
    return svg(figure, "bands"), (
        "Mean difference between simulators, in units of the largest difference between two seeds "
        "of one simulator. Circles inside the grey band agree; diamonds do not."
    )


def _effect_label(effect: Effect) -> str:
    return f"{effect.population} · {effect.statistic} · {effect.other}"


def _in_bands(effect: Effect) -> float:
    if effect.effect == 0:
        return 0.0
    return effect.effect / effect.band if effect.band > 0 else float("inf")


def orders(studies: Sequence[Convergence]) -> tuple[str, str]:
    """Error against dt with the expected slope, a panel per quantity, and the caption."""
    names = list(dict.fromkeys(q.name for study in studies for q in study.quantities))
    if not names:
        return "", "No error above rounding was seen at any dt."
    rows = -(-len(names) // COLUMNS)
    columns = min(COLUMNS, len(names))
    figure, axes = grid(rows, columns, 2.5)
    for panel in axes.flat[len(names) :]:
        panel.set_axis_off()
    for panel, name in zip(axes.flat, names, strict=False):
        for index, study in enumerate(studies):
            for quantity in study.quantities:
                if quantity.name == name:
                    _order_panel(panel, quantity, index)
        panel.set_title(name)
    legend(figure, [study.simulator for study in studies], dashed=False)
    reference = studies[0].reference
    return svg(figure, "orders"), (
        f"Largest error against {reference} as the step is halved. Dotted: the expected order. "
        "Open marks were left out of the fit: spikes no longer correspond, or only rounding is "
        "left."
    )


def _order_panel(panel: Any, quantity: Quantity, index: int) -> None:
    steps = np.array(sorted(quantity.errors))
    errors = np.array([quantity.errors[dt] for dt in steps])
    visible = errors > 0
    used = np.isin(steps, quantity.fitted.used)
    panel.plot(steps[visible], errors[visible], color=color(index), lw=1.4, alpha=0.6)
    panel.plot(steps[visible & used], errors[visible & used], "o", color=color(index), ms=5)
    panel.plot(
        steps[visible & ~used], errors[visible & ~used], "o", color=color(index), ms=5, mfc="none"
    )
    if used.any():
        anchor = float(steps[used].max())
        slope = quantity.errors[anchor] * (steps / anchor) ** quantity.expected * 2.0
        panel.plot(steps, slope, color=INK, lw=1, ls=(0, (1.5, 2)))
        panel.annotate(
            f"order {quantity.fitted.order:.2f}",
            (1.0, 0.04 + 0.1 * index),
            xycoords="axes fraction",
            ha="right",
            color=color(index),
            fontsize=8.5,
        )
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xticks(steps, [f"{dt:g}" for dt in steps])
    panel.set_xticks([], minor=True)
    panel.set_xlabel("dt (ms)")
    panel.set_ylabel(f"error ({quantity.unit})")
    panel.grid(color=FAINT)
    panel.set_axisbelow(True)
