"""Neuron + scheme -> Program, by computer algebra: `integrate.program_of` keeps what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..definition.algebra import written
from ..definition.expressions import Expression
from ..definition.model import Neuron
from ..errors import DefinitionError
from . import exact, exponential, iterated, runge_kutta
from .integrate import NATIVE, SCHEMES
from .program import Assign, Constants, Program
from .steps import Step
from .system import System

Maker = Callable[[System, frozenset[str]], Step]
MAKERS: dict[str, Maker] = {
    "exact": exact.step,
    "euler": runge_kutta.euler,
    "heun": runge_kutta.heun,
    "rk4": runge_kutta.rk4,
    "exponential_euler": exponential.step,
    "map": iterated.step,
}


def _nothing(*_: object) -> Step:
    return Step((), Constants())


def derived(neuron: Neuron, scheme: str) -> Program:
    """The program of ``neuron`` under ``scheme``, see `integrate.program_of`.

    Raises:
        DefinitionError: the equations do not admit the scheme; names the state and the remedy.
    """
    system = System(neuron)
    chosen = _choice(system, scheme)
    spike = neuron.spike
    clamp = frozenset(spike.clamp) if spike and spike.refractory else frozenset[str]()
    step = MAKERS.get(chosen, _nothing)
    free, clamped = step(system, frozenset()), step(system, clamp) if clamp else None
    odes = {s: written(f) for s, f in system.rhs.items()} if chosen == NATIVE else None
    receive = {n: system.statements(neuron.ports[n].receive) for n in neuron.spike_ports}
    effects = system.statements(spike.effects) if spike else ()
    condition = written(system.expand(spike.condition)) if spike else None
    refractory = written(system.expand(spike.refractory)) if spike and spike.refractory else None
    recordables = {n: written(e) for n, e in system.subexpressions.items()}
    statements = [*free.statements, *(clamped.statements if clamped else ()), *effects]
    statements += [a for assigns in receive.values() for a in assigns]
    used = _used(statements, condition, refractory, *(odes or {}).values())
    constants = [free.constants] if clamped is None else [free.constants, clamped.constants]
    seen = used | {n for e in recordables.values() for n in e.names}
    return Program(
        label=neuron.label,
        scheme=chosen,
        states=neuron.states,
        parameters=tuple(n for n in _parameters(neuron) if n in seen),
        constants=tuple(dict.fromkeys(n for c in constants for n in c.names if n in used)),
        derived=tuple(c for c in constants if c.names),
        currents=tuple(n for n in neuron.continuous_ports if n in seen),
        free=free.statements,
        clamped=clamped.statements if clamped else None,
        receive=receive,
        condition=condition,
        effects=effects,
        refractory=refractory,
        clamp=clamp,
        recordables=recordables,
        noise=tuple(n for n in system.noise if n in seen),
        uses_time="t" in seen,
        notes=free.notes,
        rates={s: written(row[s]) for s, row in system.coefficients.items() if s in row},
        odes=odes,
    )


def _parameters(neuron: Neuron) -> list[str]:
    declared = [e.name for e in neuron.of_kind("parameter")]
    return [*declared, *(n for n in neuron.parameters if n not in declared)]


def _used(statements: Iterable[Assign], *others: Expression | None) -> frozenset[str]:
    names = [statement.reads for statement in statements]
    return frozenset().union(*names, *(e.names for e in others if e is not None))


def _choice(system: System, scheme: str) -> str:
    """The scheme that ``scheme`` means for this system."""
    neuron = system.neuron
    if system.maps:  # there is one way to go on by a step
        return "map"
    chosen = neuron.scheme if scheme == "auto" else scheme
    if chosen == "auto":
        chosen = "exact" if not system.nonlinear else "rk4"
        if chosen == "rk4" and system.noise:
            chosen = "euler"
    if chosen not in (*SCHEMES, NATIVE):
        raise DefinitionError(
            f"unknown scheme {chosen!r}",
            model=neuron.label,
            symbol=chosen,
            remedy=f"choose one of {', '.join([*SCHEMES, NATIVE])}",
        )
    return chosen
