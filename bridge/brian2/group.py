"""Neurons of spikebridge as ``brian2.NeuronGroup``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.model import Neuron
from ..errors import DefinitionError, SpikebridgeError

if TYPE_CHECKING:
    import brian2

    from ..definition.drawn import DrawnPopulation
    from ..passes.program import Program
    from ..simulators.brian2.emit import Layout, NeuronText


@dataclass(eq=False)
class _Step:
    """The state updater: the step's code, valid for one dt.

    Not hashable, so that Brian2 asks it at every run and it can look at dt.
    """

    code: str
    dt: float
    label: str
    __hash__ = None  # type: ignore[assignment]

    def __call__(self, equations: Any, variables: Any = None, method_options: Any = None) -> str:
        found = float(variables["dt"].get_value().item()) * 1000
        if abs(found - self.dt) > 1e-9 * self.dt:
            raise SpikebridgeError(
                f"the group was made for dt = {self.dt:g} ms and runs with {found:g} ms",
                model=self.label,
                remedy="set defaultclock.dt before making the group, or give it dt=",
            )
        return self.code


@dataclass(frozen=True, eq=False)
class Made:
    """What `synapses` needs to know of a group; ``dt`` in ms."""

    neuron: Neuron
    program: Program
    layout: Layout
    text: NeuronText
    dt: float


def neuron_group(
    model: Neuron | str,
    n: int,
    *,
    scheme: str = "auto",
    dt: Any = None,
    inputs: Mapping[str, str] | None = None,
    name: str = "neurongroup*",
    **parameters: Any,
) -> brian2.NeuronGroup:
    """A ``brian2.NeuronGroup`` of ``n`` neurons of ``model``, stepped by ``scheme``.

    States are Brian2 variables with units (``G.V = -60*mV``), at their initial values. Continuous
    ports are too (``G.I_ext = 200*pA``, 0 at first), unless ``inputs`` gives an expression, e.g.
    ``{"I_ext": "stimulus(t, i)"}``. Names that Brian2 reserves get the prefix ``m_``.

    Args:
        model: a `Neuron` or the name of one in the library.
        n: how many.
        scheme: "auto", "exact", "euler", "heun", "rk4", "exponential_euler", or "native": the first
            of Brian2's own integrators that takes the equations.
        dt: of this group, as a quantity; Brian2's default clock where None.
        inputs: continuous port -> Brian2 expression.
        name: of the Brian2 object.
        parameters: values of parameters (one, or one per neuron) and initial values of states, as
            quantities, texts or numbers. They are fixed when the group is made.

    Raises:
        DefinitionError: an unknown parameter or wrong unit.
    """
    import brian2

    from ..definition.library import load

    neuron = load(model)
    if not isinstance(neuron, Neuron):
        raise DefinitionError(f"{model} is not a neuron", symbol=str(model))
    return make_group(
        brian2.NeuronGroup,
        neuron,
        n,
        parameters,
        scheme=scheme,
        dt=dt,
        inputs=inputs or {},
        name=name,
    )


def make_group(
    kind: type[Any],
    neuron: Neuron,
    n: int,
    parameters: Mapping[str, Any],
    *,
    scheme: str,
    dt: Any,
    inputs: Mapping[str, str],
    name: str,
    more: str = "",
) -> Any:
    """`neuron_group` of a class derived from ``brian2.NeuronGroup``, with ``more`` equations."""
    import brian2

    from ..passes.integrate import program_of
    from ..simulators.brian2.emit import neuron_text
    from ..simulators.brian2.names import brian_name

    step = float((brian2.defaultclock.dt if dt is None else dt) / brian2.ms)
    step = float(f"{step:.12g}")
    drawn, program = _drawn(neuron, n, parameters), program_of(neuron, scheme)
    numbers = {**drawn.parameters, **program.constants_of(drawn.parameters, step)}
    layout = _layout(program, neuron, numbers, step, inputs)
    text, units = neuron_text(program, step, layout), layout.units
    period = np.asarray(program.refractory_steps(numbers, step))
    counts = program.condition is not None and bool((period > 0).any())
    group = kind(
        n,
        f"{text.equations}\n{more}",
        method=text.methods or _Step(text.code, step, neuron.label),
        threshold=text.threshold,
        reset=(text.reset or (None if counts else "")) if text.threshold is not None else None,
        refractory=_period(period, step) if counts else False,
        namespace=_namespace(numbers, text, units),
        dt=dt,
        name=name,
    )
    group.add_attribute("spikebridge_model")
    group.spikebridge_model = Made(neuron, program, layout, text, step)
    for state in program.states:
        _set(group, brian_name(state), drawn.initial[state], units.get(state))
    set_numbers(group, numbers)
    if "refractory_period" in text.equations:
        group.refractory_period = (period + 1) * step * brian2.ms
    return group


def set_numbers(group: Any, numbers: Mapping[str, Any]) -> None:
    """Parameters and constants that the group has one of per unit."""
    from ..simulators.brian2.names import brian_name

    for own in group.spikebridge_model.text.names:
        if np.ndim(numbers.get(own, 0.0)):
            group.variables[brian_name(own)].set_value(np.asarray(numbers[own], dtype=float))


def _drawn(neuron: Neuron, n: int, given: Mapping[str, Any]) -> DrawnPopulation:
    """Parameters and initial values as numbers, units checked."""
    from ..definition.draw import draw
    from ..definition.network import Network, Population
    from ..definition.values import read_value

    initial = {k: v for k, v in given.items() if k in neuron.states}
    parameters = {k: v for k, v in given.items() if k not in initial}
    population = Population("group", neuron, read_value(n), parameters, initial)
    return draw(Network(populations={"group": population})).populations["group"]


def _layout(
    program: Program,
    neuron: Neuron,
    numbers: Mapping[str, Any],
    dt: float,
    inputs: Mapping[str, str],
) -> Layout:
    from ..simulators.brian2.emit import Layout, names_in
    from ..simulators.brian2.quantities import words_of

    strange = set(inputs) - set(program.currents)
    if strange:
        raise DefinitionError(
            "not a continuous port",
            model=neuron.label,
            symbol=min(strange),
            remedy=f"its ports are {', '.join(program.currents) or '(none)'}",
        )
    recorded = tuple(program.recordables)
    units = {n: words_of(neuron.unit_of(n)) for n in (*program.states, *recorded)}
    units |= {n: words_of(neuron.ports[n].unit) for n in program.currents}
    names = names_in(program, recorded) - set(program.currents)
    period = program.refractory_steps(numbers, dt)
    return Layout(
        per_unit=frozenset(n for n in names if np.ndim(numbers[n])),
        recorded=recorded,
        clamps=bool(np.any(np.asarray(period) > 0)),
        refractory="unit" if np.ndim(period) else None,
        inputs={n: inputs.get(n, "") for n in program.currents},
        units={n: u for n, u in units.items() if u[0] != "1"},
        weights={n: words_of(neuron.ports[n].unit)[0] for n in neuron.spike_ports},
    )


def _namespace(
    numbers: Mapping[str, Any], text: NeuronText, units: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    from ..simulators.brian2.names import brian_name
    from ..simulators.brian2.quantities import conversions

    space = {
        brian_name(n): float(numbers[n])
        for n in text.names
        if not np.ndim(numbers.get(n, 0)) and n in numbers
    }
    for words in units.values():
        space |= conversions(words)
    return {**space, "inf": np.inf}


def _period(period: Any, dt: float) -> Any:
    import brian2

    return "refractory_period" if period.ndim else (int(period) + 1) * dt * brian2.ms


def _set(group: Any, name: str, value: Any, unit: tuple[str, str] | None) -> None:
    from ..simulators.brian2.quantities import quantity

    scale = 1.0 if unit is None else float(quantity(unit[1]))
    values = np.broadcast_to(np.asarray(value, dtype=float) * scale, (len(group),))
    group.variables[name].set_value(values.copy())


def made_of(target: Any) -> Made:
    """What a group of `neuron_group`, or a part of one, was made from."""
    group = getattr(target, "source", target)
    found = getattr(group, "spikebridge_model", None)
    if not isinstance(found, Made):
        raise DefinitionError(
            "the target was not made by spikebridge.brian2.neuron_group",
            symbol=getattr(target, "name", str(target)),
            remedy="use brian2.Synapses for groups of your own",
        )
    return found
