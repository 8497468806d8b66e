"""PyNN's synapses with states as definitions, and what a backend makes of them: synapses.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...definition.expressions import Expression, parse
from ...passes.synapse_catalog import SynapseCatalogue


@dataclass(frozen=True)
class PlayedSynapse:
    """What a backend makes of a synapse.

    ``forms`` of the entry that it plays, ``otherwise`` why no other. ``dependences`` on the weight
    that its STDP has, ``dependence_missing`` why no other. ``delays``: "any", "dendritic" or
    "axonal", ``delays_why``. ``one``: parameters that are one for all connections onto a
    population. ``options`` of the backend that it needs, ``options_why``. ``limits``: what the
    numbers must fulfil, each with the reason. ``departures`` from the contract.
    """

    forms: tuple[str, ...]
    otherwise: str
    dependences: tuple[str, ...]
    dependence_missing: str
    delays: str
    delays_why: str
    one: tuple[str, ...]
    options: Mapping[str, Any]
    options_why: str
    limits: tuple[tuple[Expression, str], ...]
    departures: tuple[str, ...]


@lru_cache(maxsize=1)
def _text() -> str:
    return Path(__file__).with_name("synapses.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(_text())


@lru_cache(maxsize=1)
def synapse_catalogue() -> SynapseCatalogue:
    """The synapses as `passes.match_dynamic` wants them."""
    return SynapseCatalogue(_text(), owner="pynn")


def played_synapse(name: str, backend: str) -> PlayedSynapse:
    """What ``backend`` makes of ``name``."""
    found = _tables()["played"][name][backend]
    return PlayedSynapse(
        forms=tuple(found["forms"]),
        otherwise=found.get("otherwise", ""),
        dependences=tuple(found.get("dependences", ())),
        dependence_missing=found.get("dependence_missing", ""),
        delays=found["delays"],
        delays_why=found.get("delays_why", ""),
        one=tuple(found.get("one", ())),
        options=found.get("options", {}),
        options_why=found.get("options_why", ""),
        limits=tuple((parse(text), why) for text, why in found.get("limits", ())),
        departures=tuple(found["departures"]),
    )
