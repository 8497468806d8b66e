"""Synapses alone, event by event, by the code of the reference.

Pre- and postsynaptic spikes reach the synapse at given steps; nothing runs between them, so that a
minute of pairings at 1 Hz costs as little as one at 50 Hz.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .definition.draw import draw
from .definition.drawn import DrawnProjection
from .definition.evaluate import evaluate
from .definition.expressions import Expression
from .definition.model import Neuron, Synapse
from .definition.network import Network, Population, Projection, Stimulus
from .errors import Unsupported
from .passes.synapse_program import check_gaps, synapse_program
from .simulators.reference.arrivals import Arrivals
from .simulators.reference.plastic import Plastic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DT = 0.1  # ms


@dataclass(frozen=True, eq=False)
class Played:
    """``amplitudes``: per connection what its presynaptic spikes delivered, in their order.

    ``values``: state -> its value at the time of reading, ``initial``: at the beginning; one value
    a connection.
    """

    amplitudes: tuple[Floats, ...]
    values: Mapping[str, Floats]
    initial: Mapping[str, Floats]


def play(
    synapse: Synapse,
    pre: Sequence[Ints],
    post: Sequence[Ints] = (),
    factors: Mapping[str, Ints] | None = None,
    until: Sequence[float] | None = None,
) -> Played:
    """Connections of weight 1 whose spikes reach them at the given steps of 0.1 ms.

    ``factors``: third factor -> steps; ``until``: when the states of each connection are read, in
    ms (at the last event of all where None). A weight that begins at one of its bounds begins in
    their middle instead, so that both directions can be seen.
    """
    check(synapse)
    bench = _Bench(synapse, len(pre))
    queue: dict[int, list[tuple[str, int]]] = {}
    for side, trains in (("pre", pre), ("post", post)):
        for unit, steps in enumerate(trains):
            for step in steps.tolist():
                queue.setdefault(step, []).append((side, unit))
    for name, steps in (factors or {}).items():
        for step in steps.tolist():
            queue.setdefault(step, []).append((name, 0))
    for step in sorted(queue):
        bench.at(step, queue[step])
    ends = [max(queue)] * len(pre) if until is None else [round(t / DT) for t in until]
    values = {n: bench.read(n, ends) for n in synapse.states}
    return Played(tuple(map(np.array, bench.delivered)), values, bench.initial)


@dataclass(eq=False)
class _Bench:
    """Synapses of the reference, each between two units of its own, one step of dendrite."""

    synapse: Synapse
    count: int
    delivered: list[list[float]] = field(init=False)

    def __post_init__(self) -> None:
        placed = replace(self.synapse, delay_at="dendritic")
        projection = draw(bench_network(placed, self.count)).projections["bench"]
        program = synapse_program(placed)
        moved = {n: v for n in program.states if (v := _middle(projection, n)) is not None}
        projection = replace(projection, initial={**projection.initial, **moved})
        check_gaps(program, projection.parameters, self.synapse.label)
        self.arrivals = Arrivals(self.count, 1)
        sizes = (self.count, self.count)
        self.plastic = Plastic(projection, program, sizes, self.arrivals, {}, DT, 0)
        self.initial = {n: np.array(v) for n, v in self.plastic.states.items()}
        self.delivered = [[] for _ in range(self.count)]

    def read(self, name: str, ends: Sequence[int]) -> Floats:
        """A state of each connection at its own step."""
        one = (self.plastic.value(name, np.array([k]), end) for k, end in enumerate(ends))
        return np.concatenate([*one])

    def at(self, step: int, events: list[tuple[str, int]]) -> None:
        """What reaches the synapses at ``step``."""
        spikes = {side: [u for s, u in events if s == side] for side in ("pre", "post")}
        self.plastic.send(np.array(spikes["pre"], np.int64), step)
        self.plastic.back(np.array(spikes["post"], np.int64), step - 1)
        for name in sorted({s for s, _ in events} - {"pre", "post"}):
            self.plastic.factor(name, np.zeros(1, np.int64), step)
        self.plastic.begin(step)
        sent = self.arrivals.take(step + 1)
        for unit in spikes["pre"]:
            self.delivered[unit].append(0.0 if sent is None else float(sent[unit]))


def _middle(projection: DrawnProjection, name: str) -> float | None:
    """Between the bounds of ``name = clip(..., low, high)`` where it begins at one of them."""
    synapse = projection.synapse
    for statement in (*synapse.before, *synapse.on_post):
        match statement.expression.tree:
            case ast.Call(func=ast.Name(id="clip"), args=[_, low, high]) if (
                statement.target == name
            ):
                ends = [Expression(ast.unparse(end)) for end in (low, high)]
                if any(end.names - {*projection.parameters} for end in ends):
                    return None
                bounds = [float(evaluate(end, projection.parameters)) for end in ends]
                at_bound = np.isin(projection.initial[name], bounds).any()
                return sum(bounds) / 2 if at_bound and np.isfinite(bounds).all() else None
    return None


def bench_network(synapse: Synapse, count: int, neuron: Neuron | None = None) -> Network:
    """``count`` synapses of weight 1, each between an input and a unit of its own.

    The units are of ``neuron`` (its first port for spikes), by default one that only adds up what
    arrives.
    """
    target = neuron or _adder(synapse.unit or "1")
    port = target.spike_ports[0]
    unit = synapse.unit or target.ports[port].unit
    size, once, dt, duration = _texts(count, ((10.0,),), f"{DT} ms", "100 ms")
    drivers = {name: f"third_{name}" for name in synapse.events}
    stimuli = {d: Stimulus(d, "spikes", trains=once) for d in drivers.values()}
    stimuli["pre"] = Stimulus("pre", "spikes", trains=once * count)
    rule, weight = _texts("one_to_one", 1.0 if unit == "1" else f"1 {unit}")
    projection = Projection(
        "bench", "pre", "post", port, rule, weight, dt, synapse=synapse, events=drivers
    )
    return Network(
        populations={"post": Population("post", target, size)},
        stimuli=stimuli,
        projections={"bench": projection},
        dt=dt,
        duration=duration,
        name=f"bench of {synapse.label}",
    )


def _adder(unit: str) -> Neuron:
    ports: Any = {"in": {"unit": unit, "receive": "A += weight"}}
    spike: Any = {"condition": "V >= 1", "effects": "V = 0"}  # never: spikes are told, not made
    equations: Any = f"dV/dt = 0/ms : 1\ndA/dt = 0*A/ms : {unit}"
    return Neuron(equations, ports=ports, spike=spike, name="adder")


def _texts(*values: Any) -> Any:
    """What the definitions read into values of their own."""
    return values


def check(synapse: Synapse) -> None:
    """Refuse a synapse that cannot be played alone.

    Raises:
        Unsupported: saying why.
    """
    if not synapse.is_dynamic:
        what = "adds to its port continuously" if synapse.coupling is not None else "has no states"
        raise Unsupported(
            f"there is no picture of {synapse.label}: it {what}",
            symbol=synapse.label,
            remedy="pictures are made of synapses that deliver events and have states",
        )
    program = synapse_program(synapse)
    if program.step is not None:
        raise Unsupported(
            f"there is no picture of {synapse.label}: {program.obstacle}",
            symbol=synapse.label,
            remedy="its changes depend on the neuron: run it in a network and compare or plot that",
        )
