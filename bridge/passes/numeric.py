"""Numbers of a program: constants, propagators, whole refractory steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from ..definition.algebra import show
from ..definition.evaluate import compile_text

if TYPE_CHECKING:
    from .program import Numbers, Program


def value_of(expression: sympy.Expr, values: Numbers) -> Any:
    """The number (or one per unit) of ``expression``."""
    return compile_text(show(expression))(values)


def refractory_steps(program: Program, values: Numbers, dt: float) -> Any:
    """ceil(period/dt) steps, where periods within 1e-9 of the grid count as on it."""
    if program.refractory is None:
        return 0
    ratio = np.asarray(value_of(program.refractory, values), dtype=float) / dt
    near = np.rint(ratio)
    steps = np.where(np.abs(ratio - near) <= 1e-9 * np.maximum(1.0, near), near, np.ceil(ratio))
    steps = np.maximum(steps, 0.0).astype(np.int64)
    return steps if steps.ndim else int(steps)


Matrix = Sequence[Sequence[sympy.Expr]]


def propagators(matrix: Matrix, values: Numbers, dt: float) -> Any:
    """exp(matrix*dt), shape (n, n), or (units, n, n) where a value differs between units.

    The matrix exponential has no singular cases: equal time constants are as good as others.
    """
    from scipy.linalg import expm

    entries = [[np.asarray(value_of(e, values), dtype=float) for e in row] for row in matrix]
    shape = np.broadcast_shapes(*(e.shape for row in entries for e in row))
    full = np.array([[np.broadcast_to(e, shape) for e in row] for row in entries])
    if not shape:
        return expm(full * dt)
    per_unit = np.moveaxis(full, -1, 0)
    distinct, index = np.unique(per_unit.reshape(shape[0], -1), axis=0, return_inverse=True)
    exponentials = expm(distinct.reshape(-1, *per_unit.shape[1:]) * dt)
    return exponentials[np.ravel(index)]


def evaluated(constants: Mapping[str, sympy.Expr], values: Numbers, dt: float) -> dict[str, Any]:
    """Constants in order; a later one may use an earlier one; ``dt_ms`` is the step."""
    scope: dict[str, Any] = {**values, "dt_ms": dt}
    found: dict[str, Any] = {}
    for name, expression in constants.items():
        found[name] = scope[name] = value_of(expression, scope)
    return found
