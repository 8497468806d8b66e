"""Which standard cell of PyNN plays a population, with which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnPopulation
from ...definition.evaluate import evaluate
from ...errors import Unsupported
from ...passes.integrate import program_of
from ...passes.match import Match, NoMatch, explain, find_match
from ...passes.program import Program
from ..base import Options
from ..courses import Course, courses
from .backends import Backend
from .catalogue import Played, catalogue, ours, played, scale
from .job import Number

REMEDY = "run it on nest, brian2 or the reference, or write it as one of PyNN's standard cells"


@dataclass(frozen=True, eq=False)
class Cast:
    """A population as a PyNN cell: ``match`` and what the backend makes of it, ``played``."""

    population: DrawnPopulation
    program: Program
    match: Match
    played: Played
    courses: Mapping[str, Course]

    @property
    def cell(self) -> str:
        """PyNN's name of the cell."""
        return self.match.builtin

    def scale(self, name: str) -> float:
        """PyNN's unit of ``name`` in ms, mV, pA."""
        return scale(self.cell, name)

    def weight_factor(self, port: str) -> Number:
        """PyNN's weight of a weight at ``port`` of 1."""
        factor = self.match.weight_factor(port, self.population.parameters)
        return factor / self.scale("weight")


def cast(network: DrawnNetwork, name: str, backend: Backend, options: Options) -> Cast:
    """The cell that plays population ``name`` on ``backend``.

    Raises:
        Unsupported: no standard cell has its trajectories, or the backend cannot play it; says
            what differs from the nearest cell.
    """
    population = network.populations[name]
    signs = signs_of(network, name)
    match = find_match(population.neuron, catalogue(), signs)
    if isinstance(match, NoMatch):
        raise _refused(backend, name, f"none of PyNN's standard cells is {match.label}", match.text)
    found = played(match.builtin, backend.name)
    if found is None:
        raise _refused(backend, name, f"pyNN.{backend.name} has no {match.builtin}")
    program = program_of(population.neuron, "native")
    quantities = {*program.currents, *program.noise}
    driven = {q: c for q, c in courses(network, name).items() if q in quantities}
    mine = Cast(population, program, match, found, driven)
    reason = match.obstacle(population.parameters, population.initial, signs)
    reason = reason or _obstacle(mine, network.dt)
    if found.mute and any(p.pre == name for p in network.projections.values()):
        reason = reason or f"{match.builtin} can send to nothing there: {found.mute}"
    if reason:
        raise _refused(backend, name, reason)
    _check_scheme(mine, backend, options)
    return mine


def _refused(backend: Backend, name: str, why: str, more: str = "") -> Unsupported:
    said = f"{why}: {more}" if more else why
    return Unsupported(f"pynn.{backend.name} cannot play it: {said}", model=name, remedy=REMEDY)


def _obstacle(mine: Cast, dt: float) -> str | None:
    """Why the backend cannot play the cell with these numbers."""
    values = mine.match.parameters(mine.population.parameters)
    with np.errstate(over="ignore"):
        for limit, why in mine.played.limits:
            if not np.all(evaluate(limit, {**values, "dt": dt})):
                return f"{mine.cell} needs {limit} there: {why}"
    for name in mine.played.shared:
        if np.ndim(values.get(name, 0.0)) and np.ptp(values[name]) > 0:
            return f"{mine.cell} takes one {name} for all units there, these differ"
    if mine.played.equal:
        first, *others = (values[n] for n in mine.played.equal if n in values)
        if any(not np.array_equal(first, other) for other in others):
            names = " for ".join(mine.played.equal)
            return f"{mine.cell} takes {names} there, and these differ"
    for name, state in mine.match.states.items():
        started = np.any(np.asarray(mine.population.initial[name]) != 0)
        if state.name not in mine.played.settable and started:
            return f"{mine.cell} starts {state.name} at 0 there, not at the value of {name}"
    missing = [q for q in mine.courses if q not in mine.match.currents]
    return f"{mine.cell} takes no {missing[0]}" if missing else None


def _check_scheme(mine: Cast, backend: Backend, options: Options) -> None:
    """A scheme that is asked for is made or refused; the network's own is one of the departures."""
    asked = options.scheme
    if asked not in ("auto", "native", mine.played.step):
        raise Unsupported(
            f"pynn.{backend.name} does not integrate {mine.cell} by {asked!r}",
            model=mine.population.name,
            symbol="scheme",
            remedy="leave the scheme to the backend: 'auto' or 'native'",
        )


def signs_of(network: DrawnNetwork, name: str) -> dict[str, tuple[int, ...]]:
    """Spike port -> signs of the weights that arrive there."""
    found: dict[str, set[int]] = {}
    for projection in network.projections_to(name):
        signs = found.setdefault(projection.port, set())
        signs |= {1} if np.any(np.asarray(projection.weights) > 0) else set()
        signs |= {-1} if np.any(np.asarray(projection.weights) < 0) else set()
    return {port: tuple(sorted(signs)) for port, signs in found.items()}


def parameters_of(mine: Cast, backend: Backend, dt: float) -> dict[str, Number]:
    """PyNN's parameters in PyNN's units; constant currents are part of ``i_offset``."""
    values = mine.population.parameters
    found = mine.match.parameters(values)
    for quantity, course in mine.courses.items():
        into = mine.match.currents[quantity]
        first = course.values[0] * evaluate(into.factor, values)
        found[into.parameter] = found.get(into.parameter, 0.0) + first
    if "tau_refrac" in found:
        steps = np.zeros(()) if mine.program.refractory is None else 0
        steps = steps + mine.program.refractory_steps(values, dt)
        found["tau_refrac"] = (steps + backend.clamp) * dt
    kept = {n: v for n, v in found.items() if n not in ours(mine.cell)}
    return {n: _plain(v / mine.scale(n)) for n, v in kept.items()}


def initial_of(mine: Cast) -> dict[str, Number]:
    """Initial values by PyNN's names of the states, in PyNN's units."""
    found = mine.match.initial(mine.population.parameters, mine.population.initial)
    settable = mine.played.settable
    return {n: _plain(v / mine.scale(n)) for n, v in found.items() if n in settable}


def _plain(value: Any) -> Number:
    array = np.asarray(value, dtype=np.float64)
    return array if array.ndim else float(array)


def note(mine: Cast, backend: Backend) -> dict[str, Any]:
    """What plays the population and where it departs from the contract, for the manifest."""
    return {
        "population": mine.population.name,
        "model": mine.cell,
        "builtin": True,
        "scheme": f"PyNN's on {backend.name}" if mine.played.step == "own" else mine.played.step,
        "why": mine.match.text,
        "caveats": list(mine.played.departures),
    }


def explanation(mine: Cast) -> str:
    """The match and the departures, for people."""
    text = explain(mine.match).splitlines()[0]
    return "\n".join([text, *(f"  departure: {d}" for d in mine.played.departures)]) + "\n"
