"""Studies that need many runs: convergence over dt, statistics over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .api import simulate
from .definition.draw import draw
from .definition.network import Network
from .definition.regrid import regrid
from .errors import DefinitionError
from .simulators import base

if TYPE_CHECKING:
    from .compare.convergence import Convergence
    from .compare.statistics import StatisticsComparison

Progress = Callable[[float], None]
ORDERS = {"euler": 1.0, "heun": 2.0, "rk4": 4.0, "exponential_euler": 1.0, "exact": 1.0}
OWN_STEP = 1.0  # the least that a simulator with one step of its own must show


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

    Input, connections and delays are drawn once, on the grid of the largest dt, of which the others
    are whole fractions. ``stop`` (ms) ends the comparison earlier than the runs: in a chaotic
    network spikes jump at every dt in the end. ``tolerance`` is the reference's. A simulator that
    has no schemes but a step of its own (PyNN's) must show the first order.

    Raises:
        DefinitionError: a dt that is no whole fraction of the largest.
    """
    from .compare.convergence import convergence

    coarsest = draw(network, dt=max(dts), duration=duration)
    drawn = {dt: regrid(coarsest, _factor(max(dts), dt)) for dt in sorted(dts, reverse=True)}
    truth = simulate(
        drawn[min(dts)],
        "reference",
        options={"mode": "adaptive", "rtol": tolerance, "atol": tolerance},
    )
    asked = scheme if base.Feature.SCHEMES in base.get(on).features else "auto"
    runs = {}
    for done, (dt, one) in enumerate(drawn.items(), 1):
        runs[dt] = simulate(one, on, scheme=asked, options=options).columns
        if progress:
            progress(done / len(drawn))
    expected = ORDERS[scheme] if asked == scheme else OWN_STEP
    return convergence(runs, truth.columns, expected=expected, stop=stop)


def _factor(largest: float, dt: float) -> int:
    factor = round(largest / dt)
    if abs(largest / dt - factor) > 1e-9 * factor:
        raise DefinitionError(
            f"dt = {dt:g} ms is no whole fraction of {largest:g} ms",
            symbol="dts",
            remedy="halve: 0.2, 0.1, 0.05, 0.025 ms",
        )
    return factor


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
