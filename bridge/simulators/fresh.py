"""States of NEST's synapses, NESTML's and PyNN's on NEST, brought up to date.

NEST's plastic synapses change at presynaptic spikes only: what they answer is the state right after
the last one, and even that spike may still wait for the next slice. The spikes of both sides are
known, so that what has happened since is done here with the synapse's own program, the same
statements that the reference runs. Traces that NEST keeps in the neuron are made from its spikes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..definition.drawn import (
    DrawnNetwork,
    DrawnProjection,
    DrawnSynapseRecording,
    Floats,
    Ints,
)
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression
from ..passes.statements import run_statements
from ..passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram, synapse_program
from ..records import dataclass

NEVER = np.iinfo(np.int64).max // 4
AT_ONCE = 10**6  # samples


@dataclass(frozen=True, eq=False)
class Answer:
    """What NEST's answer says: the states right after the last presynaptic spike.

    ``after``: state -> expression of NEST's status keys and ``values``, ``factors[state]`` times
    the state; a state that is not there is a trace of the postsynaptic spikes alone.
    """

    after: Mapping[str, Expression]
    factors: Mapping[str, Any]
    values: Mapping[str, Any]


def completed(
    network: DrawnNetwork,
    recording: DrawnSynapseRecording,
    answer: Answer,
    samples: Mapping[str, Floats],
    spikes: Mapping[str, tuple[Ints, Ints]],
    slices: tuple[int, int],
) -> list[Floats]:
    """One array (times, connections) per recorded variable, for the beginning of its step.

    Args:
        network: what ran.
        recording: what was recorded of one projection.
        answer: what the samples mean.
        samples: NEST's status, key -> (times, connections).
        spikes: population -> (steps, senders).
        slices: the length of NEST's slices, and NEST's steps before step 0.
    """
    projection = network.projections[recording.projection]
    source = network.sources.get(projection.pre)
    steps, senders = (source.steps, source.senders) if source else spikes[projection.pre]
    assert steps is not None and senders is not None
    trains = _Train(steps, senders), _Train(*spikes[projection.post])
    count = len(next(iter(samples.values())))
    some = max(1, AT_ONCE // max(1, len(recording.units)))  # a bound on the memory
    parts = []
    for row in range(0, count, some):
        rows = {key: values[row : row + some] for key, values in samples.items()}
        reading = _Reading(projection, recording, answer, rows, row, trains, network.dt, slices)
        parts.append(reading.values())
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


class _Train:
    """Spikes of a population, so that those of each unit are found at once."""

    def __init__(self, steps: Ints, senders: Ints) -> None:
        self.many = int(steps.max(initial=0)) + 2
        self.keys = np.sort(senders * self.many + steps)

    def count(self, units: Ints, limits: Ints) -> Ints:
        """How many spikes of earlier units, and of these up to ``limits``, there are."""
        limits = np.clip(limits, -1, self.many - 1)
        found: Ints = np.searchsorted(self.keys, units * self.many + limits, side="right")
        return found

    def step(self, index: Ints, units: Ints) -> Ints:
        """The step of spike ``index``; NEVER where that is another unit's."""
        inside = (index >= 0) & (index < len(self.keys))
        keys = self.keys[np.where(inside, index, 0)] if len(self.keys) else np.zeros_like(index)
        mine = inside & (keys // self.many == units)
        found: Ints = np.where(mine, keys % self.many, NEVER)
        return found


class _Reading:
    """Samples from row ``first`` on, side by side: row k of connection j at k*connections + j."""

    def __init__(
        self,
        projection: DrawnProjection,
        recording: DrawnSynapseRecording,
        answer: Answer,
        samples: Mapping[str, Floats],
        first: int,
        trains: tuple[_Train, _Train],
        dt: float,
        slices: tuple[int, int],
    ) -> None:
        assert projection.sources is not None and projection.targets is not None
        self.program: SynapseProgram = synapse_program(projection.synapse)
        self.recording, self.after, self.dt = recording, answer.after, dt
        self.shape = next(iter(samples.values())).shape
        self.pre, self.post = trains
        chosen, rows = recording.units, self.shape[0]

        def each(values: Any) -> Any:
            wide = np.broadcast_to(values, projection.sources.shape)  # type: ignore[union-attr]
            return np.tile(wide[chosen], rows)

        self.source, self.target = each(projection.sources), each(projection.targets)
        self.axonal = each(projection.axonal)
        self.dendritic = each(projection.delays - projection.axonal)
        self.factors = {s: each(v) for s, v in answer.factors.items()}
        self.values_of = {n: each(v) for n, v in answer.values.items()}
        self.constants = {n: each(v) for n, v in projection.parameters.items()}
        self.constants["weight"] = each(projection.weights)
        self.initial = {n: each(projection.initial[n]) for n in self.program.states}
        self.until = np.repeat((first + np.arange(rows)) * recording.every, len(chosen))
        lag, warm = slices
        self.handled = -(-(self.until + warm) // lag) * lag - lag - warm
        self.samples = {k: np.ravel(v) for k, v in samples.items()}

    def values(self) -> list[Floats]:
        """The recorded variables."""
        self._at_last_spike()
        self._since()
        every = np.arange(len(self.until))
        now = self._advanced(every, self.until)
        return [
            np.broadcast_to(now[v], every.shape).reshape(self.shape)
            for v in self.recording.variables
        ]

    def _at_last_spike(self) -> None:
        """The states right after the last presynaptic spike that NEST has handled."""
        self.next_pre = self.pre.count(self.source, self.handled - self.axonal)
        last = self.pre.step(self.next_pre - 1, self.source)
        spiked = last < NEVER
        self.updated = np.where(spiked, last + self.axonal, 0)
        limit = np.where(spiked, self.updated - self.dendritic, -1)
        self.next_post = self.post.count(self.target, limit)
        scope = {**self.values_of, **self.samples}
        self.states = {}
        for name in self.program.states:
            after = self.after.get(name)
            if after is None:
                value = self._trace(name)
            else:
                value = evaluate(after, scope) / self.factors[name]
            self.states[name] = np.where(spiked, value, self.initial[name])

    def _trace(self, name: str) -> Floats:
        """A trace of the postsynaptic spikes up to ``updated``: it starts at 0."""
        values = np.zeros(len(self.post.keys) + 1)
        steps, units = self.post.keys % self.post.many, self.post.keys // self.post.many
        first = np.searchsorted(units, units)
        order = np.arange(len(units)) - first
        scope = {n: v[0] for n, v in self.constants.items()}
        for round_ in range(int(order.max(initial=-1)) + 1):
            now = np.flatnonzero(order == round_)
            before = np.where(round_ > 0, values[now - 1], 0.0)
            gap = np.where(round_ > 0, steps[now] - steps[now - 1], 0)
            values[now] = self._step(name, before, gap, scope, self.program.post)
        index = self.next_post - 1
        latest = self.post.step(index, self.target)
        some = latest < NEVER
        gap = np.where(some, self.updated - self.dendritic - latest, 0)
        found: Floats = self._step(name, np.where(some, values[index], 0.0), gap, scope, ())
        return found

    def _step(self, name: str, before: Any, gap: Any, scope: Any, event: Any) -> Any:
        """A trace after ``gap`` steps and ``event``; all it reads is itself."""
        here = {**scope, **dict.fromkeys(self.program.states, 0.0), name: before}
        here[ELAPSED] = gap * self.dt
        return run_statements((*self.program.advance, *event), here)[name]

    def _since(self) -> None:
        """Every spike between then and the sample, in its order, on all connections at once."""
        last_post = np.full(len(self.until), -1)
        self.before = {n: np.zeros(len(self.until)) for n in self.program.kept_by_post}
        left = np.arange(len(self.until))
        while len(left):
            post = self.post.step(self.next_post[left], self.target[left]) + self.dendritic[left]
            pre = self.pre.step(self.next_pre[left], self.source[left]) + self.axonal[left]
            now = np.minimum(pre, post)
            open_ = now < self.until[left]
            left, pre, post, now = left[open_], pre[open_], post[open_], now[open_]
            first = post <= pre
            self._post(left[first], now[first])
            last_post[left[first]] = now[first]
            self._pre(left[~first], now[~first], last_post)

    def _post(self, chosen: Ints, now: Ints) -> None:
        scope = self._advanced(chosen, now)
        for name, kept in self.before.items():
            kept[chosen] = scope[name]
        self._run(self.program.post, scope, chosen, now)
        self.next_post[chosen] += 1

    def _pre(self, chosen: Ints, now: Ints, last_post: Ints) -> None:
        apart = last_post[chosen] == now
        for part, statements in ((apart, self.program.pre_apart), (~apart, self.program.pre)):
            some = chosen[part]
            scope = self._advanced(some, now[part])
            scope |= {f"{BEFORE}{n}": v[some] for n, v in self.before.items()}
            self._run(statements, scope, some, now[part])
        self.next_pre[chosen] += 1

    def _advanced(self, chosen: Ints, now: Ints) -> dict[str, Any]:
        scope = {n: v[chosen] for n, v in {**self.constants, **self.states}.items()}
        scope[ELAPSED] = (now - self.updated[chosen]) * self.dt
        return run_statements(self.program.advance, scope)

    def _run(self, statements: Any, scope: dict[str, Any], chosen: Ints, now: Ints) -> None:
        scope = run_statements(statements, {AMPLITUDE: 0.0, **scope})
        for name, values in self.states.items():
            values[chosen] = scope[name]
        self.updated[chosen] = now
