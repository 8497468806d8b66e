"""spikebridge inside a Brian2 script: models as ordinary Brian2 objects.

>>> import brian2, spikebridge.brian2
>>> G = spikebridge.brian2.neuron_group("neurons/lif_current", 100, tau_m=15 * brian2.ms)
>>> S = spikebridge.brian2.synapses(G, G, port="spikes", weight=20 * brian2.pA,
...                                 delay=1.5 * brian2.ms, connect={"p": 0.1})

They run beside any other object, with Brian2's units, clock, schedule and spike times.

Brian2 stamps a spike with the start of its step, NEST and spikebridge with the end: one dt more.
With Brian2's own schedule, input to currents and conductances then acts at the same steps as in
NEST for equal delays. Input that jumps the variable tested by the threshold (delta synapses) acts
one test late; for identity set ``network.schedule = spikebridge.brian2.SCHEDULE`` and make every
delay one dt shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .definition.model import Neuron
from .errors import DefinitionError, SpikebridgeError, Unsupported

if TYPE_CHECKING:
    import brian2

    from .definition.drawn import DrawnPopulation
    from .passes.program import Program
    from .simulators.brian2.emit import NeuronText

__all__ = ["SCHEDULE", "neuron_group", "synapses"]

SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]


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
class _Model:
    """What `synapses` needs to know of a group."""

    neuron: Neuron
    text: NeuronText
    units: Mapping[str, tuple[str, str]]


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

    from .definition.library import load

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

    from .passes.integrate import program_of
    from .simulators.brian2.names import brian_name

    step = float((brian2.defaultclock.dt if dt is None else dt) / brian2.ms)
    step = float(f"{step:.12g}")
    drawn, program = _drawn(neuron, n, parameters), program_of(neuron, scheme)
    numbers = {**drawn.parameters, **program.constants_of(drawn.parameters, step)}
    text, units = _text(program, neuron, numbers, step, inputs)
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
    group.spikebridge_model = _Model(neuron, text, units)
    for state in program.states:
        _set(group, brian_name(state), drawn.initial[state], units.get(state))
    set_numbers(group, numbers)
    if "refractory_period" in text.equations:
        group.refractory_period = (period + 1) * step * brian2.ms
    return group


def set_numbers(group: Any, numbers: Mapping[str, Any]) -> None:
    """Parameters and constants that the group has one of per unit."""
    from .simulators.brian2.names import brian_name

    for own in group.spikebridge_model.text.names:
        if np.ndim(numbers.get(own, 0.0)):
            group.variables[brian_name(own)].set_value(np.asarray(numbers[own], dtype=float))


def _drawn(neuron: Neuron, n: int, given: Mapping[str, Any]) -> DrawnPopulation:
    """Parameters and initial values as numbers, units checked."""
    from .definition.draw import draw
    from .definition.network import Network, Population
    from .definition.values import read_value

    initial = {k: v for k, v in given.items() if k in neuron.states}
    parameters = {k: v for k, v in given.items() if k not in initial}
    population = Population("group", neuron, read_value(n), parameters, initial)
    return draw(Network(populations={"group": population})).populations["group"]


def _text(
    program: Program,
    neuron: Neuron,
    numbers: Mapping[str, Any],
    dt: float,
    inputs: Mapping[str, str],
) -> tuple[NeuronText, Mapping[str, tuple[str, str]]]:
    from .simulators.brian2.emit import Layout, names_in, neuron_text
    from .simulators.brian2.quantities import words_of

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
    layout = Layout(
        per_unit=frozenset(n for n in names if np.ndim(numbers[n])),
        recorded=recorded,
        refractory="unit" if np.ndim(period) else None,
        inputs={n: inputs.get(n, "") for n in program.currents},
        units={n: u for n, u in units.items() if u[0] != "1"},
        weights={n: words_of(neuron.ports[n].unit)[0] for n in neuron.spike_ports},
    )
    return neuron_text(program, dt, layout), layout.units


def _namespace(
    numbers: Mapping[str, Any], text: NeuronText, units: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    from .simulators.brian2.names import brian_name
    from .simulators.brian2.quantities import conversions

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
    from .simulators.brian2.quantities import quantity

    scale = 1.0 if unit is None else float(quantity(unit[1]))
    values = np.broadcast_to(np.asarray(value, dtype=float) * scale, (len(group),))
    group.variables[name].set_value(values.copy())


def synapses(
    source: Any,
    target: Any,
    model: Any = None,
    *,
    port: str,
    weight: Any = None,
    delay: Any = None,
    connect: Mapping[str, Any] | bool | None = None,
    name: str = "synapses*",
) -> brian2.Synapses:
    """``brian2.Synapses`` from any spiking group onto a port of a group made by `neuron_group`.

    Args:
        source: anything that spikes.
        target: a group from `neuron_group`, or a part of one.
        model: a static `Synapse`, its library name, or None for one.
        port: where the spikes arrive.
        weight: one quantity for all; or one per connection, or None: then ``S.weight`` is a
            variable of the synapses.
        delay: one quantity for all, or one per connection, or None: then set ``S.delay``. It is
            Brian2's delay: see the module's text for what it means in NEST.
        connect: arguments of ``S.connect``, e.g. ``{"p": 0.1}``; True for all to all; None leaves
            it to you.
        name: of the Brian2 object.

    Raises:
        DefinitionError: the target has no such port, or the weight the wrong unit.
        Unsupported: a synapse with states of its own.
    """
    import brian2

    from .simulators.brian2.quantities import conversions, with_unit, words_of

    found = _model_of(target)
    if port not in found.text.receive:
        raise DefinitionError(
            f"there is no port {port!r} for spikes",
            model=found.neuron.label,
            symbol=port,
            remedy=f"choose one of {', '.join(found.text.receive) or '(none)'}",
        )
    _check_synapse(model)
    unit = found.neuron.ports[port].unit
    words = words_of(unit)
    own = weight is None or np.ndim(weight) > 0
    group = getattr(target, "source", target)
    space = {**group.namespace, **conversions(words)}
    if not own:
        space["weight"] = with_unit(weight, unit, "weight")
    on_pre = found.text.receive[port]
    made = brian2.Synapses(
        source,
        target,
        f"weight : {words[1]} (constant)" if own else "",
        on_pre=on_pre,
        delay=delay if delay is not None and np.ndim(delay) == 0 else None,
        namespace=space,
        name=name,
    )
    if connect is not None and connect is not False:
        made.connect(**({} if connect is True else dict(connect)))
        if np.ndim(weight):
            made.weight = with_unit(weight, unit, "weight")
        if np.ndim(delay):
            made.delay = delay
    return made


def _model_of(target: Any) -> _Model:
    group = getattr(target, "source", target)
    found = getattr(group, "spikebridge_model", None)
    if not isinstance(found, _Model):
        raise DefinitionError(
            "the target was not made by spikebridge.brian2.neuron_group",
            symbol=getattr(target, "name", str(target)),
            remedy="use brian2.Synapses for groups of your own",
        )
    return found


def _check_synapse(model: Any) -> None:
    from .definition.library import load
    from .definition.model import Synapse

    synapse = None if model is None else load(model)
    if synapse is not None and not (isinstance(synapse, Synapse) and synapse.is_static):
        raise Unsupported(
            "only static synapses become brian2.Synapses here",
            symbol=synapse.label,
            remedy="describe the network in spikebridge, which moves synaptic states to the neuron",
        )
