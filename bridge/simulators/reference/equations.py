"""The equations of one neuron as functions of time and state, for the adaptive mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from ...definition.algebra import show, written
from ...definition.model import Neuron
from ...passes.closures import Block, Evaluator, closure, run
from ...passes.steps import shared
from ...passes.system import System
from ..base import refuse


@dataclass(frozen=True, eq=False)
class Equations:
    """``rates``: dx/dt of every state, after the statements ``common``.

    ``event`` is >= 0 where the spike condition holds; ``receive`` and ``effects`` are statements.
    """

    states: tuple[str, ...]
    common: Block
    rates: tuple[Evaluator, ...]
    event: Evaluator | None
    receive: Mapping[str, Block]
    effects: Block
    refractory: Evaluator | None
    clamp: tuple[str, ...]
    ports: tuple[str, ...]
    recordables: Mapping[str, Evaluator]

    def rates_at(self, scope: dict[str, Any]) -> list[Any]:
        """dx/dt where the names have the values in ``scope``, which is written."""
        run(self.common, scope)
        return [rate(scope) for rate in self.rates]


def equations_of(neuron: Neuron) -> Equations:
    """The functions of ``neuron``.

    Raises:
        Unsupported: white noise, or a condition that is not made of comparisons.
    """
    system = System(neuron)
    if system.noise:
        raise refuse(
            "the adaptive reference",
            f"white noise ({', '.join(system.noise)})",
            "its steps are not fixed",
            'run it with mode = "fixed"',
        )
    temporaries, rates = shared(dict(system.drift), "common_")
    spike = neuron.spike
    condition = system.expand(spike.condition) if spike else None
    refractory = system.expand(spike.refractory) if spike and spike.refractory else None
    return Equations(
        states=neuron.states,
        common=_block(temporaries),
        rates=tuple(closure(written(rates[s])) for s in neuron.states),
        event=None if condition is None else event_of(condition),
        receive={n: _block(system.statements(neuron.ports[n].receive)) for n in neuron.spike_ports},
        effects=_block(system.statements(spike.effects)) if spike else (),
        refractory=None if refractory is None else closure(written(refractory)),
        clamp=spike.clamp if spike and spike.refractory else (),
        ports=neuron.continuous_ports,
        recordables={n: closure(written(e)) for n, e in system.subexpressions.items()},
    )


def _block(statements: Any) -> Block:
    return tuple((s.target, closure(s.value)) for s in statements)


def event_of(condition: Any) -> Evaluator:
    """A continuous function that is >= 0 exactly where ``condition`` holds (on its border: 0)."""
    match condition:
        case sympy.Ge() | sympy.Gt():
            return closure(written(condition.lhs - condition.rhs))
        case sympy.Le() | sympy.Lt():
            return closure(written(condition.rhs - condition.lhs))
        case sympy.And():
            return _joined(min, [event_of(c) for c in condition.args])
        case sympy.Or():
            return _joined(max, [event_of(c) for c in condition.args])
    raise refuse(
        "the adaptive reference",
        f"the condition {show(condition)}",
        "it has no border that can be searched for",
        "write it with <, <=, >, >=, and, or",
    )


def _joined(join: Callable[..., Any], parts: list[Evaluator]) -> Evaluator:
    return lambda scope: join(float(np.asarray(part(scope))) for part in parts)


def equations_text(neuron: Neuron) -> str:
    """What the adaptive mode solves, as text."""
    lines = [f"# {neuron.label}, solved with adaptive steps; spikes are roots, off the grid"]
    lines += [str(e) for e in neuron.all_equations]
    if neuron.spike:
        lines.append(f"spike if {neuron.spike.condition}:")
        lines += [f"    {s}" for s in neuron.spike.effects]
    return "\n".join(lines) + "\n"
