"""Network statistics of several seeds, judged by how far each simulator is from itself.

A p-value falls to 0 with the number of neurons, however small the difference. So the yardstick
is measured: runs of one simulator that differ only in their seed show how far two samples of one
distribution lie apart, and two simulators agree where they lie no further apart than that.
With 5 seeds two samples of one distribution are called different in 0.2 % of the statistics, with
3 in 5 % (normal means, counted in 4 10^5 draws).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SpikebridgeError
from ..results.columns import Columns
from .measures import MEASURES, Settings, measure

Floats = NDArray[np.float64]

FEWEST_SEEDS = 3  # two runs give one distance: no band


@dataclass(frozen=True)
class Effect:
    """One statistic of one population in two simulators.

    ``effect`` is the standardised mean difference of the two simulators, averaged over all pairs
    of seeds: Hedges' g with one standard deviation common to all runs, so that all pairs are
    measured alike. ``bands`` holds, per simulator, the largest |g| between two of its own seeds,
    ``band`` the larger of the two simulators'. ``ks`` is the median Kolmogorov-Smirnov distance
    over cross pairs (0..1), ``ks_band`` the largest within a simulator. ``means`` are per seed.
    ``inside`` says whether both lie in their bands.
    """

    population: str
    statistic: str
    unit: str
    base: str
    other: str
    means: Mapping[str, tuple[float, ...]]
    effect: float
    band: float
    bands: Mapping[str, float]
    ks: float
    ks_band: float
    inside: bool

    def mean(self, simulator: str) -> float:
        """Grand mean over all seeds, in ``unit``."""
        return float(np.mean(self.means[simulator]))

    @property
    def difference(self) -> float:
        """Difference of the grand means, other - base, in ``unit``."""
        return self.mean(self.other) - self.mean(self.base)

    @property
    def change(self) -> float:
        """The difference relative to the base's grand mean."""
        if self.difference == 0:
            return 0.0
        mean = abs(self.mean(self.base))
        return self.difference / mean if mean else float("inf")

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "population": self.population,
            "statistic": self.statistic,
            "unit": self.unit,
            "base": self.base,
            "other": self.other,
            "means": {name: list(means) for name, means in self.means.items()},
            "effect": self.effect,
            "band": self.band,
            "bands": dict(self.bands),
            "ks": self.ks,
            "ks_band": self.ks_band,
            "inside": self.inside,
        }


@dataclass(frozen=True, eq=False)
class StatisticsComparison:
    """All effects; ``undefined`` lists "population: statistic" that no simulator has values for.

    ``samples[population, statistic][simulator]`` are the pooled values of all seeds, for plots.
    """

    effects: tuple[Effect, ...]
    seeds: Mapping[str, int]
    settings: Settings
    undefined: tuple[str, ...] = ()
    samples: Mapping[tuple[str, str], Mapping[str, Floats]] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether there is evidence and every effect lies inside its band."""
        return bool(self.effects) and all(effect.inside for effect in self.effects)

    def to_json(self) -> dict[str, Any]:
        """The effects and how they were measured, as plain values."""
        return {
            "agrees": self.agrees,
            "seeds": dict(self.seeds),
            "settings": self.settings.to_json(),
            "undefined": list(self.undefined),
            "effects": [effect.to_json() for effect in self.effects],
        }


def compare_statistics(
    runs: Mapping[str, Sequence[Columns]],
    *,
    base: str | None = None,
    settings: Settings | None = None,
) -> StatisticsComparison:
    """Compare rate, CV and correlation of every population, simulator by simulator.

    ``runs`` maps a simulator to its results, one per seed: at least 3, better 5 or more, because
    the band is the largest distance between two of them. Raises `SpikebridgeError` otherwise.
    """
    settings = settings or Settings()
    _check(runs, base)
    first = base or next(iter(runs))
    others = [name for name in runs if name != first]
    populations = list(runs[first][0].spikes)
    effects: list[Effect] = []
    undefined: list[str] = []
    samples: dict[tuple[str, str], dict[str, Floats]] = {}
    for population in populations:
        for statistic, (unit, _) in MEASURES.items():
            values = {
                name: [measure(statistic, run, population, settings) for run in seeds]
                for name, seeds in runs.items()
            }
            pooled = {name: np.concatenate(some) for name, some in values.items()}
            if not any(len(pool) for pool in pooled.values()):
                undefined.append(f"{population}: {statistic}")
                continue
            samples[population, statistic] = pooled
            effects += [
                _effect(population, statistic, unit, first, other, values) for other in others
            ]
    counts = {name: len(seeds) for name, seeds in runs.items()}
    return StatisticsComparison(tuple(effects), counts, settings, tuple(undefined), samples)


def _check(runs: Mapping[str, Sequence[Columns]], base: str | None) -> None:
    if len(runs) < 2:
        raise SpikebridgeError("statistics of one simulator: nothing to compare with")
    if base is not None and base not in runs:
        raise SpikebridgeError(
            "no such simulator among the results", symbol=base, remedy=f"one of {', '.join(runs)}"
        )
    for name, seeds in runs.items():
        if len(seeds) < FEWEST_SEEDS:
            raise SpikebridgeError(
                f"{len(seeds)} seeds give no band",
                symbol=name,
                remedy=f"run at least {FEWEST_SEEDS}, better 5",
            )


def _effect(
    population: str,
    statistic: str,
    unit: str,
    base: str,
    other: str,
    values: Mapping[str, Sequence[Floats]],
) -> Effect:
    mine, theirs = values[base], values[other]
    scale = _scale([*mine, *theirs])
    bands = {name: _band(values[name], scale) for name in (base, other)}
    ks_band = max(_furthest(mine), _furthest(theirs))
    cross = [(a, b) for a in mine for b in theirs]
    effect = float(np.mean([hedges(a, b, scale) for a, b in cross]))
    ks = float(np.median([ks_distance(a, b) for a, b in cross]))
    band = max(bands.values())
    return Effect(
        population=population,
        statistic=statistic,
        unit=unit,
        base=base,
        other=other,
        means={name: tuple(_mean(some) for some in values[name]) for name in (base, other)},
        effect=effect,
        band=band,
        bands=bands,
        ks=ks,
        ks_band=ks_band,
        inside=abs(effect) <= band and ks <= ks_band,
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _scale(samples: Iterable[Floats]) -> float:
    """Pooled standard deviation within runs; 1 where all neurons of a run are alike."""
    enough = [values for values in samples if len(values) > 1]
    freedom = sum(len(values) - 1 for values in enough)
    squares = sum(float(values.var()) * len(values) for values in enough)
    return float(np.sqrt(squares / freedom)) if freedom and squares > 0 else 1.0


def hedges(a: Floats, b: Floats, scale: float) -> float:
    """Hedges' g = J (mean b - mean a) / scale, J = 1 - 3 / (4 (n_a + n_b) - 9).

    Infinite where only one sample has values: a population that fires in one simulator only.
    """
    if not len(a) and not len(b):
        return 0.0
    if not len(a) or not len(b):
        return float("inf")
    count = len(a) + len(b)
    correction = 1 - 3 / (4 * count - 9) if count > 3 else 1.0
    return correction * float(b.mean() - a.mean()) / scale


def ks_distance(a: Floats, b: Floats) -> float:
    """Largest distance of two empirical distribution functions, 0..1 (1 if only one has values).

    Not scipy's ks_2samp: its exact p-value costs seconds for 10^5 correlations and is not wanted.
    """
    if not len(a) and not len(b):
        return 0.0
    if not len(a) or not len(b):
        return 1.0
    a, b = np.sort(a), np.sort(b)
    everything = np.concatenate([a, b])
    below_a = np.searchsorted(a, everything, side="right") / len(a)
    below_b = np.searchsorted(b, everything, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())


def _band(seeds: Sequence[Floats], scale: float) -> float:
    """Largest |g| between two seeds of one simulator."""
    return max(abs(hedges(a, b, scale)) for a, b in combinations(seeds, 2))


def _furthest(seeds: Sequence[Floats]) -> float:
    return max(ks_distance(a, b) for a, b in combinations(seeds, 2))
