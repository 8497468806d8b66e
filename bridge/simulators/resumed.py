"""Where a run begins that goes on from the final state of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DefinitionError


def first_step(state: Mapping[str, Any] | None, steps: int) -> int:
    """The step that ``state`` stands for; 0 where there is none.

    Raises:
        DefinitionError: it lies at or past the end of the run.
    """
    first = 0 if state is None else int(state["step"])
    if first >= steps:
        raise DefinitionError(
            f"the initial state is that of step {first}, but the run ends at step {steps}",
            symbol="initial_state",
            remedy="ask for a duration that counts from time 0 and is longer",
        )
    return first
