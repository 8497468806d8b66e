"""From arguments to an exit code: every error is one line on stderr, never a traceback."""

from __future__ import annotations

import sys
import traceback
import warnings
from typing import Any

import typer

from ..errors import SpikebridgeError
from .app import app
from .output import print_json

# A typer may bring its own click: this is the class of wrong usage of whichever it is.
USAGE: Any = typer.BadParameter.__mro__[1]
INTERRUPTED = 130
FAILED = 4
STOPPED = "interrupted; nothing unfinished was kept"


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    json = "--json" in arguments
    if not sys.warnoptions:  # what libraries say to programmers; `python -W default -m` shows it
        warnings.simplefilter("ignore")
    try:
        command = typer.main.get_command(app)
        found = command(_completed(arguments), "spikebridge", standalone_mode=False)
    except SpikebridgeError as error:
        return _failed(error.exit_code, str(error), json, _parts(error))
    except typer.Exit as leave:
        found = leave.exit_code
    except USAGE as error:
        hint = f"{error.format_message().rstrip('.')}; see spikebridge --help"
        return _failed(error.exit_code, " ".join(hint.split()), json)
    except (typer.Abort, KeyboardInterrupt):
        return _failed(INTERRUPTED, STOPPED, json)
    except OSError as error:
        return _failed(FAILED, f"{error.filename or 'a file'}: {error.strerror or error}", json)
    except Exception as error:  # noqa: BLE001 - Python's own exit code 1 would say "they differ"
        traceback.print_exc()
        return _failed(FAILED, f"a bug in spikebridge: {type(error).__name__}: {error}", json)
    if found == INTERRUPTED:  # some releases of typer turn Ctrl-C into this
        return _failed(INTERRUPTED, STOPPED, json)
    return found if isinstance(found, int) else 0


def _completed(arguments: list[str]) -> list[str]:
    """``--plot`` without a file is ``--plot ""``: typer knows no option with an optional value."""
    found = []
    for argument, following in zip(arguments, [*arguments[1:], "-"], strict=True):
        found.append(argument)
        if argument == "--plot" and following.startswith("-"):
            found.append("")
    return found


def _parts(error: SpikebridgeError) -> dict[str, Any]:
    keys = ("problem", "model", "line", "symbol", "remedy")
    return {key: getattr(error, key) for key in keys}


def _failed(code: int, message: str, json: bool, parts: dict[str, Any] | None = None) -> int:
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    if json:
        print_json({"error": {"message": message, **(parts or {})}, "exit_code": code})
    return code
