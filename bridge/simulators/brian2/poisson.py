"""Poisson input without synapses: each unit draws its number of arrivals, exactly Poisson."""

from __future__ import annotations

from typing import Any

import numpy as np

from .names import object_name
from .plan import PathPlan, Plan
from .tables import Table, rate_table

LARGEST_MEAN = 30.0  # above it inversion takes too many steps: Brian2's own `poisson`

# Inversion with one uniform number; `none` = exp(-mean) is the probability of no arrival.
_CYTHON = """
cdef int _sb_arrivals(double mean, double none, int vectorisation_idx):
    cdef int count = 0
    cdef double p = none
    cdef double u = _rand(vectorisation_idx)
    while u > p:
        u -= p
        count += 1
        p = p*mean/count
        if count > 1000:
            return count
    return count
"""
_CPP = """
int _sb_arrivals(double mean, double none, int vectorisation_idx)
{
    int count = 0;
    double p = none;
    double u = _rand(vectorisation_idx);
    while (u > p && count < 1000)
    {
        u -= p;
        count++;
        p = p*mean/count;
    }
    return count;
}
"""


def arrivals_function() -> Any:
    """Brian2 function ``arrivals(mean, exp(-mean))``: a Poisson number per unit."""
    from brian2.core.functions import DEFAULT_FUNCTIONS, Function

    def in_numpy(mean: Any, _none: Any, vectorisation_idx: Any) -> Any:
        size = getattr(vectorisation_idx, "size", None)
        count = len(vectorisation_idx) if size is None else int(size)
        return np.random.poisson(mean, size=count)  # noqa: NPY002 - Brian2's generator

    function = Function(
        pyfunc=lambda mean, _none: np.random.poisson(mean),  # noqa: NPY002
        arg_units=[1, 1],
        return_unit=1,
        stateless=False,
        auto_vectorise=True,
    )
    add = function.implementations.add_implementation
    rand = {"_rand": DEFAULT_FUNCTIONS["rand"]}
    add("numpy", in_numpy)
    add("cython", _CYTHON, dependencies=rand, name="_sb_arrivals")
    add("cpp", _CPP, dependencies=rand, name="_sb_arrivals")
    return function


def poisson_drive(path: PathPlan, plan: Plan, group: Any) -> Any:
    """An operation that adds every step's arrivals to the state that the port feeds.

    A train begins at step 1, so that nothing arrives before step 1 + delay.
    """
    from .build import timed_array

    drive, source = path.drive, path.drive and path.drive.source
    assert drive and source and source.rates is not None and source.rate_steps is not None
    rates = rate_table(source.rate_steps, source.rates, plan.steps)
    name = path.name
    space = group.namespace
    begun = f"*int(t_in_timesteps >= {int(np.max(path.delays)) - 1})"
    own = object_name(name)[:-1]
    if isinstance(rates, Table):
        table = Table(rates.values * plan.dt, rates.every)
        space[f"{own}_mean"] = timed_array(table, plan.dt, name, "mean")
        mean = f"{own}_mean({'t, i' if table.values.ndim == 2 else 't'}){begun}"
    elif np.ndim(rates):
        table = Table(np.asarray(rates)[None] * plan.dt, plan.steps)
        space[f"{own}_mean"] = timed_array(table, plan.dt, name, "mean")
        mean = f"{own}_mean(t, i){begun}"
    else:
        space[f"{own}_mean"] = float(rates) * plan.dt
        mean = f"({own}_mean{begun})"
    space[drive.weight] = float(np.asarray(path.weights[0]))
    if source.rates.max() * plan.dt > LARGEST_MEAN:
        count = f"poisson({mean})"
    else:
        space["arrivals"] = arrivals_function()
        count = f"arrivals({mean}, exp(-{mean}))"
    code = f"{drive.state} += ({drive.amount})*{count}"
    return group.run_regularly(code, when="synapses", name=object_name(name))
