"""What a synapse does in the classic experiments, as curves that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .definition.model import Synapse
from .errors import Unsupported
from .synapse_bench import DT, Floats, Ints, check, play

PAIRINGS = 60
SETTLED = 500.0  # ms after the last spike at which a weight is read
REWARD = 1000.0  # ms after the pairing
APART = 10.0  # ms between the spikes of a pair in the frequency protocol


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a panel; ``stems`` draws the points as stems from 0."""

    label: str
    x: Floats
    y: Floats
    stems: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture: curves, axes, what was done."""

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    logarithmic: bool = False
    zero: bool = True  # whether 0 is a line to compare with


def panels(synapse: Synapse) -> tuple[Panel, ...]:
    """The panels that apply: STDP window and frequency dependence, reward, or response to trains.

    Raises:
        Unsupported: the synapse has no states, adds to its port continuously, or has no closed
            form, because it reads the potential of a neuron that a picture does not have.
    """
    check(synapse)
    if synapse.events:
        return window(synapse), reward(synapse)
    if synapse.on_post:
        return window(synapse), frequency(synapse)
    return train(synapse), steady(synapse)


def window(synapse: Synapse) -> Panel:
    """The change of the weight by the time difference of a pair, post - pre.

    Alone, and as 60 pairs at 20 Hz, divided by 60. With third factors: each comes once, 1 s after
    the pair, and the weight is read when nothing moves any more.
    """
    lags = np.concatenate([np.arange(-100, 0, 2), np.arange(2, 102, 2)]) + 0.0
    near = lags[np.abs(lags) <= 24]
    curves = [Curve("one pair", lags, change(synapse, *_pairs(lags, [1.0] * len(lags), 1)))]
    if not synapse.events:
        several = change(synapse, *_pairs(near, [20.0] * len(near), PAIRINGS)) / PAIRINGS
        curves.append(Curve(f"{PAIRINGS} pairs at 20 Hz, per pair", near, several))
    name = weight_of(synapse)
    third = f", {' and '.join(synapse.events)} after {REWARD / 1000:g} s" if synapse.events else ""
    title = f"STDP window{third}"
    split = tuple(_split(curve) for curve in curves)
    return Panel(title, "post - pre at the synapse (ms)", f"change of {name}", split)


def frequency(synapse: Synapse) -> Panel:
    """The change of the weight by 60 pairs, 10 ms apart in either order, against their rate."""
    rates = np.array([1.0, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
    lags = np.repeat([APART, -APART], len(rates))
    both = change(synapse, *_pairs(lags, np.tile(rates, 2), PAIRINGS))
    curves = (
        Curve(f"pre {APART:g} ms before post", rates, both[: len(rates)]),
        Curve(f"post {APART:g} ms before pre", rates, both[len(rates) :]),
    )
    name = weight_of(synapse)
    return Panel(f"{PAIRINGS} pairs", "rate of the pairs (Hz)", f"change of {name}", curves)


def reward(synapse: Synapse) -> Panel:
    """The change of the weight against the time from the pair to the third factor."""
    waits = np.concatenate([[20.0], np.arange(250, 5001, 250)])
    curves = []
    for lag, label in ((APART, "pre before post"), (-APART, "post before pre")):
        found = []
        for wait in waits:  # a third factor acts on all synapses at once: a run each
            pre, post = _pairs(np.array([lag]), [1.0], 1)
            found.append(float(change(synapse, pre, post, wait)[0]))
        curves.append(Curve(label, waits / 1000, np.array(found)))
    names = " and ".join(synapse.events)
    y = f"change of {weight_of(synapse)}"
    return Panel(f"pair, then {names}", f"time to {names} (s)", y, tuple(curves))


def train(synapse: Synapse) -> Panel:
    """What ten spikes at 20 Hz and one 500 ms later deliver, for a weight of 1."""
    times = np.concatenate([np.arange(10) * 50.0, [9 * 50.0 + 500.0]])
    amplitudes = play(synapse, [_steps(times + 10.0)]).amplitudes[0]
    curve = Curve("20 Hz, then a pause of 500 ms", times, amplitudes, stems=True)
    return Panel("Response to a train", "time (ms)", "delivered / weight", (curve,))


def steady(synapse: Synapse) -> Panel:
    """What a spike delivers in the end against the rate of a regular train."""
    rates = np.array([0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100])
    trains = [_steps(10.0 + np.arange(max(20, round(6 * r))) * 1000.0 / r) for r in rates]
    amplitudes = play(synapse, trains).amplitudes
    last, first = (np.array([a[k] for a in amplitudes]) for k in (-1, 0))
    curves = (Curve("steady state", rates, last), Curve("first spike", rates, first))
    x = "rate of a regular train (Hz)"
    return Panel("Response against rate", x, "delivered / weight", curves, logarithmic=True)


def weight_of(synapse: Synapse) -> str:
    """The state that is drawn as the weight: in what is delivered, changed by more than pre spikes.

    Raises:
        Unsupported: what is delivered has no state in it.
    """
    delivered = {n for s in synapse.before if s.op == "deliver" for n in s.expression.names}
    for equation in synapse.of_kind("subexpression"):
        if equation.name in delivered and equation.expression is not None:
            delivered |= equation.expression.names
    third = [s for statements in synapse.events.values() for s in statements]
    written = {s.target for s in (*synapse.on_post, *third)}
    found = sorted((n for n in synapse.states if n in delivered), key=lambda n: n not in written)
    if not found:
        raise Unsupported(
            f"{synapse.label} delivers none of its states: there is no weight to draw"
        )
    return found[0]


def change(
    synapse: Synapse, pre: Sequence[Ints], post: Sequence[Ints], wait: float = REWARD
) -> Floats:
    """The change of the weight by spikes that reach the synapses at these steps.

    It is read `SETTLED` ms after each synapse's last spike. Third factors come once, ``wait`` ms
    after the last spike of all.
    """
    ends = [DT * max(int(steps.max()) for steps in pair) for pair in zip(pre, post, strict=True)]
    factors = {name: _steps([max(ends) + wait]) for name in synapse.events}
    if factors:
        ends = [max(ends) + wait + 20 * SETTLED] * len(ends)
    found = play(synapse, pre, post, factors, [end + SETTLED for end in ends])
    name = weight_of(synapse)
    moved: Floats = found.values[name] - found.initial[name]
    return moved


_Trains = tuple[list[Ints], list[Ints]]


def _pairs(lags: Floats, rates: Sequence[float] | Floats, count: int) -> _Trains:
    """Steps of pre and post spikes: ``count`` pairs at each rate (Hz), post - pre = lag (ms)."""
    pre, post = [], []
    for lag, rate in zip(lags, rates, strict=True):
        centre = 200.0 + np.arange(count) * 1000.0 / rate
        pre.append(_steps(centre - min(lag, 0.0)))
        post.append(_steps(centre + max(lag, 0.0)))
    return pre, post


def _steps(times: ArrayLike) -> Ints:
    return np.rint(np.asarray(times, dtype=float) / DT).astype(np.int64)


def _split(curve: Curve) -> Curve:
    """A gap at 0, where the window jumps."""
    place = int(np.searchsorted(curve.x, 0.0))
    return Curve(curve.label, np.insert(curve.x, place, 0.0), np.insert(curve.y, place, np.nan))
