"""Names that Brian2 can bear: what is reserved there is written with a prefix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ...definition.dialect import Dialect, spell
from ...definition.expressions import Expression
from ...records import dataclass, field

PREFIX = "m_"
# C++ keywords, sympy's own names and names that Brian2 gives to every group
_TAKEN = frozenset(
    """
    E I N O Q S alignas alignof and and_eq asm auto beta bitand bitor bool case catch cdef char
    class compl const const_cast constexpr cpdef ctypedef decltype default delay delete do
    double dt dynamic_cast enum explicit export extern false float friend gamma goto i im
    include inline int j lastspike long mutable namespace new noexcept not_eq not_refractory
    nullptr numpy operator or_eq poisson private protected public rand randn re refractory
    refractory_period register reinterpret_cast short signed sizeof static static_assert
    static_cast struct switch t template this thread_local throw true typedef typeid typename
    union unsigned using virtual void volatile wchar_t weight xor xor_eq zeta
    """.split()  # noqa: SIM905 - a list of words
)


@cache
def brian_name(name: str) -> str:
    """``name``, or ``m_name`` where Brian2 or one of its code generators would misread it."""
    if name.endswith(("_pre", "_post")):  # Brian2 reads these as the two sides of a synapse
        name += "_own"
    return PREFIX + name if _reserved(name) else name


def _reserved(name: str) -> bool:
    from brian2.equations.equations import Equations

    if name in _TAKEN or name.startswith(("xi_", PREFIX)):
        return True
    if name.startswith("_"):
        return False
    try:
        Equations.check_identifier(name)
    except (ValueError, SyntaxError):
        return True
    return False


def object_name(*parts: str) -> str:
    """A unique name of a Brian2 object; the same in every run, so that compiled code is reused."""
    return "sb_" + re.sub(r"\W", "_", "_".join(parts)) + "*"


@dataclass(frozen=True)
class Spelling:
    """How statements are written for Brian2.

    Names in ``post`` belong to the postsynaptic neuron. Names in ``units`` are quantities there:
    they are read as ``V*in_mV`` and written as ``(...)*as_mV``; all others are plain numbers in
    ms, mV, pA. ``t`` (ms, start of the step) is counted in whole steps of ``dt``, so that it is the
    same number as k*dt elsewhere. ``given``: names with a text of their own.
    """

    dt: float
    post: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def name(self, name: str) -> str:
        """The variable's name."""
        if name == "weight":
            return name
        return brian_name(name) + ("_post" if name in self.post else "")

    def read(self, name: str) -> str:
        """The variable's number."""
        if name in self.given:
            return self.given[name]
        if name == "t":
            return f"(t_in_timesteps*{self.dt!r})"
        own = self.name(name)
        return f"({own}*in_{self.units[name]})" if name in self.units else own

    def show(self, expression: Expression) -> str:
        """An expression as text."""
        return spell(expression, Dialect(templates=_TEMPLATES, rename=self.read))

    def value(self, target: str, expression: Expression) -> str:
        """An expression as text, with the unit of ``target``."""
        shown = self.show(expression)
        return f"({shown})*as_{self.units[target]}" if target in self.units else shown


_TEMPLATES = {
    "pow": "(({0})**({1}))",
    "mod": "(({0}) % ({1}))",
    "min": "clip({0}, -inf, {1})",
    "max": "clip({0}, {1}, inf)",
}
