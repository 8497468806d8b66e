"""What theory says of a synapse definition, as plain data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...definition.model import Synapse
from ...errors import DefinitionError
from .drift import drift, fixed_point_form
from .release import release

RATE = 20.0  # Hz, at which a steady state is shown


def synapse_summary(synapse: Synapse) -> dict[str, Any]:
    """The drift of the weight, or the steady state of what is released at `RATE`.

    Raises:
        DefinitionError: the synapse has neither.
    """
    told: dict[str, Any] = {"model": synapse.label, "kind": "synapse"}
    try:
        found = drift(synapse)
    except DefinitionError as no_weight:
        if not synapse.is_dynamic:
            raise
        try:
            return told | {"release": {t: _released(synapse, t) for t in ("poisson", "regular")}}
        except DefinitionError:
            raise no_weight from None
    return told | {
        "state": found.state,
        "drift": found.text,
        "fixed_point": fixed_point_form(found),
        "notes": list(found.notes),
    }


def _released(synapse: Synapse, train: str) -> dict[str, Any]:
    found = release(synapse, RATE, train)
    return {
        "rate": RATE,
        "amplitude": found.amplitude,
        "states": dict(found.states),
        "form": found.text,
    }


def synapse_lines(told: Mapping[str, Any]) -> list[str]:
    """The summary as text."""
    if "drift" in told:
        return [
            f"{told['model']}: under Poisson spikes of rates nu_pre and nu_post (1/ms)",
            f"  d<{told['state']}>/dt = {told['drift']} per ms",
            f"  stays at {told['fixed_point']}",
            *(f"  {n}" for n in told["notes"]),
        ]
    shown = [f"{told['model']}: steady state at weight 1"]
    for train, r in told["release"].items():
        states = ", ".join(f"{n} = {v:.8g}" for n, v in r["states"].items())
        shown.append(f"  {r['rate']:g} Hz, {train}: delivers {r['amplitude']:.8g} ({states})")
        shown.append(f"    {r['form']}")
    return shown
