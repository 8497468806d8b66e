"""A definition as the text of a simulator, or as LaTeX or Markdown for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .api import prepare
from .definition.bench import bench
from .definition.library import load
from .definition.model import Neuron
from .definition.network import Network
from .errors import DefinitionError
from .simulators.base import Options

SIMULATORS = {"brian2": "brian2", "nestml": "nest"}
TARGETS = (*SIMULATORS, "latex", "markdown")


@dataclass(frozen=True)
class Translation:
    """``sources``: name -> text; ``matches``: per population what NEST runs and why."""

    target: str
    sources: Mapping[str, str]
    matches: tuple[Mapping[str, Any], ...] = field(default=())


def translate(
    model: Any,
    to: str,
    *,
    scheme: str = "auto",
    parameters: Mapping[str, Any] | None = None,
    match: bool = False,
) -> Translation:
    """``model`` in the language ``to``: brian2, nestml, latex or markdown.

    A neuron is put on a test bench for brian2 and nestml. ``match``: let NEST's built-in models
    stand in, where one matches, instead of NESTML.

    Raises:
        DefinitionError: an unknown target, or a synapse asked for without its network.
        SimulatorMissing: the simulator or its compiler is not here.
    """
    if to not in TARGETS:
        raise DefinitionError(
            f"there is no translation to {to!r}",
            symbol=to,
            remedy=f"choose one of {', '.join(TARGETS)}",
        )
    found = load(model, **(parameters or {}))
    if to in SIMULATORS:
        return _simulator(found, to, scheme, match)
    from .definition.describe import to_latex, to_markdown

    text = to_latex(found) if to == "latex" else to_markdown(found)
    return Translation(to, {found.label: text})


def _simulator(found: Any, to: str, scheme: str, match: bool) -> Translation:
    if isinstance(found, Neuron):
        found = bench(found, size=1, duration=10.0)
    if not isinstance(found, Network):
        raise DefinitionError(
            "a synapse has a translation only in a network",
            model=found.label,
            remedy="translate a network that uses it, or choose latex or markdown",
        )
    own = {"match": match} if to == "nestml" else {}
    prepared = prepare(found, SIMULATORS[to], options=Options(scheme=scheme, simulator=own))
    return Translation(to, prepared.sources, prepared.matches)
