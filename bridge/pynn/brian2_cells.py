"""Cell types on pyNN.brian2: a group of Brian2 with the definition's equations."""

from __future__ import annotations

from typing import Any

import brian2
import numpy as np
from pyNN.brian2 import simulator
from pyNN.errors import NonExistentParameterError
from pyNN.standardmodels import StandardCellType, build_translations

from ..brian2 import make_group, set_numbers
from ..definition.evaluate import evaluate
from ..errors import Unsupported
from ..passes.program import Assign, Program
from ..simulators.brian2.emit import statement
from ..simulators.brian2.names import Spelling, brian_name
from ..simulators.brian2.quantities import conversions, quantity, words_of
from .cells import attributes, class_name
from .describe import Described
from .held import Held

NATIVE = "pynn_"  # before a parameter's name: PyNN treats `tau_refrac` and `v_reset` differently
INJECTED = "i_inj"  # where PyNN's current sources add


class Brian2Cell(StandardCellType):  # type: ignore[misc]
    """A definition on pyNN.brian2; `make` gives a class its attributes."""

    described: Described
    eqs: str = ""

    def get_native_names(self, *names: str) -> list[str]:
        """As PyNN, whose own error for a name that there is not would be a bare KeyError."""
        for name in names:
            if name not in self.translations:
                known = self.get_parameter_names()
                raise NonExistentParameterError(name, type(self).__name__, known)
        return list(super().get_native_names(*names))

    def brian2_model(self, size: int, _: str, **parameters: Any) -> Any:
        """The group of a population."""
        own = {n.removeprefix(NATIVE): v for n, v in parameters.items()}
        held = Held(self.described, size, own)
        group = _group(self.described, held)
        self.default_initial_values = self.described.in_pynn(held.numbers()[1])
        return group


def make(described: Described, match: bool) -> type[Brian2Cell]:
    """The class; ``match`` is of no concern here."""
    del match
    parts = {n: _unit(described, n) for n in described.recordable}
    found = attributes(described) | {
        "translations": build_translations(*((n, NATIVE + n) for n in described.parameters)),
        "state_variable_translations": build_translations(
            *((n, brian_name(n), unit) for n, unit in parts.items())
        ),
        "post_synaptic_variables": {
            r: _landing(described.program, p) or _waiting(p) for r, p in described.receptors.items()
        },
    }
    return type(class_name(described), (Brian2Cell,), found)


def _unit(described: Described, variable: str) -> Any:
    """PyNN's unit of a variable as a quantity of Brian2."""
    words = words_of(described.neuron.unit_of(variable))
    return described.scale(variable) * quantity(words[1])


def _landing(program: Program, port: str) -> str | None:
    """The state to which an event just adds its weight; None where it does more."""
    match program.receive[port]:
        case (Assign(target=target, added=added),) if added is not None and added.text == "weight":
            return brian_name(target)
    return None


def _waiting(port: str) -> str:
    """Where weights are summed until the step's synapses are done."""
    return f"arrived_{port}"


def _group(described: Described, held: Held) -> Any:
    neuron, program = described.neuron, described.program
    clock = simulator.state.network.clock
    late = [p for p in described.receptors.values() if _landing(program, p) is None]
    units = {p: words_of(neuron.ports[p].unit) for p in neuron.spike_ports}
    more = [f"{_waiting(p)} : {units[p][1]}" for p in late]
    injected = program.currents[:1]
    more += [f"{INJECTED} : amp"] if injected else []
    values = {n: described.value(n, v) for n, v in held.values.items()}  # one per unit: settable
    group = make_group(
        _kind(described),
        neuron,
        held.size,
        values,
        scheme=program.scheme,
        dt=clock.dt,
        inputs=dict.fromkeys(injected, INJECTED),
        name="neurongroup*",
        more="\n".join(more),
    )
    for port in late:
        group.namespace.update(conversions(units[port]))
        _check_amount(described, port)
        code = _arrivals(program, port, units[port][0], group)
        group.run_regularly(code, when="synapses", order=1)
    for name, value in {"held": held, "initial_values": {}}.items():
        group.add_attribute(name)
        setattr(group, name, value)
    return group


def _check_amount(described: Described, port: str) -> None:
    """Weights are summed first, which is the same where an event adds a multiple of its weight."""
    program = described.program
    numbers, _ = described.numbers(1, {})
    scope = {**numbers, **program.constants_of(numbers, 0.1)}
    for assign in program.receive[port]:
        added = assign.added
        fits = added is not None and not added.names & {*program.states, "t"}
        if fits and added is not None:
            one, two = (float(np.ravel(evaluate(added, {**scope, "weight": w}))[0]) for w in (1, 2))
            fits = abs(two - 2 * one) <= 1e-12 * abs(two)
        if not fits:
            raise Unsupported(
                "what an event does there is no multiple of its weight, added to a state",
                model=described.neuron.label,
                symbol=port,
                remedy="run it on pyNN.nest",
            )


def _arrivals(program: Program, port: str, short: str, group: Any) -> str:
    """What the step's events do, by the sum of their weights."""
    units = {n: unit for n, (unit, _) in group.spikebridge_model.units.items()}
    step = float(group.dt / brian2.ms)
    spell = Spelling(step, units=units, given={"weight": f"({_waiting(port)}*in_{short})"})
    lines = [statement(a, spell) for a in program.receive[port]]
    return "\n".join([*lines, f"{_waiting(port)} = 0*{_waiting(port)}"])


def _kind(described: Described) -> type[Any]:
    """The group's class: PyNN reads and sets parameters as its attributes."""
    found = {NATIVE + n: _parameter(n) for n in described.parameters}
    return type("Group", (brian2.NeuronGroup,), {"initialize": _initialize, **found})


def _parameter(name: str) -> property:
    return property(
        lambda group: _Column(group, name),
        lambda group, value: _set(group, name, slice(None), value),
    )


class _Column:
    """A parameter of all units; a view of the population sets a part of it."""

    def __init__(self, group: Any, name: str) -> None:
        self._group = group
        self._name = name
        self.shape = group.held.values[name].shape

    def __getitem__(self, units: Any) -> Any:
        return self._group.held.values[self._name][units]

    def __setitem__(self, units: Any, value: Any) -> None:
        _set(self._group, self._name, units, value)


def _set(group: Any, name: str, units: Any, value: Any) -> None:
    group.held.set(units, {name: value})
    numbers, _ = group.held.numbers()
    program = group.held.described.program
    step = float(group.dt / brian2.ms)
    full = {n: np.broadcast_to(v, (group.held.size,)) for n, v in numbers.items()}
    set_numbers(group, {**full, **program.constants_of(full, step)})
    if "refractory_period" in group.variables:
        period = np.asarray(program.refractory_steps(full, step))
        group.refractory_period = (period + 1) * step * brian2.ms


def _initialize(group: Any) -> None:
    """PyNN's initial values, when they are set and at the start of a run."""
    for variable, values in group.initial_values.items():
        if variable not in {brian_name(s) for s in group.held.described.program.states}:
            raise Unsupported(
                f"{variable!r} is no state, so that it has no initial value",
                model=group.held.described.neuron.label,
                symbol=variable,
                remedy=f"choose from {', '.join(group.held.described.program.states)}",
            )
        setattr(group, variable, values)
