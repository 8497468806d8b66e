"""Any number of results against one base: the object that `spikebridge.compare` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import SpikebridgeError
from ..results.columns import Columns
from .convergence import Convergence
from .overlay import BIN, Overlay, lay_over
from .pairs import Pair, compare_pair
from .provenance import matches, seconds
from .statistics import StatisticsComparison
from .verdict import Verdict, judge


@dataclass(frozen=True, eq=False)
class Comparison:
    """Results by label, each compared with ``base``, and further evidence where it was gathered.

    A label is the simulator's name, with " (2)" and so on where it occurs again. ``sources`` maps
    a name to the translated model, for the report; ``overlay`` is a description laid over the
    results (`laid_under`), ``theory`` label -> rows of a prediction (`with_theory`): neither has a
    part in the verdict.
    """

    runs: Mapping[str, Columns]
    base: str
    pairs: tuple[Pair, ...]
    convergence: tuple[Convergence, ...] = ()
    statistics: StatisticsComparison | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    overlay: Overlay | None = None
    theory: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @cached_property
    def verdict(self) -> Verdict:
        """identical, equivalent or different, with evidence; ``str()`` of it is a paragraph."""
        return judge(self.runs, self.pairs, self.convergence, self.statistics)

    @property
    def differing(self) -> int:
        """Spikes without a partner, summed over all pairs."""
        return sum(pair.differing for pair in self.pairs)

    def with_evidence(
        self,
        *,
        convergence: Sequence[Convergence] | None = None,
        statistics: StatisticsComparison | None = None,
    ) -> Comparison:
        """The same comparison with a convergence study or statistics over seeds taken in."""
        return replace(
            self,
            convergence=self.convergence if convergence is None else tuple(convergence),
            statistics=self.statistics if statistics is None else statistics,
        )

    def laid_under(self, description: Columns, *, width: float = BIN) -> Comparison:
        """The same comparison with ``description`` (of a rate network, of a theory) laid over it.

        ``width``: of the bins, in ms. Raises `SpikebridgeError` where they share no quantity.
        """
        return replace(self, overlay=lay_over(self.runs, description, width=width))

    def with_theory(self, rows: Mapping[str, Sequence[Any]]) -> Comparison:
        """The same comparison with a prediction laid over it, for its report.

        Args:
            rows: label of a result -> what `spikebridge.theory.against` returns for it.
        """
        return replace(self, theory=dict(rows))

    def report(self, path: str | Path, *, sources: Mapping[str, str] | None = None) -> Path:
        """Write one self-contained HTML page; ``sources`` replace those of the comparison."""
        from .report import write_report

        return write_report(self, path, sources=sources)

    def to_json(self) -> dict[str, Any]:
        """One JSON-able object: verdict, spikes, traces, alignment, matches, seconds, evidence."""
        first = min(
            (pair.first_spike for pair in self.pairs if pair.first_spike is not None),
            key=lambda spike: spike.time,
            default=None,
        )
        study = self.statistics
        return {
            "verdict": self.verdict.kind,
            "how": self.verdict.how,
            "text": str(self.verdict),
            "causes": self.verdict.to_json()["causes"],
            "caveats": list(self.verdict.caveats),
            "base": self.base,
            "spikes": {
                "count": {name: _count(run) for name, run in self.runs.items()},
                "differing": self.differing,
                "first": None if first is None else vars(first),
            },
            "traces": _worst_traces(self.pairs),
            "alignment": {pair.other: pair.alignment.to_json() for pair in self.pairs},
            "matches": {name: matches(run) for name, run in self.runs.items()},
            "seconds": {name: seconds(run) for name, run in self.runs.items()},
            "pairs": [pair.to_json() for pair in self.pairs],
            "convergence": [study.to_json() for study in self.convergence],
            "statistics": None if study is None else study.to_json(),
            "overlay": None if self.overlay is None else self.overlay.to_json(),
            "theory": {name: [r.to_json() for r in rows] for name, rows in self.theory.items()},
        }


def compare_columns(
    runs: Sequence[Columns], *, base: str | None = None, tolerance: float | None = None
) -> Comparison:
    """Compare results of one network pairwise with the first, or with the one named ``base``.

    ``tolerance`` (ms) pairs spikes by time; by default only off a common grid, within one step.
    Raises `SpikebridgeError` with fewer than two results, different durations, an unknown base,
    or nothing in common.
    """
    if len(runs) < 2:
        raise SpikebridgeError(f"{len(runs)} result: nothing to compare with")
    named = _labelled(runs)
    chosen = base or next(iter(named))
    if chosen not in named:
        raise SpikebridgeError(
            "no such result", symbol=chosen, remedy=f"name one of {', '.join(named)}"
        )
    pairs = []
    for name, run in named.items():
        if name != chosen:
            _check(chosen, named[chosen], name, run)
            pairs.append(compare_pair((chosen, named[chosen]), (name, run), tolerance))
    return Comparison(named, chosen, tuple(pairs))


def _labelled(runs: Sequence[Columns]) -> dict[str, Columns]:
    named: dict[str, Columns] = {}
    for run in runs:
        label, again = run.simulator, 2
        while label in named:
            label, again = f"{run.simulator} ({again})", again + 1
        named[label] = run
    return named


def _check(base: str, a: Columns, other: str, b: Columns) -> None:
    if abs(a.duration - b.duration) > 1e-6 * max(a.dt, b.dt):
        raise SpikebridgeError(
            f"{base} ran for {a.duration:g} ms and {other} for {b.duration:g} ms",
            remedy="compare runs of the same duration",
        )
    if not set(a.populations) & set(b.populations):
        raise SpikebridgeError(
            f"{base} and {other} share no population", remedy="compare runs of the same network"
        )


def _count(run: Columns) -> int:
    return sum(len(spikes) for spikes in run.spikes.values())


def _worst_traces(pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    """Per "population.variable" the largest differences over all pairs."""
    worst: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        for trace in pair.traces:
            entry = worst.setdefault(
                f"{trace.population}.{trace.variable}",
                {"max_abs": 0.0, "max_relative": 0.0, "unit": trace.unit},
            )
            entry["max_abs"] = max(entry["max_abs"], trace.max_abs)
            entry["max_relative"] = max(entry["max_relative"], trace.max_relative)
    return worst
