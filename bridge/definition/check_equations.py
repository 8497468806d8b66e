"""Equations and statements have the dimensions of what they define."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import DefinitionError, UnitError
from ..units import ONE, TIME, Dimension
from .equations import Equation, Statement, factor_text
from .scope import dimension

if TYPE_CHECKING:
    from .model import Neuron, _Definition


def check_equations(definition: _Definition, scope: dict[str, Dimension]) -> None:
    for equation in definition.all_equations:
        if equation.expression is not None:
            check_equation(definition, equation, scope)
    no_circle(definition)


def check_equation(
    definition: _Definition, equation: Equation, scope: dict[str, Dimension]
) -> None:
    expression, line = equation.expression, str(equation)
    assert expression is not None
    noise = _drawn(equation)
    expected = equation.dimension.dimension
    if equation.kind == "differential":
        if equation.factor is not None:
            factor = dimension(definition, equation.factor, scope, line)
            expected = expected * factor if isinstance(factor, Dimension) else expected
        expected = expected / TIME
    found = dimension(definition, expression, {**scope, **noise}, line)
    if found == expected or expression.text in ("0", "0.0"):
        return
    what = str(equation).partition(" = ")[0].rpartition("*")[2]
    left = f"{factor_text(equation.factor)}{what}"
    raise UnitError(
        f"the right side has the unit {found}, but {left} needs {expected}",
        model=definition.label,
        line=line,
        symbol=equation.name,
        remedy="check the units of the terms, or the unit after the colon",
    )


def _drawn(equation: Equation) -> dict[str, Dimension]:
    """Random numbers that an equation may use: white noise, or in a map plain numbers."""
    assert equation.expression is not None
    names = equation.expression.names
    normal = [n for n in names if n == "xi" or n.startswith("xi_")]
    if equation.kind != "map":
        return dict.fromkeys(normal, TIME**-0.5) if normal else {}
    uniform = [n for n in names if n == "rand" or n.startswith("rand_")]
    return {**dict.fromkeys((*normal, *uniform), ONE), "dt": TIME}


def one_clock(neuron: Neuron) -> None:
    """Maps advance by steps, derivatives by time: a unit has one or the other."""
    maps, others = neuron.of_kind("map"), neuron.of_kind("differential")
    if maps and others:
        raise DefinitionError(
            f"{maps[0].name} is a map and {others[0].name} a differential equation",
            model=neuron.label,
            line=str(maps[0]),
            symbol=maps[0].name,
            remedy="make two populations, or write both as maps",
        )


def no_circle(definition: _Definition) -> None:
    inside = {e.name: e.expression for e in definition.of_kind("subexpression")}
    left = {n: e.names & set(inside) for n, e in inside.items() if e is not None}
    while left:
        ready = [n for n, needs in left.items() if not needs & set(left)]
        if not ready:
            names = " and ".join(sorted(left))
            raise DefinitionError(
                f"the subexpressions {names} are defined by each other",
                model=definition.label,
                symbol=min(left),
                remedy="write one of them without the other",
            )
        for name in ready:
            del left[name]


def check_statement(
    definition: _Definition, statement: Statement, scope: Mapping[str, Dimension]
) -> None:
    line = str(statement)
    writable = set(definition.states)
    if statement.target not in writable:
        raise DefinitionError(
            f"{statement.target!r} is not a state variable and cannot be assigned",
            model=definition.label,
            line=line,
            symbol=statement.target,
            remedy=f"states are {', '.join(sorted(writable)) or '(none)'}",
        )
    found = dimension(definition, statement.expression, scope, line)
    expected = scope[statement.target] if statement.op in ("=", "+=", "-=") else ONE
    if found != expected and statement.expression.text not in ("0", "0.0"):
        raise UnitError(
            f"{statement.target} {statement.op} needs {expected}, not {found}",
            model=definition.label,
            line=line,
            symbol=statement.expression.text,
            remedy="check the unit of the statement's right side",
        )
