"""A line of steps for each port: what synapses send arrives some steps later, summed by neuron.

The amplitude of a synapse with states is fixed when the spike is at the synapse, and arrives a
dendritic delay later. Instead of keeping amplitudes in flight in every synapse, they are added to
row (step of arrival) of the line of the postsynaptic population.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .names import object_name
from .plan import LinePlan

_LATER = {
    "cython": """
cdef double sb_later(int row, int unit, double amount):
    global {array}
    {array}[row*{size} + unit] += amount
    return amount
""",
    "cpp": """
static inline double sb_later(int row, int unit, double amount)
{{
    {array}[row*{size} + unit] += amount;
    return amount;
}}
""",
}
_DUE = {
    "cython": """
cdef double sb_due(int row, int unit):
    global {array}
    cdef double amount = {array}[row*{size} + unit]
    {array}[row*{size} + unit] = 0
    return amount
""",
    "cpp": """
static inline double sb_due(int row, int unit)
{{
    double amount = {array}[row*{size} + unit];
    {array}[row*{size} + unit] = 0;
    return amount;
}}
""",
}


class Line:
    """Brian2 functions ``later(row, unit, amount)`` and ``due(row, unit)`` on one array."""

    def __init__(self, plan: LinePlan, size: int) -> None:
        self.key = "_" + object_name("line", plan.post, plan.port)[:-1]
        self.size = size
        self.amounts = np.zeros(plan.rows * size)
        self.later = self._function(self._add, 3, _LATER, "sb_later")
        self.due = self._function(self._take, 2, _DUE, "sb_due")

    def _add(self, row: Any, unit: Any, amount: Any) -> Any:
        np.add.at(self.amounts, row * self.size + unit, amount)
        return amount

    def _take(self, row: Any, unit: Any) -> Any:
        at = row * self.size + unit
        found = self.amounts[at]
        self.amounts[at] = 0.0
        return found

    def _function(self, pyfunc: Any, arguments: int, texts: dict[str, str], name: str) -> Any:
        from brian2.core.functions import Function

        function = Function(
            pyfunc=pyfunc, arg_units=[1] * arguments, return_unit=1, stateless=False
        )
        add = function.implementations.add_implementation
        add("numpy", pyfunc)
        for target, text in texts.items():
            code = text.format(array=f"_namespace{self.key}", size=self.size)
            add(target, code, namespace={self.key: self.amounts}, name=name)
        return function


def arrivals(line: Line, plan: LinePlan, group: Any) -> Any:
    """The operation by which every step's amplitudes reach the neurons, after all synapses."""
    due = f"sb_due{line.key}"  # the ports of a group have one namespace
    group.namespace[due] = line.due
    code = f"weight = {due}(t_in_timesteps % {plan.rows}, i)\n{plan.code}"
    return group.run_regularly(
        code, when="synapses", order=1000, name=object_name(plan.post, plan.port, "arrivals")
    )
