"""What keeps populations from being NEST's own rate neurons: their synapses, input or numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import evaluate
from ...passes.graded import signal_of
from ...passes.program import Program
from ...passes.rate_form import RateForm
from ..base import Options
from ..courses import Course
from .cast import Values, phases_of
from .job import Number
from .plastic import read_by_synapses

STEPS = ("exponential_euler", "exact")  # the same where F stays over a step
AT_ONCE = (
    "at a delay of 0 NEST's neurons leave out the input of the first step, or iterate (use_wfr) to "
    "a tolerance of the whole kernel"
)


def group_obstacle(
    network: DrawnNetwork, forms: Mapping[str, RateForm], options: Options
) -> str | None:
    if options.final_state or options.initial_state is not None:
        return "a run that goes on needs what is on its way, which built-ins hide"
    for projection in network.projections.values():
        if projection.synapse.is_graded and projection.post in forms:
            reason = _projection_obstacle(network, projection, forms)
            if reason:
                return reason
    return None


def _projection_obstacle(
    network: DrawnNetwork, projection: DrawnProjection, forms: Mapping[str, RateForm]
) -> str | None:
    """NEST's neurons send their state and nothing else, with a weight that stays, and later."""
    p = projection
    if p.synapse.learns:
        return f"the synapses of {p.name} have states, which only a generated node holds"
    if p.port not in forms[p.post].factors:
        return f"{p.post} does not read {p.port}, where {p.name} arrives"
    if np.any(np.asarray(p.delays) < 1):
        return f"{p.name} has a delay of 0: {AT_ONCE}"
    if any(c.owner == p.name for c in network.changes):
        return f"a phase changes {p.name}, of which signals on their way have been sent"
    sent = sent_factor(network, p, forms[p.pre].state)
    return sent if isinstance(sent, str) else None


def sent_factor(network: DrawnNetwork, projection: DrawnProjection, state: str) -> Number | str:
    """k, one for all or one per sender, where k times ``state`` is sent; else why there is none."""
    from ...definition.algebra import free_names, symbol

    sender = network.populations[projection.pre]
    signal = signal_of(projection.synapse, sender.neuron)
    value = signal.value.sympy(set(signal.value.names))
    slope = value.diff(symbol(state))
    rest = (value - slope * symbol(state)).expand()
    if rest != 0 or free_names(slope) & {"t", *sender.neuron.states}:
        return (
            f"{projection.pre} sends {signal.value} along {projection.name}, and NEST's rate "
            f"neurons send their state {state}"
        )
    moved = signal.value.names & {c.key for c in network.changes if c.owner == projection.pre}
    if moved:
        return f"a phase changes {min(moved)}, which {projection.pre} sends"
    own = {n: projection.parameters[p] for n, p in signal.parameters.items()}
    scope = {**sender.parameters, **own}
    return evaluate(signal.value, {**scope, state: 1.0})


def obstacle(
    network: DrawnNetwork,
    name: str,
    form: RateForm,
    program: Program,
    driven: Mapping[str, Course],
) -> str | None:
    """Why the scheme, the input or the numbers of a population rule a built-in out."""
    if program.scheme not in STEPS:
        return f"it integrates otherwise than {program.scheme}, by which {name} goes"
    if keeps := read_by_synapses(network, name):
        return f"synapses read {keeps[0]} of {name}"
    if form.xi in driven:
        return f"the {form.xi} of {name} is frozen, and NEST's rate neurons draw their own"
    if dense := sorted(q for q, c in driven.items() if c.dense):
        return (
            f"the {dense[0]} of {name} changes from step to step, and NEST's generators reach rate "
            "neurons with a delay that depends on the order of creation"
        )
    first, *later = [values for _, values in phases_of(network, name)]
    for values in (first, *later):
        reason = _numbers_obstacle(form, values, driven) or _moves(form, first, values)
        if reason:
            return f"{reason} in {name}"
    return None


def _numbers_obstacle(form: RateForm, values: Values, driven: Mapping[str, Course]) -> str | None:
    """What NEST's neuron cannot take, with every value that a current ever has."""
    for row in range(max((len(c.steps) for c in driven.values()), default=1)):
        scope = scope_of(
            form, values, {q: c.values[min(row, len(c.steps) - 1)] for q, c in driven.items()}
        )
        for name, number in form.numbers.items():
            if not np.isfinite(evaluate(number, scope)).all():
                return f"{name} = {number} is no finite number"
        for factor in form.factors.values():
            if not np.isfinite(evaluate(factor, scope)).all():
                return f"{factor} is no finite number"
        if not np.all(evaluate(form.numbers["tau"], scope) > 0):
            return "tau is not positive"
        for positive in form.positives:
            if not np.all(evaluate(positive, scope) >= 0):
                return f"{positive} is negative"
    return None


def _moves(form: RateForm, first: Values, values: Values) -> str | None:
    """Weights are scaled once."""
    for port, factor in form.factors.items():
        before, after = (evaluate(factor, scope_of(form, v, {})) for v in (first, values))
        if not np.array_equal(before, after):
            return f"a phase changes what multiplies {port}"
    return None


def scope_of(form: RateForm, values: Values, currents: Values) -> dict[str, Number]:
    """What other units send is no part of the numbers."""
    ports = {n for e in form.numbers.values() for n in e.names} | {*form.factors}
    return {**dict.fromkeys(ports, 0.0), **values, **currents}
