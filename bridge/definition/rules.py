"""A connection rule: its kind and its parameters, checked when it is made."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DefinitionError
from ..records import dataclass

Integers = NDArray[np.int64]

# kind -> the parameters it needs; each rule has exactly these
KINDS: dict[str, tuple[str, ...]] = {
    "all_to_all": (),
    "one_to_one": (),
    "fixed_probability": ("p",),
    "fixed_indegree": ("indegree",),
    "fixed_outdegree": ("outdegree",),
    "fixed_total_number": ("number",),
    "pairwise_list": ("sources", "targets"),
}
PARAMETERS = tuple(dict.fromkeys(name for names in KINDS.values() for name in names))


@dataclass(frozen=True, eq=False)
class Rule:
    """How one population projects to another; equal if kind, parameters and flags are equal.

    `all_to_all`, `one_to_one`, `fixed_probability` (each pair on its own with probability `p`),
    `fixed_indegree` (each target draws `indegree` sources), `fixed_outdegree` (each source draws
    `outdegree` targets), `fixed_total_number` (`number` pairs), `pairwise_list` (`sources[k]` to
    `targets[k]`, 0-based indices within the populations).

    `autapses` allows a unit to connect to itself, `multapses` allows a pair to be drawn more than
    once; both are allowed unless said otherwise, as in NEST. Only the degree, number and list
    rules can make multapses.

    Raises:
        DefinitionError: unknown kind, missing or superfluous parameter, value out of range.
    """

    kind: str
    p: float | None = None
    indegree: int | None = None
    outdegree: int | None = None
    number: int | None = None
    sources: ArrayLike | None = None
    targets: ArrayLike | None = None
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        _check_names(self)
        for name in KINDS[self.kind]:
            value = getattr(self, name)
            if self.kind == "pairwise_list":
                checked: Any = _indices(name, value)
            else:
                checked = _probability(value) if name == "p" else _count(name, value)
            object.__setattr__(self, name, checked)
        for name in ("autapses", "multapses"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise DefinitionError(
                    f"{name} is {getattr(self, name)!r}", symbol=name, remedy="give true or false"
                )
            object.__setattr__(self, name, bool(getattr(self, name)))
        if self.kind == "pairwise_list":
            sources, targets = self.listed()
            if len(sources) != len(targets):
                raise DefinitionError(
                    f"{len(sources)} sources do not pair with {len(targets)} targets",
                    symbol="sources",
                    remedy="give one target for each source",
                )

    def parameters(self) -> dict[str, Any]:
        """The rule's own parameters, and each flag that is not at its default."""
        own = {name: getattr(self, name) for name in KINDS[self.kind]}
        flags = {name: False for name in ("autapses", "multapses") if not getattr(self, name)}
        return own | flags

    def number_of(self, name: str) -> float:
        """A scalar parameter that rules of this kind have."""
        return float(getattr(self, name))

    def listed(self) -> tuple[Integers, Integers]:
        """Sources and targets of a `pairwise_list`."""
        return np.asarray(self.sources, np.int64), np.asarray(self.targets, np.int64)

    def content(self) -> tuple[Any, ...]:
        """Hashable content, the same for equal rules in every process; lists by their SHA-256."""
        own = (
            hashlib.sha256(value.tobytes()).hexdigest() if isinstance(value, np.ndarray) else value
            for value in (getattr(self, name) for name in KINDS[self.kind])
        )
        return (self.kind, *own, self.autapses, self.multapses)

    def __eq__(self, other: object) -> bool:
        return self.content() == other.content() if isinstance(other, Rule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.content())


def _check_names(rule: Rule) -> None:
    if rule.kind not in KINDS:
        raise DefinitionError(
            f"unknown connection rule {rule.kind!r}",
            symbol=str(rule.kind),
            remedy=f"choose one of {', '.join(KINDS)}",
        )
    needed = KINDS[rule.kind]
    has = ", ".join(needed) or "no parameters"
    for name in PARAMETERS:
        given = getattr(rule, name) is not None
        if given != (name in needed):
            raise DefinitionError(
                f"{rule.kind} {'takes no' if given else 'needs'} {name}",
                symbol=name,
                remedy=f"{rule.kind} has {has}",
            )


def _probability(value: object) -> float:
    if _is_number(value) and 0.0 <= float(value) <= 1.0:  # type: ignore[arg-type]
        return float(value)  # type: ignore[arg-type]
    raise DefinitionError(
        f"the connection probability p is {value!r}", symbol="p", remedy="give 0 <= p <= 1"
    )


def _count(name: str, value: object) -> int:
    """A whole number; a float counts if it is one up to rounding, as `0.1 * N` is."""
    if _is_number(value) and math.isfinite(float(value)):  # type: ignore[arg-type]
        number = float(value)  # type: ignore[arg-type]
        if number > -0.5 and abs(number - round(number)) <= 1e-9 * max(1.0, number):
            return round(number)
    raise DefinitionError(
        f"{name} is {value!r}", symbol=name, remedy=f"give {name} as a whole number, 0 or more"
    )


def _indices(name: str, value: ArrayLike) -> Integers:
    array = np.asarray(value)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DefinitionError(
            f"{name} of pairwise_list are not a flat list of whole numbers",
            symbol=name,
            remedy="give 0-based indices within the population",
        )
    array = array.astype(np.int64)
    array.flags.writeable = False
    return array


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
