"""cuba on NEST: the model compiled from its equations against NEST's built-in iaf_psc_exp.

    python examples/benchmarks/nestml_overhead.py [--duration 1000]

Goal: run <= 1.2. The module is compiled in the warm-up and comes from the cache afterwards.
"""

from __future__ import annotations

from common import arguments, in_turn, report, script


def main() -> None:
    options = arguments(__doc__, network="networks/cuba", duration="1000").parse_args()
    command = (options.network, "--on", "nest", "--duration", options.duration)
    programs = {
        "NESTML": script("through.py", *command, "--no-match"),
        "built-in": script("through.py", *command),
    }
    measured = in_turn(programs, options.repeats, options.warm_ups)
    title = f"{options.network}, {options.duration} ms, NESTML against the built-in"
    report(title, measured, goals={"run": 1.2}, as_json=options.json)


if __name__ == "__main__":
    main()
