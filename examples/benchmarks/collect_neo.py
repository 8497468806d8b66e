"""How long do 10^7 spikes of 10^5 neurons take to become a Neo Block, and how much memory?

    python examples/benchmarks/collect_neo.py [--spikes N] [--neurons N]

prints one line of JSON: seconds and peak memory of each stage. Memory is counted from the first
allocation of the stage, in units of the raw arrays (times as float64, senders as int64).
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from spikebridge.results.columns import Columns, Spikes
from spikebridge.results.neo import to_block

DT, DURATION = 0.1, 10_000.0  # ms


def measured(stage: Callable[[], Any], raw_bytes: int) -> tuple[Any, dict[str, float]]:
    """The stage's result, its seconds and its peak memory beyond what was there before."""
    tracemalloc.start()
    start = time.perf_counter()
    result = stage()
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, {"seconds": round(seconds, 4), "peak_over_raw": round(peak / raw_bytes, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spikes", type=int, default=10**7)
    parser.add_argument("--neurons", type=int, default=10**5)
    options = parser.parse_args()
    draw = np.random.default_rng(1)
    times = draw.integers(1, round(DURATION / DT), options.spikes, endpoint=True) * DT
    senders = draw.integers(0, options.neurons, options.spikes)
    raw = times.nbytes + senders.nbytes

    spikes, order = measured(lambda: Spikes.from_raw(times, senders, options.neurons, DT), raw)
    columns = Columns("benchmark", DT, DURATION, {"all": spikes}, {}, {})
    block, build = measured(lambda: to_block(columns), raw)
    trains = block.segments[0].spiketrains
    first, index = measured(lambda: trains[options.neurons // 2], raw)
    _, multiplexed = measured(lambda: trains.multiplexed, raw)
    _, hundred = measured(lambda: [trains[i] for i in range(0, options.neurons, 1000)], raw)
    figures = {
        "spikes": options.spikes,
        "neurons": options.neurons,
        "raw_mb": raw / 1e6,
        "order_raw_spikes": order,
        "build_block": build,
        "first_train": index,
        "multiplexed": multiplexed,
        "every_thousandth_train": hundred,
        "trains": len(trains),
        "spikes_of_first_train": len(first),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
