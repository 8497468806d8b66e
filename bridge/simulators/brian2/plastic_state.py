"""Synapses with states in a final state, and in a run that begins with one.

What a state holds of them is said in `reference.continued`. Spikes that synapses have not seen yet
go into Brian2's queues as if the steps before the first one had been run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnSource, Floats, Ints
from ...passes.merge import Part
from ...passes.synapse_program import BEFORE
from ...records import replace
from ..sent import NONE, Train, longest_delays, sent, sent_before
from .paths import nth_spikes
from .plan import Plan, PlasticPlan
from .plastic import PlasticSynapses
from .plastic_records import present
from .plastic_words import UPDATED, own


def final_synapses(
    made: Mapping[str, PlasticSynapses], plan: Plan, spikes: Mapping[str, Train]
) -> dict[str, Any]:
    """The entries of a final state for synapses with states, and the spikes on their way."""
    found: dict[str, Any] = {}
    for p in plan.plastic:
        kept = _kept(p, made[p.name], plan)
        found |= {f"{p.name}.{key}": values for key, values in kept.items()}
    for name, part in plan.parts.items():
        if part.whole in plan.unseen and part.whole in {g.name for g in plan.groups}:
            trains = (_of_part(part, plan.sent), _of_part(part, spikes))
            found |= sent(name, plan.steps, plan.unseen[part.whole], trains)
    return found


def _of_part(part: Part, spikes: Mapping[str, Train]) -> Train:
    """Spikes of one population among those of groups."""
    steps, senders = spikes.get(part.whole, NONE)
    mine = (senders >= part.start) & (senders < part.stop)
    return steps[mine], senders[mine] - part.start


def _kept(p: PlasticPlan, made: PlasticSynapses, plan: Plan) -> dict[str, Any]:
    """As in the definition's order of connections."""

    def ordered(values: Any) -> Any:
        values = np.asarray(values)
        found = np.empty(len(made.order), dtype=values.dtype)
        found[made.order] = values
        return found

    found = {n: ordered(v) for n, v in present(p, made, plan.steps, plan.dt).items()}
    variables = made.synapses.variables
    if p.placing.at_soma and UPDATED in variables:
        updated = np.asarray(variables[UPDATED].get_value())
        found["apart"] = ordered(updated == 2 * plan.steps + 1)
        for name in p.program.kept_by_pre:
            if own(BEFORE + name) in variables:
                found[f"before.{name}"] = ordered(variables[own(BEFORE + name)].get_value())
    return found


def restored(p: PlasticPlan, state: Mapping[str, Any]) -> PlasticPlan:
    """The plan of a projection whose synapses begin with ``state``.

    Raises:
        KeyError: they are not in it.
    """
    kept = {n: np.asarray(state[f"{p.name}.{n}"]) for n in p.program.states}
    extra = ("apart", *(f"before.{n}" for n in p.program.kept_by_pre))
    kept |= {n: np.asarray(state[f"{p.name}.{n}"]) for n in extra if f"{p.name}.{n}" in state}
    return replace(p, kept=kept)


def trains_before(
    network: DrawnNetwork, parts: Mapping[str, Part], state: Mapping[str, Any]
) -> dict[str, Train]:
    """The last spikes of groups and sources up to the state's step.

    Raises:
        KeyError: those of a population are missing.
    """
    last, found = int(state["step"]), dict[str, Train]()
    for name, longest in longest_delays(network).items():
        if name in network.sources:
            found[name] = _last(network.sources[name], last - longest, last)
            continue
        steps, senders = _whole(name, parts, state)
        found[name] = steps, senders
    return found


def _whole(name: str, parts: Mapping[str, Part], state: Mapping[str, Any]) -> Train:
    """Of all populations that one group stands for, as far as their spikes were kept."""
    found = [
        (steps, senders + part.start)
        for own_name, part in parts.items()
        if part.whole == name and f"{own_name}.sent.steps" in state
        for steps, senders in [sent_before(own_name, state)]
    ]
    if not found:
        raise KeyError(f"{name}.sent.steps")
    steps, senders = (np.concatenate(x) for x in zip(*found, strict=True))
    return steps, senders


def _last(source: DrawnSource, after: int, last: int) -> Train:
    steps, senders = np.asarray(source.steps), np.asarray(source.senders)
    some = (steps >= after) & (steps <= last)
    return steps[some], senders[some]


def send_again(made: PlasticSynapses, p: PlasticPlan, plan: Plan) -> None:
    """Let the queues of a projection hold what was on its way before the first step."""
    for synapses in (made.synapses, *(s.made for s in made.sides)):
        for pathway in synapses._pathways:  # noqa: SLF001
            event = pathway.objname.split("_")[0]
            owner = p.post if event == "post" else p.pre
            nth = 0 if event == "post" else int(event.removeprefix("pre") or 0)
            _fill(pathway, _nth(plan.sent[owner], nth), plan.first)
    for name, repeat in zip(sorted(p.events), made.others[len(made.sides) :], strict=True):
        steps, _ = plan.sent[p.events[name]]
        repeat.left = int(np.count_nonzero(steps == plan.first))


def _nth(train: Train, nth: int) -> Train:
    """The first, second, ... spikes of units in a step."""
    steps, senders = train
    some = nth_spikes(steps, senders) == nth
    return steps[some], senders[some]


def _fill(pathway: Any, train: Train, first: int) -> None:
    """Push the spikes up to step ``first``, each in its step, once the queue has its delays."""
    prepare = pathway.before_run

    def before_run(run_namespace: Any) -> None:
        prepare(run_namespace)
        pathway.before_run = prepare
        for step, senders in _by_step(train, first):
            if len(senders):
                pathway.queue.push(senders)
            if step < first:
                pathway.queue.advance()

    pathway.before_run = before_run


def _by_step(train: Train, first: int) -> Iterator[tuple[int, Ints]]:
    steps, senders = train
    for step in range(int(steps.min(initial=first)), first + 1):
        yield step, np.sort(senders[steps == step]).astype(np.int32)


def on_the_way(made: Mapping[str, PlasticSynapses], plan: Plan) -> dict[tuple[str, str], Floats]:
    """(group, port) -> amplitudes that arrive d steps after the last one, in row d - 1."""
    found = {}
    for p in plan.plastic:
        line = made[p.name].line
        if line is not None:
            rows = len(line.amounts) // line.size
            due = (plan.steps + np.arange(rows - 1)) % rows
            found[p.post, p.port] = line.amounts.reshape(rows, line.size)[due]
    return found
