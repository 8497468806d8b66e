"""Studies that need many runs: convergence over dt, statistics over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .api import simulate
from .definition.network import Network

if TYPE_CHECKING:
    from .compare.convergence import Convergence
    from .compare.statistics import StatisticsComparison

Progress = Callable[[float], None]
ORDERS = {"euler": 1.0, "heun": 2.0, "rk4": 4.0, "exponential_euler": 1.0, "exact": 1.0}


def convergence_study(
    network: Network,
    on: str,
    *,
    dts: Sequence[float] = (0.2, 0.1, 0.05, 0.025),
    scheme: str = "rk4",
    duration: Any = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    tolerance: float = 1e-10,
    stop: float | None = None,
) -> Convergence:
    """Runs of one simulator at each ``dts`` (ms) against the adaptive reference.

    Delays, refractory periods and input times must be multiples of the largest dt, so that only the
    integration differs. ``stop`` (ms) ends the comparison earlier: in a chaotic network spikes jump
    at every dt in the end.
    """
    from .compare.convergence import convergence

    truth = simulate(
        network,
        "reference",
        dt=min(dts),
        duration=duration,
        options={"mode": "adaptive", "rtol": tolerance, "atol": tolerance},
    )
    runs = {}
    for done, dt in enumerate(sorted(dts, reverse=True), 1):
        run = simulate(network, on, dt=dt, scheme=scheme, duration=duration, options=options)
        runs[dt] = run.columns
        if progress:
            progress(done / len(dts))
    return convergence(runs, truth.columns, expected=ORDERS[scheme], stop=stop)


def seed_study(
    network: Network,
    on: Sequence[str],
    *,
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    discard: float = 0.0,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> StatisticsComparison:
    """Rates, CV and correlations of ``on`` against the band each shows between its own seeds.

    ``discard`` ms at the start are left out of the statistics.
    """
    from .compare.statistics import compare_statistics

    runs: dict[str, list[Any]] = {name: [] for name in on}
    total = len(on) * len(seeds)
    for done, (name, seed) in enumerate(((n, s) for s in seeds for n in on), 1):
        run = simulate(network, name, seed=seed, options=(options or {}).get(name), **settings)
        columns = run.columns
        runs[name].append(columns.between(discard, columns.duration) if discard else columns)
        if progress:
            progress(done / total)
    return compare_statistics(runs)
