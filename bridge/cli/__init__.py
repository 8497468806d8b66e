"""The command line: parses, calls the Python face, prints. It holds no logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    0 done (and, for compare and verify, agreed); 1 they differ; 2 bad input; 3 a simulator or a
    compiler is missing; 4 it failed while running; 130 interrupted.
    """
    from .run import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))
