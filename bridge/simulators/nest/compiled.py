"""A population's program as a NESTML model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...definition.drawn import DrawnPopulation
from ...errors import SimulationFailed
from ...passes.program import Program
from ..courses import Course
from .cast import Cast, Values
from .job import NodeModel, Number

if TYPE_CHECKING:
    from .emit import Emitted


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
