"""Do Brian2, NEST and the time-step contract agree on a published network?

    python examples/compare_cuba.py [folder]

Runs the Vogels-Abbott network (4000 neurons) for 300 ms on three simulators, prints the verdict and
the counts, and writes report.html and cuba.pkl (a neo.Block) into the folder.
"""

import sys
from pathlib import Path

import spikebridge as sb


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "compare_cuba")
    folder.mkdir(parents=True, exist_ok=True)
    comparison = sb.compare(
        "networks/cuba", on=["brian2", "nest", "reference"], duration="300 ms", seed=3
    )
    print(comparison.verdict)
    found = comparison.to_json()
    print("spikes:", found["spikes"]["count"], "differing:", found["spikes"]["differing"])
    for name, seconds in found["seconds"].items():
        print(f"{name:>10}:", {stage: round(s, 2) for stage, s in seconds.items()})

    print("report:", comparison.report(folder / "report.html"))
    run = sb.simulate("networks/cuba", on="brian2", duration="300 ms", seed=3)
    trains = run.block.segments[0].spiketrains
    print(f"{len(trains)} spike trains, silent neurons included:", run.export(folder / "cuba.pkl"))


if __name__ == "__main__":
    main()
