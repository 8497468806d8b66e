"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import plots, plots_overlay, plots_spikes, plots_statistics, plots_synapses, plots_traces
from .convergence import Convergence
from .provenance import matches, scheme, seconds, version
from .statistics import StatisticsComparison

if TYPE_CHECKING:
    from .comparison import Comparison

TEMPLATE = "report.html.jinja"
SHOWN = 6  # values of a long list that a reader sees
LONG = 100


def write_report(
    comparison: Comparison,
    path: str | Path,
    *,
    sources: Mapping[str, str] | None = None,
    convergence: Sequence[Convergence] | None = None,
    statistics: StatisticsComparison | None = None,
) -> Path:
    """Write the page to ``path`` (whole or not at all) and return the path.

    ``sources`` maps a name to the translated model, by default those of the comparison;
    ``convergence`` and ``statistics`` are taken into the comparison, and so into its verdict,
    where given.
    """
    if convergence is not None or statistics is not None:
        comparison = comparison.with_evidence(convergence=convergence, statistics=statistics)
    page = render(comparison, comparison.sources if sources is None else sources)
    return _write(Path(path), page)


def render(comparison: Comparison, sources: Mapping[str, str]) -> str:
    """The page as text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__ or "spikebridge.compare", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=_figure, count=_count, sci=_sci, plain=_plain)
    with plots.style():
        figures = _figures(comparison)
    return environment.get_template(TEMPLATE).render(
        comparison=comparison,
        verdict=comparison.verdict,
        facts=_facts(comparison),
        runs=_runs(comparison),
        figures=figures,
        sources=sources,
        manifests={
            name: json.dumps(_shortened(run.manifest), indent=2, default=str)
            for name, run in comparison.runs.items()
        },
        written=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _figures(comparison: Comparison) -> dict[str, Any]:
    spiking = bool(comparison.runs[comparison.base].spikes)
    studies = comparison.convergence
    return {
        "raster": plots_spikes.raster(comparison) if spiking else None,
        "activity": plots_spikes.activity(comparison) if spiking else None,
        "overlay": (
            plots_overlay.overlay(comparison.overlay, list(comparison.runs))
            if comparison.overlay
            else None
        ),
        "traces": plots_traces.traces(comparison),
        "synapses": plots_synapses.synapses(comparison),
        "distributions": plots_statistics.distributions(comparison) if spiking else None,
        "bands": (
            plots_statistics.bands(comparison.statistics)
            if comparison.statistics and comparison.statistics.effects
            else None
        ),
        "orders": plots_statistics.orders(studies) if studies else None,
    }


def _facts(comparison: Comparison) -> dict[str, Any]:
    """What was run, from the base's manifest: the short form of Nordlie et al. 2009's tables."""
    base = comparison.runs[comparison.base]
    manifest = base.manifest
    populations = [
        {
            "name": name,
            "size": spikes.size,
            "variables": [trace.variable for trace in base.traces.get(name, ())],
            "counts": {
                label: len(run.spikes[name]) if name in run.spikes else None
                for label, run in comparison.runs.items()
            },
            "rate": len(spikes) / max(spikes.size, 1) / max(base.duration / 1000.0, 1e-12),
        }
        for name, spikes in base.spikes.items()
    ]
    tables = {
        title: _flat(manifest[key])
        for key, title in (
            ("model", "Model"),
            ("projections", "Connectivity"),
            ("stimuli", "Input"),
            ("parameters", "Parameters (ms, mV, pA and the units that follow)"),
            ("host", "Machine"),
        )
        if manifest.get(key)
    }
    return {
        "network": str(manifest.get("title") or "network"),
        "definition": str(manifest.get("definition_hash") or ""),
        "seed": "" if manifest.get("seed") is None else manifest["seed"],
        "duration": base.duration,
        "populations": populations,
        "tables": tables,
    }


def _flat(entry: Any, prefix: str = "") -> dict[str, str]:
    """A nested mapping or list of mappings as dotted name -> text."""
    if isinstance(entry, Mapping):
        items = [(str(key), value) for key, value in entry.items()]
    elif isinstance(entry, list | tuple) and any(isinstance(value, Mapping) for value in entry):
        items = [(_named(value, index), value) for index, value in enumerate(entry)]
    else:
        return {prefix: _text(entry)}
    flat: dict[str, str] = {}
    for key, value in items:
        name = f"{prefix}.{key}" if prefix else key
        flat |= _flat(value, name)
    return flat


def _named(value: Any, index: int) -> str:
    if isinstance(value, Mapping) and value.get("name"):
        return str(value["name"])
    return str(index)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    if not isinstance(value, list | tuple):
        return str(value)
    shown = ", ".join(_text(entry) for entry in value[:SHOWN])
    return shown if len(value) <= SHOWN else f"{shown}, … ({len(value)} values)"


def _shortened(value: Any) -> Any:
    """A manifest for reading: lists of more than 100 values keep their head and their length."""
    if isinstance(value, Mapping):
        return {key: _shortened(entry) for key, entry in value.items()}
    if not isinstance(value, list | tuple):
        return value
    head = [_shortened(entry) for entry in value[:LONG]]
    return head if len(value) <= LONG else [*head[:SHOWN], f"… {len(value)} values"]


def _runs(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "base": name == comparison.base,
            "dt": run.dt,
            "scheme": scheme(run) or "not stated",
            "matches": matches(run),
            "version": version(run),
            "seconds": seconds(run),
            "spikes": sum(len(spikes) for spikes in run.spikes.values()),
        }
        for name, run in comparison.runs.items()
    ]


def _figure(drawn: tuple[str, str]) -> Any:
    from markupsafe import Markup, escape

    picture, caption = drawn
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(
        Markup(picture),  # noqa: S704 - our own drawing, its labels escaped by matplotlib
        escape(caption),
    )


def _count(number: int | None) -> str:
    """12518 -> 12 518 with thin spaces."""
    return "not recorded" if number is None else f"{number:,}".replace(",", "\u202f")


def _sci(number: float) -> str:
    """Three digits, powers of ten written out."""
    if number == 0:
        return "0"
    if not 1e-3 <= abs(number) < 1e4:
        mantissa, power = f"{number:.1e}".split("e") if abs(number) != float("inf") else ("∞", "0")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return mantissa if mantissa == "∞" else f"{mantissa} × 10{raised}"
    return f"{number:.3g}"


def _plain(number: float) -> str:
    """Four decimals, for distances between 0 and 1 in a column; powers of ten below that."""
    return f"{number:.4f}" if number == 0 or number >= 1e-4 else _sci(number)


def _write(path: Path, page: str) -> Path:
    """Through a temporary name in the same folder: a reader sees the old page or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(page)
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
