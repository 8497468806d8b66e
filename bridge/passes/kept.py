"""What passes derive by computer algebra, kept on disk: a known model needs no derivation again.

One JSON file per result, under a name that is a hash of what it was derived from: the definition's
hash, the question, our own source and sympy's version. A change of any of these gives another name,
so that no entry can be stale. A file appears by one rename; one that cannot be read, or holds
something else, counts as absent and is written anew. Expressions in it go through the parser as
everywhere: an entry is data and never runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from ..errors import SpikebridgeError
from ..installed import version_of
from .codec import from_data, to_data

T = TypeVar("T")
_SOURCE = Path(__file__).parents[1]  # the package
_BEGAN = time.time()
_FORGOTTEN = 30 * 24 * 3600.0  # seconds after which the entries of another version are removed


def cache_folder(name: str) -> Path:
    """``$SPIKEBRIDGE_CACHE/name``, or the folder ``name`` of the user's cache of spikebridge."""
    if chosen := os.environ.get("SPIKEBRIDGE_CACHE"):
        return Path(chosen).expanduser().absolute() / name
    if sys.platform == "linux":  # as platformdirs has it, which takes longer to import
        home = os.environ.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache"
        return Path(home) / "spikebridge" / name
    from platformdirs import user_cache_path

    return user_cache_path("spikebridge") / name


def kept(kind: str, key: Sequence[str], result: type[T], derive: Callable[[], T]) -> T:
    """What ``derive()`` gives, from disk where it has been derived before.

    Args:
        kind: what is derived; part of the file's name.
        key: everything that decides the result besides our own source.
        result: a frozen data class that `codec` can write.
        derive: makes the result; what it raises is not kept.
    """
    path = _place(kind, key)
    found = _read(path, key, result)
    if found is None:
        found = derive()
        _write(path, json.dumps({"key": list(key), "data": to_data(found)}))
    _remember()
    return found


@cache
def _remember() -> None:
    """Once a process, and only where something was kept or found: bad input leaves nothing."""
    hashed, path = _source()
    if path is not None:
        _write(path, hashed)


def _place(kind: str, key: Sequence[str]) -> Path:
    name = hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()[:32]
    return cache_folder("derived") / version() / f"{kind}-{name}.json"


def version() -> str:
    """A hash of the source that derives, and of sympy's version."""
    return _source()[0]


@cache
def _source() -> tuple[str, Path | None]:
    """The hash, and where it is to be kept; None: it was found there.

    Reading 80 files takes longer than anything else here, so that the hash is kept too, under what
    tells these files from any others: their sizes, times and places on the disk.
    """
    told = repr([(f.name, *_stamp(f.stat())) for f in _files()]) + str(version_of("sympy"))
    path = cache_folder("derived") / "sources" / hashlib.sha256(told.encode()).hexdigest()[:32]
    with contextlib.suppress(OSError):
        found = path.read_text(encoding="ascii")
        if re.fullmatch("[0-9a-f]{16}", found):
            return found, None
    return _hashed(), path


def _hashed() -> str:
    seen = hashlib.sha256(str(version_of("sympy")).encode())
    for file in _files():
        seen.update(file.name.encode() + Path(file.path).read_bytes())
    return seen.hexdigest()[:16]


def _stamp(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _files() -> list[os.DirEntry[str]]:
    folders = ("definition", "passes")
    found = [e for f in folders for e in os.scandir(_SOURCE / f) if e.name.endswith(".py")]
    found += [e for e in os.scandir(_SOURCE) if e.name == "units.py"]
    return sorted(found, key=lambda entry: entry.path)


def _edited() -> bool:
    """Whether the source is newer than what this process runs: its results are of neither."""
    return any(file.stat().st_mtime > _BEGAN for file in _files())


def _read(path: Path, key: Sequence[str], result: type[T]) -> T | None:
    try:
        entry = json.loads(path.read_bytes())
        if entry["key"] != list(key):
            return None
        found: T = from_data(result, entry["data"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError, SpikebridgeError):
        return None
    return found


def _write(path: Path, text: str) -> None:
    """Without a writable cache the result is derived again next time."""
    if _edited():
        return
    import tempfile

    with contextlib.suppress(OSError):
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _forget_others(path.parent)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _forget_others(current: Path) -> None:
    """Remove what versions that nobody has used for a while left."""
    import shutil

    for other in current.parent.iterdir():
        if other != current and time.time() - other.stat().st_mtime > _FORGOTTEN:
            shutil.rmtree(other, ignore_errors=True)


def size() -> tuple[Path, int, int]:
    """The folder with the entries of all versions, how many there are, and their bytes."""
    folder = cache_folder("derived")
    files = list(folder.glob("*/*.json"))
    return folder, len(files), sum(f.stat().st_size for f in files)
