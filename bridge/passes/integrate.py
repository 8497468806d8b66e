"""Neuron + scheme -> Program: one step of the ODEs as explicit statements.

A program is derived once per definition and scheme, and kept on disk; `derive` does the work.
"""

from __future__ import annotations

from functools import lru_cache

from ..definition.model import Neuron
from ..errors import DefinitionError
from ..records import dataclass
from .kept import kept
from .program import Program

SCHEMES = ("exact", "euler", "heun", "rk4", "exponential_euler")
NATIVE = "native"


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
def _program(asked: _ByHash, scheme: str) -> Program:
    def derive() -> Program:
        from .derive import derived

        return derived(asked.neuron, scheme)

    return kept("program", (*asked.key, scheme), Program, derive)


@dataclass(frozen=True)
class _States:
    names: tuple[str, ...]


def nonlinear_states(neuron: Neuron) -> tuple[str, ...]:
    """States whose equation is not linear, or depends on time or on products with inputs."""

    def find() -> _States:
        from .system import System

        return _States(System(neuron).nonlinear)

    return kept("nonlinear", (neuron.hash,), _States, find).names


def fitting_schemes(neuron: Neuron) -> tuple[str, ...]:
    """The schemes that the equations of ``neuron`` admit."""
    if neuron.of_kind("map"):
        return ("map",)
    found = []
    for scheme in SCHEMES:
        try:
            program_of(neuron, scheme)
        except DefinitionError:
            continue
        found.append(scheme)
    return tuple(found)


__all__ = ["NATIVE", "SCHEMES", "fitting_schemes", "nonlinear_states", "program_of"]
