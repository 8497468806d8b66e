"""cuba through spikebridge against the same network written for PyNN 0.13, data as Neo included.

    python examples/benchmarks/pynn.py --python /path/of/python/with/pynn [--on nest,brian2]

Goal: build + run + collect at least 5 times faster. Imports are measured and not counted. PyNN is
best kept in an environment of its own; --python names its interpreter.
"""

from __future__ import annotations

import sys

from common import arguments, in_turn, report, script


def main() -> None:
    parser = arguments(__doc__, on="nest,brian2", duration="1000", python=sys.executable)
    options = parser.parse_args()
    for on in options.on.split(","):
        command = ("--on", on, "--duration", options.duration)
        programs = {
            "spikebridge": script("through.py", "networks/cuba", "--neo", *command),
            "PyNN": script("pynn_program.py", *command, python=options.python),
        }
        measured = in_turn(programs, options.repeats, options.warm_ups)
        title = f"cuba, {options.duration} ms, {on}, against PyNN"
        report(title, measured, goals={"work": 5}, as_json=options.json, at_least=True)


if __name__ == "__main__":
    main()
