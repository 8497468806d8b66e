"""Graded coupling in Brian2: one product of numpy per projection at the start of every step.

A matrix product is faster than Brian2's summed variables, which loop over connections, and knows
delays, which those do not. The port is an ordinary variable of the receiving group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, Floats, Ints, Number
from ...passes.program import Program
from ...records import dataclass
from ..graded import Graded, graded_in
from ..learning import Learning
from .names import brian_name, object_name
from .tables import Table, port_input

Phases = tuple[tuple[int, Mapping[str, Number]], ...]  # from which step on, parameters by name


@dataclass(frozen=True, eq=False)
class GradedPlan:
    """One projection; ``states`` of the sender by Brian2's name, its ``numbers`` by phase.

    ``weights``: those that hold from later steps on. Of synapses with states also the receiver's,
    and ``parameters``: what changes at later steps.
    """

    coupling: Graded | Learning
    pre: str
    post: str
    port: str
    states: Mapping[str, str]
    numbers: Phases
    weights: Mapping[int, Number]
    post_states: Mapping[str, str]
    post_numbers: Phases
    parameters: Mapping[int, tuple[tuple[str, Number], ...]]


@dataclass(frozen=True, eq=False)
class CoupledPort:
    """A port that graded projections feed; ``base`` is what drives it besides."""

    group: str
    port: str
    base: Number | Table


def graded_ports(network: DrawnNetwork, population: str) -> frozenset[str]:
    """The ports of ``population`` that graded projections feed."""
    return frozenset(p.port for p in network.projections_to(population) if p.synapse.is_graded)


def graded_plans(
    network: DrawnNetwork, programs: Mapping[str, Program]
) -> tuple[tuple[GradedPlan, ...], tuple[CoupledPort, ...]]:
    """Every graded projection, and every port that one feeds."""
    plans, ports = [], []
    for name, coupling in graded_in(network).items():
        projection = network.projections[name]
        sender, receiver = (network.populations[n] for n in (projection.pre, projection.post))
        changes = [c for c in network.changes if c.owner == name]
        late = [c for c in changes if c.kind == "synapse"]
        plans.append(
            GradedPlan(
                coupling=coupling,
                pre=projection.pre,
                post=projection.post,
                port=projection.port,
                states={s: brian_name(s) for s in sender.neuron.states},
                numbers=_phases(network, projection.pre),
                weights={c.step: c.value for c in changes if c.kind == "weight"},
                post_states={s: brian_name(s) for s in receiver.neuron.states},
                post_numbers=_phases(network, projection.post),
                parameters={
                    k: tuple((c.key, c.value) for c in late if c.step == k)
                    for k in {c.step for c in late}
                },
            )
        )
    for name, population in network.populations.items():
        base = port_input(network, population, programs[name]) if population.size else {}
        ports += [CoupledPort(name, p, base[p]) for p in sorted(graded_ports(network, name))]
    return tuple(plans), tuple(ports)


def _phases(network: DrawnNetwork, population: str) -> Phases:
    numbers = dict(network.populations[population].parameters)
    found = {0: dict(numbers)}
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.kind == "parameter" and change.owner == population:
            numbers[change.key] = change.value
            found[change.step] = dict(numbers)
    return tuple(found.items())


class Coupling:
    """Writes the ports at the start of every step; all signals are those of its beginning."""

    def __init__(
        self,
        plans: tuple[GradedPlan, ...],
        ports: tuple[CoupledPort, ...],
        groups: Mapping[str, Any],
        dt: float,
    ) -> None:
        self.plans, self.dt = plans, dt
        self.ports = [(p, _array(groups[p.group], brian_name(p.port))) for p in ports]
        self.states = [
            {n: _array(groups[p.pre], own) for n, own in p.states.items()} for p in plans
        ]
        self.receivers = [
            {n: _array(groups[p.post], own) for n, own in p.post_states.items()} for p in plans
        ]
        self.recorders: tuple[Recorder, ...] = ()

    def step(self, k: int) -> None:
        """The sums that act from step ``k`` on; then synapses with states move."""
        self.sample(k)
        totals: dict[tuple[str, str], Any] = {}
        for plan, states in zip(self.plans, self.states, strict=True):
            if k in plan.weights:
                plan.coupling.set_weights(plan.weights[k])
            if isinstance(plan.coupling, Learning):
                for name, value in plan.parameters.get(k, ()):
                    plan.coupling.set_parameter(name, value)
            share = plan.coupling.step(k, {**_at(plan.numbers, k), **states, "t": k * self.dt})
            key = (plan.post, plan.port)
            totals[key] = totals[key] + share if key in totals else share
        for port, array in self.ports:
            array[:] = totals[port.group, port.port] + _base(port.base, k)
        for plan, states in zip(self.plans, self.receivers, strict=True):
            if isinstance(plan.coupling, Learning):
                plan.coupling.learn(k, {**_at(plan.post_numbers, k), **states})

    def sample(self, k: int) -> None:
        """What recordings of synapses with states want at ``k``."""
        for recorder in self.recorders:
            recorder.sample(k)


class Recorder:
    """Samples of a recording of synapses with states, in place of a monitor."""

    def __init__(
        self, learning: Learning, variables: tuple[str, ...], units: Ints, every: int
    ) -> None:
        self.learning, self.units, self.every = learning, units, every
        self.rows: dict[str, list[Floats]] = {v: [] for v in variables}

    def sample(self, k: int) -> None:
        """The states at ``k``, where the recording wants them."""
        if k % self.every == 0:
            for variable, rows in self.rows.items():
                rows.append(self.learning.value(variable, self.units, k))

    def samples(self) -> dict[str, Floats]:
        """Variable -> (samples, connections)."""
        return {v: np.array(rows) for v, rows in self.rows.items()}


def _at(phases: Phases, k: int) -> Mapping[str, Number]:
    return [values for start, values in phases if start <= k][-1]


def _base(base: Number | Table, k: int) -> Any:
    return base.values[k // base.every] if isinstance(base, Table) else base


def _array(group: Any, name: str) -> Any:
    return group.variables[name].get_value()


def operation(coupling: Coupling, clock: Any) -> Any:
    """The coupling as a Brian2 object that runs before anything else of a step."""
    import brian2

    def run() -> None:
        coupling.step(int(np.rint(clock.t_ / (coupling.dt / 1000))))

    return brian2.NetworkOperation(
        run, clock=clock, when="start", order=-1, name=object_name("coupling")
    )
