"""A program: what one neuron does in one step, as explicit statements that every target runs.

The statements are sympy expressions of states, parameters, constants and the names below; a
simulator only prints them in its own language, so that all simulators do the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from ..definition.algebra import free_names

Numbers = Mapping[str, Any]  # name -> float or one number per unit


@dataclass(frozen=True)
class Assign:
    """``target = value``; a temporary one declares a local quantity, else a state is written.

    Statements run in order: a state written by an earlier statement has its new value.
    """

    target: str
    value: sympy.Expr
    temporary: bool = False

    @property
    def reads(self) -> frozenset[str]:
        return free_names(self.value)


@dataclass(frozen=True, eq=False)
class Program:
    """One neuron under one integration scheme.

    Names that occur in statements: ``states``; ``parameters`` (numbers, one per unit or one for
    all); ``constants`` (numbers that `constants_of` derives from parameters and dt: propagators and
    the like); ``currents`` (continuous ports: the value of the step); ``noise`` (one N(0, 1) draw
    per unit and step each); ``t`` (ms, start of the step) where ``uses_time``; ``weight`` in
    ``receive``.

    Contract of one step: if ``clamped`` is not None and the unit is refractory, ``clamped`` runs,
    else ``free``; then arrivals: ``receive[port]`` (assignments to ``clamp``ed states are skipped
    while refractory); then, if not refractory and ``condition`` holds: spike, ``effects``, and
    refractory for the next ``refractory_steps`` steps.

    ``odes`` is set under the scheme "native" alone: state -> dx/dt per ms, white noises in
    1/sqrt(ms). The simulator integrates it, without the states of ``clamp`` while refractory;
    ``free`` and ``clamped`` are empty then.
    """

    label: str
    scheme: str
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: tuple[str, ...]
    constants_of: Callable[[Numbers, float], Numbers]
    currents: tuple[str, ...]
    free: tuple[Assign, ...]
    clamped: tuple[Assign, ...] | None
    receive: Mapping[str, tuple[Assign, ...]]
    condition: sympy.Expr | None
    effects: tuple[Assign, ...]
    refractory: sympy.Expr | None
    clamp: frozenset[str]
    recordables: Mapping[str, sympy.Expr]  # subexpressions, as functions of the names above
    noise: tuple[str, ...] = ()
    uses_time: bool = False
    notes: tuple[str, ...] = field(default=())
    odes: Mapping[str, sympy.Expr] | None = None

    def refractory_steps(self, values: Numbers, dt: float) -> Any:
        """Whole steps of refractoriness, rounded up; int or one per unit.

        Times within 1e-9 of the grid count as on the grid.
        """
        from .numeric import refractory_steps

        return refractory_steps(self, values, dt)
