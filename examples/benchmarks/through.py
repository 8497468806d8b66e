"""One network through spikebridge; the last line is the JSON that `common` reads.

    python through.py networks/coba --on nest [--order 500] [--native] [--no-match]

``import`` is what it takes to have Python's modules (and NEST's child process) there; ``build`` is
everything else before the first step: the definition, drawing, passes, translation, objects.
"""

from __future__ import annotations

import time

began = time.perf_counter()  # before the imports, which are timed too
# ruff: noqa: E402

import argparse
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

import spikebridge as sb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("--on", default="brian2")
    parser.add_argument("--duration", default="1000")
    parser.add_argument("--order", type=int, help="network parameter `order`")
    parser.add_argument("--units", type=int, help="network parameter `N`")
    parser.add_argument("--native", action="store_true", help="connections, Poisson: simulator's")
    parser.add_argument("--scheme", default="auto")
    parser.add_argument("--no-match", action="store_true", help="NEST: compiled, never a built-in")
    parser.add_argument("--target", help="Brian2: cython, numpy or standalone")
    parser.add_argument("--neo", action="store_true", help="collect as a Neo Block as well")
    parser.add_argument("--out", type=Path, help="where the spikes go (.npz)")
    options = parser.parse_args()
    if options.on == "brian2":
        import brian2  # noqa: F401  the script written by hand counts this as `import` too
    if options.neo:
        import neo  # noqa: F401  as PyNN does
    imported = time.perf_counter() - began

    parameters = {} if options.order is None else {"order": options.order}
    parameters |= {} if options.units is None else {"N": options.units}
    own: dict[str, Any] = {"match": False} if options.no_match else {}
    if options.target:
        own["target"] = options.target
    start = time.perf_counter()
    network = sb.load(options.network, **parameters)
    run = sb.simulate(
        network.native() if options.native else network,
        on=options.on,
        duration=f"{options.duration} ms",
        scheme=options.scheme,
        options=own,
    )
    simulated = time.perf_counter() - start
    start = time.perf_counter()
    spikes = len(run.block.segments[0].spiketrains.multiplexed[1]) if options.neo else None
    to_neo = time.perf_counter() - start
    if options.out:
        _write(run, options.out)
    if spikes is None:
        spikes = sum(map(len, run.columns.spikes.values()))
    seconds = run.manifest["seconds"]
    child = seconds.get("start", 0.0)
    figures = {
        "import": imported + child,
        "build": simulated - child - seconds["run"] - seconds["collect"],
        "run": seconds["run"],
        "collect": seconds["collect"] + to_neo,
        "spikes": spikes,
    }
    print(json.dumps(figures))
    for child in threading.enumerate()[1:]:  # until NEST's process has ended: its seconds count
        child.join()


def _write(run: Any, path: Path) -> None:
    """Spikes as steps and senders, populations counted on, in the order (step, sender)."""
    columns = run.columns
    sizes = np.cumsum([0, *(s.size for s in columns.spikes.values())])
    steps = [np.rint(s.times / columns.dt).astype(int) for s in columns.spikes.values()]
    senders = [s.senders + n for s, n in zip(columns.spikes.values(), sizes[:-1], strict=True)]
    step, sender = np.concatenate(steps), np.concatenate(senders)
    order = np.lexsort((sender, step))
    np.savez(path, steps=step[order], senders=sender[order])


if __name__ == "__main__":
    main()
