"""Synapses with states: the contract's synaptic events, in numpy.

A synapse lies ``axonal`` steps behind the presynaptic neuron and ``dendritic`` steps before the
postsynaptic one. At the beginning of the step k -> k + 1 it handles, in this order,

    postsynaptic spikes stamped k - dendritic      (before or after the next, as the synapse says)
    presynaptic spikes stamped k - axonal          their amplitude arrives at k + dendritic
    third factors stamped k
    one Runge-Kutta step to k + 1, where a state has no closed form
    where dendritic = 0: presynaptic spikes stamped k + 1 - axonal, which arrive in this very step

Between events a state follows its closed form where it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnProjection
from ...passes.closures import block, run
from ...passes.synapse_program import AMPLITUDE, BEFORE, ELAPSED, SynapseProgram
from .arrivals import Arrivals, ranges

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int64).min


class Plastic:
    """The synapses of one projection while the network runs.

    Args:
        reads: name of a postsynaptic variable -> function that gives its value per unit.
    """

    def __init__(
        self,
        projection: DrawnProjection,
        program: SynapseProgram,
        sizes: tuple[int, int],
        arrivals: Arrivals,
        reads: Mapping[str, Callable[[], Floats]],
        dt: float,
        first: int,
    ) -> None:
        assert projection.sources is not None and projection.targets is not None
        self.program, self.arrivals, self.reads, self.dt = program, arrivals, reads, dt
        count = len(projection.sources)
        self.targets = projection.targets
        self.outgoing = _Fan(projection.sources, sizes[0])
        self.incoming = _Fan(projection.targets, sizes[1])
        self.axonal = np.broadcast_to(projection.axonal, (count,))
        self.dendritic = np.broadcast_to(projection.delays - self.axonal, (count,))
        self.at_soma = bool(count and (self.dendritic == 0).all())
        values = {**projection.parameters, "weight": projection.weights}
        self.values = {n: np.broadcast_to(v, (count,)) for n, v in values.items()}
        self.states = {
            n: np.array(np.broadcast_to(projection.initial[n], (count,)), dtype=float)
            for n in program.states
        }
        self.updated = np.full(count, first)
        self.before = {n: np.zeros(count) for n in (*program.kept_by_post, *program.kept_by_pre)}
        self.last_pre, self.last_post = np.full(count, NEVER), np.full(count, NEVER)
        self.pre_at: dict[int, list[Ints]] = {}
        self.post_at: dict[int, list[Ints]] = {}
        self.factors_at: dict[int, list[str]] = {}
        self.advance = block(program.advance)
        self.step = None if program.step is None else block(program.step)
        self.pre, self.pre_apart = block(program.pre), block(program.pre_apart)
        self.post, self.post_apart = block(program.post), block(program.post_apart)
        self.events = {n: block(statements) for n, statements in program.events.items()}

    def send(self, senders: Ints, step: int) -> None:
        """``senders`` of the presynaptic population spike at ``step``."""
        _queue(self.pre_at, self.outgoing.of(senders), step, self.axonal)

    def back(self, senders: Ints, step: int) -> None:
        """``senders`` of the postsynaptic population spike at ``step``."""
        if self.post:
            _queue(self.post_at, self.incoming.of(senders), step, self.dendritic)

    def factor(self, name: str, senders: Ints, step: int) -> None:
        """``senders`` of what drives the third factor ``name`` spike at ``step``."""
        self.factors_at.setdefault(step, []).extend([name] * len(senders))

    def begin(self, k: int) -> None:
        """The events at the beginning of the step from ``k`` on."""
        early = self.program.pre_first and not self.at_soma
        if early:
            self._handle_pre(k)
        self._handle_post(k)
        if not early and not self.at_soma:
            self._handle_pre(k)
        for name in sorted(self.factors_at.pop(k, [])):
            self._run(self.events[name], np.arange(len(self.targets)), k)
        if self.step is not None:
            self._clock()
        if self.at_soma:
            self._handle_pre(k + 1)

    def value(self, name: str, units: Ints, k: int) -> Floats:
        """A state of the synapses ``units``, brought up to date for step ``k``."""
        if name not in self.states:
            return np.asarray(self.values[name][units])
        found: Floats = self._advanced(units, k)[name]
        return np.broadcast_to(found, units.shape)

    def kept(self, k: int) -> dict[str, Any]:
        """What a final state of step ``k`` holds of the synapses.

        Without a delay after the synapse, spikes of step k have been there already; postsynaptic
        ones of the same step come next, and see the states ``before`` them.
        """
        every = np.arange(len(self.targets))
        found = {n: np.array(self.value(n, every, k)) for n in self.states}
        if self.at_soma and self.program.kept_by_pre:
            found["apart"] = self.last_pre == k
            found |= {f"before.{n}": self.before[n].copy() for n in self.program.kept_by_pre}
        return found

    def restore(self, k: int, kept: Mapping[str, Any]) -> None:
        """Put back what `kept` gave.

        Raises:
            KeyError, ValueError: it is of other synapses.
        """
        count = len(self.targets)
        self.states = {n: np.array(kept[n], dtype=float).reshape(count) for n in self.states}
        if self.at_soma and self.program.kept_by_pre:
            self.last_pre[np.asarray(kept["apart"])] = k
            self.before |= {n: np.array(kept[f"before.{n}"]) for n in self.program.kept_by_pre}

    def forget(self, k: int) -> None:
        """Spikes that were handled before step ``k`` began."""
        for queue, first in ((self.pre_at, k + self.at_soma), (self.post_at, k)):
            for step in [s for s in queue if s < first]:
                del queue[step]
        self.factors_at = {s: names for s, names in self.factors_at.items() if s >= k}

    def _handle_pre(self, k: int) -> None:
        for chosen in _rounds(self.pre_at.pop(k, [])):
            self._remember(self.program.kept_by_pre, chosen, k)
            apart = self.last_post[chosen] == k
            for part, statements in ((apart, self.pre_apart), (~apart, self.pre)):
                some = chosen[part]
                if len(some):
                    amplitude = self._run(statements, some, k)[AMPLITUDE]
                    weights = np.array(np.broadcast_to(amplitude, some.shape))
                    self.arrivals.add(k + self.dendritic[some], self.targets[some], weights)
            self.last_pre[chosen] = k

    def _handle_post(self, k: int) -> None:
        for chosen in _rounds(self.post_at.pop(k, [])):
            self._remember(self.program.kept_by_post, chosen, k)
            apart = self.last_pre[chosen] == k
            for part, statements in ((apart, self.post_apart), (~apart, self.post)):
                if part.any():
                    self._run(statements, chosen[part], k)
            self.last_post[chosen] = k

    def _remember(self, names: tuple[str, ...], chosen: Ints, k: int) -> None:
        for name in names:
            self.before[name][chosen] = self._advanced(chosen, k)[name]

    def _advanced(self, chosen: Ints, k: int) -> dict[str, Any]:
        """Names -> values of the synapses ``chosen``, brought up to date for step ``k``."""
        scope: dict[str, Any] = {n: v[chosen] for n, v in {**self.values, **self.states}.items()}
        for name, read in self.reads.items():
            scope[f"{name}_post"] = read()[self.targets[chosen]]
        scope[ELAPSED] = (k - self.updated[chosen]) * self.dt
        return run(self.advance, scope)

    def _run(self, statements: Any, chosen: Ints, k: int) -> dict[str, Any]:
        scope = self._advanced(chosen, k)
        scope |= {f"{BEFORE}{n}": v[chosen] for n, v in self.before.items()}
        scope = run(statements, scope)
        for name, values in self.states.items():
            values[chosen] = scope[name]
        self.updated[chosen] = k
        return scope

    def _clock(self) -> None:
        scope: dict[str, Any] = {**self.values, **self.states, "dt_ms": self.dt}
        for name, read in self.reads.items():
            scope[f"{name}_post"] = read()[self.targets]
        scope = run(self.step or (), scope)
        self.states = {n: np.array(scope[n]) for n in self.states}


@dataclass(frozen=True)
class Tap:
    """What takes spikes as `Axons` do, and hands them to one side of `Plastic`."""

    send: Callable[[Ints, int], None]


class _Fan:
    """The connections of each unit."""

    def __init__(self, units: Ints, size: int) -> None:
        self.order = np.argsort(units, kind="stable")
        self.first = np.searchsorted(units[self.order], np.arange(size + 1))

    def of(self, senders: Ints) -> Ints:
        """The connections of all ``senders``; those of a unit that occurs twice occur twice."""
        found: Ints = self.order[ranges(self.first[senders], self.first[senders + 1])]
        return found


def _queue(queue: dict[int, list[Ints]], chosen: Ints, step: int, delays: Ints) -> None:
    when = step + delays[chosen]
    for due in np.unique(when):
        queue.setdefault(int(due), []).append(chosen[when == due])


def _rounds(parts: list[Ints]) -> list[Ints]:
    """Connections such that none occurs twice in one array: a second spike follows the first."""
    left = np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)
    found = []
    while len(left):
        first = np.concatenate([[True], left[1:] != left[:-1]])
        found.append(left[first])
        left = left[~first]
    return found
