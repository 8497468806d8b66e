"""What run and compare leave in their folder; each file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..api import Run


def write_run(found: Run, folder: Path, on: str, suffix: str | None) -> list[str]:
    """Columns, manifest, Neo file, sources."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [found.save(folder / f"{on}.h5")]
    files.append(files[0].with_suffix(".json"))
    if suffix:
        files.append(found.export(folder / f"{on}{suffix}"))
    files += _sources(folder, {on: "\n\n".join(found.sources.values())})
    return [str(file) for file in files]


def write_comparison(found: Any, folder: Path, suffix: str | None) -> list[str]:
    """Columns, the base's Neo file, verdict and report."""
    import json

    from ..results.export import export
    from ..results.files import replacing, save
    from ..results.manifest import to_plain

    folder.mkdir(parents=True, exist_ok=True)
    files = [save(columns, folder / f"{name}.h5") for name, columns in found.runs.items()]
    if suffix:
        files.append(export(found.runs[found.base], folder / f"{found.base}{suffix}"))
    verdict = folder / "verdict.json"
    with replacing(verdict) as partial:
        text = json.dumps(to_plain(found.to_json()), indent=1)
        partial.write_text(text + "\n", encoding="utf-8")
    files += [verdict, found.report(folder / "report.html")]
    return [str(file) for file in files]


def _sources(folder: Path, sources: Mapping[str, str]) -> list[Path]:
    from ..results.files import replacing

    files = []
    for name, text in sources.items():
        path = folder / f"{name}.source.txt"
        with replacing(path) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
        files.append(path)
    return files
