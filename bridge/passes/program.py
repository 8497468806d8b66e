"""A program: what one neuron does in one step, as explicit statements that every target runs.

The statements are expressions of states, parameters, constants and the names below; a simulator
only spells them in its own language, so that all simulators do the same arithmetic. A program is
plain data: it can be kept on disk, and whoever has it needs no computer algebra.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..definition.expressions import Expression
from ..records import dataclass, field
from .codec import Name

Numbers = Mapping[str, Any]  # name -> float or one number per unit


@dataclass(frozen=True)
class Assign:
    """``target = value``; a temporary one declares a local quantity, else a state is written.

    Statements run in order: a state written by an earlier statement has its new value.
    ``added``: a where the value is ``target + a``; ``factor``: f where it is ``target*f``; neither
    reads the target.
    """

    target: Name
    value: Expression
    temporary: bool = False
    added: Expression | None = None
    factor: Expression | None = None

    @property
    def reads(self) -> frozenset[str]:
        return self.value.names


@dataclass(frozen=True)
class Constants:
    """Numbers that follow from parameters and dt.

    ``formulas``: name -> expression of the parameters, ``dt_ms`` and earlier formulas.
    ``entries``: name -> (row, column) of exp(``matrix``*dt).
    """

    formulas: Mapping[str, Expression] = field(default_factory=dict)
    matrix: tuple[tuple[Expression, ...], ...] = ()
    entries: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.entries, *self.formulas)

    def of(self, values: Numbers, dt: float) -> Numbers:
        """Name -> number, or one per unit; ``dt`` in ms."""
        from .numeric import evaluated, propagators

        return propagators(self, values, dt) | evaluated(self.formulas, values, dt)


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

    ``rates``: state -> a where its equation is linear, dx/dt = a*x + ..., and a (1/ms) is not 0.
    """

    label: str
    scheme: str
    states: tuple[Name, ...]
    parameters: tuple[Name, ...]
    constants: tuple[Name, ...]
    derived: tuple[Constants, ...]
    currents: tuple[Name, ...]
    free: tuple[Assign, ...]
    clamped: tuple[Assign, ...] | None
    receive: Mapping[str, tuple[Assign, ...]]
    condition: Expression | None
    effects: tuple[Assign, ...]
    refractory: Expression | None
    clamp: frozenset[Name]
    recordables: Mapping[str, Expression]  # subexpressions, as functions of the names above
    noise: tuple[Name, ...] = ()
    uses_time: bool = False
    notes: tuple[str, ...] = field(default=())
    rates: Mapping[str, Expression] = field(default_factory=dict)
    odes: Mapping[str, Expression] | None = None

    def constants_of(self, values: Numbers, dt: float) -> Numbers:
        """The numbers of ``constants`` from the parameters' ``values`` and ``dt`` in ms."""
        found = {n: v for c in self.derived for n, v in c.of(values, dt).items()}
        return {n: v for n, v in found.items() if n in self.constants}

    def refractory_steps(self, values: Numbers, dt: float) -> Any:
        """Whole steps of refractoriness, rounded up; int or one per unit.

        Times within 1e-9 of the grid count as on the grid.
        """
        from .numeric import refractory_steps

        return refractory_steps(self, values, dt)
