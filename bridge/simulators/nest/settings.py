"""The options of NEST: their defaults, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import DefinitionError, Unsupported
from ..base import Options

DEFAULTS: Mapping[str, Any] = {
    "child": True,
    "threads": 1,
    "match": True,
    "synapses": "auto",
    "units": "auto",
    "tolerance": 1e-6,
}


def chosen_options(options: Options) -> Mapping[str, Any]:
    """Every option, the defaults where nothing is chosen.

    Raises:
        Unsupported: an option that NEST does not have.
        DefinitionError: a value that it cannot have.
    """
    for name in options.simulator:
        if name not in DEFAULTS:
            raise Unsupported(
                f"nest has no option {name!r}",
                symbol=name,
                remedy=f"choose from {', '.join(DEFAULTS)}",
            )
    chosen = {**DEFAULTS, **options.simulator}
    for name, value in chosen.items():
        if not _fits(name, value):
            raise DefinitionError(
                f"the option {name} of nest is {value!r}", symbol=name, remedy=_VALUES[name]
            )
    return chosen


_VALUES: Mapping[str, str] = {
    "child": "write true or false",
    "match": "write true or false",
    "synapses": 'write "auto", "generated" or "nestml"',
    "units": 'write "auto", "builtin" or "generated"',
    "threads": "give a whole number from 1 on",
    "tolerance": "give a positive number",
}


def _fits(name: str, value: Any) -> bool:
    if name in ("child", "match"):
        return isinstance(value, bool)
    if name == "synapses":
        return value in ("auto", "generated", "nestml")
    if name == "units":
        return value in ("auto", "builtin", "generated")
    kinds = int if name == "threads" else int | float
    return isinstance(value, kinds) and not isinstance(value, bool) and value > 0
