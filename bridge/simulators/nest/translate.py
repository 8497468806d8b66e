"""DrawnNetwork -> job: which NEST model plays each population, with which numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnPopulation, DrawnProjection, DrawnSource
from ...definition.evaluate import evaluate
from ...definition.network import STATIC
from ...errors import SimulationFailed
from ...passes.program import Program
from ...records import dataclass, field, replace
from ..base import refuse
from ..courses import Course
from .currents import drive_of
from .job import Change, Connections, Drive, Group, NodeModel, Number, Source
from .learning import Learned, changes_of, places
from .plastic import Codes, dendritic, plastic_of

if TYPE_CHECKING:
    from .emit import Emitted

Values = Mapping[str, Number]
RULES = {
    "all_to_all": ("all_to_all", {}),
    "one_to_one": ("one_to_one", {}),
    "fixed_probability": ("pairwise_bernoulli", {"p": "p"}),
    "fixed_indegree": ("fixed_indegree", {"indegree": "indegree"}),
    "fixed_outdegree": ("fixed_outdegree", {"outdegree": "outdegree"}),
    "fixed_total_number": ("fixed_total_number", {"number": "N"}),
}


@dataclass(frozen=True, eq=False)
class Cast:
    """Who plays a population: ``node``, and how NEST's values follow from the definition's.

    ``values_of(parameters, currents)`` gives NEST's parameters; ``currents`` holds the value of
    each quantity that is not sent step by step. ``factors[port]`` turns weights into NEST's (one
    number, or one per target unit). ``text`` is the NESTML text, ``cpp`` the C++ of a rate unit,
    both empty for a built-in; ``match`` says what runs and why, ``explanation`` at length.
    ``hidden``: quantities that only NEST knows. ``learned``: synapses that its nodes hold.
    ``coded``: the state whose changes the spikes of a binary neuron code. ``sends``: projection ->
    what weights of graded synapses from it are multiplied with; ``link``: their connection model.
    ``sends_before``: what it sends in a step is its value before that step, and NEST may not stop
    within a slice. ``together``: one name of NEST stands for two of its values, so that all are set
    whenever one changes.
    """

    program: Program
    node: NodeModel
    values_of: Callable[[Values, Values], dict[str, Number]]
    factors: Mapping[str, Number]
    courses: Mapping[str, Course]
    match: Mapping[str, Any]
    text: str = ""
    explanation: str = ""
    scale_of: Callable[[str, Values], Number] = lambda quantity, values: 1.0
    cpp: str = ""
    hidden: frozenset[str] = frozenset()
    learned: tuple[Learned, ...] = ()
    coded: str = ""
    sends: Mapping[str, Number] = field(default_factory=dict)
    link: str = "rate_connection_delayed"
    sends_before: bool = False
    together: bool = False


def compiled(
    population: DrawnPopulation,
    program: Program,
    dt: float,
    driven: Mapping[str, Course],
    why: str,
    tolerance: float = 1e-6,
    keeps: tuple[str, ...] = (),
) -> Cast:
    """The population as a NESTML model made from ``program``; ``why`` not a built-in.

    ``keeps``: states that synapses onto it read.
    """
    from .emit import emit

    quantities = {*program.currents, *program.noise}
    here = {n: c for n, c in driven.items() if n in quantities}
    dense = [n for n, c in here.items() if c.dense or n in program.noise]
    emitted = emit(program, driven=dense, keeps=keeps)
    used = {*program.parameters} & {*emitted.names}

    def values_of(values: Values, currents: Values) -> dict[str, Number]:
        found = {n: values[n] for n in used} | dict(program.constants_of(values, dt))
        named = {emitted.names[n]: _finite(v, n, population) for n, v in found.items()}
        if emitted.refractory:
            named["refr_steps"] = program.refractory_steps(values, dt)
        return named | {emitted.names[n]: v for n, v in currents.items()}

    node = NodeModel(
        model=emitted.model,
        parameters=values_of(population.parameters, {n: c.values[0] for n, c in here.items()}),
        initial={emitted.names[s]: population.initial[s] for s in program.states},
        receptors=_receptors(emitted, emitted.ports),
        recordables={s: ((emitted.names[s],), 1.0) for s in program.states},
        drives=dict(_receptors(emitted, emitted.driven)),
        spiking=program.condition is not None,
        resume=_resume(emitted, program, dense),
        tolerance=None if program.odes is None else tolerance,
        checked=program.scheme != "exact",
    )
    match = {
        "population": population.name,
        "model": emitted.model,
        "builtin": False,
        "scheme": program.scheme,
        "why": why,
    }
    factors = dict.fromkeys(emitted.ports, 1.0)
    return Cast(program, node, values_of, factors, here, match, emitted.text)


def _receptors(emitted: Emitted, ports: Mapping[str, str]) -> dict[str, int | str]:
    """A single spike port is receptor 0; several are listed in upper case."""
    single = len(emitted.ports) + len(emitted.driven) == 1
    return {n: 0 if single else p.upper() for n, p in ports.items()}


def _resume(emitted: Emitted, program: Program, dense: list[str]) -> tuple[str, ...]:
    names = [emitted.names[s] for s in (*program.states, *dense)]
    names += ["refr_count"] if emitted.refractory else []
    return (*names, "step_count", "t_now") if emitted.uses_time else tuple(names)


def _finite(value: Number, name: str, population: DrawnPopulation) -> Number:
    if not np.isfinite(value).all():
        raise SimulationFailed(f"{name} is not a finite number", model=population.name, symbol=name)
    return value


def group_of(cast: Cast, population: DrawnPopulation) -> Group:
    """The population as the job has it."""
    return Group(population.name, population.size, cast.node)


def source_of(source: DrawnSource, network: DrawnNetwork) -> Source:
    """A spike source; a native one needs no parrots if no unit of it has two targets."""
    return Source(
        source.name,
        source.size,
        source.steps,
        source.senders,
        source.rate_steps,
        source.rates,
        source.native and _at_most_one_target(source, network),
    )


def _at_most_one_target(source: DrawnSource, network: DrawnNetwork) -> bool:
    mine = [p for p in network.projections.values() if p.pre == source.name]
    if any(source.name in p.events.values() for p in network.projections.values()):
        return False
    if any(p.native for p in mine):
        return len(mine) == 1 and mine[0].rule.kind == "one_to_one"
    lists = [p.sources for p in mine if p.sources is not None]
    # not np.unique, which imports numpy.ma
    return not lists or bool((np.bincount(np.concatenate(lists)) <= 1).all())


def static_network(network: DrawnNetwork) -> DrawnNetwork:
    """The network with what its synapses deliver as their weights.

    Raises:
        Unsupported: a synapse has dynamics of its own.
    """
    varied = {
        n: p
        for n, p in network.projections.items()
        if not (p.synapse.is_static or p.synapse.is_dynamic or p.synapse.is_graded)
    }
    if not varied:
        return network
    for p in varied.values():
        if p.synapse.states or p.synapse.on_pre or p.synapse.on_post or p.synapse.deliver is None:
            raise refuse(
                "nest",
                f"the synapse {p.synapse.label!r} of projection {p.name!r}",
                "it has states or statements per synapse that cannot be moved into the neuron",
                "use a static synapse, or run on brian2",
            )
    projections = {
        n: replace(p, weights=_delivered(p, p.weights), synapse=STATIC) for n, p in varied.items()
    }
    changes = tuple(
        replace(c, value=_delivered(varied[c.owner], c.value))
        if c.kind == "weight" and c.owner in varied
        else c
        for c in network.changes
    )
    return replace(network, projections={**network.projections, **projections}, changes=changes)


def _delivered(projection: DrawnProjection, weights: Number) -> Number:
    assert projection.synapse.deliver is not None
    return evaluate(projection.synapse.deliver, {**projection.parameters, "weight": weights})


def connections_of(
    projection: DrawnProjection,
    network: DrawnNetwork,
    casts: Mapping[str, Cast],
    codes: Codes,
) -> Connections:
    """The projection as the job has it."""
    p = projection
    own = next((q for q in casts[p.post].learned if q.projection.name == p.name), None)
    if own is not None:  # its weight is its place in the node that holds it
        place = places(p).astype(float)
        ends = (p.pre, p.post, own.code.prefix, p.sources, p.targets)
        return Connections(p.name, *ends, place, dendritic(p), model="rate_connection_delayed")
    plastic = plastic_of(p, network, codes[p.name]) if p.name in codes else None
    weights = scaled(p, p.weights, casts)
    changes = any(c.kind == "weight" and c.owner == p.name for c in network.changes)
    rule = _native_rule(p) if p.native else None
    return Connections(
        p.name,
        p.pre,
        p.post,
        p.port,
        p.sources,
        p.targets,
        weights,
        delays_of(p, casts),
        rule,
        changes,
        casts[p.pre].link if p.synapse.is_graded else "static_synapse",
        plastic,
    )


def delays_of(projection: DrawnProjection, casts: Mapping[str, Cast]) -> Number:
    """The delays of NEST's connections in steps."""
    sender = casts.get(projection.pre)  # none: a source
    return dendritic(projection, 0 if sender is not None and sender.sends_before else 1)


def _native_rule(projection: DrawnProjection) -> dict[str, Any]:
    rule = projection.rule
    if rule.kind not in RULES:
        raise refuse(
            "nest", f"the rule {rule.kind!r} natively", "it lists its pairs", "leave `native` off"
        )
    kind, names = RULES[rule.kind]
    found = {"rule": kind, **{theirs: getattr(rule, ours) for ours, theirs in names.items()}}
    return {**found, "allow_autapses": rule.autapses, "allow_multapses": rule.multapses}


def scaled(projection: DrawnProjection, weights: Number, casts: Mapping[str, Cast]) -> Number:
    """Weights as NEST's model takes them; factors may differ between targets."""
    if projection.synapse.is_graded:
        sent = casts[projection.pre].sends.get(projection.name, 1.0)
        weights = weights if np.ndim(sent) == 0 and sent == 1.0 else weights * sent
    factor = casts[projection.post].factors[projection.port]
    if not np.ndim(factor):
        return weights if factor == 1.0 else weights * factor
    return weights * factor[projection.targets]


def changes_in(
    network: DrawnNetwork, casts: Mapping[str, Cast], lag: int
) -> tuple[list[Change], list[Drive]]:
    """Everything that happens to nodes and weights after step 0."""
    changes = _weight_changes(network, casts)
    drives = []
    for name, cast in casts.items():
        for own in cast.learned:
            changes += changes_of(own, network.populations[name].size)
        changes += _node_changes(network, name, cast, lag)
        first = network.populations[name].parameters
        for quantity, course in cast.courses.items():
            if is_sent(cast, quantity):
                factor = cast.scale_of(quantity, first)
                drives.append(drive_of(course, name, quantity, cast.node, lag, factor))
    return [c for c in changes if c.step < network.steps], drives


def is_sent(cast: Cast, quantity: str) -> bool:
    """Whether devices send the values of ``quantity`` step by step."""
    course = cast.courses[quantity]
    settable = cast.node.drives.get(quantity) is not None
    return quantity in cast.node.drives and (course.dense or (settable and len(course.steps) > 1))


def _node_changes(network: DrawnNetwork, name: str, cast: Cast, lag: int) -> list[Change]:
    """Phases and sparse currents; what devices send acts late, and is set until then."""
    phases = phases_of(network, name)
    steps = {step for step, _ in phases}
    for quantity, course in cast.courses.items():
        sent = is_sent(cast, quantity)
        steps |= {int(k) for k in course.steps if not sent or k <= lag}
        steps |= {lag + 1} if sent else set()
    before: dict[str, Number] = {}
    found = []
    for step in sorted(steps):
        values = next(v for start, v in reversed(phases) if start <= step)
        after = cast.values_of(values, _currents_at(cast, step, lag))
        changed = {n: v for n, v in after.items() if not _same(v, before.get(n))}
        if changed and step > 0:
            found.append(Change(step, "node", name, after if cast.together else changed))
        before |= after
    return found


def _currents_at(cast: Cast, step: int, lag: int) -> dict[str, Number]:
    """Values to be set at ``step``."""
    found: dict[str, Number] = {}
    for quantity, course in cast.courses.items():
        if not is_sent(cast, quantity) or step <= lag:
            found[quantity] = course.at(np.asarray(step))
        elif cast.node.drives[quantity] is None:
            found[quantity] = 0.0
    return found


def _same(new: Number, old: Number | None) -> bool:
    return old is not None and np.array_equal(new, old)


def phases_of(network: DrawnNetwork, population: str) -> list[tuple[int, Values]]:
    """(step, all parameter values from there on), beginning with step 0."""
    values: dict[str, Number] = dict(network.populations[population].parameters)
    found: dict[int, Values] = {0: dict(values)}
    for change in sorted(network.changes, key=lambda c: c.step):
        if change.kind == "parameter" and change.owner == population:
            values[change.key] = change.value
            found[change.step] = dict(values)
    return list(found.items())


def _weight_changes(network: DrawnNetwork, casts: Mapping[str, Cast]) -> list[Change]:
    """A spike has the weight of the step in which it was emitted.

    NEST hands a slice's spikes on in the first step of the next slice, and a device's at once. A
    graded signal has the weight of the step in which it acts, the first of the next slice.
    """
    found = []
    for change in network.changes:
        if change.kind == "weight" and not network.projections[change.owner].synapse.learns:
            projection = network.projections[change.owner]
            value = scaled(projection, change.value, casts)
            later = projection.pre in casts and not projection.synapse.is_graded
            step = change.step + 1 if later else change.step
            found.append(Change(step, "weight", change.owner, {"weight": value}))
    return found
