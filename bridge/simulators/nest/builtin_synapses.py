"""A built-in synapse in place of a generated one, where its result is the contract's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import evaluate
from ...definition.model import Synapse
from ...passes.builtin_numbers import builtin_numbers
from ...passes.match_dynamic import DynamicMatch, default_values, match_dynamic
from ...passes.matched import NoMatch
from ...passes.synapse_catalog import SynapseCatalogue, SynapseEntry, status_key
from ...records import dataclass, replace
from ..fresh import Answer
from .cast import Cast
from .job import Connections, Number, Plastic
from .plastic import at_soma
from .translate import scaled

Values = Mapping[str, Any]


@lru_cache(maxsize=1)
def synapse_catalogue() -> SynapseCatalogue:
    """NEST's built-in synapses with states as definitions."""
    text = Path(__file__).with_name("synapses.toml").read_text(encoding="utf-8")
    return SynapseCatalogue(text)


def explained_synapse(synapse: Synapse) -> str:
    """Which built-in the synapse is with its own parameters, or what differs from the nearest."""
    return match_dynamic(synapse, synapse_catalogue(), default_values(synapse)).text


@dataclass(frozen=True, eq=False)
class BuiltinSynapse:
    """A projection played by NEST's ``model``.

    ``weights``: NEST's at the beginning. ``parameters`` by the entry's names, ``values`` by the
    user's, with ``weight`` in NEST's measure. ``factors``: user's state -> what makes it NEST's,
    with the sign. ``status``: other initial values by NEST's keys. ``neuron``: what the
    postsynaptic neurons must have.
    """

    match: DynamicMatch
    entry: SynapseEntry
    model: str
    weights: Number
    parameters: Values
    values: Values
    factors: Values
    status: Values
    neuron: Mapping[str, float]

    @property
    def keys(self) -> tuple[str, ...]:
        """NEST's status keys that make up what it knows of a connection."""
        return tuple(dict.fromkeys(self.entry.keys.values()))

    @property
    def answer(self) -> Answer:
        """How the states follow from what NEST answers."""
        found = {s: self.entry.after.get(b) for s, b in self.match.states.items()}
        after = {s: e for s, e in found.items() if e is not None}
        return Answer(after, self.factors, self.parameters)

    @property
    def note(self) -> Mapping[str, Any]:
        """What runs and why, for people; the projection's name is added by who knows it."""
        return {
            "model": self.model,
            "builtin": True,
            "scheme": "NEST's own",
            "why": self.match.text,
        }

    @property
    def source(self) -> tuple[str, str]:
        """File ending and text that people can look at."""
        return "txt", self.match.text

    def connected(self, connections: Connections, wait: Number) -> Connections:
        """The projection as the job has it, with the built-in as its synapse."""
        hidden = (*self.entry.neuron, self.entry.weight)
        values = {status_key(p): v for p, v in self.parameters.items() if p not in hidden}
        values |= dict(self.status)
        common = {n: float(v) for n, v in values.items() if not np.ndim(v)}
        each = {n: v for n, v in values.items() if np.ndim(v)}
        # A default weight of another sign than Wmax would be refused.
        common["weight"] = float(np.ravel(self.weights)[0])
        plastic = Plastic(
            self.model, common, each, factors={}, drivers={}, axonal=wait, soma=False, builtin=True
        )
        return replace(connections, weights=self.weights, plastic=plastic)


Builtins = Mapping[str, BuiltinSynapse]  # by projection


def played_by_builtins(
    network: DrawnNetwork, casts: Mapping[str, Cast]
) -> tuple[dict[str, BuiltinSynapse], dict[str, str]]:
    """The projections that built-ins play, and for the others with states why none does.

    A neuron has one tau_minus: of several projections onto it that want different ones the first
    gets the built-in.
    """
    found: dict[str, BuiltinSynapse] = {}
    reasons: dict[str, str] = {}
    wanted: dict[str, dict[str, float]] = {}
    for name, projection in network.projections.items():
        if not projection.synapse.is_dynamic:
            continue
        builtin = _builtin(projection, network, casts[projection.post])
        if isinstance(builtin, BuiltinSynapse):
            have = wanted.setdefault(projection.post, {})
            clash = [n for n, v in builtin.neuron.items() if have.get(n, v) != v]
            if not clash:
                have.update(builtin.neuron)
                found[name] = builtin
                continue
            builtin = f"{clash[0]} of {projection.post} already serves another projection"
        reasons[name] = builtin
    return found, reasons


def with_traces(casts: Mapping[str, Cast], network: DrawnNetwork, builtins: Builtins) -> Any:
    """The casts with the time constants that built-in synapses need in their neurons."""
    found = dict(casts)
    for name, builtin in builtins.items():
        post = network.projections[name].post
        node = found[post].node
        traces = {**node.traces, **builtin.neuron}
        found[post] = replace(found[post], node=replace(node, traces=traces))
    return found


def _builtin(p: DrawnProjection, network: DrawnNetwork, cast: Cast) -> BuiltinSynapse | str:
    match = match_dynamic(p.synapse, synapse_catalogue(), p.parameters)
    if isinstance(match, NoMatch):
        return match.text
    entry = synapse_catalogue().of(match.builtin, match.form)
    reason = _unfit(p, network, entry, cast)
    if reason:
        return reason
    weights = scaled(p, p.weights, {p.post: cast})
    sign = np.sign(weights)
    if np.any(sign != np.ravel(sign)[0]) or np.any(sign == 0):
        return f"{entry.name} needs weights of one sign"
    return _numbers(p, match, entry, np.abs(weights), float(np.ravel(sign)[0]))


def _unfit(p: DrawnProjection, network: DrawnNetwork, entry: SynapseEntry, cast: Cast) -> str:
    """Why the projection rules the built-in out; "" where nothing does."""
    if not np.size(p.weights) or (p.sources is not None and not len(p.sources)):
        return "it has no connections"
    if at_soma(p):
        return f"the whole delay is axonal, and {entry.name} needs one step behind it"
    if any(c.kind == "weight" and c.owner == p.name for c in network.changes):
        return "its weight changes during the run"
    if entry.traces and not cast.node.spiking:
        return f"{p.post} never spikes and keeps no spikes"
    if any(r.projection == p.name for r in network.synapse_recordings):
        return _unreadable(p, network, entry)
    return ""


def _unreadable(p: DrawnProjection, network: DrawnNetwork, entry: SynapseEntry) -> str:
    assert p.sources is not None and p.targets is not None
    source = network.sources.get(p.pre)
    if source is not None and source.native:
        return f"{entry.name} is to be recorded, and nobody knows the spikes of {p.pre}"
    pairs = np.unique(np.stack([p.sources, p.targets]), axis=1)
    if pairs.shape[1] < len(p.sources):
        return f"{entry.name} is to be recorded, and connections of one pair cannot be told apart"
    return ""


def _numbers(
    p: DrawnProjection, match: DynamicMatch, entry: SynapseEntry, weights: Any, sign: float
) -> BuiltinSynapse | str:
    values = {**p.parameters, "weight": weights}
    found = builtin_numbers(match, entry, values, p.initial)
    if isinstance(found, str):
        return found
    parameters, initial, factors = found.parameters, found.initial, found.factors
    if sign < 0 and (not entry.signed or np.any(initial.get(entry.weight, weights) == 0)):
        return f"{entry.name} needs positive weights"
    named = (*entry.neuron, *entry.common)
    if any(np.ndim(parameters[n]) for n in named if n in parameters):
        return f"{entry.name} has one {', one '.join(named)} for all connections"
    own = [parameters[n] for n in parameters if n not in (*entry.neuron, entry.weight)]
    model = entry.variant if entry.variant and not any(np.ndim(v) for v in own) else entry.name
    signed = {n: parameters[n] * sign for n in entry.signed if n in parameters}
    parameters |= signed
    mine = next((s for s, b in match.states.items() if b == entry.weight), None)
    if mine is not None:
        factors[mine] = factors[mine] * sign
        initial[entry.weight] = initial[entry.weight] * sign
    start = {k: evaluate(e, parameters) for k, e in entry.start.items()} | dict(entry.fixed)
    at_first = initial[entry.weight] if mine is not None else parameters[entry.weight]
    neuron = {n: float(parameters[n]) for n in entry.neuron if n in parameters}
    return BuiltinSynapse(match, entry, model, at_first, parameters, values, factors, start, neuron)
