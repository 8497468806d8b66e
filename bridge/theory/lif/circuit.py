"""A network definition as populations that spike into each other: in-degrees, weights, delays.

No connection is drawn where its rule and one weight say what is needed, so that the size of a
network costs nothing; lists are drawn where weights or delays differ between connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ...definition.draw import draw
from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection, DrawnSource
from ...definition.expressions import Expression
from ...definition.library import load
from ...definition.network import Network, Projection
from ...definition.numbers import network_scope, number_of
from ...definition.rules import Rule
from ...definition.values import Quantity, Random, read_value
from ...errors import DefinitionError
from ...passes.lump import lump
from ...records import dataclass
from .cell import Cell, Drive, cell_of
from .membrane import membrane_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arrival:
    """What one projection brings: ``K`` connections onto each target, ``w1`` and ``w2`` the means
    of their weight and of its square (in the unit of the port), ``delays`` in ms.

    ``shared``: a unit of ``pre`` reaches several targets.
    """

    name: str
    pre: str
    post: str
    port: str
    K: float
    w1: float
    w2: float
    delays: Floats
    shared: bool

    def delayed(self, s: Any) -> Any:
        """Mean of exp(-s d), s per ms."""
        s = np.asarray(s, complex)
        values, counts = np.unique(self.delays, return_counts=True)
        return np.exp(-s[..., None] * values) @ (counts / counts.sum())


@dataclass(frozen=True, eq=False)
class Circuit:
    """``cells`` and ``sizes`` of the populations; ``external`` sources: name -> (rate in 1/ms,
    size); ``arrivals`` from both.
    """

    label: str
    dt: float
    cells: Mapping[str, Cell]
    sizes: Mapping[str, int]
    external: Mapping[str, tuple[float, int]]
    arrivals: tuple[Arrival, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.cells)

    def drives(self, rates: Mapping[str, float]) -> dict[str, dict[str, Drive]]:
        """Population -> port -> input, at ``rates`` (1/ms) of the populations."""
        every = {**{n: r for n, (r, _) in self.external.items()}, **rates}
        sums: dict[str, dict[str, tuple[float, float]]] = {n: {} for n in self.cells}
        for a in self.arrivals:
            first, second = sums[a.post].get(a.port, (0.0, 0.0))
            per = a.K * every[a.pre]
            sums[a.post][a.port] = (first + per * a.w1, second + per * a.w2)
        return {n: {p: Drive(*d) for p, d in ports.items()} for n, ports in sums.items()}


def circuit_of(model: Any, *, at: Any = None, seed: int | None = None, **settings: Any) -> Circuit:
    """The circuit of a network of one-dimensional integrate-and-fire neurons.

    Args:
        model: library name, path, dictionary or `Network`.
        at: the time at which inputs that change are held, e.g. ``"500 ms"``; where it is None, such
            inputs are refused.
        seed: of what is drawn; the network's own where None.
        **settings: parameters to replace, and ``variant``.

    Raises:
        DefinitionError: units differ within a population, synapses have states that do not move
            into the neuron, inputs are no Poisson trains, or a neuron has more dimensions.
    """
    found = load(model, **settings)
    if not isinstance(found, Network):
        raise DefinitionError(
            f"{found.label} is no network", model=found.label, remedy="ask for a network"
        )
    network = found.whole
    _check(network, at)
    drawn = _drawn(network, at, seed)
    cells = {n: _cell(drawn, p) for n, p in drawn.populations.items()}
    return Circuit(
        network.label,
        drawn.dt,
        cells,
        {n: p.size for n, p in drawn.populations.items()},
        {n: (_rate(network, s), s.size) for n, s in drawn.sources.items()},
        tuple(_arrival(drawn, p) for p in drawn.projections.values()),
    )


def _check(network: Network, at: Any) -> None:
    if at is None and network.phases:
        _refuse(network, "phases", "its phases change it", 'say when: at="500 ms"')
    for s in network.stimuli.values():
        values = (s.amplitude, s.rate)
        timed = any(isinstance(v, Expression) and "t" in v.names for v in values)
        windowed = any(v is not None for v in (s.times, s.stop, s.start, s.every))
        if s.kind in ("spikes", "regular"):
            why = f"the spikes of {s.name} are no Poisson trains"
            _refuse(network, s.name, why, "give a Poisson stimulus of the same rate")
        if at is None and (timed or windowed):
            _refuse(network, s.name, "this input changes with time", 'say when: at="500 ms"')
    for p in network.projections.values():
        if p.synapse.is_graded:
            why = f"{p.name} passes a variable on continuously"
            _refuse(network, p.name, why, "ask for stability, which takes rate networks")
        if p.synapse.is_dynamic:
            why = f"the synapses of {p.name} change with their spikes"
            _refuse(network, p.name, why, "ask for their steady state (theory.plasticity)")


def _drawn(network: Network, at: Any, seed: int | None) -> DrawnNetwork:
    scope = network_scope(network)
    sparse = network.native(connections=False)
    listed = {
        n: p if not p.can_be_native or _differs(p, scope) else p_native(p)
        for n, p in sparse.projections.items()
    }
    whole = sparse.replace(projections=listed)
    step = float(number_of(network.dt, scope))
    time = step
    if at is not None:
        value = read_value(at, symbol="at")
        time += round((value.number if isinstance(value, Quantity) else 0.0) / step) * step
    return lump(draw(whole, duration=Quantity(time, network.dt.dimension), seed=seed))  # type: ignore[union-attr]


def p_native(p: Projection) -> Projection:
    """A copy that is not drawn."""
    from ...records import replace

    return replace(p, native=True)


def _differs(p: Projection, scope: Mapping[str, Any]) -> bool:
    """Whether weights, delays or synaptic numbers differ between connections."""
    values = (p.weight, p.delay, *p.parameters.values(), *p.synapse.parameters.values())
    for value in values:
        if isinstance(value, Random):
            return True
        if isinstance(value, Expression) and isinstance(scope.get(value.text), Random):
            return True
        if not isinstance(value, Expression) and np.ndim(number_of(value, scope)):
            return True
    return False


def _cell(network: DrawnNetwork, population: DrawnPopulation) -> Cell:
    label = f"{network.label}.{population.name}"
    numbers = {n: _same(v, n, label) for n, v in population.parameters.items()}
    ports = dict.fromkeys(population.neuron.continuous_ports, 0.0)
    for c in network.currents:
        if c.population == population.name:
            last = np.broadcast_to(np.asarray(c.values[-1], float), (len(c.units),))
            if len(c.units) < population.size:
                last = np.append(last, 0.0)
            ports[c.port] += _same(last, c.name, label)
    try:
        return cell_of(membrane_of(population.neuron), {**numbers, **ports}, label)
    except DefinitionError as error:
        raise error.at(model=label) from None


def _same(value: Any, name: str, label: str) -> float:
    values = np.asarray(value, float)
    if np.ptp(values) > 0:
        raise DefinitionError(
            f"{name} differs between its units, and one rate stands for all of them",
            model=label,
            symbol=name,
            remedy="give one value, or a population for each",
        )
    return float(values.flat[0])


def _rate(network: Network, source: DrawnSource) -> float:
    assert source.rates is not None
    last = np.asarray(source.rates[-1], float)
    return _same(last, source.name, network.label)


def _arrival(network: DrawnNetwork, p: DrawnProjection) -> Arrival:
    if not p.synapse.is_static:
        raise DefinitionError(
            f"the synapse of {p.name} does more than pass its weight on",
            model=f"{network.label}.{p.name}",
            symbol=p.synapse.label,
            remedy='use "synapses/static" and put the dynamics into the neuron',
        )
    source = network.populations.get(p.pre) or network.sources[p.pre]
    n_pre, n_post = source.size, network.populations[p.post].size
    K = _indegree(p.rule, n_pre, n_post, p.pre == p.post)
    if p.sources is not None:
        K = len(p.sources) / n_post
    weights = np.atleast_1d(np.asarray(p.weights, float))
    delays = np.atleast_1d(np.asarray(p.delays, float)) * network.dt
    first, second = float(weights.mean()), float((weights**2).mean())
    shared = _shared(p)
    return Arrival(p.name, p.pre, p.post, p.port, K, first, second, delays, shared)


def _shared(p: DrawnProjection) -> bool:
    """Whether a unit of ``pre`` reaches several targets."""
    if p.rule.kind == "one_to_one":
        return False
    listed = p.rule.listed()[0] if p.rule.kind == "pairwise_list" else p.sources
    return True if listed is None else bool(np.bincount(listed).max(initial=0) > 1)


def _indegree(rule: Rule, n_pre: int, n_post: int, same: bool) -> float:
    """Mean number of connections onto a unit."""
    others = n_pre - (same and not rule.autapses)
    match rule.kind:
        case "all_to_all":
            return float(others)
        case "one_to_one":
            return 1.0
        case "fixed_probability":
            return rule.number_of("p") * others
        case "fixed_indegree":
            return rule.number_of("indegree")
        case "fixed_outdegree":
            return rule.number_of("outdegree") * n_pre / n_post
        case "fixed_total_number":
            return rule.number_of("number") / n_post
    return len(rule.listed()[0]) / n_post


def _refuse(network: Network, symbol: str, why: str, remedy: str) -> NoReturn:
    raise DefinitionError(
        f"its rates have no stationary theory: {why}",
        model=network.label,
        symbol=symbol,
        remedy=remedy,
    )
