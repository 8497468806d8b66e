"""What theory says of a network of integrate-and-fire neurons, as plain data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...definition.network import Network
from .critical import modes
from .linear import spectral_bound
from .working_point import WorkingPoint, working_point


def rates_summary(network: Network, **options: Any) -> dict[str, Any]:
    """Rates, CVs and the least damped modes; ``options`` are those of `working_point`.

    Voltage jumps are corrected for the network's grid.
    """
    point = working_point(network, **{"grid": True, **options})
    noisy = all(u.lif is None or u.lif[2] > 0 for u in point.units.values())
    return {
        "model": network.label,
        "kind": "spiking network",
        "populations": {n: _unit(point, n) for n in point.units},
        "modes": [
            {"growth": m.growth, "frequency": m.frequency, "band": m.band, "stable": m.stable}
            for m in (modes(point) if noisy else ())
        ],
        "spectral_bound": spectral_bound(point) if noisy else None,
        "notes": list(point.notes),
    }


def _unit(point: WorkingPoint, name: str) -> dict[str, Any]:
    unit = point.units[name]
    found: dict[str, Any] = {"rate": float(unit.rate), "cv": float(unit.cv)}
    if unit.lif is None:
        return {**found, "by": "threshold integration"}
    return {**found, "mu": unit.lif[1], "sigma": unit.lif[2], "by": "Siegert"}


def rates_lines(told: Mapping[str, Any]) -> list[str]:
    """The summary as text."""
    shown = [f"{told['model']}: stationary rates of {len(told['populations'])} populations"]
    for name, p in told["populations"].items():
        noise = f", mu {p['mu']:.6g} mV, sigma {p['sigma']:.6g} mV" if "mu" in p else ""
        shown.append(f"  {name}: {p['rate']:.6g} Hz, CV {p['cv']:.4g}{noise} ({p['by']})")
    for m in told["modes"]:
        kind = "decays" if m["stable"] else "grows: these rates are not stable"
        wave = f"{m['frequency']:.4g} Hz ({m['band']})" if m["frequency"] else "no oscillation"
        shown.append(f"  mode: {wave}, {m['growth']:.4g} per ms, {kind}")
    if told["spectral_bound"] is not None:
        bound = told["spectral_bound"]
        kind = "below 1" if bound < 1 else "not below 1: unequal rates grow"
        shown.append(f"  radius of the coupling between neurons: {bound:.4g}, {kind}")
    return [*shown, *(f"  {n}" for n in told["notes"])]
