"""Population, PopulationView and Assembly of a script on spikebridge."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import numpy as np
from pyNN import common
from pyNN.errors import NonExistentParameterError
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, simplify

from ..errors import Unsupported
from . import simulator
from .recording import Recorder
from .sources import ScriptSource
from .standard import ScriptCell

Values = dict[str, Any]  # PyNN's parameter -> one value per unit, in PyNN's units


class Assembly(common.Assembly):  # type: ignore[misc]
    __doc__ = common.Assembly.__doc__
    _simulator = simulator


class PopulationView(common.PopulationView):  # type: ignore[misc]
    __doc__ = common.PopulationView.__doc__
    _simulator = simulator
    _assembly_class = Assembly

    def _units(self) -> Any:
        return self.index_in_grandparent(np.arange(self.size))

    def _get_parameters(self, *names: str) -> ParameterSpace:
        return self.grandparent.part(names, self._units())

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        self.grandparent.set_part(parameter_space, self._units())

    def _set_initial_value_array(self, variable: str, initial_values: LazyArray) -> None:
        whole = self.grandparent
        own = np.array(np.broadcast_to(whole.start[variable], (whole.size,)))
        own[self._units()] = initial_values.evaluate(simplify=True)
        whole.begin_at(variable, own)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


class Population(common.Population):  # type: ignore[misc]
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly
    key: str  # its name in the network

    def _create_cells(self) -> None:
        state = simulator.state
        state.check_new(f"the population {self.label}")
        if not isinstance(self.celltype, ScriptCell | ScriptSource):
            raise Unsupported(
                f"{type(self.celltype).__name__} is no cell type of this module",
                symbol=self.label,
                remedy="take sim.IF_curr_exp(...), or cell_type(model, sim) of spikebridge.pynn",
            )
        first = state.id_counter
        self.all_cells = np.array(
            [simulator.ID(k) for k in range(first, first + self.size)], dtype=simulator.ID
        )
        for cell in self.all_cells:
            cell.parent = self
        self._mask_local = np.ones(self.size, dtype=bool)
        state.id_counter += self.size
        self.key = _key(self.label, {p.key for p in state.populations})
        space = deepcopy(self.celltype.parameter_space)
        space.shape = (self.size,)
        self.begin: Values = _evaluated(space, self.size)
        self._check(self.begin)
        self.later: list[tuple[int, Values]] = []
        self.start: Values = {}
        state.populations.append(self)

    def courses(self) -> list[tuple[int, Values]]:
        """All parameters, from each step on at which they were set."""
        return [(0, self.begin), *self.later]

    def _check(self, values: Values) -> None:
        if isinstance(self.celltype, ScriptSource):
            self.celltype.check(values, simulator.state.dt)

    def rewind(self) -> None:
        """Begin with the parameters that hold now."""
        self.begin = self.courses()[-1][1]
        self.later = []

    def part(self, names: Any, units: Any) -> ParameterSpace:
        """Parameters of some units."""
        now = self.courses()[-1][1]
        for name in names:
            if name not in now:
                known = self.celltype.get_parameter_names()
                raise NonExistentParameterError(name, type(self.celltype).__name__, known)
        found = {n: simplify(now[n][units]) for n in names}
        return ParameterSpace(found, shape=(len(self.all_cells[units]),))

    def set_part(self, space: ParameterSpace, units: Any) -> None:
        """Parameters of some units from now on."""
        state = simulator.state
        now = {n: np.array(v) for n, v in self.courses()[-1][1].items()}
        for name, value in _evaluated(space, len(self.all_cells[units])).items():
            now[name][units] = value
        self._check(now)
        if state.step == 0:
            self.begin = now
        elif self.later and self.later[-1][0] == state.step:
            self.later[-1] = (state.step, now)
        else:
            self.later.append((state.step, now))
        state.changed()

    def begin_at(self, variable: str, values: Any) -> None:
        """The initial value of a state.

        Raises:
            Unsupported: the network has run already, or it is no state.
        """
        if simulator.state.step:
            raise Unsupported(
                f"initialize({variable}=...) after a run",
                symbol=self.label,
                remedy="call reset() before, or change a parameter",
            )
        self.start[variable] = values
        simulator.state.changed()

    def _set_initial_value_array(self, variable: str, value: LazyArray) -> None:
        known = getattr(self.celltype, "neuron", None)
        if known is not None and variable not in known.states:
            raise Unsupported(
                f"{variable!r} is no state of {type(self.celltype).__name__}",
                symbol=variable,
                remedy=f"choose from {', '.join(known.states)}",
            )
        self.begin_at(variable, np.asarray(value.evaluate(simplify=True), dtype=float))

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        return self.part(names, slice(None))

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        self.set_part(parameter_space, slice(None))


def _evaluated(space: ParameterSpace, size: int) -> Values:
    """One value per unit; PyNN takes a single sequence for numbers where it makes this array."""
    space.evaluate(simplify=True)
    found = {}
    for name, value in space.as_dict().items():
        if isinstance(value, ArrayParameter):
            found[name] = np.empty(size, dtype=object)
            found[name][:] = [value] * size
        else:
            found[name] = np.array(np.broadcast_to(value, (size,)))
    return found


def _key(label: str, taken: set[str]) -> str:
    """The label as a name in the network."""
    name = re.sub(r"\W+", "_", label).strip("_") or "population"
    name = name if name[0].isalpha() else f"p_{name}"
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
