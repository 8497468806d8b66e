"""One figure of what theory says of a model: branches, phase plane, eigenvalues, rates, drifts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..definition.library import load
from ..definition.model import Synapse
from ..errors import DefinitionError, Unsupported
from ..results.files import replacing
from .against import Row
from .continuation.figures import branch_diagram, curve_diagram
from .cycles import cycle
from .models import field_of
from .plane import plane
from .spectrum import connectivity, spectrum

SUFFIXES = (".png", ".svg", ".pdf")
Panel = Callable[[Any], None]
_BLUE, _RED, _GREY = "#4477aa", "#cc6677", "#999999"


def figure(
    model: Any,
    told: Mapping[str, Any],
    path: Path,
    *,
    rows: Sequence[Row] = (),
    box: Any = None,
    inputs: Any = None,
    **parameters: Any,
) -> Path:
    """Draw a `summary` into ``path`` (PNG, SVG or PDF), with ``rows`` of a run over it.

    A bifurcation diagram where branches or curves were asked for; the phase plane with nullclines
    of two states; eigenvalues, against the circular law where there are many units
    of one state; rates and population spectra; mean activities; the drift of a weight.

    Raises:
        Unsupported: matplotlib is not installed. DefinitionError: no such format.
    """
    check_format(path)
    found = load(model, **parameters)
    panels = _panels(found, told, box, inputs)
    if rows:
        panels.append(lambda axes: _laid_over(axes, rows))
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise Unsupported(
            "a figure needs matplotlib", remedy="pip install 'spikebridge[report]'"
        ) from None
    drawn = Figure(figsize=(4.6 * len(panels), 3.6), layout="constrained")
    for draw, axes in zip(panels, drawn.subplots(1, len(panels), squeeze=False)[0], strict=True):
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
    drawn.suptitle(told["model"], fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        drawn.savefig(partial, dpi=130)
    return path


def check_format(path: Path) -> None:
    """Refuse a file that is no picture.

    Raises:
        DefinitionError: naming the formats.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DefinitionError(
            f"no picture format {path.suffix!r}",
            symbol=str(path),
            remedy=f"use one of {', '.join(SUFFIXES)}",
        )


def _panels(found: Any, told: Mapping[str, Any], box: Any, inputs: Any) -> list[Panel]:
    match told["kind"]:
        case "spiking network":
            return [lambda axes: _rates(axes, told), lambda axes: _spectra(axes, found)]
        case "binary network":
            return [lambda axes: _activities(axes, told)]
        case "synapse":
            return [lambda axes: _synapse(axes, found, told)]
    panels: list[Panel] = []
    if "vary" in told:
        panels.append(lambda axes: _continued(axes, told))
    field = field_of(found, inputs=inputs)
    if field.dimension == 2:
        panels.append(lambda axes: _plane(axes, field, told, box))
    else:
        panels.append(lambda axes: _eigenvalues(axes, field, told))
    return panels


def _continued(axes: Any, told: Mapping[str, Any]) -> None:
    vary = told["vary"]
    if "curves" in told:
        curve_diagram(axes, told["curves"], vary)
        return
    first = next(iter(told["fixed_points"][0]["state"]), "x") if told["fixed_points"] else "x"
    branch_diagram(axes, told["branches"], vary[0], first)


def _plane(axes: Any, field: Any, told: Mapping[str, Any], box: Any) -> None:
    found = plane(field, box or None)
    for (name, line), colour in zip(found.nullclines.items(), (_BLUE, _RED), strict=True):
        axes.plot(*line.T, ".", color=colour, ms=1.5, label=f"d{name}/dt = 0")
    if told.get("cycle") and (orbit := cycle(field)) is not None:
        axes.plot(*orbit.states.T, color=_GREY, label=f"cycle, {orbit.period:.4g} ms")
    every = max(len(found.x) // 16, 1)
    x, y = np.meshgrid(found.x[::every], found.y[::every])
    flow = found.rates[::every, ::every]
    size = np.hypot(*(flow[..., k] / np.ptp(v) for k, v in enumerate((found.x, found.y))))
    with np.errstate(all="ignore"):
        axes.quiver(x, y, flow[..., 0] / size, flow[..., 1] / size, color="#dddddd", angles="xy")
    for p in told["fixed_points"]:
        axes.plot(*p["state"].values(), "ko" if p["stable"] else "kx")
    axes.set(xlabel=found.names[0], ylabel=found.names[1], title="phase plane")
    axes.legend(fontsize=7, frameon=False, loc="upper right")


def _eigenvalues(axes: Any, field: Any, told: Mapping[str, Any]) -> None:
    """Of the connectivity against the circular law; of the Jacobian where it has another form."""
    point = next(iter(told["fixed_points"]), None)
    x = None if point is None else np.array(list(point["state"].values()))
    try:
        found = spectrum(connectivity(field, x))
    except DefinitionError:
        for p in told["fixed_points"]:
            axes.plot(*np.array(p["eigenvalues"]).T, ".", label=p["kind"])
        axes.axvline(0, color=_GREY, lw=0.8)
        axes.set(xlabel="real part (1/ms)", ylabel="imaginary part", title="eigenvalues")
        if told["fixed_points"]:
            axes.legend(fontsize=7, frameon=False)
        return
    axes.plot(found.eigenvalues.real, found.eigenvalues.imag, ".", color=_BLUE, ms=3)
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(found.radius * np.cos(angle), found.radius * np.sin(angle), color=_RED,
              label=f"circular law, radius {found.radius:.3g}")  # fmt: skip
    axes.plot(found.outliers.real, found.outliers.imag, "o", color=_RED, mfc="none")
    axes.axvline(1, color=_GREY, lw=0.8)
    axes.set(xlabel="real part", ylabel="imaginary part", title="eigenvalues of diag(F') W")
    axes.set_aspect("equal", "datalim")
    axes.legend(fontsize=7, frameon=False)


def _rates(axes: Any, told: Mapping[str, Any]) -> None:
    names = list(told["populations"])
    axes.bar(names, [told["populations"][n]["rate"] for n in names], color=_BLUE)
    axes.set(ylabel="rate (Hz)", title="stationary rates")


def _spectra(axes: Any, network: Any) -> None:
    from .lif.linear import linear
    from .lif.working_point import working_point

    f = np.geomspace(1.0, 300.0, 120)
    found = linear(working_point(network, grid=True), f)
    for k, name in enumerate(found.names):
        axes.loglog(f, np.real(found.spectra[:, k, k]), label=name)
    axes.set(xlabel="frequency (Hz)", ylabel="Hz", title="spectra of population rates")
    axes.legend(fontsize=7, frameon=False)


def _activities(axes: Any, told: Mapping[str, Any]) -> None:
    if "mean_A" not in told:
        axes.bar([str(a["cycle"][0]) for a in told["attractors"][:20]],
                 [a["basin"] for a in told["attractors"][:20]], color=_BLUE)  # fmt: skip
        axes.set(xlabel="attractor", ylabel="states in its basin")
        return
    axes.bar(np.arange(told["units"]), told["mean_A"], color=_BLUE)
    axes.set(xlabel="unit", ylabel="mean activity", title="stationary state")


def _synapse(axes: Any, synapse: Synapse, told: Mapping[str, Any]) -> None:
    rates = np.linspace(1.0, 60.0, 60)
    if "drift" in told:
        from .plasticity.drift import drift

        found = drift(synapse)
        w = getattr(synapse.initial.get(found.state), "number", 0.5)
        for pre, colour in ((10.0, _BLUE), (30.0, _RED)):
            values = [found.at(pre, r, w) for r in rates]
            axes.plot(rates, values, color=colour, label=f"nu_pre = {pre:g} Hz")
        axes.axhline(0, color=_GREY, lw=0.8)
        axes.set(xlabel="postsynaptic rate (Hz)", ylabel=f"d{found.state}/dt (1/s)")
        axes.set_title(f"drift at {found.state} = {w:g}")
    else:
        from .plasticity.release import release

        rates = rates[::4]
        for train, colour in (("poisson", _BLUE), ("regular", _RED)):
            values = [release(synapse, float(r), train).amplitude for r in rates]
            axes.plot(rates, values, color=colour, label=train)
        axes.set(xlabel="presynaptic rate (Hz)", ylabel="delivered at weight 1")
    axes.legend(fontsize=7, frameon=False)


def _laid_over(axes: Any, rows: Sequence[Row]) -> None:
    """Measured over predicted, as ratios with their errors."""
    at = np.arange(len(rows))
    scale = np.array([r.predicted or np.nan for r in rows])
    ratio = [r.measured for r in rows] / scale
    error = np.abs([r.error for r in rows] / scale)
    axes.errorbar(ratio, at, xerr=error, fmt="o", color="k", ms=4)
    axes.axvline(1, color=_RED, lw=1)
    axes.set_yticks(at, [f"{r.name} {r.quantity}" for r in rows], fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="measured/predicted", title="a run over theory")
