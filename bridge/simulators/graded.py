"""Graded coupling: sum_j w_ij f(x_j(t - d_ij)) on a continuous port, one product a step.

Where signals change at few steps, as those of binary units, the product is made from the changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnNetwork, DrawnProjection
from ..definition.evaluate import compile_text
from ..errors import SimulationFailed
from ..passes.graded import Signal, signal_of
from ..passes.stepwise import is_stepwise
from ..results.columns import Columns
from .learning import Learning, learning_of

Floats = NDArray[np.float64]
FEW = 16  # a change per so many senders, and a whole product is cheaper
REFRESH = 1000  # steps after which the product is made anew


class Graded:
    """One projection while the network runs: its weights, and the signals of the last steps."""

    def __init__(
        self,
        projection: DrawnProjection,
        signal: Signal,
        sizes: tuple[int, int],
        stepwise: bool = False,
    ) -> None:
        self.product = Changes if stepwise else Product
        assert projection.sources is not None and projection.targets is not None
        self.port, self.sizes, self.signal = projection.port, sizes, signal
        self.value = compile_text(signal.value.text)
        self.numbers = {own: projection.parameters[n] for own, n in signal.parameters.items()}
        self.sources, self.targets = projection.sources, projection.targets
        self.delays = np.broadcast_to(np.asarray(projection.delays), self.sources.shape)
        self.ring = np.zeros((int(self.delays.max(initial=0)) + 1, sizes[0]))
        self.set_weights(projection.weights)

    def set_weights(self, weights: Any) -> None:
        """One weight for all, or one per connection."""
        self.weights = weights
        full = np.broadcast_to(np.asarray(weights, dtype=float), self.sources.shape)
        self.by_delay = []
        for delay in np.unique(self.delays):
            mine = self.delays == delay
            part = matrix(self.sources[mine], self.targets[mine], full[mine], self.sizes)
            self.by_delay.append((int(delay), self.product(part)))

    def step(self, k: int, sender: Mapping[str, Any]) -> Floats:
        """The port's share over the step from ``k`` on; ``sender``: the names of x_k."""
        rows = len(self.ring)
        self.ring[k % rows] = self.value({**sender, **self.numbers})
        parts = [part.of(self.ring[(k - delay) % rows]) for delay, part in self.by_delay]
        total: Floats = sum(parts[1:], parts[0]) if parts else np.zeros(self.sizes[1])
        return total


class Product:
    """Weights times signals."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights

    def of(self, signals: Floats) -> Floats:
        """The sum over senders."""
        total: Floats = self.weights @ signals
        return total


class Changes:
    """Weights times signals, from the signals that changed; whole now and then, against rounding.

    A new product costs all connections, a change those of its sender.
    """

    def __init__(self, weights: Any) -> None:
        self.weights, self.columns = weights, None
        if not isinstance(weights, np.ndarray):
            self.columns = weights.tocsc()
        self.last = np.full(weights.shape[1], np.nan)
        self.total = np.zeros(weights.shape[0])
        self.age = 0

    def of(self, signals: Floats) -> Floats:
        """The sum over senders."""
        changed = np.flatnonzero(signals != self.last)
        self.age += 1
        if len(changed) * FEW > len(signals) or self.age >= REFRESH:
            self.total, self.age = self.weights @ signals, 0
        elif len(changed):
            self.total = self.total.copy()
            self._add(changed, signals[changed] - self.last[changed])
        self.last[changed] = signals[changed]
        return self.total

    def _add(self, changed: Any, by: Floats) -> None:
        if self.columns is None:
            self.total += self.weights[:, changed] @ by
            return
        starts, rows, weights = self.columns.indptr, self.columns.indices, self.columns.data
        for sender, change in zip(changed.tolist(), by.tolist(), strict=True):
            own = slice(starts[sender], starts[sender + 1])
            self.total[rows[own]] += weights[own] * change  # a column has every row once


def graded_in(network: DrawnNetwork) -> dict[str, Graded | Learning]:
    """Every graded projection of ``network``."""
    graded = {n: p for n, p in network.projections.items() if p.synapse.is_graded}
    return {
        name: learning_of(network, p) if p.synapse.learns else _fixed(network, p)
        for name, p in graded.items()
    }


def _fixed(network: DrawnNetwork, projection: DrawnProjection) -> Graded:
    pre, post = network.populations[projection.pre], network.populations[projection.post]
    signal = signal_of(projection.synapse, pre.neuron)
    stepwise = is_stepwise(projection.synapse, pre.neuron)
    return Graded(projection, signal, (pre.size, post.size), stepwise)


def check_traces(network: DrawnNetwork, columns: Columns) -> None:
    """Recorded states of graded units and synapses are numbers; other neurons are not looked at.

    Raises:
        SimulationFailed: with the population, the state, the unit and the time.
    """
    graded = [p for p in network.projections.values() if p.synapse.is_graded]
    for name in sorted({n for p in graded for n in (p.pre, p.post)}):
        states = network.populations[name].neuron.states
        for trace in columns.traces.get(name, ()):
            if trace.variable in states and not np.isfinite(trace.values).all():
                at, unit = np.argwhere(~np.isfinite(trace.values))[0]
                raise not_finite(
                    f"{network.label}.{name}",
                    trace.variable,
                    int(trace.units[unit]),
                    f"from {trace.times[at]:g} ms on",
                )
    for projection in graded:
        for trace in columns.traces.get(projection.name, ()) if projection.synapse.learns else ():
            if not np.isfinite(trace.values).all():
                at, place = np.argwhere(~np.isfinite(trace.values))[0]
                raise not_finite(
                    f"{network.label}.{projection.name}",
                    trace.variable,
                    int(trace.units[place]),
                    f"from {trace.times[at]:g} ms on",
                    "connection",
                )


def not_finite(
    place: str, state: str, unit: int, when: str, what: str = "unit"
) -> SimulationFailed:
    """The error for a unit whose function has no value, or grows past all numbers."""
    return SimulationFailed(
        f"{state} of {what} {unit} is no finite number {when}",
        model=place,
        symbol=state,
        remedy="write its function so that it has a value for every input, e.g. with max(x, 0) or "
        "clip, or weaken the weights if it grows without bound",
    )


def matrix(sources: Any, targets: Any, weights: Any, sizes: tuple[int, int]) -> Any:
    """The weights as (targets, sources): dense where a quarter of the pairs is connected."""
    shape = (sizes[1], sizes[0])
    if len(sources) * 4 < shape[0] * shape[1]:
        from scipy.sparse import csr_array

        return csr_array((weights, (targets, sources)), shape=shape)
    dense = np.zeros(shape)
    np.add.at(dense, (targets, sources), weights)
    return dense
