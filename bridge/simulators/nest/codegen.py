"""Turns NESTML files into C++ in a process of its own: ``python -P codegen.py`` < request.

NESTML keeps its log, symbol tables and options in class attributes and prints to stdout; a child
process keeps all of that away from the user. This file imports nothing of spikebridge, so that it
runs by its path.

Request, JSON on stdin: ``files``, ``target``, ``module``, ``nest_version``, ``options`` (NESTML's
``codegen_opts``) and ``templates``, a folder that keeps its compiled templates. Exit status 0: C++
lies in ``target``; 1: NESTML found errors, which stand on stdout.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> int:
    """Read one request from stdin, generate, and return the exit status."""
    os.environ["PYNEST_QUIET"] = "1"
    request: dict[str, Any] = json.load(sys.stdin)
    return int(_generate(request))


def _generate(request: dict[str, Any]) -> bool:
    from pynestml.codegeneration.nest_tools import NESTTools
    from pynestml.codegeneration.printers.constant_printer import ConstantPrinter
    from pynestml.frontend import pynestml_frontend as frontend

    # The generator asks for the version before it reads its options, by starting Python and NEST.
    NESTTools.detect_nest_version = lambda: request["nest_version"]
    ConstantPrinter.print_constant = lambda self, node: _constant(node)
    # Its builder is a driver of cmake, which needs a nest-config that tells the truth.
    frontend.builder_from_target_name = lambda name, options=None: (None, dict(options or {}))
    _keep_templates(request["templates"])
    return bool(
        frontend.generate_target(
            request["files"],
            "NEST",
            target_path=request["target"],
            install_path=request["target"],
            module_name=request["module"],
            logging_level="ERROR",
            codegen_opts={"nest_version": request["nest_version"], **request["options"]},
        )
    )


def _keep_templates(folder: str) -> None:
    """Compile NESTML's templates once and not for every model: a quarter of the time."""
    from jinja2 import Environment, FileSystemBytecodeCache

    kept, plain = FileSystemBytecodeCache(folder), Environment.__init__
    Environment.__init__ = lambda *given, **more: plain(  # type: ignore[method-assign]
        *given, **{"bytecode_cache": kept, **more}
    )


def _constant(value: int | float | str) -> str:
    """A literal with all its digits.

    NESTML 9 prints nine and then strips zeros, so that 1e-10 becomes 1e-1.
    """
    if isinstance(value, float):
        return repr(value).removesuffix("0") if repr(value).endswith(".0") else repr(value)
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
