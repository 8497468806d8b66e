"""A large network of binary units as arrays: its gains, and what adds to the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..definition.evaluate import evaluate
from ..errors import DefinitionError, Unsupported
from ..passes.binary_form import BinaryForm, binary_form
from .binary_gain import Gain
from .meanfield.blueprint import Blueprint

Floats = NDArray[np.float64]


class Parts:
    """By population, in the order of ``labels``; ``coupling`` K J, ``spread`` K (J^2 + s2) and
    ``static`` K s2 + VK J^2 are [to, from], ``tau`` is in ms.
    """

    def __init__(self, plan: Blueprint) -> None:
        self.label = plan.label
        self.labels = tuple(o.population for o in plan.outputs)
        forms = {n: _form(plan, n) for n in self.labels}
        drawn = [plan.populations[n] for n in self.labels]
        self.sizes = np.array([float(p.size) for p in drawn])
        scopes = [_scope(plan, n) for n in self.labels]
        numbers = [
            {k: np.asarray(evaluate(v, s), dtype=float) for k, v in forms[n].numbers.items()}
            for n, s in zip(self.labels, scopes, strict=True)
        ]
        self.tau = np.array([float(np.mean(x["tau_m"])) for x in numbers])
        pairs = zip(self.labels, numbers, strict=True)
        self.gains = [Gain(forms[n].gain, x) for n, x in pairs]
        count = len(self.labels)
        self.coupling, self.spread, self.static = (np.zeros((count, count)) for _ in range(3))
        for a, name in enumerate(self.labels):
            for link in plan.links_to(name):
                f = float(evaluate(forms[name].factors[link.port], scopes[a]))
                d, b = link.degrees, link.output
                self.coupling[a, b] += f * d.coupling
                self.spread[a, b] += f**2 * d.variance
                self.static[a, b] += f**2 * d.quenched

    def inputs(self, m: Floats) -> tuple[Floats, Floats]:
        """mu and sigma^2."""
        return self.coupling @ m, self.spread @ (m * (1.0 - m)) + self.static @ m**2

    def answered(self, m: Floats) -> Floats:
        """The mean activities that the inputs of ``m`` make."""
        points = zip(self.gains, *self.inputs(m), strict=True)
        return np.array([g.mean(mu, variance) for g, mu, variance in points])


def _form(plan: Blueprint, name: str) -> BinaryForm:
    form = binary_form(plan.populations[name].neuron)
    if form.why:
        raise Unsupported(
            f"the units of {name} are no binary units that are updated at Poisson times: "
            f"{form.why}",
            model=plan.label,
            symbol=name,
            remedy="ask `mean_field`, which takes any unit",
        )
    return form


def _scope(plan: Blueprint, name: str) -> dict[str, Any]:
    """Parameters, and ports: currents that hold from time 0, others at 0."""
    drawn = plan.populations[name]
    scope: dict[str, Any] = {**drawn.parameters, "dt": plan.dt}
    scope |= dict.fromkeys(drawn.neuron.continuous_ports, 0.0)
    for current in plan.currents:
        if current.population == name:
            if len(current.steps) > 1:
                raise DefinitionError(
                    f"{current.name} changes with time: there is no stationary state",
                    model=plan.label,
                    symbol=current.name,
                    remedy="ask for a network whose input stays",
                )
            total = np.zeros(drawn.size)
            total[current.units] = current.values[0]
            scope[current.port] = scope[current.port] + total
    return scope
