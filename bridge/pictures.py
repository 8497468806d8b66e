"""Pictures of models: the curves of `protocols`, and the potential of a neuron on its bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .definition.library import Definition
from .definition.model import Neuron, Synapse
from .errors import SpikebridgeError, Unsupported
from .protocols import Curve, Panel, panels
from .results.files import replacing

SUFFIXES = (".png", ".svg", ".pdf")
COLORS = ("#4477aa", "#cc6677", "#228833", "#aa3377")
BENCH = 500.0  # ms of a neuron on its bench


class PictureError(SpikebridgeError):
    """A picture cannot be made: matplotlib is missing, or the name of the file is wrong."""


def picture(model: Definition, path: str | Path | None = None) -> Path:
    """Draw ``model`` into a PNG, SVG or PDF; by default ``<name>.png`` in the working folder.

    A synapse: its STDP window and frequency dependence, or its response to trains, computed by
    the reference. A neuron: its states on the test bench.

    Raises:
        Unsupported: there is nothing to draw of it. PictureError: not to this file.
    """
    target = Path(path or f"{model.label.rpartition('/')[2].replace(' ', '_')}.png")
    if target.suffix.lower() not in SUFFIXES:
        raise PictureError(
            f"no picture format {target.suffix!r}",
            symbol=str(target),
            remedy=f"use one of {', '.join(SUFFIXES)}",
        )
    if isinstance(model, Synapse):
        found = panels(model)
    elif isinstance(model, Neuron):
        found = _bench(model)
    else:
        raise Unsupported(
            f"there is no picture of a network ({model.label})",
            remedy="`spikebridge compare` draws its report; of neurons and synapses there are some",
        )
    _draw(model, found, target)
    return target


def _bench(neuron: Neuron) -> tuple[Panel, ...]:
    """The first two states of one unit on the test bench, by the reference."""
    from .api import simulate
    from .definition.bench import bench

    run = simulate(bench(neuron, size=1, duration=BENCH), "reference")
    found = []
    for variable in neuron.states[:2]:
        trace = run.columns.trace("cells", variable)
        unit = "" if trace.unit == "1" else f" ({trace.unit})"
        curve = Curve(variable, np.array(trace.times), np.array(trace.values[:, 0]))
        found.append(
            Panel("On the test bench", "time (ms)", f"{variable}{unit}", (curve,), zero=False)
        )
    return tuple(found)


def _draw(model: Definition, found: tuple[Panel, ...], target: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise PictureError(
            "a picture needs matplotlib, which is not installed",
            remedy="pip install matplotlib (or spikebridge[report])",
        ) from None
    figure = Figure(figsize=(5.2 * len(found), 3.8), layout="constrained")
    axes = figure.subplots(1, len(found), squeeze=False)[0]
    for panel, place in zip(found, axes, strict=True):
        _panel(panel, place)
    figure.suptitle(model.title or model.label)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as partial:
        figure.savefig(partial, dpi=150)


def _panel(panel: Panel, axes: Any) -> None:
    for index, curve in enumerate(panel.curves):
        paint = COLORS[index % len(COLORS)]
        if curve.stems:
            axes.vlines(curve.x, 0, curve.y, color=paint, lw=1.2)
        long = len(curve.x) > 200
        style = {"marker": None if long else ".", "ls": "none" if curve.stems else "-"}
        axes.plot(curve.x, curve.y, color=paint, lw=1.4, label=curve.label, **style)
    if panel.logarithmic:
        axes.set_xscale("log")
    if panel.zero:
        axes.axhline(0, color="#bbbbbb", lw=0.8, zorder=0)
    if panel.x.startswith("post - pre"):
        axes.axvline(0, color="#bbbbbb", lw=0.8, zorder=0)
    axes.set(title=panel.title, xlabel=panel.x, ylabel=panel.y)
    axes.spines[["top", "right"]].set_visible(False)
    if len(panel.curves) > 1 or panel.curves[0].stems:
        axes.legend(frameon=False, fontsize="small")
