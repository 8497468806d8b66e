"""Whether a signal depends on nothing but states that take whole numbers: by algebra."""

from __future__ import annotations

import sympy

from ..definition.algebra import free_names, symbol, truth
from ..definition.model import Neuron, Synapse
from .graded import signal_of
from .system import System


def reads_whole_states(synapse: Synapse, pre: Neuron) -> bool:
    """Whether all that ``synapse`` reads of a unit of ``pre`` are such states, or choices."""
    system = System(pre)
    signal = signal_of(synapse, pre)
    value = signal.value.sympy(system.declared | {*signal.parameters})
    read = free_names(_with_choices(value)) & {*pre.states, "t"}
    return read <= _whole(system)


def _whole(system: System) -> set[str]:
    """The states that stay whole numbers, if they start so."""
    whole = set(system.maps)
    while True:
        kept_whole = {n for n in whole if _stays_whole(system.maps[n], whole)}
        if kept_whole == whole:
            return whole
        whole = kept_whole


def _stays_whole(value: sympy.Expr, whole: set[str]) -> bool:
    value = sympy.expand(_with_choices(value))
    choices = value.atoms(sympy.Dummy)
    if not value.is_polynomial(*choices, *map(symbol, whole)):
        return False
    terms = sympy.Add.make_args(value)
    numbers = [term.as_coeff_Mul() for term in terms]
    left = set().union(*(t.free_symbols for _, t in numbers)) - choices
    return {s.name for s in left} <= whole and all(c == int(c) for c, _ in numbers)


def _with_choices(value: sympy.Expr) -> sympy.Expr:
    """``value`` with a symbol for every int(condition)."""
    return value.xreplace({a: sympy.Dummy("choice", real=True) for a in value.atoms(truth)})
