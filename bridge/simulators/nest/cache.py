"""A folder per key that is either absent or complete, whoever builds and whoever is killed.

``<root>/<key>`` appears by one rename. What is still being built lies in ``<root>/.<key>.*``;
the next build of the key, which holds the key's lock, sweeps such leftovers away.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...passes.kept import cache_folder


def root() -> Path:
    """The folder of all NESTML modules: ``$SPIKEBRIDGE_CACHE`` or the user's cache folder."""
    return cache_folder("nestml")


def folder(name: str) -> Path:
    """A folder beside the modules, which are named by their keys."""
    found = root() / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def fetch(key: str, marker: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """The complete folder of ``key``, and whether it was there before.

    ``make(folder)`` fills an empty folder and must leave a file ``marker`` in it; it runs in one
    process at a time per key, while others wait and then use its result. If it raises, nothing
    stays behind.
    """
    final = root() / key
    if (final / marker).is_file():
        return final, True
    from filelock import FileLock

    root().mkdir(parents=True, exist_ok=True)
    with FileLock(root() / f".{key}.lock"):
        if (final / marker).is_file():
            return final, True
        sweep(key)
        _build(final, make)
    return final, False


def sweep(key: str) -> None:
    """Remove what killed builds of ``key`` left. Only for a holder of the key's lock."""
    for leftover in root().glob(f".{key}.build-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A module folder without its module: someone deleted files by hand.
    shutil.rmtree(root() / key, ignore_errors=True)


def _build(final: Path, make: Callable[[Path], None]) -> None:
    made = Path(tempfile.mkdtemp(prefix=f".{final.name}.build-", dir=final.parent))
    try:
        make(made)
        made.replace(final)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def keep_log(key: str, text: str) -> Path:
    """Store the whole output of a failed build outside the modules' folders; returns its path."""
    path = folder("failed") / f"{key}.log"
    path.write_text(text, encoding="utf-8")
    return path
