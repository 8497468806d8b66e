"""Recognise synapses that only pass their weight on, times a factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ..definition.algebra import show
from ..definition.evaluate import evaluate
from ..definition.expressions import Expression, parse
from ..definition.model import Synapse
from ..records import dataclass
from .dynamics import WEIGHT, exact
from .matched import NoMatch
from .substitute import inlined
from .unknowns import tidy
from .words import shown


@dataclass(frozen=True)
class SynapseMatch:
    """The simulator's synapse ``builtin`` with weights ``factor`` * weight."""

    label: str
    builtin: str
    factor: Expression

    @property
    def text(self) -> str:
        scale = "" if self.factor.text in ("1", "1.0") else f" with weights times {self.factor}"
        return f"{self.label} == {self.builtin}{scale}"

    def weight_factor(self, values: Mapping[str, Any]) -> Any:
        """What weights are multiplied with; ``values``: the synapse's parameters."""
        return evaluate(self.factor, values)


def match_synapse(synapse: Synapse, static: str = "static_synapse") -> SynapseMatch | NoMatch:
    """``static`` where an event of the synapse is its weight times parameters, and nothing else.

    A synapse with states that `lump` moves into the neuron is static after that pass.
    """
    reason = _dynamics(synapse)
    if reason is not None or synapse.deliver is None:
        return NoMatch(synapse.label, static, (reason or "it delivers no events",))
    declared = {e.name for e in synapse.all_equations} | {*synapse.parameters, "weight"}
    amount = exact(inlined(synapse, synapse.deliver).sympy(declared))
    factor = sympy.cancel(amount / WEIGHT)
    foreign = sorted(s.name for s in factor.free_symbols if s.name not in declared - {"weight"})
    if foreign:
        what = f"it delivers {shown(amount)}, which is not the weight times parameters"
        return NoMatch(synapse.label, static, (what,))
    return SynapseMatch(synapse.label, static, parse(show(tidy(factor))))


def _dynamics(synapse: Synapse) -> str | None:
    if synapse.states:
        return f"it has the states {', '.join(synapse.states)}"
    if synapse.on_pre or synapse.on_post:
        return "spikes change it"
    if synapse.coupling is not None:
        return "it is coupled continuously"
    return None
