"""One PyNN script (Brunel 2000) through spikebridge.pynn against PyNN itself, data as Neo included.

    python examples/benchmarks/pynn_script.py [--on nest,brian2] [--order 500] [--duration 500]

Goal: build + run + collect at least 5 times faster on NEST, 50 times on Brian2. Imports are
measured and not counted. Through spikebridge `run` only moves the clock, and `collect` holds the
simulation: compare `work`. PyNN on Brian2 takes minutes for order 500; choose a small --order
there.
"""

from __future__ import annotations

from common import arguments, in_turn, report, script

GOALS = {"nest": 5.0, "brian2": 50.0}


def main() -> None:
    parser = arguments(__doc__, on="nest", order="500", duration="500")
    options = parser.parse_args()
    for on in options.on.split(","):
        shared = ("--on", on, "--order", options.order, "--duration", options.duration)
        programs = {
            name: script("pynn_script_program.py", "--through", module, *shared)
            for name, module in (("spikebridge", "spikebridge"), ("PyNN", "pyNN"))
        }
        measured = in_turn(programs, options.repeats, options.warm_ups)
        title = f"PyNN script, brunel2000, order {options.order}, {options.duration} ms, {on}"
        report(title, measured, goals={"work": GOALS[on]}, as_json=options.json, at_least=True)


if __name__ == "__main__":
    main()
