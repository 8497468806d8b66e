"""Populations of pyNN.nest whose cells are a definition.

PyNN reads parameters back from NEST, which holds derived numbers instead, and sets initial values
in NEST without converting their unit. It leaves a cell type no say in either; so these methods of
its populations ask the cell type first. Populations of other cells go on as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import numpy as np
from pyNN.nest import populations, simulator
from pyNN.parameters import LazyArray, ParameterSpace, simplify

from ..errors import Unsupported


def hook(kind: type[Any]) -> None:
    """Send the methods of populations whose cell type is a ``kind`` to the functions below."""
    if getattr(populations.PopulationMixin, "asks_spikebridge", False):
        return
    mixin, population = populations.PopulationMixin, populations.Population
    mixin._get_parameters = _either(kind, mixin._get_parameters, _get_parameters)  # noqa: SLF001
    mixin._set_parameters = _either(kind, mixin._set_parameters, _set_parameters)  # noqa: SLF001
    population._set_initial_value_array = _either(  # noqa: SLF001
        kind,
        population._set_initial_value_array,  # noqa: SLF001
        _set_initial,
    )
    mixin.asks_spikebridge = True


def _either(
    kind: type[Any], theirs: Callable[..., Any], ours: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(theirs)
    def method(population: Any, *arguments: Any) -> Any:
        chosen = ours if isinstance(population.celltype, kind) else theirs
        return chosen(population, *arguments)

    return method


def _whole(population: Any) -> tuple[Any, Any]:
    """The population that a view is of, and the view's units in it."""
    whole = getattr(population, "grandparent", population)
    if whole is population:
        return whole, slice(None)
    return whole, population.index_in_grandparent(np.arange(population.size))


def _held(whole: Any) -> Any:
    """The population's parameters, sent to NEST when first asked for: right after its creation."""
    if "spikebridge_held" not in vars(whole):
        whole.spikebridge_held = whole.celltype.held
        _send(whole.node_collection, _natives(whole))
    return whole.spikebridge_held


def _natives(whole: Any) -> dict[str, Any]:
    numbers, _ = whole.spikebridge_held.numbers()
    found: dict[str, Any] = whole.celltype.model.values(numbers, simulator.state.dt)
    return found


def _get_parameters(population: Any, *names: str) -> ParameterSpace:
    whole, units = _whole(population)
    values = _held(whole).values
    found = {n: simplify(values[n][units]) for n in names if n in values}
    return ParameterSpace(found, shape=(population.local_size,))


def _set_parameters(population: Any, space: ParameterSpace) -> None:
    whole, units = _whole(population)
    space.evaluate(simplify=False)
    _held(whole).set(units, space.as_dict())
    natives = _natives(whole)
    _send(population.node_collection, {n: _part(v, units) for n, v in natives.items()})


def _part(value: Any, units: Any) -> Any:
    return value[units] if np.ndim(value) else value


def _send(nodes: Any, values: Mapping[str, Any]) -> None:
    nodes.set({n: v.tolist() if np.ndim(v) else _scalar(v) for n, v in values.items()})


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def _set_initial(population: Any, variable: str, value: LazyArray) -> None:
    cell = population.celltype
    _held(population)
    if variable not in cell.model.states:
        raise Unsupported(
            f"{variable!r} is no state, so that it has no initial value",
            model=cell.described.neuron.label,
            symbol=variable,
            remedy=f"choose from {', '.join(cell.model.states)}",
        )
    name, factor = cell.model.states[variable]
    given = np.asarray(value.evaluate(simplify=True), dtype=float)
    _send(population.node_collection, {name: given * (cell.described.scale(variable) / factor)})
