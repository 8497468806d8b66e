"""Which standard synapse of PyNN plays a projection with states, and with which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import evaluate
from ...errors import Unsupported
from ...passes.builtin_numbers import BuiltinNumbers, builtin_numbers
from ...passes.match_dynamic import DynamicMatch, match_dynamic
from ...passes.matched import NoMatch
from ...passes.synapse_catalog import SynapseEntry
from .backends import Backend
from .casting import Cast
from .job import Dynamics, Floats, Number, Trains
from .synapse_catalogue import PlayedSynapse, played_synapse, synapse_catalogue

REMEDY = "run it on nest, brian2 or the reference, or write it as one of PyNN's standard synapses"
EXPONENTS = ("mu_plus", "mu_minus")
DEPENDENCES = {
    (0.0, 0.0): "AdditiveWeightDependence",
    (1.0, 1.0): "MultiplicativeWeightDependence",
    (0.0, 1.0): "AdditivePotentiationMultiplicativeDepression",
}
GUETIG = "GutigWeightDependence"
TIME_CONSTANTS = {1: ("tau_syn_E",), 2: ("tau_syn_I",), 0: ("tau_syn_E", "tau_syn_I")}


@dataclass(frozen=True, eq=False)
class CastSynapse:
    """A projection as connections of PyNN: ``dynamics`` and the ``weights`` they begin with."""

    projection: DrawnProjection
    match: DynamicMatch
    entry: SynapseEntry
    played: PlayedSynapse
    numbers: BuiltinNumbers
    dynamics: Dynamics
    weights: Floats
    every: int

    @property
    def state(self) -> str | None:
        """The state that PyNN calls the weight."""
        return next((s for s, b in self.match.states.items() if b == self.entry.weight), None)

    @property
    def note(self) -> dict[str, Any]:
        """What plays the projection and where it departs from the contract, for the manifest."""
        return {
            "population": self.projection.name,
            "model": self.dynamics.synapse,
            "builtin": True,
            "scheme": "PyNN's own",
            "why": self.match.text,
            "caveats": list(self.played.departures),
        }

    @property
    def explanation(self) -> str:
        """The match and the departures, for people."""
        departures = (f"  departure: {d}" for d in self.played.departures)
        return "\n".join([self.match.text, *departures]) + "\n"


def cast_synapses(
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    trains: Mapping[str, list[Trains]],
    backend: Backend,
    options: Mapping[str, Any],
) -> dict[str, CastSynapse]:
    """The projections whose synapses have states; ``options`` of the backend.

    Raises:
        Unsupported: no standard synapse does the same, or the backend cannot play it.
    """
    found: dict[str, CastSynapse] = {}
    for name, p in network.projections.items():
        if not p.synapse.is_dynamic or p.sources is None or not len(p.sources):
            continue
        made = _cast(p, network, casts[p.post], trains.get(p.pre, []), backend)
        if not isinstance(made, str):
            made = _unless_unsafe(made, options)
        if isinstance(made, str):
            raise Unsupported(
                f"pynn.{backend.name} cannot play it: {made}",
                model=f"{name} ({p.synapse.label})",
                remedy=REMEDY,
            )
        _check_shared(made, found, backend)
        found[name] = made
    return found


def _unless_unsafe(made: CastSynapse, options: Mapping[str, Any]) -> CastSynapse | str:
    """Why it needs another option; itself where it does not."""
    for name, value in made.played.options.items():
        if options.get(name) != value:
            return f"{made.played.options_why}: write the option {name} = {value!r}"
    return made


def _cast(
    p: DrawnProjection, network: DrawnNetwork, target: Cast, trains: list[Trains], backend: Backend
) -> CastSynapse | str:
    match = match_dynamic(p.synapse, synapse_catalogue(), p.parameters)
    if isinstance(match, NoMatch):
        return match.text
    entry = synapse_catalogue().of(match.builtin, match.form)
    mine = played_synapse(match.builtin, backend.name)
    if match.form not in mine.forms:
        return mine.otherwise
    weights = scaled(p, target, p.weights)
    values = {**p.parameters, "weight": np.abs(weights)}
    numbers = builtin_numbers(match, entry, values, p.initial)
    if isinstance(numbers, str):
        return numbers
    reason = _unfit(p, entry, mine, numbers, weights, trains) or _unread(p, network, match, entry)
    reason = reason or _time_constant(p, target, numbers.parameters)
    dynamics = reason or _dynamics(p, entry, mine, numbers.parameters)
    if isinstance(dynamics, str):
        return dynamics
    stdp = entry.weight in entry.synapse.states
    begin = numbers.initial[entry.weight] if stdp else numbers.parameters[entry.weight]
    begin = np.array(np.broadcast_to(begin * np.where(weights < 0, -1.0, 1.0), weights.shape))
    every = gcd(*(r.every for r in network.synapse_recordings if r.projection == p.name), 0)
    return CastSynapse(p, match, entry, mine, numbers, dynamics, begin, every)


def scaled(p: DrawnProjection, target: Cast, weights: Number) -> Floats:
    """Weights of the connections in PyNN's unit."""
    assert p.sources is not None and p.targets is not None
    factor = target.weight_factor(p.port)
    factor = factor[p.targets] if np.ndim(factor) else factor
    return np.array(np.broadcast_to(weights * factor, p.sources.shape), dtype=np.float64)


def _unfit(
    p: DrawnProjection,
    entry: SynapseEntry,
    mine: PlayedSynapse,
    numbers: BuiltinNumbers,
    weights: Floats,
    trains: list[Trains],
) -> str:
    """Why the projection rules the synapse out; "" where nothing does."""
    for limit, why in mine.limits:
        if not np.all(evaluate(limit, {**numbers.parameters, **numbers.initial})):
            return f"{entry.name} needs {limit} there: {why}"
    place = {"dendritic": p.axonal == 0, "axonal": p.axonal == p.delays}.get(mine.delays, True)
    if not np.all(place):
        return f"its delay must be {mine.delays} there: {mine.delays_why}"
    if len(trains) > 1:
        return f"a unit of {p.pre} spikes twice in one step, and each goes through its own synapse"
    if not entry.exponents:
        return ""
    if np.any(weights <= 0):
        return f"{entry.name} keeps weights between 0 and w_max, and some of these are not positive"
    if trains and trains[0].late:
        return (
            f"{p.pre} spikes so early that its spikes are sent a step later over shorter delays, "
            "which moves them against those of the target"
        )
    return ""


def _unread(
    p: DrawnProjection, network: DrawnNetwork, match: DynamicMatch, entry: SynapseEntry
) -> str:
    """Why what is recorded cannot be read; "" where it can."""
    asked = {v for r in network.synapse_recordings if r.projection == p.name for v in r.variables}
    known = {s for s, b in match.states.items() if b in entry.keys}
    if asked - known:
        what = f"of {entry.name} only {min(known)}" if known else f"nothing of {entry.name}"
        return f"PyNN reads {what}, not {min(asked - known)}: drop the recording"
    assert p.sources is not None and p.targets is not None
    pairs = np.unique(np.stack([p.sources, p.targets]), axis=1)
    if asked and pairs.shape[1] < len(p.sources):
        return "it is to be recorded, and connections of one pair cannot be told apart"
    return ""


def _time_constant(p: DrawnProjection, target: Cast, parameters: Mapping[str, Number]) -> str:
    """PyNN reads tau_syn from the cell: why it is not the synapse's; "" where it is."""
    if "tau_syn" not in parameters:
        return ""
    known = target.match.parameters(target.population.parameters)
    names = TIME_CONSTANTS[target.match.ports[p.port].receptor]
    if not set(names) <= set(known):
        return f"PyNN reads tau_syn from the cell, and {target.cell} has none"
    for name in names:
        theirs = known[name][p.targets] if np.ndim(known[name]) else known[name]
        if not np.allclose(theirs, parameters["tau_syn"], 1e-9, 0):
            return (
                f"PyNN takes {name} of {target.cell}, {np.ravel(theirs)[0]:g} ms, where the "
                f"synapse has {np.ravel(parameters['tau_syn'])[0]:g} ms: make them equal"
            )
    return ""


def _dynamics(
    p: DrawnProjection, entry: SynapseEntry, mine: PlayedSynapse, parameters: Mapping[str, Number]
) -> Dynamics | str:
    """PyNN's synapse type with its parameters."""
    own = {n: v for n, v in parameters.items() if n not in ("weight_", "tau_syn", *EXPONENTS)}
    if not entry.exponents:
        return Dynamics(entry.name, {**own, **entry.fixed})
    plus, minus = (parameters[n] for n in EXPONENTS)
    known = not np.ndim(plus) and not np.ndim(minus)
    dependence = DEPENDENCES.get((float(plus), float(minus)), GUETIG) if known else GUETIG
    if dependence not in mine.dependences:
        return f"it has no {dependence}: {mine.dependence_missing}"
    own |= {"mu_plus": plus, "mu_minus": minus}
    own["dendritic_delay_fraction"] = _fraction(p)
    return Dynamics(entry.name, own, dependence)


def _fraction(p: DrawnProjection) -> Number:
    """The part of the delay that lies behind the synapse; one number where it is the same."""
    found = 1.0 - np.asarray(p.axonal) / np.asarray(p.delays)
    return float(np.ravel(found)[0]) if np.ptp(found) == 0 else found


def _check_shared(made: CastSynapse, others: Mapping[str, CastSynapse], backend: Backend) -> None:
    """What a cell keeps for all synapses onto it must be one."""
    for name in made.played.one:
        mine = made.numbers.parameters.get(name)
        if mine is None:
            continue
        post = made.projection.post
        same = [o for o in others.values() if o.projection.post == post]
        values = [o.numbers.parameters[name] for o in same if name in o.numbers.parameters]
        if np.ptp(np.concatenate([np.ravel(v) for v in (mine, *values)])) > 0:
            raise Unsupported(
                f"pynn.{backend.name} keeps one {name} per cell, and those of the synapses onto "
                f"{post} differ",
                model=made.projection.name,
                symbol=name,
                remedy="make them equal, or run it on nest or brian2",
            )
