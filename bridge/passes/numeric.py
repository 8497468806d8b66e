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
    """The named entries of exp(matrix*dt); one number per unit where these differ."""
    if not constants.entries:
        return {}
    full = _exponential(constants.matrix, values, dt)
    return {name: _entry(full, i, j) for name, (i, j) in constants.entries.items()}


def _entry(full: Any, i: int, j: int) -> Any:
    entry = full[..., i, j]
    same = entry.ndim == 0 or (entry.size and (entry == entry[0]).all())
    return float(entry.flat[0]) if same else np.ascontiguousarray(entry)


def _exponential(matrix: tuple[tuple[Expression, ...], ...], values: Numbers, dt: float) -> Any:
    """exp(matrix*dt), shape (n, n), or (units, n, n).

    The matrix exponential has no singular cases: equal time constants are as good as others.
    """
    entries = [[np.asarray(value_of(e, values), dtype=float) for e in row] for row in matrix]
    shape = np.broadcast_shapes(*(e.shape for row in entries for e in row))
    full = np.array([[np.broadcast_to(e, shape) for e in row] for row in entries])
    if not shape:
        return exponential(full[None] * dt)[0]
    per_unit = np.moveaxis(full, -1, 0)
    distinct, index = np.unique(per_unit.reshape(shape[0], -1), axis=0, return_inverse=True)
    exponentials = exponential(distinct.reshape(-1, *per_unit.shape[1:]) * dt)
    return exponentials[np.ravel(index)]


# b_k of the Pade approximant of degree 13, and the 1-norm up to which it is exact to rounding
_PADE = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
    129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0,
    1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
_LARGEST = 5.37


def exponential(a: Any) -> Any:
    """The matrix exponential of each of a stack of matrices, shape (units, n, n).

    Scaling and squaring with the Pade approximant of degree 13, Higham (2005),
    doi:10.1137/04061101X. Importing scipy's takes longer than building most networks. What one
    matrix gives does not depend on the others.
    """
    b, one = _PADE, np.eye(a.shape[-1])
    norm = np.abs(a).sum(axis=-2).max(axis=-1)
    norm = np.where(np.isfinite(norm), norm, 0.0)
    halvings = np.ceil(np.log2(np.maximum(norm / _LARGEST, 1.0)))
    a = a / np.exp2(halvings)[:, None, None]
    a2 = a @ a
    a4, a6 = a2 @ a2, a2 @ a2 @ a2
    odd = (
        a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one
    )
    even = (
        a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    )
    odd = a @ odd
    found = one + np.linalg.solve(even - odd, 2.0 * odd)
    for k in range(int(halvings.max(initial=0.0))):
        found = np.where((halvings > k)[:, None, None], found @ found, found)
    still = ~a.any(axis=-1)  # what does not change must not drift by a rounding per step
    return np.where(still[..., None], one, found)


def evaluated(formulas: Mapping[str, Expression], values: Numbers, dt: float) -> dict[str, Any]:
    """Formulas in order; a later one may use an earlier one; ``dt_ms`` is the step."""
    scope: dict[str, Any] = {**values, "dt_ms": dt}
    found: dict[str, Any] = {}
    for name, expression in formulas.items():
        found[name] = scope[name] = value_of(expression, scope)
    return found
