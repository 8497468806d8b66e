"""Likely causes where synapses are what differs: delay location, coincidences, stale weights,
amplitudes in flight.

A state sampled at t holds the events that reached the synapse before t. With the stamps of the
spikes and the parts of the delay it can be told which events fell between two samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..results.columns import Columns, Trace
from ..results.connections import Connections
from .align import common_positions, common_samples, labels
from .seen import Cause, Seen
from .traces import BOUND, FirstSample, differences, variable_span

Floats = NDArray[np.float64]

CLOSE = 1e-6  # ms: two times on one grid are the same
HALF = 0.5  # of the samples that differ, or of the stretches: mostly
MOST = 0.9  # of the connections
MANY = 200  # connections looked at


@dataclass(frozen=True, eq=False)
class _Start:
    """Where a connection begins to differ: between the sample before (``since``) and ``until``.

    ``pre``, ``post``: stamps of the spikes of its two units, None where they are no part of the
    results; ``before``, ``after``: the parts of its delay, all in ms.
    """

    since: float
    until: float
    pre: Floats | None
    post: Floats | None
    before: float
    after: float
    dt: float

    def arriving(self) -> tuple[Floats, Floats]:
        """When spikes of the two sides reach the synapse, of those between the two samples."""
        reached = [
            stamps + delay if stamps is not None else np.empty(0)
            for stamps, delay in ((self.pre, self.before), (self.post, self.after))
        ]
        low, high = self.since - CLOSE, self.until + self.dt + CLOSE
        pre, post = (when[(when > low) & (when < high)] for when in reached)
        return pre, post

    @property
    def coincident(self) -> float | None:
        """When a pre- and a postsynaptic spike reach the synapse in one step."""
        pre, post = self.arriving()
        met = pre[(np.abs(pre[:, None] - post[None, :]) < CLOSE).any(axis=1)]
        return float(met[0]) if len(met) else None

    @property
    def on_its_way(self) -> float | None:
        """Stamp of a spike within one delay before, where none has reached the synapse."""
        if self.pre is None or self.post is None or any(len(x) for x in self.arriving()):
            return None
        stamps = np.concatenate([self.pre, self.post])
        low = self.since - self.before - self.after - CLOSE
        near = stamps[(stamps > low) & (stamps < self.until + CLOSE)]
        return float(near.max()) if len(near) else None


@dataclass(frozen=True, eq=False)
class _Place:
    """The connection that differs first, and where each of the others begins to differ."""

    first: FirstSample
    base: Trace
    other: Trace
    starts: tuple[_Start, ...]


def synapse_apart(seen: Seen) -> Cause | None:
    """What explains a synapse that differs before any spike and any neuron does."""
    first, spike = seen.pair.first_sample, seen.pair.first_spike
    if first is None or not first.is_synapse or first.time <= 0:
        return None
    place = _place(seen, first)
    if spike is not None and spike.time < place.starts[0].since:
        return None
    for explain in (_located, _stale, _coincident, _on_the_way, _event):
        cause = explain(seen, place)
        if cause is not None:
            return cause
    return None


def _place(seen: Seen, first: FirstSample) -> _Place:
    base = seen.base.trace(first.population, first.variable)
    other = seen.other.trace(first.population, first.variable)
    a, b = common_samples(base, other)
    rows, columns = (
        common_positions(labels(base.times), labels(other.times))[0],
        common_positions(base.units, other.units)[0],
    )
    differ = differences(a, b) > BOUND * variable_span(a, b)
    own = seen.base.connections[first.population].of(base.units[columns])
    spike = seen.pair.first_spike  # what follows it is its consequence
    late = np.inf if spike is None else max(spike.time, first.time)
    differ &= (base.times[rows] <= late)[:, None]
    some = np.flatnonzero(differ.any(axis=0))[:MANY]
    order = sorted(some, key=lambda k: (own.numbers[k] != first.neuron, k))
    starts = (_start(seen, own, k, base.times[rows], int(differ[:, k].argmax())) for k in order)
    return _Place(first, base, other, tuple(starts))


def _start(seen: Seen, own: Connections, k: int, times: Floats, row: int) -> _Start:
    pre = _stamps_of(seen.base, own.source, int(own.pre[k]))
    if pre is None and own.stamps is not None:
        pre = own.stamps[0][own.stamps[1] == own.pre[k]]
    post = _stamps_of(seen.base, own.target, int(own.post[k]))
    window = float(times[row - 1]) if row else 0.0, float(times[row])
    delays = float(own.axonal[k]), float(own.dendritic[k])
    return _Start(*window, pre, post, *delays, seen.pair.alignment.dt)


def _stamps_of(run: Columns, population: str, unit: int) -> Floats | None:
    spikes = run.spikes.get(population)
    return None if spikes is None else spikes.times[spikes.senders == unit]


def _located(seen: Seen, place: _Place) -> Cause | None:
    """The two definitions put the delay at different places."""
    first = place.first
    known = [c.connections[first.population].of([first.neuron]) for c in (seen.base, seen.other)]
    parts = [(float(c.axonal[0]), float(c.dendritic[0])) for c in known]
    if np.allclose(parts[0], parts[1], rtol=0, atol=CLOSE):
        return None
    named = [f"{a:g} ms axonal and {d:g} ms dendritic" for a, d in parts]
    return Cause(
        "delay location",
        f"the delay of {first.place} is {named[0]} in {seen.pair.base}, {named[1]} in "
        f"{seen.pair.other}: spikes of the two sides reach the synapse in another order",
    )


def _stale(seen: Seen, place: _Place) -> Cause | None:
    """One result keeps old values and catches up later."""
    first = place.first
    a, b = common_samples(place.base, place.other)
    differ = differences(a, b) > BOUND * variable_span(a, b)
    at_bound = (a[1:] == a.min()) | (a[1:] == a.max())  # clipped values meet again there
    ends = differ[:-1] & ~differ[1:] & ~at_bound
    begins = differ[1:] & ~differ[:-1]
    if not begins.any() or ends.sum() < HALF * begins.sum():
        return None
    for name, values in ((seen.pair.other, b), (seen.pair.base, a)):
        kept = values[1:] == values[:-1]
        late = differ[1:]
        if kept[late].mean() >= HALF and not kept[ends].any():
            share = f"{int(ends.sum())} of {int(begins.sum())}"
            return Cause(
                "stale weights",
                f"{first.population}.{first.variable} in {name} keeps an old value while it "
                f"differs (first {first.place} at {first.time:g} ms) and catches up {share} "
                "times: it is read as it was at the last presynaptic spike, not brought up to date",
            )
    return None


def _coincident(_: Seen, place: _Place) -> Cause | None:
    """Connections begin to differ where two spikes reach the synapse in one step."""
    met = [start.coincident for start in place.starts]
    count = sum(when is not None for when in met)
    if met[0] is None or count < MOST * len(met):
        return None
    return Cause(
        "coincident spikes",
        f"{place.first.where} differs at {place.first.time:g} ms, right after a pre- and a "
        f"postsynaptic spike reached the synapse in one step, at {met[0]:g} ms (so in {count} of "
        f"{len(met)} connections): they are handled in another order, or the pair is counted in "
        "one result only",
    )


def _on_the_way(_: Seen, place: _Place) -> Cause | None:
    """A connection begins to differ while a spike is on its way to it."""
    away = [start.on_its_way for start in place.starts]
    stamps = [stamp for stamp in away if stamp is not None]
    if not stamps:
        return None
    start = place.starts[away.index(stamps[0])]
    return Cause(
        "delay location",
        f"{place.first.where} differs at {place.first.time:g} ms; {len(stamps)} of {len(away)} "
        f"connections begin to differ while a spike is on its way to the synapse (stamped "
        f"{stamps[0]:g} ms, {start.until:g} ms), as where the delay sits on the axon in one "
        "result and on the dendrite in the other",
    )


def _event(seen: Seen, place: _Place) -> Cause | None:
    """What remains: the rule itself."""
    start, first = place.starts[0], place.first
    pre, post = start.arriving()
    sides = [side for side, some in (("pre", pre), ("post", post)) if len(some)]
    near = (
        f"right after a {' and a '.join(sides)}synaptic spike" if sides else "with no known spike"
    )
    missing = " (presynaptic spikes are no part of the results)" if start.pre is None else ""
    return Cause(
        "synapse",
        f"{first.where} parts by {first.difference:.3g} between {start.since:g} and "
        f"{start.until:g} ms, {near}{missing}: an event changes it by another amount in "
        f"{seen.pair.other}, or it develops differently between events (parameters, closed form)",
    )


def arrival_in_flight(seen: Seen) -> Cause | None:
    """A neuron differs although the weights agree, and a weight changed while a spike was away."""
    pair, first = seen.pair, seen.pair.first_sample
    if first is None or first.is_synapse or first.time <= 0:
        return None
    for trace in pair.traces:
        known = seen.base.connections.get(trace.population)
        agrees = trace.first is None or trace.first.time > first.time
        if known is None or known.target != first.population or not agrees:
            continue
        changed = _changed_on_the_way(seen.base, trace.population, trace.variable, known, first)
        if changed is not None:
            return Cause(
                "amplitude in flight",
                f"{first.where} differs from {first.time:g} ms on while {trace.population}."
                f"{trace.variable} agrees until then; {known.named(changed)} changed in the delay "
                "before: the amplitude is taken when the spike arrives in one result, when it "
                "passes the synapse in the other",
            )
    return None


def _changed_on_the_way(
    run: Columns, projection: str, variable: str, known: Connections, first: FirstSample
) -> int | None:
    """A connection onto the neuron whose value moved within its dendritic delay before."""
    trace = run.trace(projection, variable)
    own = known.of(trace.units)
    stop = int(np.searchsorted(trace.times, first.time - CLOSE, side="left"))
    for column in np.flatnonzero((own.post == first.neuron) & (own.dendritic > 0)):
        begin = first.time - own.dendritic[column] - CLOSE
        start = max(int(np.searchsorted(trace.times, begin, side="right")) - 1, 0)
        values = trace.values[start : stop + 1, column]
        if len(values) > 1 and (values != values[0]).any():
            return int(own.numbers[column])
    return None
