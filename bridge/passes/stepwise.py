"""Signals that change at few steps: functions of states that take whole numbers.

A binary unit's A(t+1) = int(...)*int(...) + int(...)*A is one, and so is what reads A alone or only
whether a state is above a threshold. Such a signal is best sent when it changes.
"""

from __future__ import annotations

from ..definition.model import Neuron, Synapse
from ..records import dataclass
from .kept import kept


@dataclass(frozen=True)
class _Answer:
    yes: bool


def is_stepwise(synapse: Synapse, pre: Neuron) -> bool:
    """Whether what a unit of ``pre`` sends along a graded ``synapse`` changes at few steps."""
    key = (synapse.hash, pre.hash)
    return kept("stepwise", key, _Answer, lambda: _Answer(_derived(synapse, pre))).yes


def _derived(synapse: Synapse, pre: Neuron) -> bool:
    from .whole import reads_whole_states

    return reads_whole_states(synapse, pre)
