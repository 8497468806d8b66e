"""Which synapses can be lumped, and why the others cannot; what is found is kept on disk."""

from __future__ import annotations

from functools import lru_cache

from ..definition.model import Synapse
from ..records import dataclass
from .kept import kept
from .substitute import inlined


@dataclass(frozen=True)
class _Finding:
    reason: str | None


@lru_cache(maxsize=256)
def obstacle(synapse: Synapse) -> str | None:
    """Why the states of ``synapse`` cannot move to the postsynaptic neuron; None if they can.

    They can where ds/dt = A s, where presynaptic spikes add amounts that do not depend on s, where
    nothing else changes s, and where the coupling is a sum of the states times the weight (or
    where the weight is in the added amounts instead). A and the factors of the states may depend
    on parameters and on variables of the postsynaptic neuron, which all its synapses share: then
    sum_j w_ij s_ij f(V_i) = f(V_i) sum_j w_ij s_ij.
    """

    def find() -> _Finding:
        from .obstacles import found_obstacle

        return _Finding(found_obstacle(synapse))

    return _unfit(synapse) or kept("obstacle", (synapse.hash,), _Finding, find).reason


def _unfit(synapse: Synapse) -> str | None:
    """Why it is not even of the form; without algebra, as most synapses have no states."""
    if not synapse.states:
        return "it has no state"
    if synapse.coupling is None:
        return "its states do not feed the port continuously"
    if any(s.delivers for s in synapse.before):
        return "it delivers events as well"
    if synapse.on_post:
        return f"postsynaptic spikes change it: `{synapse.on_post[0]}`"
    if synapse.events:
        return f"third factors change it: {', '.join(synapse.events)}"
    return None


def weight_scales(synapse: Synapse) -> bool:
    """Whether the weight multiplies the states in the coupling (else it is in ``on_pre``)."""
    assert synapse.coupling is not None
    return "weight" in inlined(synapse, synapse.coupling).names
