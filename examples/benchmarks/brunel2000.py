"""brunel2000 through spikebridge against scripts written by hand for Brian2 and NEST.

    python examples/benchmarks/brunel2000.py [--order 500] [--on brian2,nest] [--duration 1000]

Native connections and native Poisson input on both sides, the same recordings (all spikes, V of ten
neurons). Goals: run <= 1.05, build <= 1.3.
"""

from __future__ import annotations

from common import arguments, in_turn, report, script

GOALS = {"run": 1.05, "build": 1.3}


def main() -> None:
    parser = arguments(__doc__, on="brian2,nest", duration="1000", order="500")
    options = parser.parse_args()
    size = ("--order", options.order, "--duration", options.duration)
    for on in options.on.split(","):
        programs = {
            "spikebridge": script(
                "through.py", "networks/brunel2000", "--native", "--on", on, *size
            ),
            "by hand": script(f"hand/brunel2000_{on}.py", *size),
        }
        measured = in_turn(programs, options.repeats, options.warm_ups)
        title = f"brunel2000, order {options.order}, {options.duration} ms, {on}"
        report(title, measured, goals=GOALS, as_json=options.json)


if __name__ == "__main__":
    main()
