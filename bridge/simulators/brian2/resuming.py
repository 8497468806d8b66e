"""Plans of a run that begins with the state of another: see `state` and `plastic_state`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import DefinitionError
from ...passes.merge import Merged, Part
from ...records import replace
from .plan import GroupPlan, PlasticPlan


def restored_group(
    group: GroupPlan, parts: Mapping[str, Part], state: Mapping[str, Any] | None
) -> GroupPlan:
    """The group with the state that a run left behind.

    Raises:
        DefinitionError: the state is that of another network.
    """
    if state is None:
        return group
    names = [n for n, p in sorted(parts.items(), key=lambda i: i[1].start) if p.whole == group.name]

    def whole(key: str) -> Any:
        found = [np.asarray(state[f"{name}.{key}"]) for name in names]
        rows = max(len(f) for f in found) if found[0].ndim == 2 else 0
        padded = [np.pad(f, ((0, rows - len(f)), (0, 0))) if f.ndim == 2 else f for f in found]
        return np.concatenate(padded, axis=-1)

    try:
        restored = replace(
            group,
            initial={own: whole(s) for s, own in group.states.items()},
            left=whole("refractory_steps_left"),
            arrivals={p: whole(f"{p}.arrivals") for p in group.text.receive},
        )
    except KeyError as error:
        raise _foreign_state(group.name, f"{error} is missing") from None
    assert restored.left is not None
    if len(restored.left) != group.size:
        raise _foreign_state(group.name, f"{len(restored.left)} units")
    return restored


def as_they_were(
    plastic: tuple[PlasticPlan, ...], merged: Merged, state: Mapping[str, Any] | None
) -> tuple[tuple[PlasticPlan, ...], Mapping[str, Any]]:
    """Synapses with the states that a run left behind, and the spikes that they have not seen.

    Raises:
        DefinitionError: the state is that of another network.
    """
    if state is None or not plastic:
        return plastic, {}
    from .plastic_state import restored, trains_before

    try:
        found = tuple(restored(p, state) for p in plastic)
        return found, trains_before(merged.network, merged.parts, state)
    except KeyError as error:
        raise _foreign_state(plastic[0].name, f"{error} is missing") from None


def _foreign_state(name: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"the initial state does not belong to this network ({why})",
        symbol=name,
        remedy="use the final_state of a run of the same network",
    )
