"""Models of spikebridge inside your own PyNEST script.

import nest
import spikebridge.nest

lif = spikebridge.nest.install("neurons/lif_current")
nest.Create(lif.name, 100, params=lif.parameters_for(tau_m=20.0))
stdp = spikebridge.nest.install_synapse("synapses/stdp_triplet")
nest.Connect(pre, post, "all_to_all", {"synapse_model": stdp.name, "weight": 10.0, "delay": 1.0})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .definition.draw import draw
from .definition.library import load
from .definition.model import Neuron
from .definition.network import Network, Population
from .definition.values import Quantity
from .errors import DefinitionError
from .nest_synapses import InstalledSynapse, install_synapse
from .passes.integrate import program_of
from .passes.match import Match, NoMatch, find_match
from .passes.program import Program
from .simulators.nest.emit import Emitted, emit
from .simulators.nest.install import install as _load
from .simulators.nest.matching import catalogue
from .simulators.nest.toolchain import build
from .units import ONE

Values = Mapping[str, Any]

__all__ = ["Installed", "InstalledSynapse", "install", "install_synapse"]


@dataclass(frozen=True, eq=False)
class Installed:
    """A model that the kernel of this process knows until ``nest.ResetKernel()``.

    ``name`` goes to ``nest.Create``; ``parameters`` are the definition's parameters that
    ``parameters_for`` takes (ms, mV, pA); ``receptor_types`` maps spike ports to the
    ``receptor_type`` of a connection, ``weight_factors`` to what weights must be multiplied with;
    ``recordables`` maps states to what a multimeter records; ``defaults`` are the values of
    ``nest.Create`` for the definition's own parameters; ``text`` is the NESTML text, or what the
    built-in's match says.
    """

    name: str
    parameters: tuple[str, ...]
    receptor_types: Mapping[str, int]
    weight_factors: Mapping[str, Any]
    recordables: Mapping[str, str]
    defaults: Mapping[str, Any]
    text: str
    builtin: bool
    _values_for: Callable[[Values], dict[str, Any]] = field(repr=False, default=dict)

    def parameters_for(self, **values: Any) -> dict[str, Any]:
        """What ``nest.Create(..., params=)`` needs: propagators and initial values included.

        Args:
            values: parameters of the definition to replace, in ms, mV, pA or as ``"20 ms"``.

        Raises:
            DefinitionError: the definition has no such parameter.
        """
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            raise DefinitionError(
                f"there is no parameter {unknown[0]!r}",
                model=self.name,
                symbol=unknown[0],
                remedy=f"choose from {', '.join(self.parameters)}",
            )
        return self._values_for(values)


def install(model: Any, *, scheme: str = "auto", dt: float = 0.1, match: bool = True) -> Installed:
    """Make ``model`` known to the running kernel of this process; call again after ResetKernel.

    Args:
        model: library name, path of a TOML file, dictionary or `Neuron`.
        scheme: integration scheme, as for `simulate`.
        dt: the kernel's resolution in ms, for which propagators are computed.
        match: take NEST's built-in where one has the same steps.

    Raises:
        DefinitionError: it is not a neuron. Unsupported: NESTML cannot say it.
        SimulatorMissing, SimulationFailed: NESTML or the compiler is missing or refuses.
    """
    neuron = load(model)
    if not isinstance(neuron, Neuron):
        raise DefinitionError(f"{neuron.label} is not a neuron", model=neuron.label)
    program = program_of(neuron, scheme)
    found = builtin_for(neuron, program.scheme) if match else None
    if found is not None:
        return _builtin(neuron, found, program, dt)
    return _compiled(neuron, program, dt)


def builtin_for(neuron: Neuron, scheme: str) -> Match | None:
    """The built-in that steps as ``scheme`` does."""
    found = find_match(neuron, catalogue())
    if isinstance(found, NoMatch) or scheme not in found.schemes:
        return None
    fits = found.exact or scheme == "native"
    return found if fits and found.obstacle(*_numbers(neuron, {})) is None else None


def _numbers(neuron: Neuron, values: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """All parameters and initial values of one unit, in ms, mV, pA."""
    given = {n: _quantity(neuron, n, v) for n, v in values.items()}
    unit = Population("unit", neuron, Quantity(1.0, ONE), given)
    drawn = draw(Network(populations={"unit": unit})).populations["unit"]  # units checked
    return dict(drawn.parameters), dict(drawn.initial)


def _quantity(neuron: Neuron, name: str, value: Any) -> Any:
    """A plain number is in the parameter's own unit in ms, mV, pA."""
    if isinstance(value, int | float | np.ndarray | np.number):
        old = neuron.parameters.get(name)
        if isinstance(old, Quantity) and np.ndim(value) == 0:
            return Quantity(float(value), old.dimension)
    return value


def _builtin(neuron: Neuron, match: Match, program: Program, dt: float) -> Installed:
    def values_for(values: Values) -> dict[str, Any]:
        numbers, initial = _numbers(neuron, values)
        found = builtin_values(match, program, numbers, dt)
        return _plain({**found, **match.initial(numbers, initial)})

    numbers, _ = _numbers(neuron, {})
    recorded = {s: match.recorded(s) for s in match.states}
    return Installed(
        name=match.builtin,
        parameters=tuple(neuron.parameters),
        receptor_types={p: m.receptor for p, m in match.ports.items()},
        weight_factors={p: match.weight_factor(p, numbers) for p in match.ports},
        recordables={s: r[0] for s, r in recorded.items() if r},
        defaults=values_for({}),
        text=match.text,
        builtin=True,
        _values_for=values_for,
    )


def builtin_values(match: Match, program: Program, numbers: Values, dt: float) -> dict[str, Any]:
    """The built-in's parameters; its refractory period in whole steps."""
    found = match.parameters(numbers)
    if "t_ref" in found and program.refractory is not None:
        found["t_ref"] = program.refractory_steps(numbers, dt) * dt
    return found


def _compiled(neuron: Neuron, program: Program, dt: float) -> Installed:
    current = program.currents[0] if program.currents else None
    emitted = emit(program, stimulus=current)
    _load(build({emitted.model: emitted.text}))

    def values_for(values: Values) -> dict[str, Any]:
        numbers, initial = _numbers(neuron, values)
        named = compiled_values(program, emitted, numbers, dt)
        return _plain(named | {emitted.names[s]: initial[s] for s in program.states})

    single = len(emitted.ports) == 1
    return Installed(
        name=emitted.model,
        parameters=tuple(neuron.parameters),
        receptor_types={p: 0 if single else k + 1 for k, p in enumerate(emitted.ports)},
        weight_factors=dict.fromkeys(emitted.ports, 1.0),
        recordables={s: emitted.names[s] for s in program.states},
        defaults=values_for({}),
        text=emitted.text,
        builtin=False,
        _values_for=values_for,
    )


def compiled_values(
    program: Program, emitted: Emitted, numbers: Values, dt: float
) -> dict[str, Any]:
    """The parameters of the compiled model: propagators included."""
    found = {n: numbers[n] for n in program.parameters if n in emitted.names}
    found |= dict(program.constants_of(numbers, dt))
    named = {emitted.names[n]: v for n, v in found.items()}
    if emitted.refractory:
        named["refr_steps"] = program.refractory_steps(numbers, dt)
    return named


def _plain(values: Values) -> dict[str, Any]:
    return {
        n: v.item() if isinstance(v, np.ndarray | np.generic) and np.size(v) == 1 else v
        for n, v in values.items()
    }
