"""PyNN's synapse types with states, in the PyNN process."""

from __future__ import annotations

from typing import Any

import numpy as np

from .job import Dynamics, Job, Number

GUETIG = "GutigWeightDependence"
MIXED = "AdditivePotentiationMultiplicativeDepression"
RULE = ("tau_plus", "tau_minus", "A_plus", "A_minus")
EXPONENTS = ("mu_plus", "mu_minus")


def synapse_type(
    dynamics: Dynamics, count: int, sim: Any, job: Job
) -> tuple[Any, dict[str, Number]]:
    """The synapse type of a projection with ``count`` connections, and their own parameters."""
    values = dict(dynamics.parameters)
    if dynamics.synapse == "TsodyksMarkramSynapse":
        each = {n: v for n, v in values.items() if np.ndim(v)}
        one = {n: v for n, v in values.items() if not np.ndim(v)}
        return sim.TsodyksMarkramSynapse(weight=0.0, delay=job.dt, **one), each
    dependence = dynamics.dependence
    if job.backend == "neuron":
        dependence = _for_neuron(dependence, values)
    own = ("w_max", *RULE, *(EXPONENTS if dependence == GUETIG else ()))
    # What PyNN would lose in the classes, it takes as one per connection: in pyNN.nest the
    # exponents of GutigWeightDependence, in pyNN.brian2 the delay's fraction.
    each = {n: v for n, v in values.items() if n in own and (np.ndim(v) or n in EXPONENTS)}
    one = {n: v for n, v in values.items() if n in own and n not in each}
    fraction = values["dendritic_delay_fraction"]
    if np.ndim(fraction):
        each["dendritic_delay_fraction"] = fraction
    mechanism = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**{n: one[n] for n in RULE if n in one}),
        weight_dependence=getattr(sim, dependence)(w_max=one.get("w_max", 1.0)),
        dendritic_delay_fraction=0.5 if np.ndim(fraction) else fraction,
        weight=0.0,
        delay=job.dt,
    )
    return mechanism, {n: np.broadcast_to(v, (count,)) for n, v in each.items()}


def _for_neuron(dependence: str, values: dict[str, Any]) -> str:
    """NEURON's Guetig rule changes by A (w_max - w)**mu, not by A w_max (1 - w/w_max)**mu; and
    PyNN does not hand on the exponents of the mixed rule.
    """
    if dependence not in (GUETIG, MIXED):
        return dependence
    for amplitude, exponent in zip(("A_plus", "A_minus"), EXPONENTS, strict=True):
        values[amplitude] = values[amplitude] * values["w_max"] ** (1.0 - values[exponent])
    return GUETIG
