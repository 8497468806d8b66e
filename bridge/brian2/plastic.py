"""Synapses with states and events of their own, in a script with Brian2's own schedule.

Brian2 hands a spike on in the step that fired it, one step sooner than the schedule of spikebridge:
a pathway with delay D runs D steps after the spike on either side, and what it sends arrives a
dendritic delay later. Where nothing of the delay is left after the synapse, a presynaptic spike
goes before a postsynaptic one of the same step, which reaches the synapse no sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.draw import draw
from ..definition.drawn import DrawnNetwork, Ints
from ..definition.model import Synapse
from ..definition.network import Network, Population, Projection, Stimulus
from ..definition.scope import scope_of
from ..definition.values import Array, read_value
from ..errors import DefinitionError, Unsupported
from ..passes.synapse_program import SynapseProgram, synapse_program
from ..records import dataclass, replace
from ..units import TIME
from .group import Made

if TYPE_CHECKING:
    from ..simulators.brian2.plan import PlasticPlan
    from ..simulators.brian2.plastic import PlasticSynapses

_LINES = count()  # those onto one group must not be taken for each other


@dataclass(frozen=True)
class _Steps:
    """How long a script runs is not known."""

    dt: float
    first: int
    steps: int = 10**9
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Asked:
    """What `synapses` was asked for; ``numbers``: parameters and initial states."""

    synapse: Synapse
    port: str
    weight: Any
    delay: Any
    connect: Mapping[str, Any] | bool | None
    name: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class _Plastic:
    """What `state` needs; ``dt`` in ms."""

    synapse: Synapse
    plan: PlasticPlan
    made: PlasticSynapses
    dt: float


def plastic(source: Any, target: Any, made: Made, asked: Asked) -> Any:
    """The ``brian2.Synapses``; what runs beside them is contained in them."""
    from ..simulators.brian2.lines import Line, arrivals
    from ..simulators.brian2.plan import LinePlan
    from ..simulators.brian2.planning_plastic import plan_of
    from ..simulators.brian2.plastic import make_synapses

    program = synapse_program(asked.synapse)
    _check(program, asked)
    pre, post = (getattr(group, "source", group) for group in (source, target))
    i, j = _connections(source, target, asked)
    drawn = _drawn(len(pre), len(post), made, asked, (i, j))
    projection = drawn.projections["syn"]
    dendritic = np.asarray(projection.delays) - np.asarray(projection.axonal)
    if not dendritic.any():
        program = replace(program, pre_first=True)
    placing = _placing(dendritic)
    receive, code = _received(made, asked.port)
    p = plan_of(drawn, projection, program, {}, receive, placing)
    line = None
    if placing.rows:
        way = LinePlan(f"line_{next(_LINES)}", asked.port, placing.rows, code)
        line = Line(way, len(post))
        arrivals(line, way, post)
    first = int(post.clock.variables["timestep"].get_value().item())
    steps = _Steps(made.dt, first)
    found = make_synapses(p, steps, {"post": post}, {"pre": pre}, line, name=asked.name)
    found.synapses.contained_objects.extend(found.others)
    _name_states(found, program)
    found.synapses.add_attribute("spikebridge_synapse")
    found.synapses.spikebridge_synapse = _Plastic(asked.synapse, p, found, made.dt)
    return found.synapses


def _check(program: SynapseProgram, asked: Asked) -> None:
    from ..simulators.brian2.plastic_text import more_than_events

    reason = more_than_events(program)
    if asked.synapse.events:
        reason = f"nothing here can drive its third factor {min(asked.synapse.events)!r}"
    if reason:
        raise Unsupported(
            f"it cannot be brian2.Synapses in a script: {reason}",
            model=asked.synapse.label,
            remedy='describe the network in spikebridge and simulate(..., on="brian2")',
        )
    for name in ("delay", "connect"):
        if getattr(asked, name) is None or getattr(asked, name) is False:
            raise DefinitionError(
                f"synapses that change need their {name} when they are made",
                model=asked.synapse.label,
                symbol=name,
                remedy=f"give {name}={'1*ms' if name == 'delay' else 'True'}",
            )


def _connections(source: Any, target: Any, asked: Asked) -> tuple[Ints, Ints]:
    """Numbers of units in the whole groups, drawn by Brian2."""
    import brian2

    found = brian2.Synapses(source, target)
    brian2.Network(found)  # else Brian2 warns that it was never in one
    found.connect(**({} if asked.connect is True else dict(asked.connect or {})))
    i, j = np.array(found.i[:]), np.array(found.j[:])
    return i + getattr(source, "start", 0), j + getattr(target, "start", 0)


def _drawn(
    n_pre: int, n_post: int, made: Made, asked: Asked, connections: tuple[Ints, Ints]
) -> DrawnNetwork:
    """All numbers of the synapses, units checked."""
    i, j = connections
    unit = made.neuron.ports[asked.port].unit
    states = {n: v for n, v in asked.numbers.items() if n in asked.synapse.states}
    projection = Projection(
        "syn",
        "pre",
        "post",
        asked.port,
        {"kind": "pairwise_list", "sources": i, "targets": j},
        read_value(f"1 {unit}" if asked.weight is None else asked.weight, symbol="weight"),
        read_value(asked.delay, symbol="delay"),
        asked.synapse,
        parameters={n: v for n, v in asked.numbers.items() if n not in states},
        initial=states,
    )
    silent = Stimulus("pre", "spikes", trains=(Array(np.empty(0), TIME),) * n_pre)
    network = Network(
        {"post": Population("post", made.neuron, n_post)},  # type: ignore[arg-type]
        {"syn": projection},
        {"pre": silent},
        dt=f"{made.dt!r} ms",  # type: ignore[arg-type]
        name=asked.synapse.label,
    )
    return draw(network)


def _placing(dendritic: Any) -> Any:
    from ..simulators.brian2.plastic_text import Placing

    if not dendritic.any():
        return Placing(at_soma=False, rows=0, ahead=0, sooner=0)
    ahead = None if np.ptp(dendritic) else int(dendritic.flat[0])
    return Placing(at_soma=False, rows=int(dendritic.max()) + 1, ahead=ahead, sooner=0)


def _received(made: Made, port: str) -> tuple[str, str]:
    """What a ``weight`` without unit does: at a synapse, and in the neuron itself."""
    from ..simulators.brian2.emit import arriving_text, neuron_text

    layout = replace(made.layout, weights={})
    receive = neuron_text(made.program, made.dt, layout).receive[port]
    return receive, arriving_text(made.program, made.dt, layout, port)


def _name_states(found: PlasticSynapses, program: SynapseProgram) -> None:
    """``S.w`` for states that change at spikes only: they are always up to date.

    A variable of the postsynaptic neurons of that name stays ``S.w_post``.
    """
    from ..simulators.brian2.plastic_words import own

    moving = {a.target for a in program.advance}
    variables = found.synapses.variables
    for name in program.states:
        if name not in moving:
            variables._variables.pop(name, None)  # noqa: SLF001
            variables.add_reference(name, found.synapses, own(name))


def state(synapses: Any, name: str) -> Any:
    """A state of synapses from `synapses`, now, as a quantity per connection.

    Between spikes nothing runs in a synapse: ``S.syn_x`` is the value at its last spike, this one
    that at the present time, before the events of the step that begins there.

    Raises:
        DefinitionError: the synapses have no such state.
    """
    from ..simulators.brian2.plastic_records import present
    from ..simulators.brian2.quantities import quantity, words_of

    given = getattr(synapses, "spikebridge_synapse", None)
    if given is None or name not in given.synapse.states:
        states = () if given is None else given.synapse.states
        raise DefinitionError(
            "the synapses have no such state",
            symbol=name,
            remedy=f"their states are {', '.join(states) or '(none)'}",
        )
    now = int(synapses.clock.variables["timestep"].get_value().item())
    values = present(given.plan, given.made, now, given.dt)[name]
    dimension = scope_of(given.synapse)[name]
    return values if dimension.is_one else values * quantity(words_of(str(dimension))[1])
