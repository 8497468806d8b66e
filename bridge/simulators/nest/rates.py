"""NEST's own rate neurons in place of generated nodes, where they take the contract's step.

They send their value of the begin of a step, so that the delays of NEST are the definition's and
what lies before time 0 counts as 0, as the contract has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ...definition.drawn import DrawnNetwork, DrawnProjection
from ...definition.evaluate import evaluate
from ...definition.model import Neuron
from ...passes.program import Program
from ...passes.rate_form import RateForm, rate_form
from ..base import Options
from ..courses import Course
from .cast import Cast, Values
from .job import NodeModel, Number
from .rate_obstacles import group_obstacle, obstacle, scope_of, sent_factor

MODELS: Mapping[str, str] = {
    "linear": "lin_rate_ipn",
    "sigmoid": "sigmoid_rate_ipn",
    "tanh": "tanh_rate_ipn",
    "threshold": "threshold_lin_rate_ipn",
    "gauss": "gauss_rate_ipn",
}
RUNS = (
    "it runs where its synapses are fixed and have delays of at least dt, where it sends its state "
    "and where no value changes from step to step; else a generated node does"
)


def explained_rate(neuron: Neuron) -> str:
    """The sentence of `show`: which of NEST's rate neurons a unit is, or why none."""
    form = rate_form(neuron)
    if form.why:
        return f"{neuron.label} is none of NEST's rate neurons: {form.why}"
    return f"{neuron.label} == {_shown(form)}\n  {RUNS}"


def _shown(form: RateForm) -> str:
    return f"{MODELS[form.curve]} with linear_summation, {form.text}"


def rate_casts(
    network: DrawnNetwork,
    names: Sequence[str],
    programs: Mapping[str, Program],
    driven: Mapping[str, Mapping[str, Course]],
    options: Options,
) -> dict[str, Cast] | str:
    """NEST's rate neurons for all populations ``names``, which act on each other, or why not."""
    forms = {n: rate_form(network.populations[n].neuron) for n in names}
    for name, form in forms.items():
        if form.why:
            return f"{name} is none of NEST's rate neurons: {form.why}"
    reason = group_obstacle(network, forms, options)
    for name, form in forms.items():
        reason = reason or obstacle(network, name, form, programs[name], driven[name])
    if reason:
        known = (f"{name} == {_shown(form)}" for name, form in forms.items())
        return f"{'; '.join(known)}; but {reason}"
    return {n: _cast(network, n, f, programs[n], driven[n]) for n, f in forms.items()}


def _nest_values(form: RateForm, scope: Values) -> dict[str, Number]:
    """NEST's parameters; its Gauss function calls by ``mu`` and ``sigma`` what others do not.

    Both set the common mean and noise too, which only their older names set back.
    """
    found = {n: evaluate(e, scope) for n, e in form.numbers.items()}
    noise = found.pop("noise", 0.0)
    if form.curve == "gauss":
        older = {"mean": np.zeros_like(found["mu"]), "std": noise + np.zeros_like(found["sigma"])}
        return {**found, **older, "linear_summation": True}
    return {**found, "sigma": noise, "linear_summation": True}


def _cast(
    network: DrawnNetwork,
    name: str,
    form: RateForm,
    program: Program,
    driven: Mapping[str, Course],
) -> Cast:
    population = network.populations[name]
    first = population.parameters

    def values_of(values: Values, currents: Values) -> dict[str, Number]:
        return _nest_values(form, scope_of(form, values, currents))

    node = NodeModel(
        model=MODELS[form.curve],
        parameters=values_of(first, {q: c.values[0] for q, c in driven.items()}),
        initial={"rate": population.initial[form.state]},
        receptors=dict.fromkeys(form.factors, 0),
        recordables={form.state: (("rate",), 1.0)},
        spiking=False,
    )
    why = f"{population.neuron.label} == {_shown(form)}"
    match = {
        "population": name,
        "model": node.model,
        "builtin": True,
        "scheme": program.scheme,
        "why": why,
    }
    return Cast(
        program,
        node,
        values_of,
        {p: evaluate(f, scope_of(form, first, {})) for p, f in form.factors.items()},
        driven,
        match,
        explanation=why,
        hidden=frozenset(p.port for p in network.projections_to(name)),
        sends=_sends(network, name, form.state),
        sends_before=True,
        together=form.curve == "gauss",
    )


def _sends(network: DrawnNetwork, name: str, state: str) -> dict[str, Number]:
    """Projection -> what multiplies its weights: one number, or one per connection."""
    found: dict[str, Number] = {}
    for p in _from(network, name):
        factor = np.asarray(sent_factor(network, p, state))
        found[p.name] = factor[p.sources] if factor.ndim else float(factor)
    return found


def _from(network: DrawnNetwork, name: str) -> Iterable[DrawnProjection]:
    return (p for p in network.projections.values() if p.synapse.is_graded and p.pre == name)
