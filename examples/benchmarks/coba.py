"""coba through spikebridge against scripts written by hand for Brian2 (rk4) and NEST.

    python examples/benchmarks/coba.py [--on brian2,nest] [--duration 1000]

Same recordings on both sides (all spikes; V, g_exc, g_inh of ten neurons). Goals: run <= 1.05,
build <= 1.3. Connections: drawn by spikebridge, by the simulator in the scripts.
"""

from __future__ import annotations

from common import arguments, in_turn, report, script

GOALS = {"run": 1.05, "build": 1.3}


def main() -> None:
    options = arguments(__doc__, on="brian2,nest", duration="1000").parse_args()
    for on in options.on.split(","):
        # NEST's iaf_cond_exp integrates with GSL: asked for by name, for rk4 would be compiled.
        scheme = ("--scheme", "native") if on == "nest" else ()
        length = ("--duration", options.duration)
        programs = {
            "spikebridge": script("through.py", "networks/coba", "--on", on, *scheme, *length),
            "by hand": script(f"hand/coba_{on}.py", *length),
        }
        measured = in_turn(programs, options.repeats, options.warm_ups)
        report(f"coba, {options.duration} ms, {on}", measured, goals=GOALS, as_json=options.json)


if __name__ == "__main__":
    main()
