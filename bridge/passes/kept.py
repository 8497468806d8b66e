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
import shutil
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

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
        _write(path, {"key": list(key), "data": to_data(found)})
    return found


def _place(kind: str, key: Sequence[str]) -> Path:
    name = hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()[:32]
    return cache_folder("derived") / version() / f"{kind}-{name}.json"


@cache
def version() -> str:
    """A hash of the source that derives, and of sympy's version."""
    seen = hashlib.sha256(str(version_of("sympy")).encode())
    for file in _files():
        seen.update(file.name.encode() + file.read_bytes())
    return seen.hexdigest()[:16]


def _files() -> list[Path]:
    folders = [_SOURCE / "definition", _SOURCE / "passes"]
    return [_SOURCE / "units.py", *(f for d in folders for f in sorted(d.glob("*.py")))]


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


def _write(path: Path, entry: Any) -> None:
    """Without a writable cache the result is derived again next time."""
    if _edited():
        return
    with contextlib.suppress(OSError):
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _forget_others(path.parent)
        import tempfile

        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(entry, file)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _forget_others(current: Path) -> None:
    """Remove what versions that nobody has used for a while left."""
    for other in current.parent.iterdir():
        if other != current and time.time() - other.stat().st_mtime > _FORGOTTEN:
            shutil.rmtree(other, ignore_errors=True)


def size() -> tuple[Path, int, int]:
    """The folder with the entries of all versions, how many there are, and their bytes."""
    folder = cache_folder("derived")
    files = list(folder.glob("*/*.json"))
    return folder, len(files), sum(f.stat().st_size for f in files)
