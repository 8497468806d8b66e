"""A prediction over a measurement: what theory says of a network beside what a run recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DefinitionError
from ..records import dataclass
from ..results.columns import Columns, Spikes, Trace
from ..results.files import load

Floats = NDArray[np.float64]
WINDOWS = 10  # into which a run is cut for the standard error of a mean
SKIPPED = 0.2  # part of the run that is left out as transient where no start is given
_FEWEST = 5  # intervals of a neuron from which its CV is taken


@dataclass(frozen=True)
class Row:
    """``predicted`` and ``measured``, with the standard ``error`` of the latter, in ``unit``."""

    name: str
    quantity: str
    predicted: float
    measured: float
    error: float
    unit: str

    @property
    def relative(self) -> float:
        """(measured - predicted)/predicted."""
        return (self.measured - self.predicted) / self.predicted if self.predicted else np.nan

    @property
    def deviation(self) -> float:
        """(measured - predicted)/error."""
        return (self.measured - self.predicted) / self.error if self.error else np.nan

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "quantity": self.quantity,
            "predicted": self.predicted,
            "measured": self.measured,
            "error": self.error,
            "unit": self.unit,
            "relative": self.relative,
            "deviation": self.deviation,
        }


def columns_of(run: Any) -> Columns:
    """The columns of a saved run: its .h5 file, a folder that holds exactly one, or columns.

    Raises:
        DefinitionError: no file, or several. ColumnsError: not written by spikebridge.
    """
    if isinstance(run, Columns):
        return run
    path = Path(run)
    if path.is_dir():
        files = sorted(path.glob("*.h5"))
        if len(files) != 1:
            raise DefinitionError(
                f"{path} holds {len(files)} results (.h5), not one",
                symbol="--against",
                remedy="name the file",
            )
        path = files[0]
    return load(path)


def against(told: Mapping[str, Any], run: Any, *, start: float | None = None) -> list[Row]:
    """A `summary` laid over a run: rates and CVs, fixed points, limit cycles, mean activities.

    Args:
        told: from `summary.summary`, or of a mean field.
        run: as for `columns_of`.
        start: ms from which is measured; the first fifth is left out where it is None.

    A mean's standard error is that between ten windows; a slow drift or correlation over more than
    a window makes it too small. Of several fixed points the nearest to the measurement is taken.

    Raises:
        DefinitionError: the run recorded nothing that theory predicts.
    """
    columns = columns_of(run)
    begin = SKIPPED * columns.duration if start is None else start
    if not 0 <= begin < columns.duration:
        raise DefinitionError(
            f"the run ends at {columns.duration:g} ms, before {begin:g} ms", symbol="start",
            remedy="measure from an earlier time",
        )  # fmt: skip
    kinds = {
        "spiking network": _spiking,
        "mean field": _mean_field,
        "vector field": _resting,
        "binary network": _binary,
    }
    if told["kind"] not in kinds:
        raise DefinitionError(
            f"a {told['kind']} has no run", model=told["model"],
            remedy="lay a network's prediction over a run",
        )  # fmt: skip
    rows = list(kinds[told["kind"]](told, columns, begin))
    if rows:
        return rows
    recorded = ", ".join([*columns.spikes, *columns.traces]) or "nothing"
    raise DefinitionError(
        f"the run recorded nothing of what is predicted; it recorded {recorded}",
        model=told["model"], symbol="--against",
        remedy="run this network, and record its populations",
    )  # fmt: skip


def lines(rows: list[Row]) -> list[str]:
    """The rows as text."""
    shown = ["  measured against predicted:"]
    for r in rows:
        unit = f" {r.unit}" if r.unit != "1" else ""
        shown.append(
            f"    {r.name} {r.quantity}: {r.measured:.6g} +- {r.error:.2g}{unit}, predicted "
            f"{r.predicted:.6g} ({100 * r.relative:+.2g} %, {r.deviation:+.2g} errors)"
        )
    return shown


def _spiking(told: Mapping[str, Any], columns: Columns, begin: float) -> Iterator[Row]:
    for name, predicted in told["populations"].items():
        if name in columns.spikes:
            spikes = columns.spikes[name]
            yield Row(
                name, "rate", predicted["rate"], *_rate(spikes, begin, columns.duration), "Hz"
            )
            cv = _cv(spikes, begin)
            if cv is not None:
                yield Row(name, "CV", predicted["cv"], *cv, "1")


def _mean_field(told: Mapping[str, Any], columns: Columns, begin: float) -> Iterator[Row]:
    for name, predicted in told["activity"].items():
        population = name.partition(".")[0] if name not in columns.spikes else name
        if predicted["unit"] == "Hz" and population in columns.spikes:
            spikes = columns.spikes[population]
            measured = _rate(spikes, begin, columns.duration)
            yield Row(name, "rate", predicted["mean"], *measured, "Hz")
            cv = _cv(spikes, begin)
            if cv is not None and predicted["cv"] is not None:
                yield Row(name, "CV", predicted["cv"], *cv, "1")


def _resting(told: Mapping[str, Any], columns: Columns, begin: float) -> Iterator[Row]:
    stable = [p["state"] for p in told["fixed_points"] if p["stable"]]
    cycle = told.get("cycle")
    names = list(stable[0]) if stable else list(cycle["lowest"]) if cycle else []
    courses = {n: c for n in names if (c := _course(columns, n, begin)) is not None}
    if stable and courses:
        means = {n: _windows(v)[0] for n, (_, v, _) in courses.items()}
        nearest = min(stable, key=lambda s: sum((s[n] - m) ** 2 for n, m in means.items()))
        for name, (_, values, unit) in courses.items():
            yield Row(name, "mean", nearest[name], *_windows(values), unit)
    elif cycle:
        for name, (times, values, unit) in courses.items():
            cuts = np.array_split(values, max(int((times[-1] - times[0]) / cycle["period"] / 2), 1))
            for side, extreme in (("lowest", np.min), ("highest", np.max)):
                found = np.array([extreme(c) for c in cuts])
                yield Row(name, side, cycle[side][name], *_mean_error(found), unit)
            periods = _periods(times, values)
            if len(periods):
                yield Row(name, "period", cycle["period"], *_mean_error(periods), "ms")


def _binary(told: Mapping[str, Any], columns: Columns, begin: float) -> Iterator[Row]:
    first = 0
    for name, size in told["groups"].items():
        for variable, key in (("A", "mean_A"), ("V", "mean_V")):
            trace = _trace(columns, name, variable)
            if trace is None or key not in told:
                continue
            late = trace.between(begin, columns.duration)
            for k, unit in enumerate(trace.units):
                predicted = told[key][first + int(unit)]
                yield Row(f"{name}[{unit}]", f"mean {variable}", predicted,
                          *_windows(late.values[:, k]), "1")  # fmt: skip
        first += size


def _rate(spikes: Spikes, begin: float, end: float) -> tuple[float, float]:
    """Hz, and the standard error between windows."""
    counts, _ = np.histogram(spikes.times, np.linspace(begin, end, WINDOWS + 1))
    return _mean_error(counts / (spikes.size * (end - begin) / WINDOWS) * 1e3)


def _cv(spikes: Spikes, begin: float) -> tuple[float, float] | None:
    """Mean CV of the intervals of single neurons, and its standard error."""
    late = spikes.times >= begin
    times, senders = spikes.times[late], spikes.senders[late]
    order = np.lexsort((times, senders))
    times, senders = times[order], senders[order]
    gaps, same = np.diff(times), np.diff(senders) == 0
    gaps, of = gaps[same], senders[1:][same]
    counts = np.bincount(of, minlength=spikes.size)
    chosen = counts >= _FEWEST
    if chosen.sum() < 2:
        return None
    with np.errstate(all="ignore"):
        mean = np.bincount(of, gaps, spikes.size) / counts
        square = np.bincount(of, gaps**2, spikes.size) / counts
        cv = np.sqrt(np.maximum(square - mean**2, 0)) / mean
    return _mean_error(cv[chosen])


def _trace(columns: Columns, owner: str, variable: str) -> Trace | None:
    return next((t for t in columns.traces.get(owner, ()) if t.variable == variable), None)


def _course(columns: Columns, name: str, begin: float) -> tuple[Floats, Floats, str] | None:
    """Times, values and unit of a state called ``E.r`` or ``units.x[3]``, if it was recorded."""
    place, _, index = name.partition("[")
    owner, _, variable = place.rpartition(".")
    trace = _trace(columns, owner, variable)
    if trace is None:
        return None
    at = np.flatnonzero(trace.units == int(index.rstrip("]") or 0))
    if not len(at):
        return None
    late = trace.between(begin, columns.duration)
    return late.times, late.values[:, at[0]], trace.unit


def _windows(values: Floats) -> tuple[float, float]:
    return _mean_error(np.array([w.mean() for w in np.array_split(values, WINDOWS)]))


def _mean_error(values: Floats) -> tuple[float, float]:
    if len(values) < 2:
        return float(values.mean()), float("nan")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def _periods(times: Floats, values: Floats) -> Floats:
    """Times between crossings of the mean from below, interpolated."""
    above = values - values.mean()
    k = np.flatnonzero((above[:-1] < 0) & (above[1:] >= 0))
    share = -above[k] / (above[k + 1] - above[k])
    return np.diff(times[k] + share * (times[k + 1] - times[k]))
