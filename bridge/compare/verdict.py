"""One verdict from all the evidence: identical, equivalent or different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..results.columns import Columns
from .causes import known_caveats, likely_cause
from .convergence import Convergence
from .pairs import Pair
from .seen import Cause
from .statistics import StatisticsComparison
from .traces import BOUND

Kind = Literal["identical", "equivalent", "different"]
How = Literal["in convergence", "in distribution"]


@dataclass(frozen=True)
class Verdict:
    """``kind``, for *equivalent* also ``how``, the sentences that support it, and the cause.

    ``causes`` maps the label of a result that differs from the base to its likely cause;
    ``caveats`` are the known departures of the built-ins used. ``str()`` is one paragraph.
    """

    kind: Kind
    how: How | None
    evidence: tuple[str, ...]
    causes: Mapping[str, Cause]
    caveats: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the results are identical or equivalent (exit code 0)."""
        return self.kind != "different"

    @property
    def title(self) -> str:
        """The verdict in a few words."""
        return f"{self.kind} {self.how}" if self.how else self.kind

    def __str__(self) -> str:
        parts = [f"{self.title.capitalize()}.", *self.evidence]
        if self.kind == "different":
            causes = self.causes.items()
            parts += [f"Likely cause ({name}): {cause.text}." for name, cause in causes]
        if self.caveats and self.kind != "identical":
            parts.append(f"Known departures of the built-ins used: {'; '.join(self.caveats)}.")
        return " ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "kind": self.kind,
            "how": self.how,
            "text": str(self),
            "causes": {
                name: {"rule": cause.rule, "text": cause.text}
                for name, cause in self.causes.items()
            },
            "caveats": list(self.caveats),
        }


def judge(
    runs: Mapping[str, Columns],
    pairs: Sequence[Pair],
    convergence: Sequence[Convergence] = (),
    statistics: StatisticsComparison | None = None,
) -> Verdict:
    """The verdict on all pairs; the worst pair decides.

    Results that are not identical are equivalent *in convergence* where every simulator converges
    to the reference, else *in distribution* where all statistics lie in their bands. Statistics
    that were measured and lie outside are a difference, whatever converges.
    """
    evidence = [sentence for pair in pairs for sentence in _describe(pair)]
    causes = {
        pair.other: cause
        for pair in pairs
        if (cause := likely_cause(pair, runs[pair.base], runs[pair.other])) is not None
    }
    caveats: dict[str, None] = {}
    for pair in pairs:
        caveats |= dict.fromkeys(known_caveats(runs[pair.base], runs[pair.other]))
    kind, how = _decide(runs, pairs, convergence, statistics)
    evidence += [_describe_convergence(study) for study in convergence]
    if statistics is not None:
        evidence.append(_describe_statistics(statistics))
    return Verdict(kind, how, tuple(evidence), causes, tuple(caveats))


def _decide(
    runs: Mapping[str, Columns],
    pairs: Sequence[Pair],
    convergence: Sequence[Convergence],
    statistics: StatisticsComparison | None,
) -> tuple[Kind, How | None]:
    if all(pair.identical for pair in pairs):
        return "identical", None
    if statistics is not None and not statistics.agrees:
        return "different", None
    if convergence and _all_converge(runs, convergence):
        return "equivalent", "in convergence"
    if statistics is not None:
        return "equivalent", "in distribution"
    return "different", None


def _all_converge(runs: Mapping[str, Columns], convergence: Sequence[Convergence]) -> bool:
    """Every simulator compared has a study of its own and it succeeds."""
    studied = {study.simulator for study in convergence}
    references = {study.reference for study in convergence}
    needed = {run.simulator for run in runs.values()} - references
    return needed <= studied and all(study.converges for study in convergence)


def _describe(pair: Pair) -> list[str]:
    counts = sum(spikes.count_base for spikes in pair.spikes)
    theirs = sum(spikes.count_other for spikes in pair.spikes)
    many = f"{counts} spikes" if counts == theirs else f"{counts} and {theirs} spikes"
    said = [f"{pair.base} and {pair.other} ({pair.alignment}): {many}, {pair.differing} differing"]
    if pair.traces:
        worst = max(pair.traces, key=lambda trace: trace.max_relative)
        place = f"{worst.population}.{worst.variable}"
        if worst.max_abs == 0:
            said[0] += "; traces equal"
        else:
            said[0] += "; traces agree to " if worst.within else "; traces differ by up to "
            said[0] += f"{worst.max_relative:.1e} of the range ({place}, bound {BOUND:.0e})"
    said[0] += "."
    first = pair.first_spike
    if first is not None:
        owner = pair.base if first.in_base else pair.other
        said.append(
            f"The first differing spike is neuron {first.neuron} of {first.population} at "
            f"{first.time:g} ms, in {owner} only."
        )
    synapse = pair.first_synapse
    if synapse is not None:
        said.append(
            f"The first differing synapse is {synapse.place} of {synapse.population} at "
            f"{synapse.time:g} ms: {synapse.variable} by {synapse.difference:.3g}."
        )
    if pair.unshared:
        said.append(f"Not compared: {', '.join(pair.unshared)}.")
    return said


def _describe_convergence(study: Convergence) -> str:
    orders = "; ".join(
        f"{q.name}: order {q.fitted.order:.2f} (expected {q.expected:g})" for q in study.quantities
    )
    until = study.agrees_until
    spikes = f"spikes correspond up to dt = {until:g} ms" if until else "spikes correspond at no dt"
    does = "converges" if study.converges else "does not converge"
    return f"{study.simulator} {does} to {study.reference}: {orders or 'no error seen'}; {spikes}."


def _describe_statistics(statistics: StatisticsComparison) -> str:
    total = len(statistics.effects)
    outside = [effect for effect in statistics.effects if not effect.inside]
    seeds = ", ".join(f"{count} of {name}" for name, count in statistics.seeds.items())
    head = f"Seeds: {seeds}; {total - len(outside)} of {total} statistics lie in the band between"
    head += " a simulator's own seeds"
    if not outside:
        return f"{head}."
    worst = max(outside, key=lambda effect: abs(effect.effect) / max(effect.band, 1e-12))
    return (
        f"{head}; furthest out: {worst.statistic} of {worst.population}, {worst.change:+.1%}, "
        f"effect {worst.effect:.3g} against {worst.band:.3g}."
    )
