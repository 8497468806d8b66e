"""NEST's own rate neurons: which one a unit is, and why a generated node runs nevertheless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...definition.drawn import DrawnNetwork
from ...definition.model import Neuron
from ...passes.graded import signal_of
from ...passes.rate_form import RateForm, rate_form

MODELS: Mapping[str, str] = {
    "linear": "lin_rate_ipn",
    "sigmoid": "sigmoid_rate_ipn",
    "tanh": "tanh_rate_ipn",
    "threshold": "threshold_lin_rate_ipn",
    "gauss": "gauss_rate_ipn",
}
DEPARTS = (
    "at a delay of 0 it leaves out the input of the first step, or iterates (use_wfr) to a "
    "tolerance of the whole kernel; and values that change from step to step reach it by a "
    "generator whose delay depends on the order of creation"
)


def explained_rate(neuron: Neuron) -> str:
    """The sentence of `show`: which of NEST's rate neurons a unit is, or why none."""
    form = rate_form(neuron)
    if form.why:
        return f"{neuron.label} is none of NEST's rate neurons: {form.why}"
    return (
        f"{neuron.label} == {_shown(form)}, where its state is what it sends\n"
        f"  a generated node runs, since {DEPARTS}"
    )


def why_generated(network: DrawnNetwork, names: Iterable[str]) -> str:
    """Why populations that act on each other run as generated nodes: the first reason."""
    known = []
    for name in names:
        neuron = network.populations[name].neuron
        form = rate_form(neuron)
        if form.why:
            return f"{name} is none of NEST's rate neurons: {form.why}"
        for p in network.projections.values():
            if p.synapse.learns and name in (p.pre, p.post):
                return f"the synapses of {p.name} have states, which the node holds"
            if p.synapse.is_graded and p.pre == name:
                sent = signal_of(p.synapse, neuron).value
                if sent.names - {*neuron.states} or sent.text not in neuron.states:
                    return f"{name} sends {sent}, NEST's rate neurons send their state"
        known.append(f"{name} == {_shown(form)}")
    return f"{'; '.join(known)}; but {DEPARTS}"


def _shown(form: RateForm) -> str:
    return f"{MODELS[form.curve]} with linear_summation, {form.text}"
