"""coupled_lif as printed, through spikebridge against its literal transcription in Brian2.

    python examples/benchmarks/coupled_lif.py [--duration 1000] [--on brian2,nest,brian2:standalone]

The transcription (coupled_literal.py) integrates one s_ij per synapse at every step and sums them;
spikebridge finds one sum per neuron. Both get the same connections and initial potentials, and the
spikes are compared. Goals: run at least 20 times faster, 0
differing spikes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from common import arguments, in_turn, report, script

from spikebridge.definition.draw import draw
from spikebridge.definition.library import load

NETWORK = "networks/coupled_lif"


def write_inputs(path: Path, duration: float) -> None:
    """The drawn connections and initial potentials, populations E and I counted on."""
    drawn = draw(load(NETWORK), duration=duration)
    starts, total = {}, 0
    for name, population in drawn.populations.items():
        starts[name], total = total, total + population.size
    projections = list(drawn.projections.values())
    step = {int(np.max(p.delays)) for p in projections}
    assert len(step) == 1, "one delay for all"
    weights = [np.broadcast_to(p.weights, np.shape(p.sources)) for p in projections]
    np.savez(
        path,
        i=np.concatenate([np.asarray(p.sources) + starts[p.pre] for p in projections]),
        j=np.concatenate([np.asarray(p.targets) + starts[p.post] for p in projections]),
        w=np.concatenate(weights),
        V=np.concatenate(
            [np.broadcast_to(p.initial["V"], (p.size,)) for p in drawn.populations.values()]
        ),
        delay=step.pop() * drawn.dt,
        tau_s=projections[0].parameters["tau_s"],
        I_0=drawn.currents[0].values[0],
    )


def differing(a: Path, b: Path) -> tuple[int, int]:
    """Spikes in one file and not in the other, and the first file's number of spikes."""
    found = [np.load(path) for path in (a, b)]
    pairs = [set(zip(f["steps"].tolist(), f["senders"].tolist(), strict=True)) for f in found]
    return len(pairs[0] ^ pairs[1]), len(pairs[0])


def main() -> None:
    parser = arguments(__doc__, on="brian2,nest,brian2:standalone", duration="1000")
    parser.add_argument("--literal-standalone", action="store_true", help="both sides as C++")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write_inputs(Path(name) / "inputs.npz", float(options.duration))
        for on in options.on.split(","):
            measure(on, Path(name), options)


def measure(on: str, folder: Path, options: argparse.Namespace) -> None:
    """The literal program in turn with spikebridge on one simulator; then their spikes."""
    length = ("--duration", options.duration)
    ours, literal = folder / "ours.npz", folder / "literal.npz"
    simulator, _, target = on.partition(":")
    aim = ("--target", target) if target else ()
    transcribed = ("--standalone",) if options.literal_standalone else ()
    programs = {
        "spikebridge": script(
            "through.py", NETWORK, "--on", simulator, *aim, *length, "--out", ours
        ),
        "literal": script(
            "coupled_literal.py", folder / "inputs.npz", *length, *transcribed, "--out", literal
        ),
    }
    measured = in_turn(programs, options.repeats, options.warm_ups)
    title = f"coupled_lif, {options.duration} ms, {on}, against one s_ij per synapse in Brian2"
    report(title, measured, goals={"run": 20}, as_json=options.json, at_least=True)
    other, all_ = differing(ours, literal)
    print(json.dumps({"benchmark": f"{title}: spikes", "differing": other, "of": all_}))


if __name__ == "__main__":
    main()
