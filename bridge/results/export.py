"""Columns in other people's file formats, written by Neo: NIX, NWB, pickle."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import SpikebridgeError, Unsupported
from .columns import Columns
from .files import replacing, save


class PackageMissing(SpikebridgeError):
    """A file format needs a package that is not installed."""

    exit_code = 3


def export(
    columns: Columns,
    path: str | Path,
    format: str | None = None,  # noqa: A002  # the word everybody looks for
) -> Path:
    """Write ``columns`` to ``path`` in ``format``, by default what the suffix says.

    - "nix" (.nix): everything. Slow: 30 ms for each train, silent or not.
    - "nwb" (.nwb): times and signals; the manifest goes to the file's `notes`. Reading it back
      through Neo gives trains by name ("population[index]"), without annotations.
    - "pickle" (.pkl, .pickle): everything, readable wherever Neo is installed.
    - "h5" (.h5, .hdf5): our own columns, see `save`.

    The file appears whole or not at all. Raises `Unsupported` for another format and
    `PackageMissing` where the package that writes it is not installed.
    """
    path = Path(path)
    chosen = format or _SUFFIXES.get(path.suffix.lower())
    if chosen not in _WRITERS:
        raise Unsupported(
            f"no file format {format or path.suffix!r}",
            remedy=f"use one of {', '.join(_WRITERS)} (suffixes {' '.join(_SUFFIXES)})",
        )
    package = _PACKAGES.get(chosen)
    if package and find_spec(package) is None:
        raise PackageMissing(
            f"writing {chosen} needs {package}, which is not installed",
            remedy=f"pip install {package} (or spikebridge[export])",
        )
    _WRITERS[chosen](columns, path)
    return path


def _write_columns(columns: Columns, path: Path) -> None:
    save(columns, path)


def _write_nix(columns: Columns, path: Path) -> None:
    from neo.io import NixIO

    from .neo import to_block

    with replacing(path) as partial:
        io = NixIO(str(partial), mode="ow")
        try:
            io.write_block(to_block(columns))
        finally:
            io.close()


def _write_pickle(columns: Columns, path: Path) -> None:
    from neo.io import PickleIO

    from .neo import to_block

    block = to_block(columns)
    segment = block.segments[0]
    segment.spiketrains = segment.spiketrains.plain()  # so that readers need only Neo
    with replacing(path) as partial:
        PickleIO(str(partial)).write_block(block)


def _write_nwb(columns: Columns, path: Path) -> None:
    """NWB asks for a start time and for an identifier of the file, and wants signals described.

    Neo drops annotations there; what it keeps are `notes`, a signal's description (given as
    JSON, it comes back as the annotation `notes`) and the names of trains.
    """
    from neo.io import NWBIO

    from .neo import to_block

    block = to_block(columns)
    start = block.rec_datetime or datetime.now(UTC)
    block.annotate(
        session_start_time=start if start.tzinfo else start.replace(tzinfo=UTC),
        identifier=f"{columns.manifest.get('definition_hash') or path.stem}-{uuid.uuid4().hex}",
        session_description=f"{block.name}, simulated with {columns.simulator}",
        notes=block.annotations["manifest"],
    )
    segment = block.segments[0]
    for signal in [*segment.analogsignals, *segment.irregularlysampledsignals]:
        signal.annotate(**{"nwb:description": json.dumps(_description(signal))})
    with replacing(path) as partial:
        NWBIO(str(partial), mode="w").write_block(block)


def _description(signal: Any) -> dict[str, Any]:
    owners = ("source_population", "source_projection")
    named = (*owners, "presynaptic_population", "postsynaptic_population")
    found = {key: signal.annotations[key] for key in named if key in signal.annotations}
    channels = {key: values.tolist() for key, values in signal.array_annotations.items()}
    return {"variable": signal.name, "unit": signal.dimensionality.string, **found, **channels}


_WRITERS: dict[str, Callable[[Columns, Path], None]] = {
    "nix": _write_nix,
    "nwb": _write_nwb,
    "pickle": _write_pickle,
    "h5": _write_columns,
}
_SUFFIXES = {
    ".nix": "nix",
    ".nwb": "nwb",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".h5": "h5",
    ".hdf5": "h5",
}
_PACKAGES = {"nix": "nixio", "nwb": "pynwb"}
