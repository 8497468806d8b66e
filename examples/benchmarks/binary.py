"""10^4 binary units, K = 100, asynchronous: spikebridge against NEST's own neurons by hand.

    python examples/benchmarks/binary.py [--units 10000] [--on nest] [--duration 1000]

networks/binary_balanced, dt = 0.1 ms: two populations with 100 connections from each onto every
unit. By hand is `hand/binary_nest.py`: mcculloch_pitts_neuron with a spike_recorder. spikebridge
records A of every unit each ms. Goal on NEST: run <= 1.1.
"""

from __future__ import annotations

from common import arguments, in_turn, report, script

GOALS = {"nest": {"run": 1.1}}


def main() -> None:
    options = arguments(__doc__, on="nest", duration="1000", units="10000").parse_args()
    length = ("--duration", options.duration)
    for on in options.on.split(","):
        each = int(options.units) // 2
        programs = {
            "spikebridge": script(
                "through.py", "networks/binary_balanced", "--on", on, "--units", each, *length
            ),
            "nest by hand": script("hand/binary_nest.py", "--units", options.units, *length),
        }
        measured = in_turn(programs, options.repeats, options.warm_ups)
        title = f"binary_balanced, {options.units} units, {options.duration} ms, {on}"
        report(title, measured, goals=GOALS.get(on, {}), as_json=options.json)


if __name__ == "__main__":
    main()
