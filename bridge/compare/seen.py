"""What an explanation looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from ..results.columns import Columns
from .pairs import Pair


@dataclass(frozen=True)
class Cause:
    """``rule`` is a short name of the contract's rule, ``text`` what was seen and what it means."""

    rule: str
    text: str


@dataclass(frozen=True, eq=False)
class Seen:
    """What the explanations look at: the pair and the two results it was made from."""

    pair: Pair
    base: Columns
    other: Columns
