"""NEST: built-in models, or NESTML text compiled once into an extension module."""

from __future__ import annotations

from typing import Any

__all__ = ["Nest"]


def __getattr__(name: str) -> Any:
    # The NEST process imports this package too, and has no use for sympy.
    if name == "Nest":
        from .simulator import Nest

        return Nest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
