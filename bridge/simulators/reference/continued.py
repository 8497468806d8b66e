"""The final state of a fixed-step run, and a run that begins with one.

A state at step S holds all that decides the steps after S: states and refractory counts of neurons,
sums of weights on their way, states of synapses as they are at S, and the spikes that some of these
have not seen yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, Ints
from ...errors import DefinitionError
from ..sent import Train, longest_delays, sent, sent_before
from .build import Built
from .plastic import Plastic
from .sources import senders_of

State = dict[str, Any]
Send = Callable[[Ints, int], None]


def final_state(
    built: Built,
    network: DrawnNetwork,
    trains: Mapping[str, Train],
    before: Mapping[str, Any] | None,
) -> State:
    """The state after the last step; ``trains``: spikes by population, steps from time 0.

    Row d - 1 of the arrivals is what arrives d steps later.
    """
    step = network.steps
    found: State = {"step": np.array(step)}
    for name, group in built.groups.items():
        found |= {f"{name}.{s}": np.array(x) for s, x in group.states.items()}
        found[f"{name}.refractory_steps_left"] = group.resting.copy()
        for port, arrivals in group.arrivals.items():
            found[f"{name}.{port}.arrivals"] = arrivals.ahead(step)
    for name, plastic in built.plastic.items():
        found |= {f"{name}.{key}": values for key, values in plastic.kept(step).items()}
    for name, longest in longest_delays(network).items():
        if name in network.populations:
            parts = [trains[name]] + ([] if before is None else [sent_before(name, before)])
            found |= sent(name, step, longest, parts)
    return found


def restore(built: Built, network: DrawnNetwork, state: Mapping[str, Any]) -> None:
    """Put ``state``, from `final_state` of the same network, into groups and synapses.

    Raises:
        DefinitionError: it is that of another network.
    """
    step = int(state["step"])
    name = ""
    try:
        for name, group in built.groups.items():
            group.states = {s: np.array(state[f"{name}.{s}"]) for s in group.states}
            group.resting = np.array(state[f"{name}.refractory_steps_left"])
            for port, arrivals in group.arrivals.items():
                arrivals.restore(step, state[f"{name}.{port}.arrivals"])
        for name, plastic in built.plastic.items():
            own = {k.removeprefix(f"{name}."): v for k, v in state.items() if k.startswith(name)}
            plastic.restore(step, own)
            _send_again(plastic, name, network, state)
    except (KeyError, ValueError) as error:
        raise DefinitionError(
            f"the initial state does not belong to this network ({error})",
            symbol=name,
            remedy="use the final_state of a run of the same network on the reference",
        ) from None


def _send_again(
    plastic: Plastic, name: str, network: DrawnNetwork, state: Mapping[str, Any]
) -> None:
    """The spikes up to the state's step, without those that were there before it."""
    projection, longest = network.projections[name], longest_delays(network)
    ways: list[tuple[str, Send]] = [(projection.pre, plastic.send), (projection.post, plastic.back)]
    ways += [(driver, partial(plastic.factor, f)) for f, driver in projection.events.items()]
    for owner, send in ways:
        for step, senders in _trains(owner, network, state, longest[owner]):
            send(senders, step)
    plastic.forget(int(state["step"]))


def _trains(
    owner: str, network: DrawnNetwork, state: Mapping[str, Any], longest: int
) -> Iterator[tuple[int, Ints]]:
    last = int(state["step"])
    if owner in network.sources:
        senders_at = senders_of(network.sources[owner], network)
        for step in range(max(last - longest, 1), last + 1):
            yield step, senders_at(step)
        return
    steps, senders = sent_before(owner, state)
    for step in np.unique(steps):
        yield int(step), senders[steps == step]
