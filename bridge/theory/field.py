"""A network of units that act continuously, or one neuron, as dx/dt = f(x) with its Jacobian.

The vector field is taken from the drawn definition: f is the drift of every unit, its ports hold
sum_j w_ij g(x_j) + inputs, and J = df/dx + (df/dport) W (dg/dx), each factor derived by algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection
from ..definition.evaluate import compile_text
from ..definition.expressions import Expression
from ..errors import DefinitionError
from ..passes.substitute import inlined
from .slopes import Slopes, signal_slopes, slopes_of

Floats = NDArray[np.float64]
Scope = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Block:
    """One population: ``first`` is the place of its first state, ``fixed`` its numbers."""

    name: str
    size: int
    states: tuple[str, ...]
    first: int
    slopes: Slopes
    fixed: Mapping[str, Any]  # parameters
    inputs: Mapping[str, Floats]  # continuous port -> constant input per unit
    fires: Expression | None = None  # the spike condition

    def at(self, state: str) -> slice:
        """Where ``state`` of its units stands in x."""
        start = self.first + self.states.index(state) * self.size
        return slice(start, start + self.size)


@dataclass(frozen=True, eq=False)
class Coupling:
    """``port`` of ``post`` receives ``weights`` (post, pre) times ``value`` of ``pre``."""

    pre: str
    post: str
    port: str
    weights: Floats
    value: Expression
    slopes: Mapping[str, Expression]
    numbers: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Field:
    """dx/dt = f(x), x a vector of the states of all units, population by population.

    ``start`` holds the initial values, ``dimension`` is the length of x, ``notes`` say what the
    deterministic equations leave out. All functions take x as (..., dimension).
    """

    label: str
    blocks: Mapping[str, Block]
    couplings: tuple[Coupling, ...]
    start: Floats
    notes: tuple[str, ...] = ()

    @property
    def dimension(self) -> int:
        return len(self.start)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each entry of x: ``E.r``, or ``units.x[3]`` where there are several units."""
        return tuple(
            f"{b.name}.{s}" + (f"[{i}]" if b.size > 1 else "")
            for b in self.blocks.values()
            for s in b.states
            for i in range(b.size)
        )

    def scopes(self, x: Floats) -> dict[str, Scope]:
        """Population -> every name of its equations, at x."""
        found: dict[str, Scope] = {}
        for name, block in self.blocks.items():
            states = {s: x[..., block.at(s)] for s in block.states}
            found[name] = {**block.fixed, **block.inputs, **states}
        sums: dict[tuple[str, str], Any] = {}
        for c in self.couplings:
            sender = self.blocks[c.pre]
            sent = _valued(c.value, {**found[c.pre], **c.numbers}, x, sender.size)
            key = (c.post, c.port)
            sums[key] = sums.get(key, self.blocks[c.post].inputs[c.port]) + sent @ c.weights.T
        for (post, port), total in sums.items():
            found[post][port] = total
        return found

    def rates(self, x: Floats) -> Floats:
        """f(x), per ms; nan where the equations have no value."""
        x = np.asarray(x, dtype=float)
        out = np.empty(x.shape)
        with np.errstate(all="ignore"):
            scopes = self.scopes(x)
            for name, block in self.blocks.items():
                for state in block.states:
                    value = _compiled(block.slopes.drift[state])(scopes[name])
                    out[..., block.at(state)] = value
        return out

    def jacobian(self, x: Floats) -> Floats:
        """J[..., i, k] = df_i/dx_k, per ms."""
        x = np.asarray(x, dtype=float)
        J = np.zeros((*x.shape, x.shape[-1]))
        with np.errstate(all="ignore"):
            scopes = self.scopes(x)
            for (row, column), value in self.local(scopes, x):
                J[..., np.arange(row.start, row.stop), np.arange(column.start, column.stop)] = value
            for (row, column), W, left, right in self.mixed(scopes, x):
                J[..., row, column] += left[..., :, None] * W * right[..., None, :]
        return J

    def firing(self, x: Floats) -> tuple[str, ...]:
        """Populations in which the spike condition of some unit holds at x."""
        with np.errstate(all="ignore"):
            scopes = self.scopes(x)
            return tuple(
                n
                for n, b in self.blocks.items()
                if b.fires is not None and np.any(_compiled(b.fires)(scopes[n]))
            )

    def local(self, scopes: Mapping[str, Scope], x: Any) -> list[tuple[tuple[slice, slice], Any]]:
        """Derivatives by states of the same unit: (rows, columns), value per unit."""
        return [
            ((b.at(s), b.at(q)), _valued(d, scopes[b.name], x, b.size))
            for b in self.blocks.values()
            for (s, q), d in b.slopes.by.items()
            if q in b.states
        ]

    def mixed(
        self, scopes: Mapping[str, Scope], x: Any
    ) -> list[tuple[tuple[slice, slice], Floats, Any, Any]]:
        """Derivatives along couplings: (rows, columns), W, df/dport, dg/dx."""
        found = []
        for c in self.couplings:
            post, pre = self.blocks[c.post], self.blocks[c.pre]
            for s in post.states:
                if (s, c.port) not in post.slopes.by:
                    continue
                left = _valued(post.slopes.by[s, c.port], scopes[c.post], x, post.size)
                for q, slope in c.slopes.items():
                    right = _valued(slope, {**scopes[c.pre], **c.numbers}, x, pre.size)
                    found.append(((post.at(s), pre.at(q)), c.weights, left, right))
        return found


def _compiled(expression: Expression) -> Callable[[Mapping[str, Any]], Any]:
    return compile_text(expression.text)


def _valued(expression: Expression, scope: Scope, x: Any, size: int) -> Any:
    value, shape = _compiled(expression)(scope), (*np.shape(x)[:-1], size)
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)


def field_of_drawn(network: DrawnNetwork) -> Field:
    """The vector field of a drawn network.

    Raises:
        DefinitionError: it spikes, has delays, changes with time, or is a map.
    """
    _check(network)
    blocks: dict[str, Block] = {}
    first = 0
    for name, population in network.populations.items():
        blocks[name] = _block(network, population, first)
        first += population.size * len(population.neuron.states)
    start = [
        np.broadcast_to(np.asarray(p.initial[s], dtype=float), (p.size,))
        for p in network.populations.values()
        for s in p.neuron.states
    ]
    noisy = [n for n, b in blocks.items() if b.slopes.noisy]
    notes = tuple(f"the noise of {n} is left out" for n in noisy)
    couplings = tuple(_coupling(network, p) for p in network.projections.values())
    return Field(network.label, blocks, couplings, np.concatenate(start), notes)


def _block(network: DrawnNetwork, population: DrawnPopulation, first: int) -> Block:
    neuron, size = population.neuron, population.size
    inputs = {p: np.zeros(size) for p in neuron.continuous_ports}
    for current in network.currents:
        if current.population == population.name:
            inputs[current.port][current.units] += current.values[0]
    fixed = dict(population.parameters)
    fires = inlined(neuron, neuron.spike.condition) if neuron.spike else None
    return Block(
        population.name, size, neuron.states, first, slopes_of(neuron), fixed, inputs, fires
    )


def _coupling(network: DrawnNetwork, p: DrawnProjection) -> Coupling:
    pre, post = network.populations[p.pre], network.populations[p.post]
    signal, slopes = signal_slopes(p.synapse, pre.neuron)
    numbers = {own: float(np.asarray(p.parameters[n])) for own, n in signal.parameters.items()}
    weights = weight_matrix(p, (post.size, pre.size))
    return Coupling(p.pre, p.post, p.port, weights, signal.value, slopes, numbers)


def weight_matrix(p: DrawnProjection, shape: tuple[int, int]) -> Floats:
    """The weights of a projection as (post, pre)."""
    W = np.zeros(shape)
    assert p.sources is not None and p.targets is not None
    full = np.broadcast_to(np.asarray(p.weights, dtype=float), p.sources.shape)
    np.add.at(W, (p.targets, p.sources), full)
    return W


def _check(network: DrawnNetwork) -> None:
    """What has no autonomous vector field is refused, with the reason."""
    if network.changes:
        raise _refused(network, network.changes[0].owner, "a phase changes it", "leave phases out")
    for current in network.currents:
        if np.ptp(current.values, axis=0).any():
            raise _refused(
                network, current.name, "this input changes with time", "give a constant amplitude"
            )
    for p in network.projections.values():
        if not p.synapse.is_graded:
            raise _refused(
                network,
                p.name,
                "it passes spikes on, and a network that spikes has no fixed point",
                "ask for its rates by mean-field, or for one neuron of it below threshold",
            )
        if np.any(np.asarray(p.delays) > 0):
            raise _refused(
                network,
                p.name,
                "with a delay the eigenvalues are those of a delay equation, which is not built",
                'set its delay to "0 ms"',
            )


def _refused(network: DrawnNetwork, symbol: str, why: str, remedy: str) -> DefinitionError:
    return DefinitionError(
        f"it is no vector field dx/dt = f(x): {why}",
        model=f"{network.label}.{symbol}",
        symbol=symbol,
        remedy=remedy,
    )
