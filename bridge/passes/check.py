"""Numbers that cannot work: time constants that are not positive, dt too large for the scheme."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..definition.drawn import DrawnNetwork, DrawnPopulation, Number
from ..definition.scope import scope_of
from ..errors import DefinitionError
from ..units import TIME, Dimension
from .integrate import NATIVE, program_of
from .numeric import value_of
from .synapse_program import check_gaps, synapse_program

_STAGES = {"euler": 1, "heun": 2, "rk4": 4}
_COARSE = 0.5  # dt/tau above which a warning is given


def check_drawn(network: DrawnNetwork, scheme: str = "auto") -> tuple[str, ...]:
    """Warnings of a drawn network; what cannot work is an error.

    A decay dx/dt = a*x is multiplied in each step by R(a*dt) = sum of (a*dt)^k/k! up to the order
    of the scheme; |R| > 1 means that the numbers grow without bound.

    Raises:
        DefinitionError: a time constant that is not positive, dt past the scheme's stability, or
            rates that the closed form of a synapse needs apart.
    """
    warnings: list[str] = []
    for population in network.populations.values():
        for values in _courses(network, population):
            _check_times(network, population, values)
        warnings += _check_step(network, population, scheme)
    for projection in network.projections.values():
        place = f"{network.label}.{projection.name}"
        _check_positive(projection.parameters, scope_of(projection.synapse), place)
        if projection.synapse.is_dynamic:
            check_gaps(synapse_program(projection.synapse), projection.parameters, place)
        if projection.synapse.is_graded:
            from .graded import check_signal

            check_signal(network, projection)
    return tuple(warnings)


def _courses(network: DrawnNetwork, population: DrawnPopulation) -> list[Mapping[str, Number]]:
    """The parameters at the start, and those that a phase changes."""
    later = [
        {change.key: change.value}
        for change in network.changes
        if change.kind == "parameter" and change.owner == population.name
    ]
    return [population.parameters, *later]


def _check_times(
    network: DrawnNetwork, population: DrawnPopulation, values: Mapping[str, Number]
) -> None:
    scope = scope_of(population.neuron)
    place = f"{network.label}.{population.name}"
    spike = population.neuron.spike
    period = spike.refractory.text if spike and spike.refractory else ""
    if period in values and np.any(np.asarray(values[period]) < 0):
        raise DefinitionError(
            f"the refractory period {period} is {np.min(values[period]):g} ms",
            model=place,
            symbol=period,
            remedy="give 0 ms or more",
        )
    _check_positive(values, scope, place)


def _check_positive(
    values: Mapping[str, Number], scope: Mapping[str, Dimension], place: str
) -> None:
    """Time constants by name: tau, tau_m, ..."""
    for name, value in values.items():
        if name.startswith("tau") and scope.get(name) == TIME and np.any(np.asarray(value) <= 0):
            worst = float(np.min(value))
            raise DefinitionError(
                f"the time constant {name} is {worst:g} ms",
                model=place,
                symbol=name,
                remedy="give a positive time",
            )


def _check_step(network: DrawnNetwork, population: DrawnPopulation, scheme: str) -> list[str]:
    program = program_of(population.neuron, network.scheme if scheme == "auto" else scheme)
    if program.scheme == NATIVE:
        return []
    place = f"{network.label}.{population.name}"
    warnings = []
    for state, expression in program.rates.items():
        rate = np.asarray(value_of(expression, population.parameters))
        fastest = float(np.max(np.abs(rate)))
        if program.scheme in _STAGES and np.any(rate < 0):
            _check_stability(place, state, float(np.min(rate)), network.dt, program.scheme)
        if program.scheme != "exact" and fastest * network.dt > _COARSE:
            warnings.append(
                f"{place}: dt = {network.dt:g} ms is {fastest * network.dt:.2g} times the time "
                f"constant of {state} ({1 / fastest:g} ms)"
            )
    return warnings


def _check_stability(place: str, state: str, rate: float, dt: float, scheme: str) -> None:
    z = rate * dt
    growth = abs(sum(z**k / math.factorial(k) for k in range(_STAGES[scheme] + 1)))
    if growth > 1.0:
        raise DefinitionError(
            f"dt = {dt:g} ms is too large for {scheme}: {state} decays with {-1 / rate:g} ms and "
            f"would grow by {growth:.3g} in each step",
            model=place,
            symbol=state,
            remedy='use a smaller dt, or scheme = "exact" or "exponential_euler"',
        )
