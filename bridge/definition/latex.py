"""Expressions and equations as LaTeX, in the order and with the brackets their author wrote."""

from __future__ import annotations

import ast
import re

from .areas import JOINT, flat_path
from .equations import Equation, Statement
from .expressions import Expression

_SMALL = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
)
_LARGE = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi")
_GREEK = frozenset((*_SMALL, "omega", *_LARGE, "Omega"))
_KNOWN = frozenset(
    ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "min", "max")
)
_OPERATORS: dict[type, str] = {
    ast.Add: " + ",
    ast.Sub: " - ",
    ast.Mod: r" \bmod ",
    ast.Lt: " < ",
    ast.LtE: r" \le ",
    ast.Gt: " > ",
    ast.GtE: r" \ge ",
    ast.Eq: " = ",
    ast.NotEq: r" \ne ",
    ast.And: r" \wedge ",
    ast.Or: r" \vee ",
}
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 3, 4, 5, 6, 9


def name_latex(name: str) -> str:
    r"""``tau_ref`` -> ``\tau_{\mathrm{ref}}``; ``V1__w``, of an area, ``w^{\mathrm{V1}}``."""
    areas, joint, name = name.rpartition(JOINT)
    if joint and areas:
        return rf"{{{name_latex(name)}}}^{{\mathrm{{{flat_path(areas)}}}}}"
    name = f"{areas}{joint}{name}"
    base, _, below = name.partition("_")
    if not below and (parts := re.fullmatch(r"([A-Za-z]+)(\d+)", base)):
        base, below = parts.groups()
    elif parts := re.fullmatch(r"([A-Za-z])(\d+)", base):  # A3_plus
        base, below = parts[1], f"{parts[2]}_{below}"
    upright = base if len(base) == 1 else rf"\mathrm{{{base}}}"
    shown = rf"\{base}" if base in _GREEK else upright
    if not below:
        return shown
    inner = ",".join(rf"\{part}" if part in _GREEK else part for part in below.split("_"))
    return rf"{shown}_{{{inner}}}" if len(inner) == 1 else rf"{shown}_{{\mathrm{{{inner}}}}}"


def latex(expression: Expression) -> str:
    """The expression as LaTeX, without dollars."""
    return _at(expression.tree, 0)


def equation_latex(equation: Equation) -> str:
    """One differential equation, subexpression or declaration; ``&`` marks the equals sign."""
    if equation.kind == "parameter":
        return rf"{name_latex(equation.name)} &: \mathrm{{{equation.unit}}}"
    left = name_latex(equation.name)
    if equation.kind == "differential":
        left = rf"\frac{{\mathrm{{d}}{left}}}{{\mathrm{{d}}t}}"
        if equation.factor is not None:
            left = rf"{_at(equation.factor.tree, _PRODUCT)}\,{left}"
    if equation.kind == "map":
        left = f"{left}(t+1)"
    assert equation.expression is not None
    return f"{left} &= {latex(equation.expression)}"


def statement_latex(statement: Statement) -> str:
    """``V <- V_reset``; an increment is written out; ``deliver(w)`` is what is sent."""
    if statement.delivers:
        return rf"\text{{deliver }} {_at(statement.expression.tree, _SUM)}"
    target, value = name_latex(statement.target), statement.expression
    if statement.op == "=":
        return rf"{target} \leftarrow {latex(value)}"
    sign = {"+=": "+", "-=": "-", "*=": r"\cdot", "/=": "/"}[statement.op]
    level = _SUM if statement.op == "+=" else _PRODUCT
    return rf"{target} \leftarrow {target} {sign} {_at(value.tree, level)}"


def _at(node: ast.expr, level: int) -> str:
    """LaTeX of ``node``, bracketed where it binds less than ``level``."""
    own, text = _parts(node)
    return rf"\left({text}\right)" if own < level else text


def _parts(node: ast.expr) -> tuple[int, str]:
    match node:
        case ast.Name(id=name):
            return _ATOM, name_latex(name)
        case ast.Constant(value=value):
            return _ATOM, _number(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _SIGN, rf"\neg {_at(operand, _ATOM)}"
        case ast.UnaryOp(op=op, operand=operand):
            return _PRODUCT, f"{'-' if isinstance(op, ast.USub) else '+'}{_at(operand, _PRODUCT)}"
        case ast.BinOp():
            return _binary(node)
        case ast.BoolOp(op=op, values=values):
            return 1, _OPERATORS[type(op)].join(_at(value, 2) for value in values)
        case ast.Compare(left=left, ops=ops, comparators=others):
            parts = [_OPERATORS[type(op)] + _at(o, _SUM) for op, o in zip(ops, others, strict=True)]
            return 2, _at(left, _SUM) + "".join(parts)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _ATOM, _call(name, args)
    raise AssertionError(ast.dump(node))  # the parser lets nothing else pass


def _binary(node: ast.BinOp) -> tuple[int, str]:
    match node.op:
        case ast.Mult():
            right = _at(node.right, _SIGN)
            times = r" \cdot " if right[0].isdigit() else r"\,"
            return _PRODUCT, f"{_at(node.left, _PRODUCT)}{times}{right}"
        case ast.Div() if isinstance(node.left, ast.Constant) and node.left.value == 0:
            return _ATOM, "0"  # written 0/ms for its unit
        case ast.Div():
            return _SIGN, rf"\frac{{{_at(node.left, 0)}}}{{{_at(node.right, 0)}}}"
        case ast.Pow():
            return _POWER, f"{{{_at(node.left, _ATOM)}}}^{{{_at(node.right, 0)}}}"
    sign = _OPERATORS[type(node.op)]
    tight = _SUM if isinstance(node.op, ast.Add) else _PRODUCT
    tight = _ATOM if isinstance(node.right, ast.UnaryOp) else tight
    return _SUM, f"{_at(node.left, _SUM)}{sign}{_at(node.right, tight)}"


def _number(value: object) -> str:
    text = str(value).lower()
    mantissa, e, power = text.partition("e")
    if not e or isinstance(value, bool):
        return text
    return rf"{mantissa}\cdot 10^{{{int(power)}}}"


def _call(name: str, args: list[ast.expr]) -> str:
    shown = [_at(arg, 0) for arg in args]
    match name:
        case "sqrt":
            return rf"\sqrt{{{shown[0]}}}"
        case "abs":
            return rf"\left\lvert {shown[0]} \right\rvert"
        case "int":
            return rf"\left[{shown[0]}\right]"
        case "floor" | "ceil":
            return rf"\left\l{name} {shown[0]} \right\r{name}"
    head = rf"\{name}" if name in _KNOWN else rf"\operatorname{{{name}}}"
    return rf"{head}\left({', '.join(shown)}\right)"
