"""The figure of a description laid over what was measured: one panel for each quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .overlay import Curve, Overlay
from .plots import DASHES, FAINT, INK, color, grid, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 2


def overlay(found: Overlay, names: list[str]) -> tuple[str, str]:
    """Figure and caption; ``names`` are all results, in the order of their colours."""
    rows = -(-len(found.curves) // COLUMNS)
    figure, axes = grid(rows, COLUMNS, 1.75, sharex=True)
    panels = list(axes.ravel())
    for panel, curve in zip(panels, found.curves, strict=False):
        _panel(panel, curve, names)
    for panel in panels[len(found.curves) :]:
        panel.remove()
    for panel in panels[max(0, len(found.curves) - COLUMNS) : len(found.curves)]:
        panel.tick_params(labelbottom=True)
        panel.set_xlabel("t (ms)")
    _legend(figure, found, names)
    caption = (
        f"Means over units, synapses or spikes in bins of {found.width:g} ms (colours: the "
        "simulators), and the description's in the same bins (thin line). "
        + "; ".join(f"{c.name}: {c.measured}" for c in found.curves)
        + "."
    )
    return svg(figure, "overlay"), caption


def _panel(axes: Axes, curve: Curve, names: list[str]) -> None:
    for name, values in curve.found.items():
        index = names.index(name)
        axes.plot(curve.times, values, color=color(index), **_line(index))
    axes.plot(curve.times, curve.expected, color=INK, lw=1.2)
    unit = "" if curve.unit == "1" else f" ({curve.unit})"
    axes.set_title(f"{curve.name}{unit}")
    axes.set_xlim(0.0, float(curve.times[-1] + curve.times[0]))
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
    low, high = axes.get_ylim()
    if low > 0 and low < 0.4 * high:
        axes.set_ylim(0.0, high)


def _line(index: int) -> dict[str, Any]:
    """Wide for the first, so that those of the others are seen on it."""
    return {"lw": 3.4, "alpha": 0.5} if index == 0 else {"lw": 1.3, "ls": DASHES[index % 5]}


def _legend(figure: object, found: Overlay, names: list[str]) -> None:
    from matplotlib.lines import Line2D

    shown = [n for n in names if any(n in c.found for c in found.curves)]
    handles = [Line2D([], [], color=color(names.index(n)), **_line(names.index(n))) for n in shown]
    handles.append(Line2D([], [], color=INK, lw=1.2))
    figure.legend(  # type: ignore[attr-defined]
        handles,
        [*shown, found.title],
        loc="outside upper left",
        ncols=len(handles),
        handlelength=2.8,
    )
