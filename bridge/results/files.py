"""Columns on disk: one HDF5 file, with the manifest inside it and as JSON beside it.

The file holds everything; the JSON is for people and for tools that only want to know where a
result came from. Layout (all times in ms):

    /                 attributes: format, version, simulator, dt, duration
    /manifest         the manifest as JSON text
    /spikes/<pop>     times, senders; attribute size
    /traces/<pop>/<i> times, units, values; attributes variable, unit
    /connections/<projection>   numbers, pre, post, axonal, dendritic, and the
                      stamps of a frozen source; attributes source, target
    /final_state, /weights
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np

from .columns import Columns, ColumnsError, Spikes, Trace
from .connections import Connections
from .manifest import to_plain

if TYPE_CHECKING:
    import h5py

FORMAT = "spikebridge columns"
VERSION = 1  # readers of this version find all they know; /connections is an addition
PARTS = ("numbers", "pre", "post", "axonal", "dendritic")


def save(columns: Columns, path: str | Path, *, compress: bool = False) -> Path:
    """Write ``columns`` to the HDF5 file ``path`` and its manifest to ``path`` with ``.json``.

    Each appears whole or not at all. ``compress`` trades seconds for a file several times
    smaller. Raises `ColumnsError` where something in it cannot be stored; returns the path.
    """
    import h5py

    path = Path(path)
    if path.suffix == ".json":
        raise ColumnsError(f"{path} would be overwritten by its manifest", remedy="name it .h5")
    text = json.dumps(to_plain(columns.manifest), indent=1)
    options = {"compression": "gzip", "compression_opts": 1, "shuffle": True} if compress else {}
    with replacing(path) as partial, replacing(manifest_path(path)) as partial_manifest:
        with h5py.File(partial, "w", track_order=True) as file:
            _write(file, columns, text, options)
        partial_manifest.write_text(text + "\n", encoding="utf-8")
    return path


def load(path: str | Path) -> Columns:
    """The columns in the file ``path``; raises `ColumnsError` where it is not one of ours."""
    import h5py

    path = Path(path)
    if not path.is_file():
        raise ColumnsError(f"no file {path}")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ColumnsError(f"{path} is not an HDF5 file: {error}") from error
    with file:
        if file.attrs.get("format") != FORMAT:
            raise ColumnsError(f"{path} is an HDF5 file, but was not written by spikebridge")
        found = int(file.attrs["version"])
        if found > VERSION:
            raise ColumnsError(f"{path} has version {found}", remedy="update spikebridge")
        return _read(file)


def manifest_path(path: Path) -> Path:
    """Where the manifest of the result ``path`` is written."""
    return path.with_suffix(".json")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``, renamed to it at the end; removed where that fails.

    It keeps the suffix, which some writers insist on.
    """
    partial = path.with_name(f".{path.stem}-{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write(file: h5py.File, columns: Columns, manifest: str, options: dict[str, Any]) -> None:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "simulator": columns.simulator,
        "dt": columns.dt,
        "duration": columns.duration,
    }
    file.attrs.update(head)
    file["manifest"] = manifest
    for name in ("spikes", "traces"):
        file.create_group(name, track_order=True)
    for name, spikes in columns.spikes.items():
        group = file["spikes"].create_group(_escape(name))
        group.attrs["size"] = spikes.size
        _write_arrays(group, options, times=spikes.times, senders=spikes.senders)
    for name, traces in columns.traces.items():
        population = file["traces"].create_group(_escape(name), track_order=True)
        for i, trace in enumerate(traces):
            group = population.create_group(str(i))
            group.attrs.update({"variable": trace.variable, "unit": trace.unit})
            _write_arrays(group, options, times=trace.times, units=trace.units, values=trace.values)
    for name, known in columns.connections.items():
        group = file.require_group("connections").create_group(_escape(name))
        group.attrs.update({"source": known.source, "target": known.target})
        _write_arrays(group, options, **{part: getattr(known, part) for part in PARTS})
        if known.stamps is not None:
            times, units = known.stamps
            _write_arrays(group, options, stamp_times=times, stamp_units=units)
    if columns.final_state is not None:
        _write_tree(file, "final_state", columns.final_state)
    _write_tree(file, "weights", columns.weights)


def _write_arrays(group: h5py.Group, options: dict[str, Any], **arrays: Any) -> None:
    for name, array in arrays.items():
        group.create_dataset(name, data=array, **(options if array.size else {}))


def _write_tree(parent: h5py.Group, name: str, tree: Mapping[str, Any]) -> None:
    """Nested mappings as groups, arrays as datasets, anything else as JSON text."""
    group = parent.create_group(_escape(name), track_order=True)
    for key, value in tree.items():
        if isinstance(value, Mapping):
            _write_tree(group, key, value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            group[_escape(key)] = value
        else:
            group[_escape(key)] = json.dumps(to_plain(value, f"{name}.{key}"))


def _read(file: h5py.File) -> Columns:
    spikes = {
        unquote(name): Spikes(group["times"][()], group["senders"][()], int(group.attrs["size"]))
        for name, group in file["spikes"].items()
    }
    traces = {
        unquote(name): tuple(_read_trace(group[str(i)]) for i in range(len(group)))
        for name, group in file["traces"].items()
    }
    return Columns(
        simulator=str(file.attrs["simulator"]),
        dt=float(file.attrs["dt"]),
        duration=float(file.attrs["duration"]),
        spikes=spikes,
        traces=traces,
        manifest=json.loads(file["manifest"].asstr()[()]),
        final_state=_read_tree(file["final_state"]) if "final_state" in file else None,
        weights=_read_tree(file["weights"]),
        connections={
            unquote(name): _read_connections(group)
            for name, group in file.get("connections", {}).items()
        },
    )


def _read_connections(group: h5py.Group) -> Connections:
    arrays = {part: group[part][()] for part in PARTS}
    ends = str(group.attrs["source"]), str(group.attrs["target"])
    frozen = "stamp_times" in group
    stamps = (group["stamp_times"][()], group["stamp_units"][()]) if frozen else None
    return Connections(*ends, **arrays, stamps=stamps)


def _read_trace(group: h5py.Group) -> Trace:
    return Trace(
        variable=str(group.attrs["variable"]),
        unit=str(group.attrs["unit"]),
        times=group["times"][()],
        units=group["units"][()],
        values=group["values"][()],
    )


def _read_tree(group: h5py.Group) -> dict[str, Any]:
    import h5py

    tree: dict[str, Any] = {}
    for name, node in group.items():
        if isinstance(node, h5py.Group):
            tree[unquote(name)] = _read_tree(node)
        elif h5py.check_string_dtype(node.dtype):
            tree[unquote(name)] = json.loads(node.asstr()[()])
        else:
            tree[unquote(name)] = node[()]
    return tree


def _escape(name: str) -> str:
    """A name as HDF5 accepts it: "/" separates groups there, and "." is the group itself."""
    return quote(name, safe=" ").replace(".", "%2E")
