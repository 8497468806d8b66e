"""What a synapse does at events and between them, as statements that every simulator runs.

A synapse is brought up to date (``advance``) before it handles an event; between events nothing
runs. Where no closed form exists, ``step`` holds the statements of one step of dt. Programs are
derived by `derive_synapse` once per definition, and kept on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..definition.expressions import Expression
from ..definition.model import Synapse
from ..errors import DefinitionError
from ..records import dataclass
from .kept import kept
from .program import Assign

AMPLITUDE = "amplitude"  # the temporary that `deliver` writes
BEFORE = "before_"  # a state as it was before the postsynaptic spike of the same step
ELAPSED = "elapsed"  # ms since the state was last brought up to date


@dataclass(frozen=True, eq=False)
class SynapseProgram:
    """One synapse; names in statements: states, ``parameters``, ``weight``, temporaries.

    ``advance`` reads `ELAPSED`; ``step`` (None where a closed form exists) reads ``dt_ms``. ``pre``
    assigns `AMPLITUDE`. Where two spikes that fall on one step are to be kept apart, the second of
    the two runs ``pre_apart`` or ``post_apart`` instead, which read the states in ``kept_by_post``
    or ``kept_by_pre`` by `BEFORE` names: as they were before the first one ran. ``post_reads``:
    variables of the postsynaptic neuron, read as ``V_post``. ``obstacle`` says why there is no
    closed form. ``gaps``: pairs of a state and an expression that must not be near 0.
    """

    label: str
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    advance: tuple[Assign, ...]
    step: tuple[Assign, ...] | None
    pre: tuple[Assign, ...]
    post: tuple[Assign, ...]
    events: Mapping[str, tuple[Assign, ...]]
    pre_first: bool
    pre_apart: tuple[Assign, ...]
    post_apart: tuple[Assign, ...]
    kept_by_post: tuple[str, ...]  # read by pre_apart
    kept_by_pre: tuple[str, ...]  # read by post_apart
    post_reads: tuple[str, ...]
    obstacle: str | None = None
    gaps: tuple[tuple[str, Expression], ...] = ()


@lru_cache(maxsize=256)
def synapse_program(synapse: Synapse) -> SynapseProgram:
    """The program of a synapse that delivers events."""

    def derive() -> SynapseProgram:
        from .derive_synapse import derived

        return derived(synapse)

    return kept("synapse", (synapse.hash, synapse.label), SynapseProgram, derive)


def check_gaps(program: SynapseProgram, values: Mapping[str, Any], label: str) -> None:
    """Two rates that are equal by value only would divide by 0.

    Raises:
        DefinitionError: naming the state and the difference.
    """
    from .numeric import value_of

    for state, gap in program.gaps:
        size = np.abs(value_of(gap, values))
        if np.any(size < 1e-6):
            raise DefinitionError(
                f"the closed form of what {state} drives divides by {gap}, which is "
                f"{float(np.min(size)):g}",
                model=label,
                symbol=state,
                remedy="give equal time constants one name, or let them differ more",
            )
