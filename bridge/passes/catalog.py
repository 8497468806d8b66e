"""A simulator's built-in models in the definition language, as its catalogue file says."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, overload

from ..definition.expressions import Expression, parse
from ..definition.model import Neuron
from ..records import dataclass, field

PREFIX = "$"  # no user's name starts with it


@dataclass(frozen=True)
class Receptor:
    """Where a port of a built-in sits, and the sign that its weight must have there (0: any)."""

    number: int
    sign: int


@dataclass(frozen=True, eq=False)
class Entry:
    """One form of one built-in model; names are the simulator's own, see the catalogue file.

    ``schemes``: the schemes of the contract under which a step of the built-in is the contract's
    step (``exact``), or "native" where the simulator's own solver integrates it.
    """

    name: str
    neuron: Neuron
    receptors: Mapping[str, Receptor]
    recordables: Mapping[str, str]
    settable: frozenset[str]
    current: Mapping[str, str]
    schemes: tuple[str, ...]
    exact: bool
    caveats: tuple[str, ...]
    free: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    limits: tuple[Expression, ...] = ()
    nonlinear: tuple[str, ...] = ()
    clipped: bool = False
    rule: str = "threshold"
    fixed: Mapping[str, Any] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    reductions: tuple[Mapping[str, Any], ...] = ()
    form: str = ""


class Catalogue(Sequence[Entry]):
    """The entries of a catalogue file, in its order; read when they are looked at.

    ``key`` is a hash of its text.

    Args:
        text: TOML, as ``simulators/nest/catalog.toml``.
        owner: whose built-ins they are; errors name it.

    Raises:
        DefinitionError: an entry's definition is wrong.
    """

    def __init__(self, text: str, owner: str = "nest") -> None:
        self._text = text
        self._owner = owner
        self.key = hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        items = tomllib.loads(self._text)["builtin"]
        return tuple(_entry(dict(item), self._owner) for item in items)

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self.entries[index]


def _entry(item: dict[str, Any], owner: str) -> Entry:
    ports: dict[str, Any] = {n: dict(p) for n, p in item.pop("ports").items()}
    receptors = {
        n: Receptor(p.pop("receptor"), p.pop("sign")) for n, p in ports.items() if "receptor" in p
    }
    name = item.pop("name")
    neuron = Neuron(
        name=f"{owner}/{name}",
        equations=item.pop("equations"),
        parameters=item.pop("parameters"),
        ports=ports,
        spike=item.pop("spike"),
    )
    return Entry(
        name=name,
        neuron=neuron,
        receptors=receptors,
        settable=frozenset(item.pop("settable")),
        limits=tuple(parse(text) for text in item.pop("limits")),
        schemes=tuple(item.pop("schemes")),
        caveats=tuple(item.pop("caveats")),
        free=tuple(item.pop("free")),
        positive=tuple(item.pop("positive")),
        nonlinear=tuple(item.pop("nonlinear", ())),
        reductions=tuple(item.pop("reductions", ())),
        **item,
    )
