"""Numbers of a program: constants, propagators, whole refractory steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..definition.evaluate import compile_text
from ..definition.expressions import Expression

if TYPE_CHECKING:
    from .program import Constants, Numbers, Program


def value_of(expression: Expression, values: Numbers) -> Any:
    """The number (or one per unit) of ``expression``."""
    return compile_text(expression.text)(values)


def refractory_steps(program: Program, values: Numbers, dt: float) -> Any:
    """ceil(period/dt) steps, where periods within 1e-9 of the grid count as on it."""
    if program.refractory is None:
        return 0
    ratio = np.asarray(value_of(program.refractory, values), dtype=float) / dt
    near = np.rint(ratio)
    steps = np.where(np.abs(ratio - near) <= 1e-9 * np.maximum(1.0, near), near, np.ceil(ratio))
    steps = np.maximum(steps, 0.0).astype(np.int64)
    return steps if steps.ndim else int(steps)


def propagators(constants: Constants, values: Numbers, dt: float) -> dict[str, Any]:
    """The named entries of exp(matrix*dt); one number per unit where a value differs."""
    if not constants.entries:
        return {}
    full = _exponential(constants.matrix, values, dt)
    return {name: _entry(full, i, j) for name, (i, j) in constants.entries.items()}


def _entry(full: Any, i: int, j: int) -> Any:
    return float(full[i, j]) if full.ndim == 2 else np.ascontiguousarray(full[:, i, j])


def _exponential(matrix: tuple[tuple[Expression, ...], ...], values: Numbers, dt: float) -> Any:
    """exp(matrix*dt), shape (n, n), or (units, n, n).

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


def evaluated(formulas: Mapping[str, Expression], values: Numbers, dt: float) -> dict[str, Any]:
    """Formulas in order; a later one may use an earlier one; ``dt_ms`` is the step."""
    scope: dict[str, Any] = {**values, "dt_ms": dt}
    found: dict[str, Any] = {}
    for name, expression in formulas.items():
        found[name] = scope[name] = value_of(expression, scope)
    return found
