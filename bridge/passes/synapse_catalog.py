"""A simulator's built-in synapses in the definition language, as its catalogue file says."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..definition.expressions import Expression, parse
from ..definition.model import Synapse
from ..records import dataclass, field


@dataclass(frozen=True, eq=False)
class SynapseEntry:
    """One form of one built-in synapse; what the fields mean stands in the catalogue file."""

    name: str
    synapse: Synapse
    form: str = ""
    variant: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    exponents: tuple[str, ...] = ()
    rest: Mapping[str, Expression] = field(default_factory=dict)
    start: Mapping[str, Expression] = field(default_factory=dict)
    after: Mapping[str, Expression] = field(default_factory=dict)
    neuron: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    limits: tuple[Expression, ...] = ()
    fixed: Mapping[str, float] = field(default_factory=dict)

    @property
    def weight(self) -> str:
        """The parameter or state that is the simulator's weight."""
        named = [state for state, key in self.keys.items() if key == "weight"]
        return named[0] if named else "weight_"

    @property
    def traces(self) -> tuple[str, ...]:
        """States that the postsynaptic neuron keeps."""
        return tuple(s for s in self.synapse.states if s not in self.after)


class SynapseCatalogue:
    """The entries of a catalogue file; ``key`` is a hash of its text.

    Args:
        text: TOML, as ``simulators/nest/synapses.toml``.
        owner: whose built-ins they are; errors name it.

    Raises:
        DefinitionError: an entry's definition is wrong.
    """

    def __init__(self, text: str, owner: str = "nest") -> None:
        self._text = text
        self._owner = owner
        self.key = hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def entries(self) -> tuple[SynapseEntry, ...]:
        """All entries in the order of the file."""
        return tuple(
            _entry(dict(item), self._owner) for item in tomllib.loads(self._text)["synapse"]
        )

    def of(self, name: str, form: str) -> SynapseEntry:
        """The entry of that name and form."""
        return next(e for e in self.entries if (e.name, e.form) == (name, form))


def status_key(parameter: str) -> str:
    """The simulator's name of an entry's parameter: ``lambda_`` is not allowed to be ``lambda``."""
    return parameter.removesuffix("_")


def _entry(item: dict[str, Any], owner: str) -> SynapseEntry:
    name = item.pop("name")
    parts = ("equations", "on_pre", "on_post", "deliver", "coincident", "parameters")
    synapse = Synapse(name=f"{owner}/{name}", **{p: item.pop(p) for p in parts if p in item})
    read: dict[str, Any] = {t: _expressions(item.pop(t, {})) for t in ("rest", "start", "after")}
    read |= {t: tuple(item.pop(t, ())) for t in ("exponents", "neuron", "common", "signed")}
    read["limits"] = tuple(parse(text) for text in item.pop("limits", ()))
    return SynapseEntry(name, synapse, **read, **item)


def _expressions(table: Mapping[str, str]) -> dict[str, Expression]:
    return {name: parse(text) for name, text in table.items()}
