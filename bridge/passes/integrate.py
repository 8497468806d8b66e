"""Neuron + scheme -> Program: one step of the ODEs as explicit statements."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ..definition.algebra import free_names
from ..definition.model import Neuron
from ..errors import DefinitionError
from . import exact, exponential, runge_kutta
from .program import Assign, Program
from .steps import Step
from .system import System

Maker = Callable[[System, frozenset[str]], Step]
SCHEMES: dict[str, Maker] = {
    "exact": exact.step,
    "euler": runge_kutta.euler,
    "heun": runge_kutta.heun,
    "rk4": runge_kutta.rk4,
    "exponential_euler": exponential.step,
}
NATIVE = "native"


def _nothing(*_: object) -> Step:
    return Step((), (), lambda values, dt: {})


def program_of(neuron: Neuron, scheme: str = "auto") -> Program:
    """The program of ``neuron`` under ``scheme``.

    ``"auto"`` takes the neuron's own scheme, else exact propagators where the equations are linear,
    else rk4. A scheme applies to every state: ``"euler"`` is Euler for the synapses too.
    ``"native"`` has no statements: the simulator integrates ``odes``.

    Raises:
        DefinitionError: the equations do not admit the scheme; names the state and the remedy.
    """
    return _program(_ByHash(neuron), scheme)


class _ByHash:
    """Hashes a neuron once, by its identity and recommended scheme."""

    def __init__(self, neuron: Neuron) -> None:
        self.neuron = neuron
        self.key = (neuron.hash, neuron.label)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByHash) and self.key == other.key


@lru_cache(maxsize=256)
def _program(key: _ByHash, scheme: str) -> Program:
    neuron = key.neuron
    system = System(neuron)
    chosen = choose_scheme(system, scheme)
    spike = neuron.spike
    clamp = frozenset(spike.clamp) if spike and spike.refractory else frozenset[str]()
    step = SCHEMES.get(chosen, _nothing)
    free, clamped = step(system, frozenset()), step(system, clamp) if clamp else None
    odes = system.rhs if chosen == NATIVE else None
    makers = [free] if clamped is None else [free, clamped]
    receive = {n: system.statements(neuron.ports[n].receive) for n in neuron.spike_ports}
    effects = system.statements(spike.effects) if spike else ()
    condition = system.expand(spike.condition) if spike else None
    refractory = system.expand(spike.refractory) if spike and spike.refractory else None
    statements = [*free.statements, *(clamped.statements if clamped else ()), *effects]
    statements += [a for assigns in receive.values() for a in assigns]
    used = _used(statements, condition, refractory, *(odes or {}).values())
    constants = tuple(dict.fromkeys(n for m in makers for n in m.constants if n in used))
    parameters = [e.name for e in neuron.of_kind("parameter")]
    parameters += [n for n in neuron.parameters if n not in parameters]
    recordables = system.subexpressions
    used |= {n for e in recordables.values() for n in free_names(e)}
    return Program(
        label=neuron.label,
        scheme=chosen,
        states=neuron.states,
        parameters=tuple(n for n in parameters if n in used),
        constants=constants,
        constants_of=lambda values, dt: {
            n: v for m in makers for n, v in m.constants_of(values, dt).items() if n in constants
        },
        currents=tuple(n for n in neuron.continuous_ports if n in used),
        free=free.statements,
        clamped=clamped.statements if clamped else None,
        receive=receive,
        condition=condition,
        effects=effects,
        refractory=refractory,
        clamp=clamp,
        recordables=recordables,
        noise=tuple(n for n in system.noise if n in used),
        uses_time="t" in used,
        notes=free.notes,
        odes=odes,
    )


def _used(statements: list[Assign], *others: object) -> set[str]:
    names = {name for statement in statements for name in statement.reads}
    return names | {n for e in others if e is not None for n in free_names(e)}


def choose_scheme(system: System, scheme: str) -> str:
    """The scheme that ``scheme`` means for this system."""
    neuron = system.neuron
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


def fitting_schemes(neuron: Neuron) -> tuple[str, ...]:
    """The schemes that the equations of ``neuron`` admit."""
    found = []
    for scheme in SCHEMES:
        try:
            program_of(neuron, scheme)
        except DefinitionError:
            continue
        found.append(scheme)
    return tuple(found)


__all__ = ["NATIVE", "SCHEMES", "choose_scheme", "fitting_schemes", "program_of"]
