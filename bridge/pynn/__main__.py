"""``python -m spikebridge.pynn [--on SIMULATOR] SCRIPT [ARGUMENTS]``: a PyNN script as it is.

Whatever backend the script imports or is told to import, ``pyNN.nest``, ``pyNN.brian2`` or
``pyNN.neuron``, it gets `spikebridge.pynn`, which runs it on SIMULATOR.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

import pyNN

from . import simulator

BACKENDS = ("nest", "brian2", "neuron", "spikebridge")


def stand_in(on: str) -> None:
    """From now on an import of a backend of PyNN gets this package, which runs on ``on``."""
    module = sys.modules[__package__ or ""]
    simulator.state.usual = on
    for name in BACKENDS:
        sys.modules[f"pyNN.{name}"] = module
        setattr(pyNN, name, module)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m spikebridge.pynn", description=__doc__)
    parser.add_argument("--on", default="nest", help="nest, brian2 or reference")
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own")
    options = parser.parse_args()
    if not options.script.is_file():
        parser.error(f"there is no file {options.script}")
    stand_in(options.on)
    sys.argv = [str(options.script), *options.arguments]
    sys.path[0] = str(options.script.resolve().parent)
    runpy.run_path(str(options.script), run_name="__main__")


if __name__ == "__main__":
    main()
