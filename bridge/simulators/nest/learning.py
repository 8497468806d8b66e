"""Numbers of graded synapses with states for the nodes that hold them, and their samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import compile_text
from ...passes.graded import Signal
from ...passes.learning import Rule, rule_of
from ...passes.program import Program
from ...records import dataclass
from ..base import refuse
from .job import Change, Floats, Ints, Number, SynapseMeter
from .learning_cpp import LearningCode

Lists = Mapping[str, tuple[Floats, ...]]  # status key -> one array per node


@dataclass(frozen=True, eq=False)
class Learned:
    """The synapses of one projection; ``phases``: from which step on which numbers hold."""

    projection: DrawnProjection
    code: LearningCode
    phases: tuple[tuple[int, Mapping[str, Number]], ...]


def learned_by(network: DrawnNetwork, name: str, program: Program) -> tuple[Learned, ...]:
    """What a node of population ``name`` holds.

    Raises:
        Unsupported: a rule that reads several variables of the sender.
    """
    own = [p for p in network.projections.values() if p.post == name and p.synapse.learns]
    return tuple(_learned(network, p, f"learn{i}_", program) for i, p in enumerate(own))


def projection_rule(network: DrawnNetwork, projection: DrawnProjection) -> Rule:
    """The rule of a projection."""
    pre, post = (network.populations[n].neuron for n in (projection.pre, projection.post))
    return rule_of(projection.synapse, pre, post, projection.port)


def sent_value(network: DrawnNetwork, projection: DrawnProjection) -> Signal:
    """What the sender sends: the variable itself, of which the receiver makes what it needs."""
    read = projection_rule(network, projection).pre
    if len(read) > 1:
        raise refuse(
            "nest",
            f"the synapse of {projection.name} ({projection.synapse.label})",
            f"it reads {' and '.join(sorted(read))}, and a node sends one value per step",
            "let it read one variable of the sender, or run it on brian2 or the reference",
        )
    return Signal(next(iter(read.values())))


def parameters_of(learned: Learned, sampled: int) -> dict[str, Number]:
    """Status values that are one number for all nodes; ``sampled``: steps between samples, or 0."""
    code, numbers = learned.code, learned.phases[0][1]
    found = {code.key(n): float(v) for n, v in numbers.items() if n not in code.each}
    return found | {
        f"{code.prefix}every": learned.projection.every,
        f"{code.prefix}sampled": sampled,
    }


def lists_of(learned: Learned, network: DrawnNetwork) -> dict[str, tuple[Floats, ...]]:
    """Status values of a node's own synapses."""
    p, code = learned.projection, learned.code
    assert p.sources is not None
    sender = network.populations[p.pre]
    signal = compile_text(sent_value(network, p).value.text)
    first = np.broadcast_to(signal({**sender.parameters, **sender.initial}), (sender.size,))
    columns: dict[str, Any] = {code.key(s): p.initial[s] for s in code.rule.states}
    columns |= {code.key(n): learned.phases[0][1][n] for n in code.each}
    columns |= {f"{code.prefix}delay": p.delays, f"{code.prefix}first": first[p.sources]}
    size = network.populations[p.post].size
    chosen = _chosen(network, p)[0]
    local = places(p)[chosen]
    found = {n: _by_node(p, v, size) for n, v in columns.items()}
    picked = tuple(local[p.targets[chosen] == i].astype(float) for i in range(size))  # type: ignore[index]
    return found | {f"{code.prefix}chosen": picked}


def changes_of(learned: Learned, size: int) -> list[Change]:
    """What phases change in the nodes."""
    p, code = learned.projection, learned.code
    found, before = [], learned.phases[0][1]
    for step, numbers in learned.phases[1:]:
        new = {n: v for n, v in numbers.items() if not np.array_equal(v, before[n])}
        one = {code.key(n): float(v) for n, v in new.items() if n not in code.each}
        each = {code.key(n): _by_node(p, v, size) for n, v in new.items() if n in code.each}
        found += [Change(step, "node", p.post, one)] if one else []
        found += [Change(step, "lists", p.post, each)] if each else []
        before = numbers
    return found


def places(projection: DrawnProjection) -> Ints:
    """The number of every connection among those of its target."""
    assert projection.targets is not None
    order = np.argsort(projection.targets, kind="stable")
    ordered = projection.targets[order]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return found


def meter_of(learned: Learned, recording: Any) -> SynapseMeter:
    """A recording, whose samples the nodes hold."""
    code = learned.code
    keys = tuple(f"{code.key(v)}_samples" for v in recording.variables)
    return SynapseMeter(
        recording.projection, keys, recording.units, recording.every, learned.projection.post
    )


def sampling(network: DrawnNetwork, projection: DrawnProjection) -> int:
    """Steps between the samples that serve all recordings of the projection; 0: none."""
    return _chosen(network, projection)[1]


def samples_of(
    network: DrawnNetwork,
    recording: Any,
    variable: str,
    held: tuple[Floats, ...],
) -> Floats:
    """(samples, connections) of a recording from what the nodes hold, sample 0 included."""
    p = network.projections[recording.projection]
    assert p.targets is not None
    chosen, every = _chosen(network, p)
    count = network.steps // every
    table = np.empty((count + 1, len(chosen)))
    table[0] = np.broadcast_to(p.initial[variable], p.targets.shape)[chosen]
    for node, values in enumerate(held):
        mine = np.flatnonzero(p.targets[chosen] == node)
        if len(mine):
            table[1:, mine] = np.reshape(values, (-1, len(mine)))[:count]
    rows = np.arange(network.steps // recording.every + 1) * (recording.every // every)
    found: Floats = table[rows][:, np.searchsorted(chosen, recording.units)]
    return found


def note_of(learned: Learned) -> Mapping[str, Any]:
    """What runs for a projection, and what it costs, for people."""
    p, rule = learned.projection, learned.code.rule
    count = 0 if p.sources is None else len(p.sources)
    return {
        "population": p.name,
        "model": "its receiving nodes",
        "builtin": False,
        "scheme": rule.scheme,
        "why": f"NEST has no such synapse: the nodes of {p.post} hold and move {count} of them, "
        f"every {p.every} steps, in their own thread; each costs a sum and a rule per step, and "
        f"the memory of its states and of what is on its way ({_longest(p) + 1} numbers)",
        "connections": count,
        "every": p.every,
    }


def _longest(projection: DrawnProjection) -> int:
    return int(np.max(projection.delays, initial=0))


def _learned(
    network: DrawnNetwork, projection: DrawnProjection, prefix: str, program: Program
) -> Learned:
    rule = projection_rule(network, projection)
    sent_value(network, projection)
    phases = _phases(network, projection, rule)
    each = frozenset(n for _, numbers in phases for n, v in numbers.items() if np.ndim(v))
    code = LearningCode(prefix, rule, projection.port, each, program)
    return Learned(projection, code, phases)


def _phases(
    network: DrawnNetwork, projection: DrawnProjection, rule: Rule
) -> tuple[tuple[int, Mapping[str, Number]], ...]:
    interval = projection.every * network.dt
    parameters, weight = dict(projection.parameters), projection.weights
    found = {0: rule.numbers_of(parameters, weight, interval)}
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.owner == projection.name and change.step < network.steps:
            if change.kind == "weight":
                weight = change.value
            else:
                parameters[change.key] = change.value
            found[change.step] = rule.numbers_of(parameters, weight, interval)
    return tuple(found.items())


def _chosen(network: DrawnNetwork, projection: DrawnProjection) -> tuple[Ints, int]:
    """The connections that any recording names, and the steps between samples for all."""
    own = [r for r in network.synapse_recordings if r.projection == projection.name]
    if not own:
        return np.empty(0, np.int64), 0
    return np.unique(np.concatenate([r.units for r in own])), math.gcd(*(r.every for r in own))


def _by_node(projection: DrawnProjection, values: Any, size: int) -> tuple[Floats, ...]:
    """One number per connection as one array per target, in the order of `places`."""
    assert projection.targets is not None
    full = np.broadcast_to(np.asarray(values, dtype=float), projection.targets.shape)
    order = np.argsort(projection.targets, kind="stable")
    ends = np.cumsum(np.bincount(projection.targets, minlength=size))[:-1]
    return tuple(np.split(full[order], ends))
