"""Units that act on each other continuously, as generated NEST nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import compile_text
from ...passes.graded import Signal, signal_of
from ...passes.program import Program
from ..base import refuse
from ..courses import Course
from .cast import Cast, Values
from .job import Floats, NodeModel, Number
from .learning import Learned, learned_by, lists_of, parameters_of, sampling, sent_value
from .plastic import read_by_synapses
from .rate_cpp import RateCode, rate_code


def rate_cast(
    network: DrawnNetwork,
    name: str,
    program: Program,
    driven: Mapping[str, Course],
    why: str,
    changes: bool,
) -> Cast:
    """The population as a generated node; ``why`` it is not a built-in.

    ``changes``: it sends changes as events, else the value of every step.

    Raises:
        Unsupported: the scheme native, synapses that read the unit, two different signals, a late
            change of weights.
    """
    _check(network, name, program)
    learned = learned_by(network, name, program)
    dense = [q for q, c in driven.items() if c.dense or q in program.noise]
    signal, own = _signal(network, name)
    _check_signal(network, name, signal)
    coupled = sorted({p.port for p in _fixed(network) if p.post == name})
    code = rate_code(program, signal, coupled, dense, [q.code for q in learned], changes)
    sparse = {q: c for q, c in driven.items() if q not in dense}

    def values_of(values: Values, currents: Values) -> dict[str, Number]:
        return _numbers(program, network.dt, {**values, **own}, [*own], currents)

    now = values_of(
        network.populations[name].parameters, {n: c.values[0] for n, c in sparse.items()}
    )
    return Cast(
        program,
        _node(network, name, program, code, learned, now, _tables(network, name, driven, dense)),
        values_of,
        dict.fromkeys(code.ports, 1.0),
        sparse,
        _match(name, code.model, program.scheme, why, changes),
        cpp=code.text,
        hidden=frozenset({*coupled, *dense, *(q.code.port for q in learned)}),
        learned=learned,
        link=code.link,
    )


def _numbers(
    program: Program, dt: float, values: Values, own: Sequence[str], currents: Values
) -> dict[str, Number]:
    """The node's parameters; ``own``: names of the synapse's among ``values``."""
    found = {n: values[n] for n in (*program.parameters, *own)}
    found |= dict(program.constants_of(values, dt)) | dict(currents)
    if program.refractory is not None:
        found["refr_steps"] = program.refractory_steps(values, dt)
    return found | ({"dt_ms": dt} if program.uses_time else {})


def _tables(
    network: DrawnNetwork, name: str, driven: Mapping[str, Course], dense: Sequence[str]
) -> dict[str, Floats]:
    """Values of every step, and what time 0 has sent."""
    steps = np.arange(network.steps)
    coupled = sorted({p.port for p in _fixed(network) if p.post == name})
    tables = {f"table_{q}": driven[q].at(steps) for q in dense}
    return tables | {f"early_{port}": _early(network, name, port) for port in coupled}


def _node(
    network: DrawnNetwork,
    name: str,
    program: Program,
    code: RateCode,
    learned: Sequence[Learned],
    numbers: Mapping[str, Number],
    tables: Mapping[str, Floats],
) -> NodeModel:
    """The node with the synapses ``learned`` that it holds."""
    population = network.populations[name]
    held = {n: v for q in learned for n, v in parameters_of(q, _sampled(network, q)).items()}
    return NodeModel(
        model=code.model,
        parameters={**numbers, **held},
        initial={s: population.initial[s] for s in program.states},
        receptors=dict(code.ports),
        recordables={s: ((s,), 1.0) for s in program.states},
        spiking=program.condition is not None,
        tables=tables,
        lists={n: v for q in learned for n, v in lists_of(q, network).items()},
    )


def _match(name: str, model: str, scheme: str, why: str, changes: bool) -> dict[str, Any]:
    sends = "its changes as events" if changes else "its value in every step"
    return {
        "population": name,
        "model": model,
        "builtin": False,
        "scheme": scheme,
        "why": f"a generated node that sends {sends}: {why}",
    }


def _sampled(network: DrawnNetwork, learned: Learned) -> int:
    return sampling(network, learned.projection)


def _graded(network: DrawnNetwork) -> list[DrawnProjection]:
    return [p for p in network.projections.values() if p.synapse.is_graded]


def _fixed(network: DrawnNetwork) -> list[DrawnProjection]:
    return [p for p in _graded(network) if not p.synapse.learns]


def _signal(network: DrawnNetwork, name: str) -> tuple[Signal | None, dict[str, Number]]:
    """What the population sends, and the synapse's parameters in it."""
    neuron = network.populations[name].neuron
    found: tuple[Signal | None, dict[str, Number]] = (None, {})
    for projection in _graded(network):
        if projection.pre == name:
            learns = projection.synapse.learns
            signal = (
                sent_value(network, projection) if learns else signal_of(projection.synapse, neuron)
            )
            own = {n: projection.parameters[p] for n, p in signal.parameters.items()}
            if found[0] is not None and (signal, own) != found:
                raise refuse(
                    "nest",
                    f"two different signals of {name}",
                    "a node sends one value per step",
                    "let all its graded synapses read the same variable",
                )
            found = (signal, own)
    return found


def _check_signal(network: DrawnNetwork, name: str, signal: Signal | None) -> None:
    """A node sends at the end of a step, with its numbers then, what acts in a later one."""
    read = signal.value.names if signal else frozenset()
    if "t" in read:
        raise refuse(
            "nest",
            f"a signal of {name} that depends on the time",
            "a node sends at the end of a step what acts in a later one",
            "let it act on a state, or run it on brian2",
        )
    for change in network.changes:
        if change.kind == "parameter" and change.owner == name and change.key in read:
            raise refuse(
                "nest",
                f"a phase that changes {name}.{change.key}",
                "what the units send depends on it, and at that time has been sent already",
                "run it on brian2 or the reference",
            )


def _early(network: DrawnNetwork, name: str, port: str) -> Floats:
    """(steps, units): what the signals of time 0 bring; no step of NEST sends those."""
    own = [p for p in _fixed(network) if (p.post, p.port) == (name, port)]
    size = network.populations[name].size
    sums = np.zeros((max(int(np.max(p.delays, initial=0)) for p in own) + 1, size))
    for p in own:
        assert p.sources is not None and p.targets is not None
        sent = _first(network, p)[p.sources] * p.weights
        rows = np.broadcast_to(np.asarray(p.delays), p.sources.shape)
        np.add.at(sums, (rows, p.targets), sent)
    return sums


def _first(network: DrawnNetwork, projection: DrawnProjection) -> Floats:
    """The signals of time 0."""
    sender = network.populations[projection.pre]
    signal = signal_of(projection.synapse, sender.neuron)
    scope: dict[str, Any] = {**sender.parameters, **sender.initial, "t": 0.0}
    scope |= {n: projection.parameters[p] for n, p in signal.parameters.items()}
    value = compile_text(signal.value.text)(scope)
    return np.array(np.broadcast_to(value, (sender.size,)), dtype=float)


def _check(network: DrawnNetwork, name: str, program: Program) -> None:
    if program.odes is not None:
        raise refuse(
            "nest",
            f"the scheme native for {name}",
            "its units act on each other continuously, and that node has no solver of its own",
            'choose scheme = "auto"',
        )
    if read := read_by_synapses(network, name):
        raise refuse(
            "nest",
            f"synapses that read {read[0]} of {name}",
            "its units act on each other continuously, and that node keeps no past",
            "run it on brian2 or the reference",
        )
    for projection in _fixed(network):
        late = any(c.owner == projection.name for c in network.changes)
        if late and np.any(np.asarray(projection.delays) > 0):
            raise refuse(
                "nest",
                f"a phase that changes the weight of {projection.name}",
                "a signal on its way already carries the weight it was sent with",
                "use a delay of 0, or run it on brian2",
            )
