"""Graded coupling as text of a Brian2 script: matrix products in one network operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from ...definition.dialect import Dialect, spell
from ..graded import Graded
from ..learning import Learning
from .graded import CoupledPort, GradedPlan
from .names import brian_name
from .plan import Plan
from .script_learning import learning_script
from .tables import Table

Own = Callable[..., str]  # a Python variable
Shown = Callable[..., str]  # an array as text

_SAME = (
    *("exp", "log", "log10", "expm1", "sqrt", "abs", "sign", "sin", "cos", "tan", "sinh"),
    *("cosh", "tanh", "arctan", "floor", "ceil", "clip"),
)
_OTHERS: Mapping[str, str] = {"max": "maximum", "min": "minimum", "pow": "power", "mod": "mod"}
_NUMPY = Dialect(
    functions={**{n: f"np.{n}" for n in _SAME}, **{n: f"np.{own}" for n, own in _OTHERS.items()}},
    templates={"int": "np.where({0}, 1.0, 0.0)"},
)


def graded_scripts(plan: Plan, own: Own, show: Shown) -> dict[str, Iterable[str]]:
    """One text for each projection, and ``coupling.py`` that adds them up in every step."""
    found: dict[str, Iterable[str]] = {}
    for number, graded in enumerate(plan.graded):
        name, c = f"graded_{number}", graded.coupling
        found[f"{name}.py"] = (
            learning_script(graded, c, name, own, show, _NUMPY)
            if isinstance(c, Learning)
            else _projection(graded, c, name, own, show)
        )
    if plan.graded:
        found["coupling.py"] = _operation(plan, own, show)
    return found


def _projection(graded: GradedPlan, c: Graded, name: str, own: Own, show: Shown) -> Iterable[str]:
    yield f"# from {own(graded.pre)} to {graded.port} of {own(graded.post)}: the sum over j of"
    yield "# weight*signal_j(t - delay), one matrix product for each delay"
    yield f"i, j = {show(c.sources, name, 'sources')}, {show(c.targets, name, 'targets')}"
    yield f"w = np.broadcast_to({show(c.weights, name, 'weights')}, i.shape)"
    yield f"d = np.broadcast_to({show(c.delays, name, 'delays')}, i.shape)"
    yield f"{name}_matrices = {{}}"
    yield "for steps in np.unique(d):"
    yield f"    {name}_matrices[steps] = np.zeros({c.sizes[::-1]!r})"
    yield f"    np.add.at({name}_matrices[steps], (j[d == steps], i[d == steps]), w[d == steps])"
    yield f"{name}_past = np.zeros(({len(c.ring)}, {c.sizes[0]}))  # signals of the last steps"
    numbers = {**graded.numbers[0][1], **c.numbers}
    needed = sorted(c.signal.value.names - {"pi", "t"})
    for variable in sorted(set(needed) - set(graded.states)):
        yield f"{name}_{variable} = {show(numbers[variable], name, variable)}"
    yield f"def {name}(k, t):"
    for variable in needed:
        state = f"{own(graded.pre)}.{brian_name(variable)}_[:]"
        yield f"    {variable} = {state if variable in graded.states else f'{name}_{variable}'}"
    yield f"    {name}_past[k % {len(c.ring)}] = {spell(c.signal.value, _NUMPY)}"
    yield f"    return sum(W @ {name}_past[(k - d) % {len(c.ring)}]"
    yield f"               for d, W in {name}_matrices.items())"


def _operation(plan: Plan, own: Own, show: Shown) -> Iterable[str]:
    for port in plan.coupled:
        values = port.base.values if isinstance(port.base, Table) else np.asarray(port.base)
        yield f"{own(port.group, port.port)}_base = {show(values, port.group, port.port, 'base')}"
    yield f"@network_operation(dt={plan.dt!r}*ms, when='start', order=-1)"
    yield "def coupling(t):"
    yield f"    k = int(np.rint(t/({plan.dt!r}*ms)))"
    # all signals are those of the step's beginning, so that none is set before all are read
    sums: dict[CoupledPort, list[str]] = {port: [] for port in plan.coupled}
    for number, graded in enumerate(plan.graded):
        yield f"    share_{number} = graded_{number}(k, k*{plan.dt!r})"
        for port, shares in sums.items():
            if (port.group, port.port) == (graded.post, graded.port):
                shares.append(f"share_{number}")
    for port, shares in sums.items():
        base = f"{own(port.group, port.port)}_base"
        base += f"[k//{port.base.every}]" if isinstance(port.base, Table) else ""
        yield f"    {own(port.group)}.{brian_name(port.port)} = {' + '.join([base, *shares])}"
    for number, graded in enumerate(plan.graded):
        if isinstance(graded.coupling, Learning):
            yield f"    graded_{number}_learn(k)"
