"""Going on from a final state: the network from a later step on, and what is still on its way.

A state has the keys of the reference's: ``step``, ``<population>.<state>``,
``<population>.refractory_steps_left`` and ``<population>.<port>.arrivals``, whose row d - 1 is what
arrives d steps later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import (
    DrawnCurrent,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
    DrawnSource,
    Number,
)
from ...errors import DefinitionError
from ...records import replace
from ..base import refuse
from .cast import Cast
from .job import Floats, Injection, Ints, Result

State = Mapping[str, NDArray[Any]]


def continued(network: DrawnNetwork, state: State) -> DrawnNetwork:
    """The network on a clock that starts at the state's step, beginning with the state.

    Raises:
        DefinitionError: the state is one of another network.
    """
    first = int(state["step"])
    past = [c for c in network.changes if c.step <= first]
    weights = {c.owner: c.value for c in past if c.kind == "weight"}
    populations = {}
    for name, population in network.populations.items():
        values = {c.key: c.value for c in past if c.kind == "parameter" and c.owner == name}
        populations[name] = replace(
            population,
            parameters={**population.parameters, **values},
            initial=_states(population, state),
        )
    return replace(
        network,
        steps=network.steps - first,
        populations=populations,
        sources={n: _source_from(s, first) for n, s in network.sources.items()},
        projections={
            n: replace(p, weights=weights.get(n, p.weights)) for n, p in network.projections.items()
        },
        currents=tuple(_current_from(c, first) for c in network.currents),
        changes=tuple(replace(c, step=c.step - first) for c in network.changes if c.step > first),
    )


def _states(population: DrawnPopulation, state: State) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for name in population.initial:
        values = state.get(f"{population.name}.{name}")
        if values is None or np.shape(values) != (population.size,):
            raise DefinitionError(
                f"the initial state has no {name} of {population.size} units",
                model=population.name,
                symbol=name,
                remedy="use the final_state of a run of the same network",
            )
        found[name] = np.asarray(values, dtype=float)
    return found


def _source_from(source: DrawnSource, first: int) -> DrawnSource:
    if source.steps is not None and source.senders is not None:
        later = source.steps > first
        return replace(source, steps=source.steps[later] - first, senders=source.senders[later])
    assert source.rate_steps is not None
    assert source.rates is not None
    steps, values = _from(source.rate_steps, source.rates, first)
    return replace(source, rate_steps=steps, rates=values)


def _current_from(current: DrawnCurrent, first: int) -> DrawnCurrent:
    steps, values = _from(current.steps, current.values, first)
    return replace(current, steps=steps, values=values)


def _from(steps: Ints, values: Floats, first: int) -> tuple[Ints, Floats]:
    begin = int(np.searchsorted(steps, first, side="right")) - 1
    return np.maximum(steps[begin:] - first, 0), values[begin:]


def resumed(cast: Cast, name: str, state: State) -> Cast:
    """The cast with the counters of ``state``: a compiled model, whose counters can be set."""
    initial = dict(cast.node.initial)
    names = cast.node.resume or ()
    if "refr_count" in names:
        left = np.asarray(state[f"{name}.refractory_steps_left"]).astype(np.int64)
        initial["refr_count"] = np.where(left > 0, left + 1, 0)
    if "step_count" in names:
        initial["step_count"] = int(state["step"]) - 1
    return replace(cast, node=replace(cast.node, initial=initial))


def injections_of(network: DrawnNetwork, state: State) -> tuple[Injection, ...]:
    """What is on its way in ``state``."""
    found = []
    for name, population in network.populations.items():
        for port in population.neuron.spike_ports:
            arrivals = state.get(f"{name}.{port}.arrivals")
            if arrivals is not None and np.any(arrivals):
                found.append(Injection(name, port, np.asarray(arrivals, dtype=float)))
    return tuple(found)


def check_listed(network: DrawnNetwork) -> None:
    """Raise `Unsupported` where spikes on their way are known to NEST alone."""
    native = [p.name for p in network.projections.values() if p.native]
    native += [s.name for s in network.sources.values() if s.native]
    if native:
        raise refuse(
            "nest",
            "continuing a run with what it draws itself",
            f"the spikes of {native[0]} on their way are not known",
            'draw it frozen (`native = false`, `draw = "frozen"`)',
        )


def final_state(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    result: Result,
    first: int,
    before: State | None,
) -> dict[str, NDArray[Any]]:
    """The state after the last step of ``network``, whose clock starts at step ``first``."""
    found: dict[str, NDArray[Any]] = {"step": np.array(first + network.steps)}
    for name, cast in casts.items():
        population, values = network.populations[name], result.states[name]
        for state in cast.program.states:
            (known,) = cast.node.recordables[state][0]
            found[f"{name}.{state}"] = _full(values[known], population.size)
        count = values.get("refr_count", np.zeros(1))
        left = np.maximum(_full(count, population.size) - 1, 0).astype(np.int64)
        found[f"{name}.refractory_steps_left"] = left
        for port in population.neuron.spike_ports:
            key = f"{name}.{port}.arrivals"
            old = None if before is None else before.get(key)
            found[key] = _arrivals(network, name, port, result, old)
    return found


def _full(values: Floats, size: int) -> Floats:
    return np.array(np.broadcast_to(values, (size,)), dtype=np.float64)


def _arrivals(
    network: DrawnNetwork, name: str, port: str, result: Result, old: Any
) -> NDArray[np.float64]:
    projections = [p for p in network.projections_to(name) if p.port == port]
    longest = max([int(np.max(p.delays)) for p in projections if np.size(p.delays)] or [0])
    ahead = np.zeros((longest, network.populations[name].size))
    if old is not None:
        left = np.asarray(old)[network.steps :][:longest]
        ahead[: len(left)] += left
    for projection in projections:
        _add(ahead, projection, network, result)
    return ahead


def _add(ahead: Floats, p: DrawnProjection, network: DrawnNetwork, result: Result) -> None:
    """Spikes of the last steps along every connection that they have not yet passed."""
    assert p.sources is not None
    assert p.targets is not None
    steps, senders = _spikes(p.pre, network, result)
    late = steps > network.steps - len(ahead)
    delays = np.broadcast_to(p.delays, p.sources.shape)
    for step in np.unique(steps[late]):
        count = np.bincount(senders[steps == step], minlength=int(p.sources.max(initial=0)) + 1)
        row = step + delays - network.steps - 1
        used = (count[p.sources] > 0) & (row >= 0)
        weights = np.broadcast_to(_weights_at(p, network, int(step)), p.sources.shape)
        amounts = weights[used] * count[p.sources[used]]
        np.add.at(ahead, (row[used], p.targets[used]), amounts)


def _spikes(pre: str, network: DrawnNetwork, result: Result) -> tuple[Ints, Ints]:
    if pre in network.sources:
        source = network.sources[pre]
        assert source.steps is not None
        assert source.senders is not None
        return source.steps, source.senders
    none = np.empty(0, dtype=np.int64)
    return result.spikes.get(pre, (none, none))


def _weights_at(p: DrawnProjection, network: DrawnNetwork, emitted: int) -> Number:
    """A weight that changes at step k is that of spikes from step k + 1 on."""
    weights = p.weights
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.kind == "weight" and change.owner == p.name and change.step < emitted:
            weights = change.value
    return weights
