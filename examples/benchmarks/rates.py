"""A dense tanh network: spikebridge against numpy doing the same matrix products.

    python examples/benchmarks/rates.py [--units 2000] [--on brian2,nest] [--duration 1000]
    python examples/benchmarks/rates.py --on nest --units 125,250,500,1000

tau dx/dt = -x + W tanh(x) with N units (networks/random_tanh), dt = 0.1 ms: N^2 multiplications per
step. By hand is `hand/random_tanh_numpy.py`: one product, one tanh and one update per step. Both
sides keep ten units of every step. Goal for Brian2: run <= 1.5. NEST sends every value along every
connection; its time per step and connection is what the second line of JSON has.
"""

from __future__ import annotations

import json

from common import arguments, in_turn, medians, report, script

GOALS = {"brian2": {"run": 1.5}}


def main() -> None:
    parser = arguments(__doc__, on="brian2,nest", duration="1000", units="2000")
    options = parser.parse_args()
    for on in options.on.split(","):
        for units in map(int, options.units.split(",")):
            measure(on, units, options)


def measure(on: str, units: int, options: object) -> None:
    """One simulator in turn with numpy at one size."""
    length = ("--duration", options.duration)  # type: ignore[attr-defined]
    programs = {
        "spikebridge": script(
            "through.py", "networks/random_tanh", "--on", on, "--units", units, *length
        ),
        "numpy": script("hand/random_tanh_numpy.py", "--units", units, *length),
    }
    measured = in_turn(programs, options.repeats, options.warm_ups)  # type: ignore[attr-defined]
    title = f"random_tanh, {units} units, {options.duration} ms, {on} against numpy"  # type: ignore[attr-defined]
    goals = GOALS.get(on, {})
    report(title, measured, goals=goals, as_json=options.json)  # type: ignore[attr-defined]
    steps = round(float(options.duration) / 0.1)  # type: ignore[attr-defined]
    per = {n: 1e9 * medians(runs)["run"] / steps / units**2 for n, runs in measured.items()}
    print(json.dumps({"benchmark": title, "ns per step and connection": per}))


if __name__ == "__main__":
    main()
