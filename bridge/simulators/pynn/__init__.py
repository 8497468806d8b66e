"""PyNN: standard cells recognised by algebra, on pyNN.nest, pyNN.brian2 and pyNN.neuron."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .simulator import Pynn

__all__ = ["brian2", "nest", "neuron"]


def nest() -> Pynn:
    """The simulator ``pynn.nest``."""
    return _pynn("nest")


def brian2() -> Pynn:
    """The simulator ``pynn.brian2``."""
    return _pynn("brian2")


def neuron() -> Pynn:
    """The simulator ``pynn.neuron``."""
    return _pynn("neuron")


def _pynn(backend: str) -> Pynn:
    # The PyNN process imports this package too, and has no use for sympy.
    from .simulator import Pynn

    return Pynn(backend)
