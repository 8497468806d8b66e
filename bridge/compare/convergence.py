"""Does the error fall as the step does? Observed orders against a reference, and how far down.

After the first spike that differs two runs are two different runs; so traces are judged before
that, and the order is fitted only to steps at which the spikes still correspond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import SpikebridgeError
from ..results.columns import Columns
from .align import Alignment
from .spikes import compare_spikes
from .traces import compare_trace

ROUNDING = 1e-12  # of the range: below this an error is rounding and falls no further
SLACK = 0.5  # an observed order may lie this much below the expected one


@dataclass(frozen=True)
class Order:
    """Fitted order p of error ~ dt^p over the steps ``used`` (ms); nan with fewer than two."""

    order: float
    uncertainty: float  # standard error of p; 0 with two steps
    used: tuple[float, ...]

    def reaches(self, expected: float) -> bool:
        """Whether the error falls at least at the expected order, less `SLACK`."""
        return len(self.used) >= 2 and self.order >= expected - SLACK


@dataclass(frozen=True)
class Quantity:
    """One error against dt: "v before the first spike" (mV) or "spike times" (ms)."""

    name: str
    unit: str
    expected: float
    errors: Mapping[float, float]
    fitted: Order

    @property
    def converges(self) -> bool:
        """Whether it falls at the expected order, or is rounding at all but the largest dt."""
        finite = all(np.isfinite(error) for error in self.errors.values())
        rounding = finite and len(self.fitted.used) < 2
        return rounding or self.fitted.reaches(self.expected)


@dataclass(frozen=True)
class Convergence:
    """One simulator's runs at several dt against one reference.

    ``differing`` counts per dt the spikes without a partner within one step, ``parts`` gives the
    time of the first (ms, None where there is none); ``agrees_until`` is the largest dt (ms) from
    which on all smaller ones have none, or None. ``stop`` (ms) is where the study ends if it does
    so before the runs do.
    """

    simulator: str
    reference: str
    expected: float
    quantities: tuple[Quantity, ...]
    differing: Mapping[float, int]
    parts: Mapping[float, float | None]
    counts: Mapping[float, int]
    reference_count: int
    agrees_until: float | None
    stop: float | None = None

    @property
    def converges(self) -> bool:
        """Whether every quantity falls at its order and the spikes correspond at small dt."""
        some = bool(self.quantities) and self.agrees_until is not None
        return some and all(quantity.converges for quantity in self.quantities)

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values; dt as text keys."""
        return {
            "simulator": self.simulator,
            "reference": self.reference,
            "converges": self.converges,
            "agrees_until": self.agrees_until,
            "stop": self.stop,
            "differing": {f"{dt:g}": count for dt, count in self.differing.items()},
            "parts": {f"{dt:g}": time for dt, time in self.parts.items()},
            "quantities": [
                {
                    "name": quantity.name,
                    "unit": quantity.unit,
                    "expected": quantity.expected,
                    "order": quantity.fitted.order,
                    "uncertainty": quantity.fitted.uncertainty,
                    "used": list(quantity.fitted.used),
                    "errors": {f"{dt:g}": error for dt, error in quantity.errors.items()},
                }
                for quantity in self.quantities
            ],
        }


def observed_order(errors: Mapping[float, float], floor: float = 0.0) -> Order:
    """Slope of log(error) over log(dt) by least squares; errors <= ``floor`` are left out."""
    used = sorted(dt for dt, error in errors.items() if floor < error < np.inf)
    if len(used) < 2:
        return Order(float("nan"), float("nan"), tuple(used))
    x, y = np.log(used), np.log([errors[dt] for dt in used])
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - slope * centred
    freedom = len(used) - 2
    variance = float(rest @ rest) / freedom if freedom else 0.0
    return Order(slope, float(np.sqrt(variance / (centred @ centred))), tuple(used))


def convergence(
    runs: Mapping[float, Columns],
    reference: Columns,
    *,
    expected: float,
    stop: float | None = None,
) -> Convergence:
    """Orders at which ``runs`` (by dt, one simulator) approach ``reference``.

    ``expected`` is the order of the integration scheme. It is asked of traces before the first
    spike; spike times are stamped on the grid, so 1 is the most that can be asked of them and of
    nothing else. ``stop`` (ms) ends the study earlier than the runs: spikes of a chaotic network
    jump at every dt in the end. Raises `SpikebridgeError` with fewer than two steps.
    """
    if len(runs) < 2:
        raise SpikebridgeError("one dt shows no convergence", remedy="give runs at two or more dt")
    if stop is not None:
        reference = reference.between(0.0, stop)
    steps = {
        dt: run if stop is None else run.between(0.0, stop)
        for dt, run in sorted(runs.items(), reverse=True)
    }
    errors = {dt: _spike_error(run, reference, dt) for dt, run in steps.items()}
    differing = {dt: error.differing for dt, error in errors.items()}
    good = [dt for dt in sorted(steps) if not any(differing[d] for d in steps if d <= dt)]
    quantities = _trace_quantities(steps, reference, expected)
    if len(good) >= 2 and any(errors[dt].gap > 0 for dt in good):
        gaps = {dt: errors[dt].gap for dt in good}
        fitted = observed_order(gaps)
        quantities.append(Quantity("spike times", "ms", min(expected, 1.0), gaps, fitted))
    return Convergence(
        simulator=next(iter(steps.values())).simulator,
        reference=reference.simulator,
        expected=expected,
        quantities=tuple(quantities),
        differing=differing,
        parts={dt: error.first for dt, error in errors.items()},
        counts={dt: _count(run) for dt, run in steps.items()},
        reference_count=_count(reference),
        agrees_until=max(good) if good else None,
        stop=stop,
    )


def _count(run: Columns) -> int:
    return sum(len(spikes) for spikes in run.spikes.values())


@dataclass(frozen=True)
class _SpikeError:
    """Spikes without a partner within one step, the first one's time, the largest gap (ms)."""

    differing: int
    first: float | None
    gap: float


def _spike_error(run: Columns, reference: Columns, dt: float) -> _SpikeError:
    aligned = Alignment("tolerance", dt, dt)
    found = [
        compare_spikes(
            name, run.spikes[name], reference.spikes[name], aligned, run.duration, distances=False
        )
        for name in run.spikes.keys() & reference.spikes.keys()
    ]
    return _SpikeError(
        differing=sum(spikes.differing for spikes in found),
        first=min((spikes.first.time for spikes in found if spikes.first), default=None),
        gap=max((spikes.largest_gap for spikes in found), default=0.0),
    )


def _quiet_until(runs: Mapping[float, Columns], reference: Columns) -> float:
    """Time of the first spike anywhere: one window for all dt, in ms."""
    everyone = [reference, *runs.values()]
    firsts = [s.times[0] for run in everyone for s in run.spikes.values() if len(s)]
    return float(min(firsts, default=np.inf))


def _trace_quantities(
    runs: Mapping[float, Columns], reference: Columns, expected: float
) -> list[Quantity]:
    until = _quiet_until(runs, reference)
    found = []
    for population, traces in reference.traces.items():
        for theirs in traces:
            errors, span = {}, 0.0
            for dt, run in runs.items():
                mine = _trace(run, population, theirs.variable)
                if mine is None:
                    continue
                stop = float(np.nextafter(until, 0)) if np.isfinite(until) else run.duration
                compared = compare_trace(population, mine.between(0, stop), theirs.between(0, stop))
                errors[dt], span = compared.max_abs, max(span, compared.span)
            if len(errors) >= 2 and any(error > ROUNDING * span for error in errors.values()):
                fitted = observed_order(errors, floor=ROUNDING * span)
                name = f"{population}.{theirs.variable} before the first spike"
                found.append(Quantity(name, theirs.unit, expected, errors, fitted))
    return found


def _trace(run: Columns, population: str, variable: str) -> Any:
    for trace in run.traces.get(population, ()):
        if trace.variable == variable:
            return trace
    return None
