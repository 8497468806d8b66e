"""DrawnNetwork -> groups, projections and sources ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection
from ...definition.evaluate import evaluate
from ...passes.closures import Compiled, compiled
from ...passes.integrate import program_of
from ...passes.synapse_program import check_gaps, synapse_program
from ..base import Feature, refuse
from ..graded import Graded, graded_in
from ..learning import Learning
from .arrivals import Arrivals, Axons
from .fixed import Group
from .inputs import Inputs
from .plastic import Plastic, Tap
from .sources import connected, senders_of, size_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Built:
    """What `run_fixed` needs, and the parameters that changes act on."""

    groups: dict[str, Group]
    axons: dict[str, Axons]
    sources: list[tuple[Callable[[int], Ints], list[Axons | Tap]]]
    parameters: dict[str, dict[str, Any]]
    plastic: dict[str, Plastic]
    graded: dict[str, Graded | Learning]

    @property
    def with_states(self) -> dict[str, Plastic | Learning]:
        """Synapses with states, by projection."""
        learning = {n: g for n, g in self.graded.items() if isinstance(g, Learning)}
        return {**self.plastic, **learning}


def programs_of(network: DrawnNetwork, scheme: str) -> dict[str, Compiled]:
    """Population -> its program; one object where neuron and scheme are the same."""
    asked = network.scheme if scheme == "auto" else scheme
    programs = {n: program_of(p.neuron, asked) for n, p in network.populations.items()}
    if any(p.odes is not None for p in programs.values()):
        raise refuse(
            "reference",
            "scheme 'native'",
            "its fixed mode runs explicit steps",
            'choose {"mode": "adaptive"}, or an explicit scheme',
        )
    return {n: compiled(p) for n, p in programs.items()}


def static(projection: DrawnProjection) -> DrawnProjection:
    """The projection with what its synapse delivers as its weights.

    Raises:
        Unsupported: the synapse has states of its own that cannot be lumped.
    """
    synapse = projection.synapse
    if synapse.is_static or synapse.is_dynamic or synapse.is_graded:
        return projection
    events = (*synapse.on_pre, *synapse.on_post)
    if synapse.states or events or synapse.deliver is None:
        raise refuse(
            "reference",
            f"{Feature.SYNAPSE_DYNAMICS} ({projection.name}: {synapse.label})",
            "its synapses are weights",
            "run it on brian2 or nest, or write the synapse so that it can be lumped",
        )
    scope = {**projection.parameters, "weight": projection.weights}
    return replace(projection, weights=evaluate(synapse.deliver, scope))


def build(network: DrawnNetwork, programs: Mapping[str, Compiled], first: int) -> Built:
    """Groups and projections of ``network``, to run from step ``first`` on."""
    projections = [connected(static(p), network) for p in network.projections.values()]
    groups = {
        name: _group(network, population, programs[name], projections)
        for name, population in network.populations.items()
    }
    axons: dict[str, Axons] = {}
    leaving: dict[str, list[Axons | Tap]] = {name: [] for name in network.sources}
    plastic: dict[str, Plastic] = {}
    graded = graded_in(network)
    for name, group in groups.items():
        leaving[name] = group.axons
    for projection in projections:
        if projection.synapse.is_graded:
            coupling = (graded[projection.name], groups[projection.pre])
            groups[projection.post].graded.append(coupling)
            continue
        port = groups[projection.post].arrivals[projection.port]
        if projection.synapse.is_dynamic:
            plastic[projection.name] = made = _plastic(projection, network, groups, first)
            leaving[projection.pre].append(Tap(made.send))
            leaving[projection.post].append(Tap(made.back))
            for name, driver in projection.events.items():
                leaving[driver].append(Tap(partial(made.factor, name)))
            continue
        axons[projection.name] = new = Axons(projection, size_of(network, projection.pre), port)
        leaving[projection.pre].append(new)
    sources = [(senders_of(s, network), leaving[n]) for n, s in network.sources.items()]
    parameters = {n: dict(p.parameters) for n, p in network.populations.items()}
    built = Built(groups, axons, sources, parameters, plastic, graded)
    for name in groups:
        set_parameters(built, name, network.dt)
    for change in network.changes:
        if change.step < first:
            apply(built, change, network.dt)
    return built


def _plastic(
    projection: DrawnProjection, network: DrawnNetwork, groups: Mapping[str, Group], first: int
) -> Plastic:
    program, post = synapse_program(projection.synapse), groups[projection.post]
    check_gaps(program, projection.parameters, f"{network.label}.{projection.name}")

    def read(name: str) -> Any:
        found = post.states[name] if name in post.states else post.values[name]
        return np.broadcast_to(found, post.size)

    reads = {name: partial(read, name) for name in program.post_reads}
    sizes = size_of(network, projection.pre), post.size
    arrivals = post.arrivals[projection.port]
    return Plastic(projection, program, sizes, arrivals, reads, network.dt, first)


def _group(
    network: DrawnNetwork,
    population: DrawnPopulation,
    program: Compiled,
    projections: list[DrawnProjection],
) -> Group:
    size, name = population.size, population.name
    longest = {port: _longest(projections, name, port) for port in program.receive}
    return Group(
        name=name,
        size=size,
        program=program,
        states={s: np.array(np.broadcast_to(population.initial[s], size)) for s in program.states},
        values={},
        refractory_steps=0,
        resting=np.zeros(size, dtype=np.int64),
        arrivals={port: Arrivals(size, d) for port, d in longest.items()},
        inputs=Inputs(
            name,
            size,
            population.neuron.continuous_ports,
            program.program.noise,
            network.currents,
            network.seed,
            network.dt,
        ),
    )


def _longest(projections: list[DrawnProjection], post: str, port: str) -> int:
    """The longest delay, in steps, of what comes to one port."""
    own = [p.delays for p in projections if (p.post, p.port) == (post, port)]
    return max((int(np.max(d, initial=1)) for d in own), default=1)


def set_parameters(built: Built, name: str, dt: float) -> None:
    """Derive the constants and refractory steps of one population from its parameters."""
    built.groups[name].set_parameters(built.parameters[name], dt)


def apply(built: Built, change: Any, dt: float) -> None:
    """A parameter of units or synapses, or a weight, becomes another one."""
    if change.kind == "weight":
        found = built.graded if change.owner in built.graded else built.axons
        found[change.owner].set_weights(change.value)
        return
    learning = built.graded.get(change.owner) if change.kind == "synapse" else None
    if isinstance(learning, Learning):
        learning.set_parameter(change.key, change.value)
        return
    built.parameters[change.owner][change.key] = change.value
    set_parameters(built, change.owner, dt)
