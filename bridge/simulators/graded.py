"""Graded coupling: sum_j w_ij f(x_j(t - d_ij)) on a continuous port, one product a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnNetwork, DrawnProjection
from ..definition.evaluate import compile_text
from ..errors import SimulationFailed
from ..passes.graded import Signal, signal_of
from ..results.columns import Columns
from .learning import Learning, learning_of

Floats = NDArray[np.float64]


class Graded:
    """One projection while the network runs: its weights, and the signals of the last steps."""

    def __init__(self, projection: DrawnProjection, signal: Signal, sizes: tuple[int, int]) -> None:
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
            self.by_delay.append((int(delay), part))

    def step(self, k: int, sender: Mapping[str, Any]) -> Floats:
        """The port's share over the step from ``k`` on; ``sender``: the names of x_k."""
        rows = len(self.ring)
        self.ring[k % rows] = self.value({**sender, **self.numbers})
        parts = [weights @ self.ring[(k - delay) % rows] for delay, weights in self.by_delay]
        total: Floats = sum(parts[1:], parts[0]) if parts else np.zeros(self.sizes[1])
        return total


def graded_in(network: DrawnNetwork) -> dict[str, Graded | Learning]:
    """Every graded projection of ``network``."""
    graded = {n: p for n, p in network.projections.items() if p.synapse.is_graded}
    return {
        name: learning_of(network, p) if p.synapse.learns else _fixed(network, p)
        for name, p in graded.items()
    }


def _fixed(network: DrawnNetwork, projection: DrawnProjection) -> Graded:
    pre, post = network.populations[projection.pre], network.populations[projection.post]
    return Graded(projection, signal_of(projection.synapse, pre.neuron), (pre.size, post.size))


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
