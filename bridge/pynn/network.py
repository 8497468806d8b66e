"""A recorded script -> a drawn network, and its run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..api import simulate as run
from ..definition.draw_synapses import axonal_steps
from ..definition.drawn import (
    DrawnChange,
    DrawnNetwork,
    DrawnPopulation,
    DrawnProjection,
    DrawnSynapseRecording,
    Ints,
    Number,
)
from ..definition.model import Neuron, Synapse
from ..definition.rules import Rule
from ..definition.values import Array, Quantity
from ..errors import DefinitionError
from ..results.columns import Columns
from .describe import all_numbers
from .projections import parts_of, placed
from .sources import ScriptSource
from .standard import ScriptCell
from .synapses import Place

if TYPE_CHECKING:
    from .populations import Population
    from .projections import Projection
    from .simulator import State

TAU_SYN = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}
LISTED = Rule("pairwise_list", sources=[], targets=[])


def simulate(state: State) -> Columns:
    """The script from 0 to the present, on the backend that `setup` named."""
    network = drawn(state)
    return run(network, state.backend, scheme=state.scheme, options=state.options).columns


def drawn(state: State) -> DrawnNetwork:
    """The script as a network whose numbers are drawn.

    Raises:
        DefinitionError: there is nothing to simulate.
    """
    cells = [p for p in state.populations if isinstance(p.celltype, ScriptCell)]
    if not cells:
        raise DefinitionError(
            "the script has no cells, only sources",
            symbol="Population",
            remedy="make a population of cells",
        )
    sources = [p for p in state.populations if isinstance(p.celltype, ScriptSource)]
    paths = [part for p in state.projections for part in _projections(p, state)]
    parts: dict[str, Any] = {
        "populations": {p.key: _population(p, state.backend) for p in cells},
        "sources": {p.key: p.celltype.source(p, state) for p in sources},
        "projections": {p.name: p for p, _ in paths},
        "currents": tuple(c for s in state.current_sources for c in s.currents()),
        "synapse_recordings": tuple(_synapse_recordings(state)),
        "recordings": tuple(r for p in cells for r in p.recorder.recordings()),
        "changes": tuple(
            sorted(
                [c for p in cells for c in _changes(p)] + [c for _, own in paths for c in own],
                key=lambda c: c.step,
            )
        ),
    }
    return DrawnNetwork(
        label="PyNN script",
        hash=_hash(parts, state),
        dt=state.dt,
        steps=state.step,
        seed=state.seed,
        scheme="auto",
        parameters={},
        **parts,
    )


def _numbers(population: Population, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """All parameters and initial values in ms, mV, pA; one number where all units share it."""
    cell = population.celltype
    given: dict[str, Any] = {}
    for name, value in values.items():
        own = np.asarray(value, dtype=float) * cell.unit_of(name)
        dimension = cell.neuron.parameters[name].dimension
        same = bool(np.all(own == own[0]))
        given[name] = Quantity(float(own[0]), dimension) if same else Array(own, dimension)
    return all_numbers(cell.neuron, population.size, given)


def _population(population: Population, backend: str) -> DrawnPopulation:
    cell = population.celltype
    parameters, initial = _numbers(population, population.begin)
    start = {n: _plain(v * cell.unit_of(n)) for n, v in population.start.items()}
    neuron = cell.definition(backend)
    return DrawnPopulation(
        population.key, neuron, population.size, parameters, {**initial, **start}
    )


def _plain(value: Any) -> Number:
    array = np.asarray(value, dtype=float)
    return array if array.ndim else float(array)


def _changes(population: Population) -> Iterator[DrawnChange]:
    """Parameters that were set between two runs, and those that follow."""
    before = _numbers(population, population.begin)[0]
    for step, values in population.later:
        after = _numbers(population, values)[0]
        for name, number in after.items():
            if not np.array_equal(number, before[name]):
                yield DrawnChange(step, "parameter", population.key, name, number)
        before = after


def _projections(
    projection: Projection, state: State
) -> Iterator[tuple[DrawnProjection, list[DrawnChange]]]:
    """Its connections between each pair of populations, with what changes of them."""
    parts = list(parts_of(projection, state))
    if not parts:
        return
    pre, pre_unit, post, post_unit = placed(projection, state)
    for name, chosen in parts:
        source, target = (state.populations[int(p[chosen[0]])] for p in (pre, post))
        units = pre_unit[chosen], post_unit[chosen]
        yield _part(projection, name, source, target, units, chosen, state)


def _part(
    projection: Projection,
    name: str,
    source: Population,
    target: Population,
    units: tuple[Ints, Ints],
    chosen: Ints,
    state: State,
) -> tuple[DrawnProjection, list[DrawnChange]]:
    """The connections ``chosen``, which join two populations."""
    synapse, receptor = projection.synapse_type, projection.receptor_type
    place = Place(
        target.celltype.weight_of(receptor), _tau_syn(target, receptor, units[1]), projection.start
    )
    pieces = [
        (step, {n: v[chosen] if np.ndim(v) else v for n, v in values.items()})
        for step, values in projection.courses()
    ]
    begin = synapse.translated(pieces[0][1], place)
    changes = [
        DrawnChange(step, "weight", name, "weight", synapse.translated(values, place).weight)
        for step, values in pieces[1:]
    ]
    steps = np.rint(np.asarray(pieces[0][1]["delay"]) / state.dt).astype(np.int64)
    delays = steps if steps.ndim else int(steps)
    made = DrawnProjection(
        name,
        source.key,
        target.key,
        target.celltype.ports[receptor],
        begin.synapse,
        LISTED,
        *units,
        begin.weight,
        delays,
        begin.parameters,
        begin.initial,
        axonal_steps(begin.synapse, delays),
    )
    return made, changes


def _tau_syn(target: Population, receptor: str, units: Ints) -> Any:
    """The time constant (ms) of a receptor of each target; nan where a cell has none."""
    name = TAU_SYN.get(receptor, "")
    if name not in target.begin:
        return np.nan
    return np.broadcast_to(target.begin[name], (target.size,))[units]


def _synapse_recordings(state: State) -> Iterator[DrawnSynapseRecording]:
    """The states of which attributes are read back, at the end."""
    for projection in state.projections:
        for variable, _ in projection.synapse_type.moving.values():
            for name, chosen in parts_of(projection, state):
                every = max(state.step, 1)
                units = np.arange(len(chosen))
                yield DrawnSynapseRecording(f"{name}.{variable}", name, (variable,), units, every)


def _hash(parts: Mapping[str, Any], state: State) -> str:
    """Of everything that decides what is computed."""
    seen = hashlib.sha256(json.dumps([state.dt, state.step, state.seed]).encode())
    for name, items in parts.items():
        seen.update(name.encode())
        for item in items.values() if isinstance(items, Mapping) else items:
            _add(seen, item)
    return seen.hexdigest()


def _add(seen: Any, item: Any) -> None:
    if isinstance(item, Neuron | Synapse):
        seen.update(item.hash.encode())
    elif isinstance(item, Mapping):
        for key, value in sorted(item.items()):
            seen.update(key.encode())
            _add(seen, value)
    elif hasattr(item, "__dataclass_fields__") or hasattr(item, "__slots__"):
        for value in vars(item).values():
            _add(seen, value)
    elif isinstance(item, np.ndarray):
        seen.update(np.ascontiguousarray(item).tobytes())
    else:
        seen.update(repr(item).encode())
