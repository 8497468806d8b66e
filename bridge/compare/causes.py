"""From where two results part to the rule of the time-step contract that is the likely cause.

A cause is a reading of the evidence, not a proof: the text says what was seen first.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..results.columns import Columns, Spikes
from ..results.order import on_grid, split_by_sender
from .causes_synapses import arrival_in_flight, synapse_apart
from .pairs import Pair
from .provenance import caveats, scheme
from .seen import Cause, Seen
from .spikes import FirstSpike
from .traces import BOUND, FirstSample

JUMP = 100.0  # times the bound in a single sample: an event, not the growth of an error
EARLY = 5  # samples in which a wrong scheme or parameter shows, whatever its size


def likely_cause(pair: Pair, base: Columns, other: Columns) -> Cause | None:
    """The first explanation that fits, from the most to the least specific; None if identical."""
    if pair.identical:
        return None
    seen = Seen(pair, base, other)
    for explain in EXPLANATIONS:
        cause = explain(seen)
        if cause is not None:
            return cause
    return None


def known_caveats(base: Columns, other: Columns) -> tuple[str, ...]:
    """Caveats of the built-ins that either result was made with."""
    return tuple(dict.fromkeys([*caveats(base), *caveats(other)]))


def _seeds(seen: Seen) -> Cause | None:
    seeds = [str(run.manifest.get("seed", "")) for run in (seen.base, seen.other)]
    if seeds[0] == seeds[1] or not all(seeds):
        return None
    return Cause(
        "seed",
        f"the results were drawn with seeds {seeds[0]} and {seeds[1]}: only their statistics can "
        "be compared",
    )


def _own_draws(seen: Seen) -> Cause | None:
    listed = seen.other.manifest.get("own_draws") or seen.base.manifest.get("own_draws") or ()
    if not listed:
        return None
    return Cause(
        "own draws",
        f"each simulator drew {', '.join(map(str, listed))} for itself: only statistics can agree; "
        "freeze it (frozen noise, draw = frozen, native = false) to compare spike by spike",
    )


def _shifted(seen: Seen) -> Cause | None:
    pair = seen.pair
    if not pair.shifts:
        return None
    shift = pair.shifts[0]
    count = abs(shift.steps)
    late = f"{count} step{'s' if count > 1 else ''} {'later' if shift.steps > 0 else 'earlier'}"
    text = f"{shift.what} of {shift.population} in {pair.other} come {late} than in {pair.base}"
    if shift.what != "spikes":
        text = f"samples of {shift.population}.{shift.what}" + text.split(shift.population, 1)[1]
        return Cause("sample label", f"{text}: a sample at t must be the state after step t")
    text += f" ({shift.before:.0f} differ as they are, {shift.after:.0f} when moved back)"
    text += ": a spike is stamped at the end of its step, and arrives one delay after its stamp"
    if known_caveats(seen.base, seen.other):
        text += "; or a known departure of the built-in moves its spikes"
    return Cause("spike label or delay", text)


def _left_out(seen: Seen) -> Cause | None:
    pair = seen.pair
    if pair.unshared and pair.differing == 0 and all(trace.within for trace in pair.traces):
        listed = ", ".join(pair.unshared)
        return Cause("recording", f"what both recorded agrees, but only one has: {listed}")
    return None


def _initial(seen: Seen) -> Cause | None:
    first = seen.pair.first_sample
    if first is None or first.time > 0:
        return None
    return Cause(
        "initial state", f"{first.where} differs by {first.difference:.3g} in sample 0 already"
    )


def _refractory(seen: Seen) -> Cause | None:
    """The earliest allowed next spike differs by a step or two, and that is where it begins."""
    pair, base, other = seen.pair, seen.base, seen.other
    first = pair.first_spike
    if first is None or pair.alignment.rule != "grid":
        return None
    dt = pair.alignment.dt
    a, b = base.spikes[first.population], other.spikes[first.population]
    shortest = _shortest_interval(a, dt), _shortest_interval(b, dt)
    if None in shortest or shortest[0] == shortest[1]:
        return None
    low, high = sorted(steps for steps in shortest if steps is not None)
    mine = a if first.in_base else b
    interval = _interval_before(mine, first.neuron, first.time)
    if high - low > 2 or interval is None or round(interval / dt) != low:
        return None
    names = f"{shortest[0]} steps in {pair.base}, {shortest[1]} in {pair.other}"
    return Cause(
        "refractory count",
        f"neuron {first.neuron} of {first.population} fires again {low} steps after a spike in one "
        f"result only; the shortest interval is {names}: the refractory period is counted "
        "differently",
    )


def _shortest_interval(spikes: Spikes, dt: float) -> int | None:
    steps = on_grid(spikes.times, dt)
    if steps is None:
        return None
    units = split_by_sender(spikes.times, spikes.senders, spikes.size)
    interval = np.diff(units.times)
    owner = np.repeat(np.arange(spikes.size), np.diff(units.offsets))
    inner = interval[owner[1:] == owner[:-1]]
    return round(float(inner.min()) / dt) if len(inner) else None


def _interval_before(spikes: Spikes, neuron: int, time: float) -> float | None:
    times = spikes.times[spikes.senders == neuron]
    before = times[times < time - 1e-9]
    return float(time - before[-1]) if len(before) else None


def _event(seen: Seen) -> Cause | None:
    pair = seen.pair
    first = pair.first_sample
    if first is None or not _jumps(pair, first):
        return None
    where = f"{first.where} jumps apart by {first.difference:.3g} at {first.time:g} ms"
    since = _since_own_spike(seen.base, first)
    if since is not None:
        return Cause(
            "reset or refractory",
            f"{where}, {since:g} ms after its own spike: reset, refractory count, or input that "
            "arrives while clamped",
        )
    schemes = _schemes(seen)
    if schemes:
        return Cause(
            "integration or arrival",
            f"{where}, away from its own spikes: what sets in there is integrated by other schemes "
            f"({schemes}), or it is another input: delay, weight, current, order of arrival and "
            "threshold",
        )
    return Cause(
        "arrival",
        f"{where}, away from its own spikes: an input arrives there in one result only, or with "
        "another size: delay, weight, current, or the order of arrival and threshold",
    )


def _schemes(seen: Seen) -> str:
    """The schemes of the two results where both are known and differ."""
    one, two = scheme(seen.base), scheme(seen.other)
    return f"{one} and {two}" if one and two and one != two else ""


def _jumps(pair: Pair, first: FirstSample) -> bool:
    for trace in pair.traces:
        if trace.first is first:
            large = JUMP * max(BOUND * trace.span, first.before)
            return first.sample > EARLY and first.difference > large
    return False


def _since_own_spike(base: Columns, first: FirstSample) -> float | None:
    """Time since the neuron's last spike where that is within 5 ms, the usual refractory range."""
    spikes = base.spikes.get(first.population)
    if spikes is None:
        return None
    times = spikes.times[spikes.senders == first.neuron]
    before = times[times <= first.time + 1e-9]
    recent = len(before) > 0 and first.time - before[-1] <= 5.0
    return round(float(first.time - before[-1]), 6) if recent else None


def _growth(seen: Seen) -> Cause | None:
    pair = seen.pair
    first, spike = pair.first_sample, pair.first_spike
    if first is None or (spike is not None and first.time >= spike.time):
        return None
    schemes = [scheme(seen.base), scheme(seen.other)]
    named = f" ({schemes[0]} and {schemes[1]})" if all(schemes) else ""
    return Cause(
        "integration",
        f"{first.where} drifts apart, beyond the bound from {first.time:g} ms on and before any "
        f"spike differs: integration scheme{named} or a parameter value",
    )


def _state_agrees(seen: Seen, first: FirstSpike) -> bool:
    """Whether the neuron's state was recorded and all recorded traces agree to the end."""
    some = seen.base.traces.get(first.population, ())
    recorded = any(first.neuron in trace.units for trace in some)
    return recorded and all(trace.within for trace in seen.pair.traces)


def _threshold(seen: Seen) -> Cause | None:
    pair = seen.pair
    first = pair.first_spike
    if first is None:
        return None
    if pair.alignment.rule != "grid":
        return Cause(
            "grid",
            f"spikes are apart by more than {pair.alignment.tolerance:g} ms from {first.time:g} ms "
            "on: a study over dt tells whether that is the step's error",
        )
    if _state_agrees(seen, first):
        return Cause(
            "recording",
            f"the recorded state of neuron {first.neuron} of {first.population} agrees to the end, "
            f"reset included: its spike at {first.time:g} ms happened in both and was recorded in "
            "one only",
        )
    if pair.traces:
        return Cause(
            "threshold",
            f"recorded traces agree within the bound up to the first differing spike at "
            f"{first.time:g} ms: a threshold crossed within rounding, or a unit that was not "
            "recorded",
        )
    return Cause("unknown", "no trace was recorded: record the membrane potential to learn more")


# from the most to the least specific; a new explanation is one function and its place here
EXPLANATIONS: tuple[Callable[[Seen], Cause | None], ...] = (
    _seeds,
    _own_draws,
    synapse_apart,
    _shifted,
    _left_out,
    _initial,
    arrival_in_flight,
    _refractory,
    _event,
    _growth,
    _threshold,
)
