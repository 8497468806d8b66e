"""NEST's own binary neurons in place of generated nodes, where they are the same in distribution.

They draw their random numbers themselves, so that a run on frozen ones never uses them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import evaluate
from ...definition.model import Neuron
from ...passes.binary_form import BinaryForm, binary_form
from ...passes.graded import signal_of
from ...passes.program import Program
from ...records import dataclass
from ..courses import Course
from .cast import Cast, Values, phases_of
from .job import NodeModel, Number


@dataclass(frozen=True, eq=False)
class BinaryEntry:
    """A binary neuron of NEST; ``neuron`` is what it does, on a grid, in NEST's names."""

    name: str
    gain: str
    neuron: Neuron
    caveats: tuple[str, ...]


@lru_cache(maxsize=1)
def binary_catalogue() -> tuple[BinaryEntry, ...]:
    """NEST's binary neurons as definitions."""
    text = Path(__file__).with_name("binary.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    shared = tuple(content["shared"])
    return tuple(_entry(item, shared) for item in content["builtin"])


def _entry(item: Mapping[str, Any], shared: tuple[str, ...]) -> BinaryEntry:
    ports: dict[str, Any] = {"h": {"unit": "1", "kind": "continuous"}}
    neuron = Neuron(
        name=f"nest/{item['name']}",
        equations=item["equations"],
        parameters=item["parameters"],
        ports=ports,
    )
    return BinaryEntry(item["name"], item["gain"], neuron, shared)


def entry_of(form: BinaryForm) -> BinaryEntry:
    """The binary neuron that has the gain of ``form``."""
    return next(e for e in binary_catalogue() if e.gain == form.gain)


def explained_binary(neuron: Neuron) -> str:
    """The sentence of `show`: which of NEST's binary neurons a map is, or why none."""
    form = binary_form(neuron)
    if form.why:
        return f"{neuron.label} is none of NEST's binary neurons: {form.why}"
    entry = entry_of(form)
    lines = [f"{neuron.label} == {entry.name} in distribution, with {form.text}"]
    return "\n".join([*lines, *(f"  departs: {c}" for c in entry.caveats)])


def binary_casts(
    network: DrawnNetwork,
    names: Iterable[str],
    programs: Mapping[str, Program],
    driven: Mapping[str, Mapping[str, Course]],
) -> dict[str, Cast] | str:
    """NEST's binary neurons for all populations ``names``, which act on each other, or why not."""
    found = {}
    for name in names:
        form = binary_form(network.populations[name].neuron)
        reason = form.why or _obstacle(network, name, form, programs[name], driven[name])
        if reason:
            return f"{name} is none of NEST's binary neurons: {reason}"
        found[name] = _cast(network, name, form, programs[name], driven[name])
    for projection in _onto(network, found):
        reason = _projection_obstacle(network, projection, found)
        if reason:
            return reason
    return _repeated(network, found) or found


def _onto(network: DrawnNetwork, names: Iterable[str]) -> list[DrawnProjection]:
    return [p for n in names for p in network.projections_to(n)]


def _obstacle(
    network: DrawnNetwork, name: str, form: BinaryForm, program: Program, driven: Mapping[str, Any]
) -> str | None:
    """Why the numbers of a population rule a built-in out."""
    population = network.populations[name]
    frozen = sorted({*driven} & {*program.noise})
    if frozen:
        return f"its {frozen[0]} is frozen, and a built-in draws its own numbers"
    dense = sorted(q for q, c in driven.items() if c.dense)
    if dense:
        return f"it takes no {dense[0]} that changes from step to step"
    if np.any(np.asarray(population.initial[form.state]) != 0):
        return f"{form.state} does not start at 0"
    first, *later = [values for _, values in phases_of(network, name)]
    for values in (first, *later):
        reason = _numbers_obstacle(form, values, driven)
        reason = reason or _moves(form, first, values)
        if reason:
            return reason
    return None


def _numbers_obstacle(form: BinaryForm, values: Values, driven: Mapping[str, Course]) -> str | None:
    """What NEST's neuron cannot take, with every value that a current ever has."""
    scope = _scope(form, values, {})
    with np.errstate(all="ignore"):
        if not np.all(evaluate(form.numbers["tau_m"], scope) > 0):
            return "its tau_m is not positive"
        for name, number in form.numbers.items():
            if not np.isfinite(evaluate(number, scope)).all():
                return f"{name} = {number} is no finite number"
        if "sigma" in form.numbers and not np.all(evaluate(form.numbers["sigma"], scope) > 0):
            return "its noise has no strength"
        for row in range(max((len(c.steps) for c in driven.values()), default=1)):
            currents = {q: c.values[min(row, len(c.steps) - 1)] for q, c in driven.items()}
            here = _scope(form, values, currents)
            for zero in form.zeros:
                if np.any(np.abs(evaluate(zero, here)) > 1e-14):
                    return f"{zero} is not 0"
    return None


def _moves(form: BinaryForm, first: Values, values: Values) -> str | None:
    """The interval to the next update is drawn, and weights are scaled, once."""
    for name, fixed in {"tau_m": form.numbers["tau_m"], **form.factors}.items():
        same = np.array_equal(
            evaluate(fixed, _scope(form, first, {})), evaluate(fixed, _scope(form, values, {}))
        )
        if not same:
            return f"{name} changes in a phase"
    return None


def _scope(form: BinaryForm, values: Values, currents: Values) -> dict[str, Number]:
    """What other units send counts as 0 in the numbers of a form."""
    ports = {n for e in (*form.numbers.values(), *form.zeros) for n in e.names} | {*form.factors}
    return {**dict.fromkeys(ports, 0.0), **values, **currents}


def _cast(
    network: DrawnNetwork,
    name: str,
    form: BinaryForm,
    program: Program,
    driven: Mapping[str, Course],
) -> Cast:
    population, entry = network.populations[name], entry_of(form)

    def values_of(values: Values, currents: Values) -> dict[str, Number]:
        scope = _scope(form, values, currents)
        return {n: evaluate(e, scope) for n, e in form.numbers.items()}

    recorded = any(r.population == name for r in network.recordings)
    node = NodeModel(
        model=entry.name,
        parameters=values_of(population.parameters, {q: c.values[0] for q, c in driven.items()}),
        initial={},
        receptors=dict.fromkeys(form.factors, 0),
        recordables={form.state: ((), 1.0)},
        spiking=recorded,
    )
    match = {
        "population": name,
        "model": entry.name,
        "builtin": True,
        "scheme": program.scheme,
        "why": f"{population.neuron.label} == {entry.name} in distribution, with {form.text}",
        "caveats": list(entry.caveats),
    }
    factors = {
        p: evaluate(f, _scope(form, population.parameters, {})) for p, f in form.factors.items()
    }
    return Cast(
        program,
        node,
        values_of,
        factors,
        driven,
        match,
        explanation=explained_binary(population.neuron),
        hidden=frozenset(p.port for p in network.projections_to(name)),
        coded=form.state,
        sends={
            p.name: sent_factor(network, p, form.state)
            for p in network.projections.values()
            if p.pre == name
        },
        link="static_synapse",
    )


def _projection_obstacle(
    network: DrawnNetwork, projection: DrawnProjection, casts: Mapping[str, Cast]
) -> str | None:
    """NEST's neurons send their state and nothing else, with a weight that stays."""
    if projection.port not in casts[projection.post].factors:
        return f"{projection.post} does not read {projection.port}, where {projection.name} arrives"
    if projection.synapse.learns:
        return f"the synapses of {projection.name} have states"
    if any(c.owner == projection.name for c in network.changes):
        return f"a phase changes weights of {projection.name}, and NEST keeps sums of changes"
    if sent_factor(network, projection, casts[projection.pre].coded) is None:
        return f"{projection.name} sends another quantity than {casts[projection.pre].coded}"
    return None


def sent_factor(network: DrawnNetwork, projection: DrawnProjection, state: str) -> Number | None:
    """k where what is sent is k times ``state``, with a k of numbers; None where it is not."""
    sender = network.populations[projection.pre]
    signal = signal_of(projection.synapse, sender.neuron)
    scope: dict[str, Any] = {**sender.parameters}
    scope |= {n: projection.parameters[own] for n, own in signal.parameters.items()}
    if signal.value.names - {state, "pi"} - {*signal.parameters}:
        return None
    at = [float(evaluate(signal.value, {**scope, state: float(v)})) for v in (0, 1)]
    return None if at[0] else at[1]


def _repeated(network: DrawnNetwork, names: Iterable[str]) -> str | None:
    """Two connections of one pair: NEST would take two ends of a code for its two parts."""
    for name in names:
        by_sender: dict[str, list[Any]] = {}
        for p in network.projections_to(name):
            assert p.sources is not None and p.targets is not None
            pairs = p.sources * network.populations[name].size + p.targets
            by_sender.setdefault(p.pre, []).append(pairs)
        for pre, lists in by_sender.items():
            ordered = np.sort(np.concatenate(lists))
            if np.any(ordered[1:] == ordered[:-1]):
                return f"some pair of {pre} and {name} has two connections, which NEST misreads"
    return None
