"""A mean field as plain data, as lines of text, and as a figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Unsupported
from .populations import Populations, populations
from .result import Activity, MeanField

SHOWN = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # Hz at which spectra are listed
HIGHEST = 300.0  # Hz of the figure


def told(found: MeanField) -> dict[str, Any]:
    """The numbers of a mean field, for JSON."""
    common = common_of(found)
    data: dict[str, Any] = {
        "model": found.label,
        "kind": "mean field",
        "activity": {label: _activity(a) for label, a in found.activity.items()},
        "loop_gain": [found.loop_gain.real, found.loop_gain.imag],
        "rounds": found.rounds,
        "units": found.units,
        "seconds": found.seconds,
    }
    if isinstance(common, Populations):
        frequency, factor = common.resonance
        data["resonance"] = {"frequency": frequency, "factor": factor}
        if common.growing:
            data["notes"] = ["the asynchronous state is unstable: such a network oscillates"]
        data["population_spectra"] = {
            "frequencies": list(SHOWN),
            **{a: _listed(common, common.spectrum(a).real) for a in common.labels},
        }
    else:
        data["notes"] = [common]
    return data


def common_of(found: MeanField) -> Populations | str:
    """The population spectra, or why there are none."""
    try:
        return populations(found)
    except Unsupported as error:
        return str(error)


def _activity(a: Activity) -> dict[str, Any]:
    return {
        "mean": a.mean,
        "error": a.error,
        "unit": "Hz" if a.spiking else "1",
        "std": float(np.sqrt(max(a.variance, 0.0))),
        "quenched_std": float(np.sqrt(a.quenched)),
        "cv": a.cv if a.spiking else None,
        "frequencies": list(SHOWN),
        "spectrum": _listed(a, a.spectrum),
        "inputs": {p: {"mean": m, "variance": v} for p, (m, v) in a.inputs.items()},
    }


def _listed(x: Activity | Populations, values: Any) -> list[float]:
    return [float(v) for v in np.interp(SHOWN, x.frequencies, values)]


def lines(data: Mapping[str, Any]) -> list[str]:
    """The numbers as text."""
    took = f"{data['rounds']} rounds of {data['units']} units, {data['seconds']:.1f} s"
    shown = [f"{data['model']}: mean field, {took}"]
    for label, a in data["activity"].items():
        shown += _activity_lines(label, a)
    for label, values in data.get("population_spectra", {}).items():
        if label != "frequencies":
            shown.append(f"  average of {label}: spectrum {_pairs(values)}")
    real, imag = data["loop_gain"]
    shown.append(f"  loop gain {real:.4g}{f' {imag:+.4g}i' if imag else ''}")
    if "resonance" in data:
        r = data["resonance"]
        factor = f"fluctuations times {r['factor']:.3g}"
        shown.append(f"  resonance at {r['frequency']:.4g} Hz: {factor}")
    return [*shown, *(f"  {n}" for n in data.get("notes", ()))]


def _activity_lines(label: str, a: Mapping[str, Any]) -> list[str]:
    unit = " Hz" if a["unit"] == "Hz" else ""
    spread = f"CV {a['cv']:.3f}" if a["cv"] is not None else f"std {a['std']:.4g}"
    mean = f"{a['mean']:.5g} +- {a['error']:.1g}{unit}"
    between = f"{a['quenched_std']:.2g}{unit} between units"
    return [f"  {label}: {mean}, {spread}, {between}", f"    spectrum {_pairs(a['spectrum'])}"]


def _pairs(values: Any) -> str:
    return ", ".join(f"{v:.4g} at {f:g} Hz" for f, v in zip(SHOWN, values, strict=True))


def figure(found: MeanField, path: Path) -> Path:
    """Spectra of single units and of population averages, and autocovariances.

    Raises:
        Unsupported: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise Unsupported(
            "a figure needs matplotlib", remedy="pip install 'spikebridge[report]'"
        ) from None
    drawn = Figure(figsize=(10.0, 3.2), layout="constrained")
    single, common, lagged = drawn.subplots(1, 3)
    for label, a in found.activity.items():
        band = (a.frequencies > 0) & (a.frequencies <= HIGHEST)
        single.plot(a.frequencies[band], a.spectrum[band], label=label)
        near = (a.lags > 0) & (a.lags <= 100.0)
        lagged.plot(a.lags[near], a.autocovariance[near], label=label)
    averages = common_of(found)
    if isinstance(averages, Populations):
        for label in averages.labels:
            band = (averages.frequencies > 0) & (averages.frequencies <= HIGHEST)
            values = averages.spectrum(label).real[band]
            common.loglog(averages.frequencies[band], values, label=label)
    single.set(xscale="log", xlabel="frequency (Hz)", title="spectrum of one unit")
    common.set(xlabel="frequency (Hz)", title="spectrum of the population average")
    lagged.set(xlabel="lag (ms)", title="autocovariance of one unit")
    single.legend(fontsize=7)
    drawn.savefig(path, dpi=110)
    return path
