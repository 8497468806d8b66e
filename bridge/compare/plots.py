"""Figures of the report as inline SVG that follows the page's colours, light or dark.

Figures are drawn in stand-in colours which are then replaced by CSS variables. Spikes are drawn
as one path per panel, not one mark each: a raster of 4000 spikes stays near 100 kB.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

INK, FAINT, ALARM = "#010101", "#020202", "#030303"  # text and axes, grid, differences
SERIES = ("#040404", "#050505", "#060606", "#070707", "#080808")
_VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--rule)",
    ALARM: "var(--alarm)",
    **{color: f"var(--series-{number})" for number, color in enumerate(SERIES, start=1)},
}
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), "-.")
WIDTH = 9.6  # inches: the page's column

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.hspace": 0.03,
    "figure.constrained_layout.wspace": 0.04,
}


def style() -> Any:
    """Context in which every figure of the report is made and saved."""
    import matplotlib as mpl

    options: Any = _STYLE
    return mpl.rc_context(options)


def grid(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure of the page's width, ``height`` inches a row, and its axes (rows, columns)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height * rows + 0.45))
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, np.asarray(axes, dtype=object)


def svg(figure: Figure, name: str) -> str:
    """The figure as an <svg> element for a page: no identifiers, addresses or colours of its own.

    ``name`` keeps the identifiers of several figures apart.
    """
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", text)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r'\1 role="img"', text, count=1)
    for color, variable in _VARIABLES.items():
        text = text.replace(color, variable)
    return re.sub(r"\n\s*", "\n", text).strip()


def color(index: int) -> str:
    """Colour of the index-th result."""
    return SERIES[index % len(SERIES)]


def ticks(
    axes: Axes, times: Floats, rows: NDArray[np.int64], paint: str, weight: float = 1.0
) -> None:
    """Spikes as upright ticks, all in one path; ``rows`` are vertical positions."""
    x = np.repeat(times.astype(float), 3)
    y = np.repeat(rows.astype(float), 3)
    y[0::3] -= 0.42
    y[1::3] += 0.42
    y[2::3] = np.nan
    axes.plot(x, y, color=paint, linewidth=weight, solid_capstyle="butt")


def legend(figure: Figure, labels: Sequence[str], *, dashed: bool = True, extra: Any = ()) -> None:
    """One legend for the figure, above all panels."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=color(i), linestyle=DASHES[i % len(DASHES)] if dashed else "-", lw=2)
        for i in range(len(labels))
    ]
    names = list(labels)
    for handle, text in extra:
        handles.append(handle)
        names.append(text)
    figure.legend(handles, names, loc="outside upper left", ncols=len(names), handlelength=2.4)


def empty(axes: Axes, text: str) -> None:
    """A panel that says why it shows nothing."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])
