"""Equation text as Brian2 writes it: differential equations, subexpressions, statements."""

from __future__ import annotations

import re

from ..errors import DefinitionError, UnitError
from ..records import dataclass
from ..units import Unit, parse_unit
from .expressions import Expression, parse

_NAME = r"[A-Za-z]\w*"
_ODE = re.compile(rf"^(?:(?P<factor>.+?)\s*\*\s*)?d(?P<name>{_NAME})\s*/\s*dt$", re.DOTALL)
_MAP = re.compile(rf"^(?P<name>{_NAME})\s*\(\s*t\s*\+\s*1\s*\)$")
_ASSIGNS = re.compile(r"(?<![<>=!+\-*/])=(?!=)")
_STATEMENT = re.compile(
    rf"^(?P<target>{_NAME})\s*(?P<op>[+\-*/]?=)(?!=)\s*(?P<value>.+)$", re.DOTALL
)

_DELIVER = re.compile(r"^deliver\s*\((?P<value>.+)\)$", re.DOTALL)


@dataclass(frozen=True)
class Equation:
    """One line of equation text.

    ``kind`` is ``"differential"`` (d name/dt = expression), ``"map"`` (name(t+1) = expression, a
    step of the grid later), ``"subexpression"``
    (name = expression) or ``"parameter"`` (name alone). ``factor`` is what stands before the
    derivative, as in ``tau_m*dV/dt = ...``.
    """

    kind: str
    name: str
    unit: str
    expression: Expression | None = None
    factor: Expression | None = None
    line: int = 0

    @property
    def dimension(self) -> Unit:
        return parse_unit(self.unit)

    def __str__(self) -> str:
        if self.kind == "parameter":
            return f"{self.name} : {self.unit}"
        head = self.name
        if self.kind == "differential":
            head = f"{factor_text(self.factor)}d{self.name}/dt"
        if self.kind == "map":
            head = f"{self.name}(t+1)"
        return f"{head} = {self.expression} : {self.unit}"


def factor_text(factor: Expression | None) -> str:
    """``tau_m*``, ``(a + b)*``, or nothing."""
    if factor is None:
        return ""
    return f"{factor}*" if re.fullmatch(_NAME, factor.text) else f"({factor})*"


def parse_equations(text: str, *, model: str | None = None) -> tuple[Equation, ...]:
    """Equations of ``text``, one per line ``lhs = rhs : unit``; long lines may be wrapped.

    Raises:
        DefinitionError: with the line's number and text.
    """
    if not isinstance(text, str):
        raise DefinitionError(
            f"the equations are {text!r}, not text",
            model=model,
            symbol="equations",
            remedy="write `dV/dt = ... : mV`, one equation a line",
        )
    found = [_equation(line, number, model) for number, line in _logical_lines(text, model)]
    seen: dict[str, int] = {}
    for equation in found:
        if equation.name in seen:
            raise DefinitionError(
                f"{equation.name!r} is defined twice (equation lines {seen[equation.name]} and "
                f"{equation.line})",
                model=model,
                line=equation.line,
                symbol=equation.name,
                remedy="remove one of the two",
            )
        seen[equation.name] = equation.line
    return tuple(found)


def _logical_lines(text: str, model: str | None) -> list[tuple[int, str]]:
    """Lines without comments; a line goes on until its brackets close and its unit is there."""
    lines: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        if not pending:
            start = number
        elif _ASSIGNS.search(line):
            break
        pending = f"{pending} {line}".strip()
        if ":" in line and pending.count("(") == pending.count(")"):
            lines.append((start, pending))
            pending = ""
    if pending.count("(") != pending.count(")"):
        raise DefinitionError(
            "the brackets do not pair up",
            model=model,
            line=pending,
            symbol="(" if pending.count("(") > pending.count(")") else ")",
            remedy="close every bracket that is opened",
        )
    if pending:
        raise DefinitionError(
            "an equation has no unit",
            model=model,
            line=pending,
            remedy="end it with a colon and its unit, e.g. `dV/dt = -V/tau : mV`",
        )
    return lines


def _equation(line: str, number: int, model: str | None) -> Equation:
    body, _, unit = line.rpartition(":")
    unit = unit.strip()
    try:
        parse_unit(unit)
    except UnitError as error:
        raise error.at(model=model, line=line, symbol=unit) from None
    left, equals, right = (part.strip() for part in body.partition("="))
    if not equals:
        _plain_name(left, line, model)
        return Equation("parameter", left, unit, line=number)
    expression = parse(right, model=model, line=line)
    iterated = _MAP.match(left)
    if iterated is not None:
        return Equation("map", iterated["name"], unit, expression, line=number)
    derivative = _ODE.match(left)
    if derivative is None:
        _plain_name(left, line, model)
        return Equation("subexpression", left, unit, expression, line=number)
    factor = derivative["factor"]
    shown = parse(factor, model=model, line=line) if factor else None
    return Equation("differential", derivative["name"], unit, expression, shown, number)


def _plain_name(text: str, line: str, model: str | None) -> None:
    if not re.fullmatch(_NAME, text):
        raise DefinitionError(
            f"the left side {text!r} is neither a name nor a derivative",
            model=model,
            line=line,
            remedy="write `dx/dt = ... : unit` or `x = ... : unit`",
        )


@dataclass(frozen=True)
class Statement:
    """``target op expression`` with op one of = += -= *= /=; or ``deliver(expression)``."""

    target: str
    op: str
    expression: Expression

    def __str__(self) -> str:
        if self.delivers:
            return f"deliver({self.expression})"
        return f"{self.target} {self.op} {self.expression}"

    @property
    def delivers(self) -> bool:
        """Whether the statement sends an event to the postsynaptic port."""
        return self.op == "deliver"


def parse_statements(text: str, *, model: str | None = None) -> tuple[Statement, ...]:
    """Statements separated by newlines or semicolons.

    Raises:
        DefinitionError: a line that assigns nothing.
    """
    found = []
    for raw in re.split(r"[;\n]", text):
        line = raw.split("#", 1)[0].strip()
        if line:
            found.append(_statement(line, model))
    return tuple(found)


def _statement(line: str, model: str | None) -> Statement:
    delivered = _DELIVER.match(line)
    if delivered:
        return Statement("", "deliver", parse(delivered["value"], model=model, line=line))
    match = _STATEMENT.match(line)
    if not match:
        raise DefinitionError(
            f"{line!r} assigns nothing",
            model=model,
            line=line,
            remedy="write e.g. `V = V_reset` or `g += weight`",
        )
    value = parse(match["value"], model=model, line=line)
    return Statement(match["target"], match["op"], value)
