"""Graded synapses with states while the network runs, in numpy.

Over the step from t_k the port has sum_j c_ij(t_k) f(x_j(t_k - d_ij)), c the efficacy that the
states give; then, every ``every`` steps, the states move with x_j(t_k - d_ij) and x_i(t_k). What
would have been sent before time 0 is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnNetwork, DrawnProjection, Floats
from ..definition.evaluate import Evaluator, compile_text
from ..passes.learning import Rule, rule_of
from ..passes.program import Assign

Block = tuple[tuple[str, Evaluator], ...]


class Learning:
    """The synapses of one projection: one number a connection, or one for all.

    Where every unit is connected to every other in the order of (source, target), with one delay,
    numbers of connections are matrices (source, target), which needs no indices.
    """

    def __init__(
        self, projection: DrawnProjection, rule: Rule, sizes: tuple[int, int], dt: float
    ) -> None:
        assert projection.sources is not None and projection.targets is not None
        self.port, self.rule, self.every = projection.port, rule, projection.every
        self.interval = projection.every * dt
        self.sources, self.targets, self.sizes = projection.sources, projection.targets, sizes
        self.delays = np.broadcast_to(np.asarray(projection.delays), self.sources.shape)
        self.whole = _is_whole(self.sources, self.targets, self.delays, sizes)
        self.shape = sizes if self.whole else self.sources.shape
        self.parameters, self.weight = dict(projection.parameters), projection.weights
        self.states = {n: self._full(projection.initial[n]) for n in rule.states}
        self.next, self.due = self.states, -1  # what holds from step ``due`` on
        rows = int(self.delays.max(initial=0)) + 1
        self.past = {n: np.zeros((rows, sizes[0])) for n in (*rule.pre, "passed")}
        self.read_pre = {n: compile_text(e.text) for n, e in rule.pre.items()}
        self.read_post = {n: compile_text(e.text) for n, e in rule.post.items()}
        self.passed, self.efficacy = (
            compile_text(rule.passed.text),
            compile_text(rule.efficacy.text),
        )
        self.block = _block((*rule.step, *rule.after))
        self._renew()

    def set_weights(self, weights: Any) -> None:
        """One weight for all, or one per connection."""
        self.weight = weights
        self._renew()

    def set_parameter(self, name: str, value: Any) -> None:
        """A parameter of the synapses becomes another one."""
        self.parameters[name] = value
        self._renew()

    def step(self, k: int, sender: Mapping[str, Any]) -> Floats:
        """The port's share over the step from ``k`` on; ``sender``: the names of x_k."""
        if k == self.due:
            self.states, self.due = self.next, -1
            self.strength = self._strength()
        row = k % len(self.past["passed"])
        read = {n: value(sender) for n, value in self.read_pre.items()}
        for name, value in read.items():
            self.past[name][row] = value
        self.past["passed"][row] = self.passed({**self.parameters, **read})
        return self._sum(self._arrived("passed", k))

    def learn(self, k: int, receiver: Mapping[str, Any]) -> None:
        """Move the states with what arrived at ``k`` and the receivers' names of x_k."""
        if k % self.every:
            return
        scope: dict[str, Any] = {**self.numbers, **self.states}
        for name in self.rule.pre:
            arrived = self._arrived(name, k)
            scope[name] = arrived[:, None] if self.whole else arrived
        for name, value in self.read_post.items():
            here = np.broadcast_to(value(receiver), (self.sizes[1],))
            scope[name] = here[None, :] if self.whole else here[self.targets]
        for target, value in self.block:
            scope[target] = value(scope)
        self.next = {n: np.broadcast_to(scope[n], self.shape) for n in self.states}
        self.due = k + self.every

    def value(self, name: str, units: NDArray[np.int64], k: int) -> Floats:
        """A state of the synapses ``units`` at step ``k``."""
        found: Floats = (self.next if k == self.due else self.states)[name]
        return found.reshape(-1)[units]

    def _renew(self) -> None:
        numbers = self.rule.numbers_of(self.parameters, self.weight, self.interval)
        self.numbers = {n: self._full(v) if np.ndim(v) else v for n, v in numbers.items()}
        self.strength = self._strength()

    def _strength(self) -> Floats:
        return np.broadcast_to(self.efficacy({**self.numbers, **self.states}), self.shape)

    def _full(self, value: Any) -> Floats:
        count = self.sources.shape
        return np.broadcast_to(np.asarray(value, dtype=float), count).reshape(self.shape)

    def _arrived(self, name: str, k: int) -> Floats:
        """What left the senders one delay ago: one number a sender, or a connection."""
        past = self.past[name]
        if self.whole:
            found: Floats = past[(k - int(self.delays.flat[0])) % len(past)]
            return found
        return past[(k - self.delays) % len(past), self.sources]  # type: ignore[no-any-return]

    def _sum(self, arrived: Floats) -> Floats:
        if self.whole:
            return arrived @ self.strength
        shares: Any = self.strength * arrived
        total: Floats = np.bincount(self.targets, shares, minlength=self.sizes[1]).astype(float)
        return total


def learning_of(network: DrawnNetwork, projection: DrawnProjection) -> Learning:
    """The synapses of a graded projection with states, at their initial values."""
    pre, post = network.populations[projection.pre], network.populations[projection.post]
    rule = rule_of(projection.synapse, pre.neuron, post.neuron, projection.port)
    return Learning(projection, rule, (pre.size, post.size), network.dt)


def _is_whole(sources: Any, targets: Any, delays: Any, sizes: tuple[int, int]) -> bool:
    if not len(sources) or len(sources) != sizes[0] * sizes[1] or np.ptp(delays):
        return False
    places = np.arange(len(sources))
    return bool((sources * sizes[1] + targets == places).all())


def _block(statements: tuple[Assign, ...]) -> Block:
    return tuple((a.target, compile_text(a.value.text)) for a in statements)
