"""What a command prints: one JSON object, or text for people; progress on a terminal only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from rich.console import Console
from rich.table import Table

Progress = Callable[[float], None]


def print_json(value: Any) -> None:
    """One object on stdout."""
    from ..results.manifest import to_plain

    sys.stdout.write(json.dumps(to_plain(value), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """One line on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """One line on stderr, for what is no result."""
    sys.stderr.write(text + "\n")


def table(columns: list[str], rows: list[list[str]]) -> None:
    """Aligned columns; on a terminal with rules and wrapped, in a pipe one line a row."""
    if sys.stdout.isatty():
        drawn = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            drawn.add_row(*row)
        Console(markup=False).print(drawn)
        return
    widths = [max(len(row[k]) for row in [columns, *rows]) for k in range(len(columns))]
    for row in [columns, *rows]:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@contextmanager
def only_json(wanted: bool) -> Iterator[None]:
    """While simulators work, what they print goes to stderr, whoever prints it."""
    if not wanted:
        yield
        return
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # no such descriptor: nothing can write to it
        yield
        return
    try:
        os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Progress | None]:
    """A bar on stderr, called with the fraction done; None in a pipe or where ``quiet``."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        task = bars.add_task(what, total=1.0)
        yield lambda fraction: bars.update(task, completed=fraction)
